"""Who is calling. Decided once at the front door, asked everywhere below it."""

from dataclasses import dataclass
from uuid import UUID

from domain.permissions import Permission


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who proved nothing: may read the public catalogue."""


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """A patient's account, proved by an access token of a session that has not ended: own data only."""

    user_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True)
class StaffMember:
    """An administrator (no hospital) or a hospital's staff: what the roles grant, and that of one hospital only."""

    staff_id: UUID
    session_id: UUID
    hospital_code: str | None
    permissions: frozenset[Permission]
    must_change_password: bool = False
    """Whether nothing but changing the password is allowed yet."""


@dataclass(frozen=True, slots=True)
class HospitalSystem:
    """A hospital's own system, proved by its integration key: may push its own hospital's catalogue."""

    hospital_code: str
    key_id: str


@dataclass(frozen=True, slots=True)
class SmsPhoneCaller:
    """A telephone of the platform's own, proved by its token: sends and receives text messages, and nothing else."""

    phone_id: UUID
    enrolment_id: UUID
    """Ends when the telephone is revoked or enrolled anew."""


Caller = Visitor | SignedInUser | StaffMember | HospitalSystem | SmsPhoneCaller
VISITOR = Visitor()
