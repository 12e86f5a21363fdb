"""The words that the table is written in."""

from dataclasses import dataclass, fields

from domain.permissions import HOSPITAL_ROLES, Permission, Role
from tests.resolvers.authorisation_table import HOSPITAL_SYSTEM, STAFF, USER, VISITOR, granted

OWNER = "user A, the owner"
OTHER_USER = "user B"
OWN_SYSTEM = "hospital A's system"
OTHER_SYSTEM = "hospital B's system"
OWN_MANAGER = "hospital A's manager"
OTHER_MANAGER = "hospital B's manager"
OWN_CLERK = "hospital A's clerk"
OTHER_CLERK = "hospital B's clerk"
PLATFORM_STAFF = {STAFF[role]: role for role in Role if role not in HOSPITAL_ROLES}

KIND_OF = {
    VISITOR: VISITOR,
    OWNER: USER,
    OTHER_USER: USER,
    OWN_SYSTEM: HOSPITAL_SYSTEM,
    OTHER_SYSTEM: HOSPITAL_SYSTEM,
    OWN_MANAGER: STAFF[Role.HOSPITAL_MANAGER],
    OTHER_MANAGER: STAFF[Role.HOSPITAL_MANAGER],
    OWN_CLERK: STAFF[Role.HOSPITAL_CLERK],
    OTHER_CLERK: STAFF[Role.HOSPITAL_CLERK],
} | {name: name for name in PLATFORM_STAFF}
"""Who calls, and as which kind of caller the table of the root fields knows them."""

CALLERS = tuple(KIND_OF)
EVERYBODY = frozenset(CALLERS)
NOBODY: frozenset[str] = frozenset()
THE_OWNER = frozenset({OWNER})

NOTHING = "nothing"
"""Let in, and answered as if the thing did not exist: null, or a list without it."""


def platform_staff(*permissions: Permission) -> frozenset[str]:
    """The platform's staff, of no hospital, whose role grants at least one of these."""
    return granted(*permissions) & frozenset(PLATFORM_STAFF)


@dataclass(frozen=True, kw_only=True)
class Row:
    """How a type's fields are shown to those who see the object. Each field stands in exactly one group."""

    clear: str = ""
    """As it is; the same to everybody who sees the object."""
    relative: str = ""
    """As it is; depends on who asks."""
    masked: str = ""
    """With stars, to the owner too."""
    masked_to_others: str = ""
    """Clear to the owner, with stars to everybody else."""
    null_to_others: str = ""
    """Clear to the owner, null to everybody else."""
    parts: str = ""
    """Objects that are part of this one; they have a `Part` row."""
    leads_to: str = ""
    """Objects with rules of their own."""

    def groups(self) -> dict[str, list[str]]:
        """The fields of each group."""
        return {
            each.name: getattr(self, each.name).split()
            for each in fields(Row)
            if each.name not in ("at", "owner", "whose")
        }


@dataclass(frozen=True, kw_only=True)
class Open(Row):
    """Everybody sees it, and sees the same."""


@dataclass(frozen=True, kw_only=True)
class Told(Row):
    """What a call tells the one who made it: part of the answer to a mutation or a subscription, found nowhere else."""


@dataclass(frozen=True, kw_only=True)
class Owned(Row):
    """Somebody's: the `Way`s say who comes to it. `at` names every place in the graph that leads there."""

    at: str
    owner: str = OWNER


@dataclass(frozen=True, kw_only=True)
class Part(Row):
    """A part of the object at `at`, shown to whoever sees that."""

    at: str


@dataclass(frozen=True)
class Way:
    """A query that leads to a thing of the world. `…` stands where the thing's fields are asked for, if not at the end.

    Whoever is let in to the root field and is not in `seen_by` is told `otherwise`.
    """

    call: str
    thing: str
    seen_by: frozenset[str]
    otherwise: str = NOTHING


@dataclass(frozen=True)
class Names:
    """An input field that names somebody's thing: those in `may` get through to it.

    `input` is the rest of the input. Whoever else is let in to the mutation gets the problem `otherwise`.
    """

    thing: str
    may: frozenset[str]
    input: str
    otherwise: str = "NotFound"


@dataclass(frozen=True)
class WithinOwnHospital:
    """A code that means the caller's own hospital's thing, so that no other hospital's can be named."""


@dataclass(frozen=True)
class NamesNobodys:
    """An input field that names nothing that anybody owns, or is a secret that itself is the proof; and why so."""

    why: str
