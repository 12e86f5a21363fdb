"""Leaving, declining, and all the other ways in which an entry ends."""

import asyncio
import uuid

import pytest

from datasources.sql.waitlist_entry import WaitlistState
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.waitlist.ending import erase_waits
from domain.booking.waitlist.rules import WaitlistEnd
from domain.identity.erasure import ERASERS
from domain.patients.changes import Owner, remove_patient
from domain.problems import NotFound
from tests.waited import DAY, NOW, waited

WAITING, OFFERED, LEFT, ENDED = (
    WaitlistState.WAITING,
    WaitlistState.OFFERED,
    WaitlistState.LEFT,
    WaitlistState.ENDED,
)


async def test_who_leaves_is_no_longer_counted(stores: Stores) -> None:
    session = await waited(stores)
    first, _ = await session.join(), await session.join()

    assert await session.leave(first) == first.id

    assert await session.states() == [LEFT, WAITING]
    assert (await session.entry(first.id)).ended_because == WaitlistEnd.LEFT
    assert (await session.ledger()).waiting == 1
    await session.assert_true()


async def test_a_declined_place_passes_on_at_once(stores: Stores) -> None:
    session = await waited(stores)
    first, second = await session.join(), await session.join()
    await session.cancel()

    await session.leave(first)

    assert await session.states() == [LEFT, OFFERED]
    assert (await session.entry(first.id)).ended_because == WaitlistEnd.DECLINED
    assert (await session.entry(second.id)).number == 1
    await session.assert_true()


async def test_left_many_times_at_once_it_is_left_once(stores: Stores) -> None:
    session = await waited(stores)
    first, _ = await session.join(), await session.join()
    await session.cancel()

    await asyncio.gather(*(session.leave(first) for _ in range(6)))

    assert await session.states() == [LEFT, OFFERED]
    await session.assert_true()


async def test_what_was_accepted_is_not_left(stores: Stores) -> None:
    session = await waited(stores)
    entry = await session.join()
    await session.cancel()
    await session.accept(entry)

    assert await session.leave(entry) == entry.id

    assert await session.states() == [WaitlistState.ACCEPTED]
    assert (await session.ledger()).taken == 1
    await session.assert_true()


async def test_nobody_leaves_for_somebody_else(stores: Stores) -> None:
    session = await waited(stores)
    entry = await session.join()
    stranger = await session.person()

    assert isinstance(await session.leave(entry, stranger.user_id), NotFound)
    assert isinstance(await session.leave(entry, uuid.uuid4()), NotFound)

    assert await session.states() == [WAITING]
    await session.assert_true()


async def test_the_last_who_declines_leaves_the_place_to_everybody(stores: Stores) -> None:
    session = await waited(stores)
    entry = await session.join()
    await session.cancel()

    await session.leave(entry)

    ledger = await session.ledger()
    assert (ledger.remaining, ledger.waiting, ledger.returned_numbers) == (1, 0, [1])
    await session.assert_true()


@pytest.mark.parametrize("is_offered", [False, True])
async def test_a_patient_who_is_removed_waits_no_longer(stores: Stores, *, is_offered: bool) -> None:
    session = await waited(stores)
    person = await session.person()
    entry, _ = await session.join(person), await session.join()
    if is_offered:
        await session.cancel()
    owner = Owner(person.user_id, Actor("user", str(person.user_id), NOW), DAY)

    async with stores.sql.unit_of_work() as sql:
        assert await remove_patient(sql, owner, person.patient_id) == person.patient_id

    ended = await session.entry(entry.id)
    assert (ended.state, ended.ended_because) == (ENDED, WaitlistEnd.PATIENT_CHANGED)
    assert (ended.person, ended.masked_patient_name) == (None, "")
    await session.assert_true()
    await session.run_job()
    assert await session.states() == [ENDED, OFFERED if is_offered else WAITING]
    await session.assert_true()


async def test_an_erased_account_waits_for_nothing_and_names_nobody(stores: Stores) -> None:
    session = await waited(stores)
    other = await session.another()
    await other.fill(1)
    person = await session.person()
    second = await session.person(account=person)
    left = await session.join(person)
    await session.leave(left)
    entries = [await session.join(person), await other.join(second)]
    await session.cancel()
    await session.join()

    for _ in range(2):
        async with stores.sql.unit_of_work() as sql:
            await erase_waits(sql, person.user_id, NOW)

    assert erase_waits in ERASERS
    ended = [await session.entry(entry.id) for entry in (left, *entries)]
    assert [entry.state for entry in ended] == [LEFT, ENDED, ENDED]
    assert {(entry.person, entry.masked_patient_name) for entry in ended} == {(None, "")}
    await session.assert_true()
    await other.assert_true()
