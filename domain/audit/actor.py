"""Who acts, from where and when: what each entry of the audit log begins with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from datasources.sql.audit_entry import Act
from domain.callers import Caller, HospitalSystem, SignedInUser, SmsPhoneCaller, StaffMember
from domain.identity.accounts import Account, AccountKind, Origin


@dataclass(frozen=True, slots=True)
class Actor:
    """One request's caller, as the audit log names them."""

    kind: str
    """visitor, user, staff, hospital_system, sms_phone or system (a command or job of the platform's own)."""
    id: str
    now: datetime
    hospital_code: str | None = None
    address: str = ""
    request_id: str = ""
    device: str = ""

    @classmethod
    def of(cls, caller: Caller, now: datetime, *, address: str = "", request_id: str = "", device: str = "") -> "Actor":
        """This caller, acting now."""
        where = (address, request_id, device)
        match caller:
            case SignedInUser():
                return cls("user", str(caller.user_id), now, None, *where)
            case StaffMember():
                return cls("staff", str(caller.staff_id), now, caller.hospital_code, *where)
            case HospitalSystem():
                return cls("hospital_system", caller.key_id, now, caller.hospital_code, *where)
            case SmsPhoneCaller():
                return cls("sms_phone", str(caller.phone_id), now, None, *where)
            case _:
                return cls("visitor", "", now, None, *where)

    @property
    def origin(self) -> Origin:
        """When and from where they act, as sessions note it."""
        return Origin(self.now, self.address, self.request_id, self.device)

    @property
    def account(self) -> Account | None:
        """The account they act as; None for visitors, hospitals' systems and the platform."""
        if self.kind not in {kind.value for kind in AccountKind}:
            return None
        return Account(AccountKind(self.kind), UUID(self.id), self.hospital_code)

    @classmethod
    def system(cls, part: str, now: datetime) -> "Actor":
        """A command or job of the platform's own, by name."""
        return cls("system", part, now)

    def act(
        self,
        action: str,
        subject_kind: str,
        subject_id: object,
        *,
        result: str = "DONE",
        hospital_code: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> Act:
        """What they did, to be appended to the log. `hospital_code` is the subject's where the actor has none."""
        return Act(
            at=self.now,
            actor_kind=self.kind,
            actor_id=self.id,
            action=action,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            result=result,
            hospital_code=hospital_code or self.hospital_code,
            address=self.address,
            request_id=self.request_id,
            detail=detail or {},
        )
