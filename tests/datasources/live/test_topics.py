"""Watchers are woken by what they watch and by gaps, and cost nothing once they are gone."""

import uuid
from datetime import date

from datasources.live.changes import CatalogueChange, Change, OrderChange, QueueChange, SlotChange
from datasources.live.topics import (
    EVERY_KIND,
    Topics,
    catalogue_topic,
    department_topic,
    orders_topic,
    queue_topic,
    schedule_topic,
)
from datasources.sql.slot_ledger import HalfDay

DAY = date(2026, 11, 20)
SLOT = SlotChange("h", "d", DAY, "h:1")


async def test_each_topic_is_woken_by_its_changes_alone() -> None:
    topics = Topics()
    user = uuid.uuid4()
    told: list[tuple[Change, list[object]]] = [
        (SLOT, [department_topic("h", "d"), schedule_topic("h:1")]),
        (CatalogueChange("h"), [catalogue_topic("h")]),
        (OrderChange(user, uuid.uuid4()), [orders_topic(user)]),
        (QueueChange("h", "d", DAY, HalfDay.AM), [queue_topic("h", "d")]),
    ]
    every = {topic for _, woken in told for topic in woken}
    for change, woken in told:
        for topic in every:
            with topics.watch([topic]) as watch:
                topics.tell([change])
                assert await watch.wait(0) == (topic in woken)
                assert watch.take() == (frozenset({type(change)}) if topic in woken else frozenset())


async def test_a_watcher_hears_of_its_own_dates_only_and_of_every_gap() -> None:
    topics = Topics()
    with topics.watch([department_topic("h", "d")], lambda change: change != SLOT) as watch:
        topics.tell([SLOT])
        assert not await watch.wait(0)
        topics.tell_of_gap()
        assert await watch.wait(0)
        assert watch.take() == EVERY_KIND
        assert not await watch.wait(0)


async def test_nothing_is_kept_of_watchers_that_are_gone() -> None:
    topics = Topics()
    with topics.watch([schedule_topic("h:1")]), topics.watch([schedule_topic("h:1"), catalogue_topic("h")]):
        assert len(topics) == 2
        topics.tell([SLOT] * 10_000)
    assert len(topics) == 0
