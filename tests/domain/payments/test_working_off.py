"""What is due at providers: no provider waits for another, and nothing for what fails beside it."""

import asyncio
from collections.abc import Sequence

import pytest

from datasources.payments.channel import Provider
from domain.payments.working_off import AT_ONCE, BATCH, work_off

Item = tuple[Provider, int]
PATIENCE_SECONDS = 30


class Due:
    """What is due: so many of each provider's."""

    def __init__(self, **counts: int) -> None:
        self.counts = counts
        self.done: list[Item] = []

    async def read(self, provider: Provider, besides: list[Item], limit: int) -> Sequence[Item]:
        everything = [(provider, number) for number in range(self.counts.get(provider, 0))]
        return [each for each in everything if each not in besides][:limit]


def key_of(item: Item) -> Item:
    return item


async def test_a_provider_that_does_not_answer_holds_up_no_other() -> None:
    due = Due(WECHAT_PAY=AT_ONCE + 1, ALIPAY=BATCH + 1)
    all_of_alipays = asyncio.Event()

    async def work(item: Item) -> bool:
        if item[0] is Provider.WECHAT_PAY:
            await all_of_alipays.wait()
        due.done.append(item)
        if len(due.done) == due.counts["ALIPAY"]:
            all_of_alipays.set()
        return True

    # Never comes to its end where one provider's work waits for another's.
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await work_off(due.read, work, key_of) == AT_ONCE + BATCH + 2
    assert {provider for provider, _ in due.done[: BATCH + 1]} == {Provider.ALIPAY}


async def test_one_that_fails_keeps_no_other_from_being_worked_on() -> None:
    due = Due(WECHAT_PAY=3)

    async def work(item: Item) -> bool:
        if item[1] == 0:
            raise RuntimeError("this one is broken")
        due.done.append(item)
        return item[1] != 1

    assert await work_off(due.read, work, key_of) == 1, "one failed, one was somebody else's"
    assert [number for _, number in due.done] == [1, 2]


async def test_a_store_that_is_down_ends_the_run_with_its_own_error() -> None:
    due = Due(WECHAT_PAY=1, ALIPAY=1)

    async def work(item: Item) -> bool:
        if item[0] is Provider.ALIPAY:
            raise ConnectionRefusedError("PostgreSQL")
        await asyncio.Event().wait()
        return True

    with pytest.raises(ConnectionRefusedError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await work_off(due.read, work, key_of)
