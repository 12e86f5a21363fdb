"""The staff member who calls. The permission classes in `schema/` ask first; this line holds should one be missing."""

from domain.callers import StaffMember
from domain.language import Words
from domain.permissions import Permission
from domain.refusals import Refusal, RefusalCode
from resolvers.context import RequestContext

_STAFF_ONLY = Words(
    "此操作只供工作人员使用：请以工作人员账号登录。", "Only staff may do this: sign in with a staff account."
)
_NOT_GRANTED = Words("您的角色没有此权限。", "Your roles do not grant this.")


def staff(context: RequestContext) -> StaffMember:
    """Refused (UNAUTHENTICATED) when the caller is no staff member."""
    if not isinstance(context.caller, StaffMember):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _STAFF_ONLY)
    return context.caller


def staff_with(context: RequestContext, *permissions: Permission) -> StaffMember:
    """Refused (FORBIDDEN) when the staff member has none of these permissions."""
    caller = staff(context)
    if not may(caller, *permissions):
        raise Refusal(RefusalCode.FORBIDDEN, _NOT_GRANTED)
    return caller


def managed_hospital(context: RequestContext, permission: Permission) -> str:
    """The hospital for which the staff member may do this. Refused (FORBIDDEN) for staff of none."""
    code = staff_with(context, permission).hospital_code
    if code is None:
        raise Refusal(RefusalCode.FORBIDDEN, _NOT_GRANTED)
    return code


def may(caller: StaffMember, *permissions: Permission) -> bool:
    """Whether the staff member has one of these permissions and has changed the initial password."""
    return not (caller.must_change_password or caller.permissions.isdisjoint(permissions))
