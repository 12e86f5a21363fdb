"""Whose a file is, and who else may see it."""

from datasources.sql.stored_file import FileOwner, FilePurpose, OwnerKind, StoredFile
from domain.callers import Caller, SignedInUser, StaffMember
from domain.files.purposes import RULES
from domain.language import Words
from domain.permissions import Permission
from domain.refusals import Refusal, RefusalCode

_SIGN_IN = Words("请先登录。", "Sign in first.")


def owner_of(caller: Caller) -> FileOwner:
    """The account whose files the caller's are. Refused (UNAUTHENTICATED) for who has none."""
    match caller:
        case SignedInUser():
            return FileOwner(OwnerKind.USER, caller.user_id)
        case StaffMember():
            return FileOwner(OwnerKind.STAFF, caller.staff_id)
        case _:
            raise Refusal(RefusalCode.UNAUTHENTICATED, _SIGN_IN)


def owns(caller: Caller, file: StoredFile) -> bool:
    """Whether the file is the caller's own."""
    match caller:
        case SignedInUser():
            return (file.owner_kind, file.owner_id) == (OwnerKind.USER, caller.user_id)
        case StaffMember():
            return (file.owner_kind, file.owner_id) == (OwnerKind.STAFF, caller.staff_id)
        case _:
            return False


def may_know_of(caller: Caller, file: StoredFile) -> bool:
    """Whether the caller may see that the file is there, and what is known of it; not yet its content."""
    return owns(caller, file) or _granted(caller, Permission.READ_FILES)


def may_read(caller: Caller, file: StoredFile) -> bool:
    """Whether the caller may have the file's content without saying why."""
    readers = RULES[FilePurpose(file.purpose)].readers
    return owns(caller, file) or (readers is not None and _granted(caller, readers))


def _granted(caller: Caller, permission: Permission) -> bool:
    return isinstance(caller, StaffMember) and not caller.must_change_password and permission in caller.permissions
