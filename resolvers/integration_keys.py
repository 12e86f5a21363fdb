"""A hospital's integration keys, for its managers and the platform's administrators."""

from datasources.sql.integration_key import IntegrationKeys
from domain.callers import StaffMember
from domain.integration import managing
from domain.integration.keys import KeySummary, summary
from domain.integration.managing import IssueAnswer, KeyRevoked
from domain.permissions import Permission
from domain.problems import InvalidInput, NotFound
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.staff_callers import staff_with

MANAGERS = (Permission.EDIT_INTEGRATION, Permission.EDIT_OWN_INTEGRATION)


async def listed(context: RequestContext, hospital_code: str | None) -> list[KeySummary]:
    """The keys of the own hospital, or of any for whom reaches all; nothing of another's."""
    wanted = _hospital(staff_with(context, *MANAGERS), hospital_code)
    if wanted is None:
        return []
    async with context.stores.sql.read() as session:
        return [summary(key) for key in await IntegrationKeys(session).in_order(wanted)]


async def issue(context: RequestContext, hospital_code: str | None, label: str) -> IssueAnswer:
    """Make a key."""
    wanted = _hospital(staff_with(context, *MANAGERS), hospital_code)
    if wanted is None:
        return NotFound()
    return await managing.issue(context.stores.sql, context.ring, wanted, label, actor(context))


async def rotate(context: RequestContext, key_id: str, overlap_hours: int) -> IssueAnswer:
    """Make a key that takes another's place."""
    within = staff_with(context, *MANAGERS).hospital_code
    return await managing.rotate(
        context.stores.sql, context.ring, key_id.strip(), overlap_hours, actor(context), within=within
    )


async def revoke(context: RequestContext, key_id: str) -> KeyRevoked | NotFound | InvalidInput:
    """End a key."""
    within = staff_with(context, *MANAGERS).hospital_code
    return await managing.revoke(context.stores.sql, key_id.strip(), actor(context), within=within)


def is_live(context: RequestContext, key: KeySummary) -> bool:
    """Whether it still proves who calls."""
    return key.is_live(context.clock())


def _hospital(caller: StaffMember, hospital_code: str | None) -> str | None:
    """The hospital that is meant, if the caller reaches it."""
    if caller.hospital_code is None:
        return (hospital_code or "").strip() or None
    return caller.hospital_code if hospital_code in (None, caller.hospital_code) else None
