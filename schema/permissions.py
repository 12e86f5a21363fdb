"""Who may use a field. Ownership is in the query's where as well: this line alone must not be what protects."""

from typing import Any

from strawberry.permission import BasePermission

from domain.callers import HospitalSystem
from domain.language import Words
from domain.refusals import Refusal, RefusalCode
from schema.binding import Context

_SIGN = Words(
    "此操作只供医院系统使用：请用集成密钥签名请求（见 docs/integration-signature.md）。",
    "Only a hospital's own system may do this: sign the request with an integration key "
    "(see docs/integration-signature.md).",
)


class IsHospitalSystem(BasePermission):
    """The caller proved itself with a hospital's integration key."""

    def has_permission(self, source: Any, info: Context, **kwargs: Any) -> bool:
        if not isinstance(info.context.caller, HospitalSystem):
            raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN)
        return True
