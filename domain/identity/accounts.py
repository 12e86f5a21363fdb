"""An account, whether a patient's or a staff member's, and where an act on it comes from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.callers import Caller, SignedInUser, StaffMember


class AccountKind(StrEnum):
    """Whose account it is. The values stand in access tokens, cookies' names and the audit log."""

    USER = "user"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `hospital_code` is a hospital's own staff's, for the audit log only: nothing is decided by it."""

    kind: AccountKind
    id: UUID
    hospital_code: str | None = None

    @classmethod
    def of_user(cls, id: UUID) -> "Account":
        """A patient's account."""
        return cls(AccountKind.USER, id)

    @classmethod
    def of_staff(cls, id: UUID, hospital_code: str | None = None) -> "Account":
        """A staff member's account."""
        return cls(AccountKind.STAFF, id, hospital_code)


@dataclass(frozen=True, slots=True)
class Origin:
    """When and from where something is done: what the audit log and the list of devices show of it."""

    at: datetime
    address: str = ""
    request_id: str = ""
    device: str = ""


def account_of(caller: Caller) -> Account | None:
    """The account that this caller is signed in to; None for visitors and hospitals' systems."""
    if isinstance(caller, SignedInUser):
        return Account.of_user(caller.user_id)
    if isinstance(caller, StaffMember):
        return Account.of_staff(caller.staff_id, caller.hospital_code)
    return None
