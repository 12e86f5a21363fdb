"""The audit log, and whether its chain holds."""

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Annotated

import strawberry

from datasources.sql.audit_check import AuditCheck as AuditCheckRow
from datasources.sql.audit_entry import AuditCriteria
from datasources.sql.audit_entry import AuditEntry as AuditEntryRow
from domain.audit.chain import Break, ChainCheck
from domain.page import Page
from domain.permissions import Permission
from resolvers import audit
from schema.binding import After, Context, First, answers, described_enum, of, on
from schema.connection import Connection
from schema.permissions import may, may_any

described_enum(
    Break,
    "What is wrong with an entry of the audit log.",
    {
        "MISSING": "There is no entry with this number although there are later ones: it was removed.",
        "ALTERED": "The entry, or the one before it, is not what was written: it was changed or put in afterwards.",
    },
)


@strawberry.type(description="One particular of an act.")
class AuditDetail:
    name: str = strawberry.field(description="What it is.")
    value: str = strawberry.field(description="Its value: text, or JSON where it has parts.")


@strawberry.type(description="One act: who did what to whom, when and from where.")
class AuditEntry:
    number: int = strawberry.field(
        resolver=of(lambda entry: entry.id), description="Its number; numbers run without gaps."
    )
    at: datetime = strawberry.field(description="When it was done.")
    actor_kind: str = strawberry.field(description="visitor, user, staff, hospital_system, sms_phone or system.")
    actor_id: str = strawberry.field(description="The actor's internal id; empty for visitors.")
    action: str = strawberry.field(description="What was done: `SIGN_IN`, `STAFF_LOCKED`.")
    subject_kind: str = strawberry.field(description="What it was done to: `staff`, `user`.")
    subject_id: str = strawberry.field(description="The subject's internal id.")
    hospital_code: str | None = strawberry.field(description="The hospital it concerns; null if none in particular.")
    result: str = strawberry.field(description="DONE, or why not.")
    address: str = strawberry.field(
        resolver=on(audit.address),
        description="The IP address it came from; empty if it came from within, and for a hospital's managers also "
        "where a patient acted.",
    )
    request_id: str = strawberry.field(description="The request's id, as logs have it.")
    detail: list[AuditDetail] = strawberry.field(
        resolver=of(audit.details), description="What else was noted; never a secret, a phone or an identity number."
    )


@strawberry.type(description="An entry that does not follow from the ones before it.")
class BrokenAuditEntry:
    number: int = strawberry.field(description="Its number.")
    fault: Break = strawberry.field(description="What is wrong with it.")


@strawberry.type(description="What a walk along the audit log's chain found.")
class AuditCheck:
    intact: bool = strawberry.field(description="Whether nothing wrong was found.")
    broken: BrokenAuditEntry | None = strawberry.field(description="The first broken entry; null if none was found.")
    first_number: int = strawberry.field(description="Where the walk began.")
    last_number: int = strawberry.field(description="The last entry that is proved intact.")
    last_hash: str = strawberry.field(
        resolver=of(lambda check: check.last_hash.hex()),
        description="Its hash in hexadecimal. Kept elsewhere with the number, it shows later whether the log was cut.",
    )
    complete: bool = strawberry.field(
        description="Whether everything asked for was walked; if not, go on behind `lastNumber`."
    )


@strawberry.type(description="What the platform's own check of the audit log knows. It runs every hour.")
class AuditWatch:
    checked_at: datetime = strawberry.field(description="When the last check began.")
    intact: bool = strawberry.field(
        resolver=of(lambda row: row.broken_number is None), description="Whether it found nothing wrong."
    )
    broken: BrokenAuditEntry | None = strawberry.field(
        resolver=of(audit.broken_entry), description="The first broken entry that it found; null if none."
    )
    broken_since: datetime | None = strawberry.field(description="When that was first seen; null if nothing is broken.")
    proved_number: int = strawberry.field(description="The latest entry that a check has proved intact.")
    proved_hash: str = strawberry.field(
        resolver=of(lambda row: row.proved_hash.hex()),
        description="The hash that it had then, in hexadecimal. The next check fails if it is not there any more.",
    )
    whole_at: datetime | None = strawberry.field(
        description="When the whole log, from its first entry on, was last found intact; null if it never was."
    )


@strawberry.type
class AuditQuery:
    @answers(
        Connection[AuditEntry],
        "The audit log, the latest act first. A hospital's managers see the acts that concern their own hospital.",
        only=may_any(*audit.READERS),
    )
    def audit_log(
        self,
        info: Context,
        actor_kind: Annotated[str | None, strawberry.argument(description="Only acts of this kind of actor.")] = None,
        actor_id: Annotated[
            str | None, strawberry.argument(description="Only this actor's acts, by internal or global id.")
        ] = None,
        action: Annotated[str | None, strawberry.argument(description="Only this action.")] = None,
        subject_kind: Annotated[str | None, strawberry.argument(description="Only acts on this kind of thing.")] = None,
        subject_id: Annotated[
            str | None, strawberry.argument(description="Only acts on this thing, by internal or global id.")
        ] = None,
        hospital_code: Annotated[
            str | None, strawberry.argument(description="Only acts that concern this hospital.")
        ] = None,
        begin: Annotated[
            datetime | None, strawberry.argument(name="from", description="Only acts at or after this time.")
        ] = None,
        end: Annotated[
            datetime | None, strawberry.argument(name="to", description="Only acts before this time.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[AuditEntryRow]]:
        criteria = AuditCriteria(
            actor_kind=actor_kind,
            actor_id=actor_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            hospital_code=hospital_code,
            begin=_aware(begin),
            end=_aware(end),
        )
        return audit.audit_log(info.context, criteria, first=first, after=after)

    @answers(
        AuditCheck,
        "Walk the audit log's chain and name the first entry that was removed, changed or put in. "
        "One call walks at most 100,000 entries.",
        only=may(Permission.READ_AUDIT_LOG),
    )
    def verify_audit_log(
        self,
        info: Context,
        from_number: Annotated[
            int, strawberry.argument(description="Where to begin; the entry before it is trusted.")
        ] = 1,
        to_number: Annotated[
            int | None, strawberry.argument(description="Where to end; the latest entry if left out.")
        ] = None,
    ) -> Awaitable[ChainCheck]:
        return audit.verify(info.context, from_number, to_number)

    @answers(
        AuditWatch | None,
        "What the platform's own hourly check of the audit log found; null before the first.",
        only=may(Permission.READ_AUDIT_LOG),
    )
    def audit_watch(self, info: Context) -> Awaitable[AuditCheckRow | None]:
        return audit.watch(info.context)


def _aware(moment: datetime | None) -> datetime | None:
    """Times without an offset are taken for UTC, as PostgreSQL is asked with aware ones only."""
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)
