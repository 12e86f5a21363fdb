"""Who may use a field. Ownership is in the query's where as well: this line alone must not be what protects."""

from typing import Any

from strawberry.permission import BasePermission

from domain.callers import HospitalSystem, SignedInUser, SmsPhoneCaller, StaffMember
from domain.language import Words
from domain.permissions import Permission
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


_SIGN_IN = Words("请先登录。", "Sign in first.")
_STAFF_ONLY = Words(
    "此操作只供工作人员使用：请以工作人员账号登录。", "Only staff may do this: sign in with a staff account."
)
_SMS_PHONE_ONLY = Words(
    "此操作只供平台的短信手机使用。", "Only the platform's own telephones may do this (mobile_sms/README.md)."
)
_CHANGE_PASSWORD = Words(
    "请先用 changeMyPassword 更换初始密码，再进行其他操作。",
    "Change the initial password first (changeMyPassword); everything else waits for that.",
)
_NOT_GRANTED = Words(
    "您的角色没有此权限（{permission}）。如有需要请联系平台管理员。",
    "Your roles do not grant {permission}. Ask a platform administrator if you need it.",
)


class IsUser(BasePermission):
    """The caller is signed in to a patient's account."""

    def has_permission(self, source: Any, info: Context, **kwargs: Any) -> bool:
        if not isinstance(info.context.caller, SignedInUser):
            raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN_IN)
        return True


class IsUserOrStaff(BasePermission):
    """The caller has an account of either kind and may use it: no staff member who must change the password first."""

    def has_permission(self, source: Any, info: Context, **kwargs: Any) -> bool:
        if isinstance(info.context.caller, StaffMember):
            _staff(info)
        elif not isinstance(info.context.caller, SignedInUser):
            raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN_IN)
        return True


class IsStaffWhateverPassword(BasePermission):
    """The caller is a signed-in staff member, even one who must change the password first."""

    def has_permission(self, source: Any, info: Context, **kwargs: Any) -> bool:
        if not isinstance(info.context.caller, StaffMember):
            raise Refusal(RefusalCode.UNAUTHENTICATED, _STAFF_ONLY)
        return True


class IsSignedIn(BasePermission):
    """The caller is signed in, to a patient's account or as staff."""

    def has_permission(self, source: Any, info: Context, **kwargs: Any) -> bool:
        if not isinstance(info.context.caller, SignedInUser | StaffMember):
            raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN_IN)
        return True


class IsSmsPhone(BasePermission):
    """The caller is one of the platform's own telephones."""

    def has_permission(self, source: Any, info: Context, **kwargs: Any) -> bool:
        if not isinstance(info.context.caller, SmsPhoneCaller):
            raise Refusal(RefusalCode.UNAUTHENTICATED, _SMS_PHONE_ONLY)
        return True


class IsStaff(BasePermission):
    """The caller is a signed-in staff member, whatever the roles."""

    def has_permission(self, source: Any, info: Context, **kwargs: Any) -> bool:
        _staff(info)
        return True


class IsHospitalStaffOrSystem(BasePermission):
    """The caller is a hospital's own system, or a signed-in staff member, whose hospital is looked for behind."""

    def has_permission(self, source: Any, info: Context, **kwargs: Any) -> bool:
        if not isinstance(info.context.caller, HospitalSystem):
            _staff(info)
        return True


def may(permission: Permission) -> type[BasePermission]:
    """The caller is a signed-in staff member whose roles grant this."""

    class May(BasePermission):
        def has_permission(self, source: Any, info: Context, **kwargs: Any) -> bool:
            if permission not in _staff(info).permissions:
                raise Refusal(RefusalCode.FORBIDDEN, _NOT_GRANTED, permission=permission)
            return True

    return May


def may_any(*permissions: Permission) -> type[BasePermission]:
    """The caller is a signed-in staff member whose roles grant at least one of these."""

    class MayAny(BasePermission):
        def has_permission(self, source: Any, info: Context, **kwargs: Any) -> bool:
            if _staff(info).permissions.isdisjoint(permissions):
                raise Refusal(RefusalCode.FORBIDDEN, _NOT_GRANTED, permission=" / ".join(permissions))
            return True

    return MayAny


def may_or_hospital_system(permission: Permission) -> type[BasePermission]:
    """The caller is a hospital's own system, or a signed-in staff member whose roles grant this."""

    class MayOrHospitalSystem(may(permission)):  # type: ignore[misc]
        def has_permission(self, source: Any, info: Context, **kwargs: Any) -> bool:
            if isinstance(info.context.caller, HospitalSystem):
                return True
            return bool(super().has_permission(source, info, **kwargs))

    return MayOrHospitalSystem


def _staff(info: Context) -> StaffMember:
    caller = info.context.caller
    if not isinstance(caller, StaffMember):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _STAFF_ONLY)
    if caller.must_change_password:
        raise Refusal(RefusalCode.PASSWORD_CHANGE_NEEDED, _CHANGE_PASSWORD)
    return caller
