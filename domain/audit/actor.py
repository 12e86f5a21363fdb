"""Who acts, from where and when: what each entry of the audit log begins with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from datasources.sql.audit_entry import Act
from domain.callers import Caller, HospitalSystem, SignedInUser, StaffMember


@dataclass(frozen=True, slots=True)
class Actor:
    """One request's caller, as the audit log names them."""

    kind: str
    """VISITOR, USER, STAFF, HOSPITAL_SYSTEM or PLATFORM (a command or job of the platform's own)."""
    id: str
    now: datetime
    hospital_code: str | None = None
    address: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, caller: Caller, now: datetime, *, address: str = "", request_id: str = "") -> "Actor":
        """This caller, acting now."""
        match caller:
            case SignedInUser():
                return cls("USER", str(caller.user_id), now, None, address, request_id)
            case StaffMember():
                return cls("STAFF", str(caller.staff_id), now, caller.hospital_code, address, request_id)
            case HospitalSystem():
                return cls("HOSPITAL_SYSTEM", caller.key_id, now, caller.hospital_code, address, request_id)
            case _:
                return cls("VISITOR", "", now, None, address, request_id)

    @classmethod
    def platform(cls, part: str, now: datetime) -> "Actor":
        """A command or job of the platform's own, by name."""
        return cls("PLATFORM", part, now)

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
