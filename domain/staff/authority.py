"""Who may manage whose staff account, and which roles they may give."""

from collections.abc import Iterable

from domain.callers import StaffMember
from domain.permissions import HOSPITAL_ROLES, OF_A_HOSPITAL, Permission, Role, granted


def reach(caller: StaffMember) -> str | None:
    """The hospital beyond which the caller sees and manages nobody; None for everybody."""
    if caller.hospital_code is None and caller.permissions & {Permission.READ_STAFF, Permission.EDIT_STAFF}:
        return None
    # A hospital's code is never empty, so whoever has neither reaches nobody.
    return caller.hospital_code or ""


def audit_reach(caller: StaffMember) -> str | None:
    """The hospital beyond whose entries the caller reads none of the audit log; None for all of it."""
    if caller.hospital_code is None and Permission.READ_AUDIT_LOG in caller.permissions:
        return None
    return caller.hospital_code or ""


def may_give(caller: StaffMember, roles: Iterable[Role]) -> bool:
    """Whether the caller may give, take away or manage these roles.

    Nobody gives what they lack. The platform's administrators give a hospital's roles although they have no part in
    one hospital's own work; a hospital's manager makes clerks and no other managers.
    """
    roles = frozenset(roles)
    if caller.hospital_code is None and Permission.EDIT_STAFF in caller.permissions:
        return granted(roles) - OF_A_HOSPITAL <= caller.permissions
    if caller.hospital_code is not None and Permission.EDIT_OWN_STAFF in caller.permissions:
        return roles <= {Role.HOSPITAL_CLERK}
    return False


def may_invite(caller: StaffMember, roles: Iterable[Role]) -> bool:
    """Whether the caller may have somebody join a hospital's staff with these roles by a link.

    A hospital's manager invites other managers too: whoever accepts chooses the password, so unlike an account that the
    manager makes and knows the password of, it is another person's from the start.
    """
    roles = frozenset(roles)
    if caller.hospital_code is not None and Permission.EDIT_OWN_STAFF in caller.permissions:
        return roles <= HOSPITAL_ROLES
    return may_give(caller, roles)


def fit_together(roles: Iterable[Role], hospital_code: str | None) -> bool:
    """Whether these roles fit an account: a hospital's roles only with a hospital, the platform's only without."""
    return all((role in HOSPITAL_ROLES) == (hospital_code is not None) for role in roles)
