"""Handing a broadcast to the worker, and pausing, resuming and cancelling it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.keys import schedule_key
from datasources.sql.audit_entry import AuditLog
from datasources.sql.broadcast import LATELY, OPEN, Audience, Broadcast, Broadcasts, BroadcastState
from datasources.sql.broadcast_audience import BroadcastAudience
from datasources.sql.database import Database
from datasources.sql.hospital_account import HospitalAccounts
from datasources.sql.idempotency_record import IdempotencyRecord, IdempotencyRecords
from datasources.sql.user_account import SIGNED_IN_STATUSES, UserAccounts
from domain.audit.actor import Actor
from domain.booking.once import KeyedCall, bad_key, in_one_go
from domain.callers import StaffMember
from domain.language import Words
from domain.messages.broadcasts.draft import (
    AudienceChoice,
    Draft,
    Reading,
    cleaned,
    length_problems,
    readings,
    time_problems,
)
from domain.messages.template_set import templates_in_force
from domain.permissions import Permission
from domain.problems import FieldProblem, IdempotencyKeyReused, InvalidInput, NotAllowed, NotFound, ProblemCode

MOST_LATELY = {Audience.USER: 200, Audience.HOLDERS: 20, Audience.EVERYONE: 3}
"""So many a hospital, or the platform, may send within a day."""

_OPERATION = "sendBroadcast"
_NOBODY = UUID(int=0)  # what a call is about that makes something new
_OWN_HOLDERS = Words(
    "医院只能向本院的预约患者发送消息。", "A hospital writes only to those who hold numbers of its own."
)
_NO_HOSPITAL = Words("没有这个编码的医院，或不是您的医院。", "There is no hospital with this code, or it is not yours.")
_NO_USER = Words("没有这个账号，或已注销。", "There is no such account, or it was deleted.")
_NAMED_ONLY = Words("只有发给预约患者时才可填写。", "Only where it goes to those who hold numbers.")


@dataclass(frozen=True, slots=True)
class BroadcastSent:
    """The worker sends it; made by this call or, the same call, before."""

    broadcast: Broadcast


@dataclass(frozen=True, slots=True)
class BroadcastPreview:
    """How many it would now go to, and how it reads."""

    receivers: int
    readings: list[Reading]


@dataclass(frozen=True, slots=True)
class BroadcastChanged:
    """As it now stands."""

    broadcast: Broadcast


def reach(caller: StaffMember) -> str | None:
    """The hospital beyond whose broadcasts the caller has no part; None for all."""
    if caller.hospital_code is None and caller.permissions & {Permission.SEND_MESSAGES, Permission.READ_MESSAGES}:
        return None
    # A hospital's code is never empty, so whoever has neither reaches nothing.
    return caller.hospital_code or ""


async def preview(
    database: Database, caller: StaffMember, given: Draft, now: datetime
) -> BroadcastPreview | InvalidInput:
    """What sending it would do."""
    async with database.read() as session:
        judged = await _judged(session, caller, given, now)
        if isinstance(judged, InvalidInput):
            return judged
        draft, name = judged
        receivers = await BroadcastAudience(session, _row(caller, draft, now)).size()
        return BroadcastPreview(receivers, readings(draft, name, await templates_in_force(session)))


async def send(
    database: Database, caller: StaffMember, given: Draft, key: str, actor: Actor
) -> BroadcastSent | NotAllowed | InvalidInput | IdempotencyKeyReused:
    """Have it told from its time on. The same call again sends nothing more."""
    problem = bad_key(key)
    if problem is not None:
        return problem
    call = KeyedCall(actor, _OPERATION, key, _NOBODY, (repr(given),))

    async def change(
        session: AsyncSession,
    ) -> BroadcastSent | NotAllowed | InvalidInput | IdempotencyKeyReused:
        records, broadcasts = IdempotencyRecords(session), Broadcasts(session)
        await broadcasts.serialise()
        earlier = await records.get(call.caller, _OPERATION, key)
        if earlier is not None:
            made = await broadcasts.get(UUID(earlier.subject_id), None)
            same = earlier.request_hash == call.digest and made is not None
            return BroadcastSent(made) if made is not None and same else IdempotencyKeyReused(key)
        judged = await _judged(session, caller, given, actor.now)
        if isinstance(judged, InvalidInput):
            return judged
        row = _row(caller, judged[0], actor.now)
        audience = Audience(row.audience)
        lately = await broadcasts.count_lately(audience, row.author_hospital_code, actor.now - LATELY)
        if lately >= MOST_LATELY[audience]:
            return NotAllowed(ProblemCode.TOO_MANY_BROADCASTS)
        await broadcasts.add(row)
        await records.add(
            IdempotencyRecord(
                caller=call.caller,
                operation=_OPERATION,
                idempotency_key=key,
                request_hash=call.digest,
                subject_id=str(row.id),
                created_at=actor.now,
            )
        )
        detail = {"audience": row.audience, "by_sms": row.by_sms, "not_before": row.not_before.isoformat()}
        await _audit(session, actor, "BROADCAST_SENT", row, **detail)
        return BroadcastSent(row)

    return await in_one_go(database, change)


async def pause(
    database: Database, caller: StaffMember, id: UUID, actor: Actor
) -> BroadcastChanged | NotFound | NotAllowed:
    """Have nobody more written to for now. What the outbox has already, some hundreds at most, is still told."""
    running = (BroadcastState.WAITING, BroadcastState.RUNNING)
    return await _move(database, caller, id, running, BroadcastState.PAUSED, "BROADCAST_PAUSED", actor)


async def resume(
    database: Database, caller: StaffMember, id: UUID, actor: Actor
) -> BroadcastChanged | NotFound | NotAllowed:
    """Go on where it was paused."""
    return await _move(
        database, caller, id, (BroadcastState.PAUSED,), BroadcastState.WAITING, "BROADCAST_RESUMED", actor
    )


async def cancel(
    database: Database, caller: StaffMember, id: UUID, actor: Actor
) -> BroadcastChanged | NotFound | NotAllowed:
    """Tell nobody more, for good."""
    return await _move(database, caller, id, OPEN, BroadcastState.CANCELLED, "BROADCAST_CANCELLED", actor)


async def _move(
    database: Database,
    caller: StaffMember,
    id: UUID,
    out_of: tuple[BroadcastState, ...],
    to: BroadcastState,
    action: str,
    actor: Actor,
) -> BroadcastChanged | NotFound | NotAllowed:
    async with database.unit_of_work() as session:
        broadcasts, within = Broadcasts(session), reach(caller)
        ends = {"ended_at": actor.now} if to is BroadcastState.CANCELLED else {}
        moved = await broadcasts.move(id, within, out_of, {"state": to, **ends})
        if moved is None:
            there = await broadcasts.get(id, within)
            if there is None:
                return NotFound()
            return BroadcastChanged(there) if there.state == to else NotAllowed(ProblemCode.BROADCAST_NOT_SO)
        if to is BroadcastState.CANCELLED:
            audience = BroadcastAudience(session, moved)
            await audience.drop_waiting(actor.now)
            moved = await broadcasts.move(id, within, (to,), (await audience.progress()).counts()) or moved
        await _audit(session, actor, action, moved)
    return BroadcastChanged(moved)


async def _judged(
    session: AsyncSession, caller: StaffMember, given: Draft, now: datetime
) -> tuple[Draft, str] | InvalidInput:
    """The draft as it is sent, and the name of the hospital whose holders it goes to."""
    clean = cleaned(given)
    problems = list(clean) if isinstance(clean, list) else []
    problems += time_problems(given, now)
    audience, name, wrong = await _chosen(session, caller, given.audience)
    problems += wrong
    if isinstance(clean, list) or problems:
        return InvalidInput(problems)
    draft = Draft(
        audience,
        clean.title_zh,
        clean.body_zh,
        clean.title_en,
        clean.body_en,
        by_sms=clean.by_sms,
        not_before=max(clean.not_before or now, now),
        useless_after=clean.useless_after,
    )
    problems = length_problems(draft, readings(draft, name, await templates_in_force(session)))
    return InvalidInput(problems) if problems else (draft, name)


async def _chosen(
    session: AsyncSession, caller: StaffMember, given: AudienceChoice
) -> tuple[AudienceChoice, str, list[FieldProblem]]:
    """The audience as the caller may have it, the name of its hospital, and what is wrong with it."""
    own = caller.hospital_code
    if own is not None and given.kind is not Audience.HOLDERS:
        return given, "", [FieldProblem("audience.kind", ProblemCode.OUT_OF_RANGE, _OWN_HOLDERS)]
    if given.kind is Audience.HOLDERS:
        code = given.hospital_code or own or ""
        account = await HospitalAccounts(session).get(code) if own in (None, code) else None
        if account is None:
            return given, "", [FieldProblem("audience.hospitalCode", ProblemCode.UNKNOWN_REFERENCE, _NO_HOSPITAL)]
        choice = AudienceChoice(
            given.kind, None, code, given.department_code, given.external_id, given.first_date, given.last_date
        )
        return choice, account.name, []
    narrowed: dict[str, object] = {
        "hospitalCode": given.hospital_code,
        "departmentCode": given.department_code,
        "externalId": given.external_id,
        "firstDate": given.first_date,
        "lastDate": given.last_date,
    }
    wrong = [
        FieldProblem(f"audience.{field}", ProblemCode.OUT_OF_RANGE, _NAMED_ONLY)
        for field, value in narrowed.items()
        if value is not None
    ]
    if given.kind is Audience.USER:
        user = None if given.user_id is None else await UserAccounts(session).get(given.user_id)
        if user is None or user.status not in SIGNED_IN_STATUSES:
            wrong.append(FieldProblem("audience.userId", ProblemCode.UNKNOWN_REFERENCE, _NO_USER))
        return AudienceChoice(given.kind, given.user_id), "", wrong
    return AudienceChoice(given.kind), "", wrong


def _row(caller: StaffMember, draft: Draft, now: datetime) -> Broadcast:
    chosen = draft.audience
    session = chosen.hospital_code is not None and chosen.external_id is not None
    return Broadcast(
        id=uuid7(),
        author_hospital_code=caller.hospital_code,
        audience=chosen.kind,
        user_id=chosen.user_id,
        hospital_code=chosen.hospital_code,
        department_code=chosen.department_code,
        schedule_id=schedule_key(chosen.hospital_code or "", chosen.external_id or "") if session else None,
        first_date=chosen.first_date,
        last_date=chosen.last_date,
        title_zh=draft.title_zh,
        body_zh=draft.body_zh,
        title_en=draft.title_en,
        body_en=draft.body_en,
        by_sms=draft.by_sms,
        not_before=draft.not_before or now,
        useless_after=draft.useless_after,
        created_at=now,
    )


async def _audit(session: AsyncSession, actor: Actor, action: str, broadcast: Broadcast, **detail: object) -> None:
    code = broadcast.hospital_code or broadcast.author_hospital_code
    await AuditLog(session).append(
        actor.act(action, "broadcast", broadcast.id, hospital_code=code, detail=dict(detail))
    )
