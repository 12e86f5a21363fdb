"""Two hospitals, two users and staff of every role: one of each kind of caller, and the things that are somebody's."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from domain.permissions import Role
from tests.browser import User
from tests.platform import Hospital, Platform, StaffPerson
from tests.resolvers.authorisation.rows import (
    OTHER_CLERK,
    OTHER_MANAGER,
    OTHER_SYSTEM,
    OTHER_USER,
    OWN_CLERK,
    OWN_MANAGER,
    OWN_SYSTEM,
    OWNER,
    PLATFORM_STAFF,
)


@dataclass(frozen=True)
class Thing:
    """Something that exists, and how it is recognised in an answer."""

    value: object
    """What `key` is of it."""
    key: str = "id"
    clear: dict[str, str] = field(default_factory=dict)
    """What each masked field is in truth, by path; a masked field without one is empty in this world."""
    absent: frozenset[str] = frozenset()
    """Parts that this one hasn't."""
    keys: tuple[dict[str, str], ...] = ()
    """Its other keys for `_entities`."""
    names: dict[str, str] = field(default_factory=dict)
    """What the table's calls may name it by."""


@dataclass
class World:
    """Who calls, and what there is."""

    platform: Platform
    users: dict[str, User]
    hospitals: dict[str, Hospital]
    staff: dict[str, StaffPerson]
    things: dict[str, Thing] = field(default_factory=dict)
    shown: dict[tuple[str, ...], Any] = field(default_factory=dict)
    """What was shown of each thing's clear fields so far."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def next_number(self) -> int:
        """Another each time."""
        return next(self._numbers)

    async def answer(self, caller: str, query: str) -> dict[str, Any]:
        """The whole answer to this caller."""
        hospital = self.hospitals.get(caller)
        return await self.platform.answer(query, hospital=hospital, bearer=self._token(caller))

    def named(self, text: str, thing: Thing | None = None) -> str:
        """The text with the things' names in it; `{id}` and the rest of its own names are this thing's."""
        names = {name: str(each.value) for name, each in self.things.items()}
        for each in self.things.values():
            names |= each.names
        if thing is not None:
            names |= {"id": str(thing.value), **thing.names}
        return text.format_map(names | {"fresh": secrets.token_hex(8)})

    def _token(self, caller: str) -> str | None:
        if caller in self.users:
            return self.users[caller].token
        return self.staff[caller].token if caller in self.staff else None


async def inhabited(platform: Platform) -> World:
    """The callers; nothing is there yet."""
    own, other = [
        await platform.new_hospital(name=f"长春{secrets.token_hex(4)}医院", regionCode="110101", level="3A")
        for _ in range(2)
    ]
    staff = {name: await platform.new_staff(role) for name, role in PLATFORM_STAFF.items()}
    for name, role, hospital in (
        (OWN_MANAGER, Role.HOSPITAL_MANAGER, own),
        (OWN_CLERK, Role.HOSPITAL_CLERK, own),
        (OTHER_MANAGER, Role.HOSPITAL_MANAGER, other),
        (OTHER_CLERK, Role.HOSPITAL_CLERK, other),
    ):
        staff[name] = await platform.new_staff(role, hospital=hospital)
    users = {OWNER: await platform.new_user(), OTHER_USER: await platform.new_user()}
    return World(platform, users, {OWN_SYSTEM: own, OTHER_SYSTEM: other}, staff)
