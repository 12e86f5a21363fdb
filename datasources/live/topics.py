"""Who in this process waits for which changes. Watchers are woken, never fed: what is true now they read themselves."""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import get_args

from datasources.live.changes import (
    CatalogueChange,
    Change,
    HospitalChange,
    NotificationChange,
    OrderChange,
    QueueChange,
    SlotChange,
    SmsChange,
)

Concerns = Callable[[Change], bool]
EVERY_KIND: frozenset[type[Change]] = frozenset(get_args(Change))


def department_topic(hospital_code: str, department_code: str) -> Hashable:
    """Changes of a department's sessions."""
    return SlotChange, hospital_code, department_code


def schedule_topic(schedule_id: str) -> Hashable:
    """Changes of one session."""
    return SlotChange, schedule_id


def catalogue_topic(hospital_code: str) -> Hashable:
    """Changes of a hospital's catalogue."""
    return CatalogueChange, hospital_code


def orders_topic(user_id: Hashable) -> Hashable:
    """Changes of a user's orders."""
    return OrderChange, user_id


def hospital_topic(hospital_code: str) -> Hashable:
    """What a hospital has to learn of its orders."""
    return HospitalChange, hospital_code


def queue_topic(hospital_code: str, department_code: str) -> Hashable:
    """Changes of a department's queues."""
    return QueueChange, hospital_code, department_code


def sms_topic() -> Hashable:
    """Text messages that wait to be sent."""
    return SmsChange


def notifications_topic(recipient_id: Hashable) -> Hashable:
    """What an account is told in the app."""
    return NotificationChange, recipient_id


def every_change(_change: Change) -> bool:
    """Lets every change through."""
    return True


class Watch:
    """One watcher's bell. It remembers no more than that it rang, and which kinds of change rang it."""

    def __init__(self, concerns: Concerns) -> None:
        self._concerns = concerns
        self._rung = asyncio.Event()
        self._kinds: frozenset[type[Change]] = frozenset()

    def tell(self, change: Change) -> None:
        """Ring if the change is one that the watcher cares for."""
        if self._concerns(change):
            self._kinds |= {type(change)}
            self._rung.set()

    def tell_of_gap(self) -> None:
        """Ring: anything may have changed."""
        self._kinds = EVERY_KIND
        self._rung.set()

    def take(self) -> frozenset[type[Change]]:
        """Silence the bell; which kinds of change rang it. What rings from now on is news."""
        self._rung.clear()
        kinds, self._kinds = self._kinds, frozenset()
        return kinds

    async def wait(self, seconds: float) -> bool:
        """Whether it rings, or has rung, before so many seconds have passed."""
        if not self._rung.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._rung.wait()
        return self._rung.is_set()


class Topics:
    """The watchers of one process, by what they watch."""

    def __init__(self) -> None:
        self._watches: dict[Hashable, set[Watch]] = {}
        self.hearing = False
        """Whether changes of other processes are heard now. While they are not, watchers look by themselves."""

    @contextmanager
    def watch(self, topics: Iterable[Hashable], concerns: Concerns = every_change) -> Iterator[Watch]:
        """A bell that rings at changes of these topics that `concerns` lets through, and after every gap."""
        watch = Watch(concerns)
        kept = list(topics)
        for topic in kept:
            self._watches.setdefault(topic, set()).add(watch)
        try:
            yield watch
        finally:
            for topic in kept:
                watches = self._watches[topic]
                watches.discard(watch)
                if not watches:
                    del self._watches[topic]

    def __len__(self) -> int:
        """How many topics are watched."""
        return len(self._watches)

    def tell(self, changes: Iterable[Change]) -> None:
        """Wake whoever watches what these changed."""
        for change in changes:
            for topic in _topics_of(change):
                for watch in self._watches.get(topic, ()):
                    watch.tell(change)

    def tell_of_gap(self) -> None:
        """Wake everybody: something may have been missed."""
        for watches in self._watches.values():
            for watch in watches:
                watch.tell_of_gap()


def _topics_of(change: Change) -> tuple[Hashable, ...]:
    if isinstance(change, SlotChange):
        department = department_topic(change.hospital_code, change.department_code)
        return department, schedule_topic(change.schedule_id)
    if isinstance(change, CatalogueChange):
        return (catalogue_topic(change.hospital_code),)
    if isinstance(change, HospitalChange):
        return (hospital_topic(change.hospital_code),)
    if isinstance(change, OrderChange):
        return (orders_topic(change.user_id),)
    if isinstance(change, SmsChange):
        return (sms_topic(),)
    if isinstance(change, NotificationChange):
        return (notifications_topic(change.recipient_id),)
    return (queue_topic(change.hospital_code, change.department_code),)
