"""Who is calling. Decided once at the front door, asked everywhere below it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who proved nothing: may read the public catalogue."""


@dataclass(frozen=True, slots=True)
class HospitalSystem:
    """A hospital's own system, proved by its integration key: may push its own hospital's catalogue."""

    hospital_code: str
    key_id: str


Caller = Visitor | HospitalSystem
VISITOR = Visitor()
