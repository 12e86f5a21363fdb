"""The audit log as staff read it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from datasources.sql.audit_check import AuditCheck, AuditChecks
from datasources.sql.audit_entry import AuditCriteria, AuditEntry, AuditReads
from domain.audit.actor import Actor
from domain.audit.chain import Break, BrokenEntry, ChainCheck, check_chain
from domain.callers import StaffMember
from domain.global_id import node_reference
from domain.identity.accounts import AccountKind
from domain.page import Page
from domain.permissions import Permission
from domain.refusals import Refusal
from domain.staff.authority import audit_reach
from resolvers.context import RequestContext
from resolvers.listing import by_number, sql_page
from resolvers.staff_callers import staff_with

READERS = (Permission.READ_AUDIT_LOG, Permission.READ_OWN_AUDIT_LOG)


@dataclass(frozen=True, slots=True)
class Detail:
    """One particular of an act."""

    name: str
    value: str


def actor(context: RequestContext, *, device: str | None = None) -> Actor:
    """The request's caller, acting now. `device` is how they name it, else their browser's own name."""
    exchange = context.exchange
    return Actor.of(
        context.caller,
        context.clock(),
        address=exchange.address,
        request_id=context.request_id,
        device=exchange.user_agent if device is None else device,
    )


async def audit_log(
    context: RequestContext, criteria: AuditCriteria, *, first: int, after: str | None
) -> Page[AuditEntry]:
    """Entries within the caller's reach that meet the criteria, the latest first."""
    criteria = replace(
        criteria,
        within=audit_reach(staff_with(context, *READERS)),
        actor_id=_internal(criteria.actor_id),
        subject_id=_internal(criteria.subject_id),
    )
    return await sql_page(
        context,
        by_number("auditLog", lambda entry: entry.id),
        first,
        after,
        read=lambda session, behind, limit: AuditReads(session).page(criteria, behind, limit),
        count=lambda session: AuditReads(session).count(criteria),
    )


async def verify(context: RequestContext, first: int, last: int | None) -> ChainCheck:
    """Whether the chain holds from one entry to another."""
    staff_with(context, Permission.READ_AUDIT_LOG)
    return await check_chain(context.stores.sql, first, last)


async def watch(context: RequestContext) -> AuditCheck | None:
    """What the hourly check knows; None before the first has ended."""
    staff_with(context, Permission.READ_AUDIT_LOG)
    async with context.stores.sql.read() as session:
        row = await AuditChecks(session).get()
    return row if row is not None and row.checked_at is not None else None


def broken_entry(row: AuditCheck) -> BrokenEntry | None:
    """The first broken entry that the hourly check found."""
    if row.broken_number is None or row.fault is None:
        return None
    return BrokenEntry(row.broken_number, Break(row.fault))


def address(context: RequestContext, entry: AuditEntry) -> str:
    """Where an act came from. Where patients were is nothing to a hospital."""
    caller = context.caller
    of_a_hospital = isinstance(caller, StaffMember) and caller.hospital_code is not None
    return "" if of_a_hospital and entry.actor_kind == AccountKind.USER else entry.address


def details(entry: AuditEntry) -> list[Detail]:
    """What else was noted of an act."""
    detail: Mapping[str, Any] = entry.detail
    return [
        Detail(name, value if isinstance(value, str) else orjson.dumps(value).decode())
        for name, value in sorted(detail.items())
    ]


def _internal(id: str | None) -> str | None:
    """Staff have global ids at hand, entries show internal ones: either finds."""
    if id is None:
        return None
    try:
        return node_reference(id).key
    except Refusal:
        return id
