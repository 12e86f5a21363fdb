"""Any node of the graph by its global id."""

import asyncio
from collections.abc import Sequence

from domain.global_id import NodeKind, NodeReference, node_reference
from domain.language import Words
from domain.refusals import Refusal, RefusalCode
from resolvers import (
    announcements,
    calendar,
    departments,
    doctors,
    files,
    orders,
    patients,
    users,
    verifications,
    waitlist,
)
from resolvers.context import RequestContext

MAX_NODES = 100

_TOO_MANY = Words("一次最多 {most} 个 id，收到 {count} 个。", "At most {most} ids fit in one call; {count} came.")
_OTHER_KIND = Words("“{id}”不是 {kind} 的 id。", "“{id}” is not the id of a {kind}.")


async def node(context: RequestContext, id: str) -> object | None:
    """What the id names, if it is there for everybody to see."""
    return await _load(context, node_reference(id))


async def nodes(context: RequestContext, ids: Sequence[str]) -> list[object | None]:
    """What each id names, in their order."""
    if len(ids) > MAX_NODES:
        raise Refusal(RefusalCode.BAD_REQUEST, _TOO_MANY, most=MAX_NODES, count=len(ids))
    return await asyncio.gather(*(_load(context, node_reference(id)) for id in ids))


async def node_of_kind(context: RequestContext, id: str, kind: NodeKind) -> object | None:
    """What the id names; refused (BAD_ID) when it names another kind."""
    reference = node_reference(id)
    if reference.kind is not kind:
        raise Refusal(RefusalCode.BAD_ID, _OTHER_KIND, id=id, kind=kind)
    return await _load(context, reference)


async def _load(context: RequestContext, reference: NodeReference) -> object | None:
    match reference.kind:
        case NodeKind.HOSPITAL:
            return await context.loaders.hospital_by_code.load(reference.key)
        case NodeKind.DEPARTMENT:
            return await departments.listed_department(context, reference.key)
        case NodeKind.DOCTOR:
            return await doctors.listed_doctor(context, reference.key)
        case NodeKind.SCHEDULE:
            return await calendar.listed_session(context, reference.key)
        case NodeKind.ANNOUNCEMENT:
            return await announcements.readable(context, reference.key)
        case NodeKind.FILE:
            return await files.known_file(context, reference.key)
        case NodeKind.DICT_ITEM:
            # A key that is no number is an id that was tampered with; there is no such item.
            return await context.loaders.dict_item_by_id.load(int(reference.key)) if reference.key.isdecimal() else None
        case NodeKind.STAFF:
            return None  # staff are seen only in the lists of those who manage them
        case NodeKind.WAITLIST_ENTRY:
            return await waitlist.own_entry(context, reference.key)
        case NodeKind.ORDER:
            return await orders.known_order(context, reference.key)
        case NodeKind.PATIENT:
            return await patients.own_patient(context, reference.key)
        case NodeKind.VERIFICATION_REQUEST:
            return await verifications.known_request(context, reference.key)
        case NodeKind.USER:
            return await users.readable_user(context, reference.key)
