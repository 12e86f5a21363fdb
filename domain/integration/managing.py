"""Issuing, rotating and revoking a hospital's keys by people: on record, and told to the hospital's staff."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import Act, AuditLog
from datasources.sql.database import Database
from datasources.sql.integration_key import IntegrationKey, IntegrationKeys
from domain.audit.actor import Actor
from domain.integration.keys import (
    LONGEST_LABEL,
    MOST_LIVE_KEYS,
    HospitalNotFound,
    IssuedKey,
    KeySummary,
    LabelTooLong,
    TooManyLiveKeys,
    issue_key,
    revoke_key,
    summary,
)
from domain.language import Words
from domain.messages.of_hospital import tell_of_key
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode

MOST_OVERLAP_HOURS = 7 * 24

_NO_HOSPITAL = Words("没有这个编码的医院。", "There is no hospital with this code.")
_LABEL = Words("备注最多 {most} 字，不含控制字符。", "A label has at most {most} characters, none of them control.")
_OVERLAP = Words("须为 0 至 {most} 小时。", "It must be 0 to {most} hours.")


@dataclass(frozen=True, slots=True)
class KeyIssued:
    """A key just made: the only moment at which anyone sees its secret."""

    key: KeySummary
    secret: SecretStr
    replaced: KeySummary | None = None
    """The key whose place it takes, and which ends at its `ends_at`."""


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    """The key opens nothing any more."""

    key: KeySummary


@dataclass(frozen=True, slots=True)
class TooManyKeys:
    """The hospital holds as many live keys as it may."""

    key_ids: tuple[str, ...]
    most: int = MOST_LIVE_KEYS


IssueAnswer = KeyIssued | InvalidInput | NotFound | TooManyKeys


async def issue(database: Database, ring: KeyRing, hospital_code: str, label: str, actor: Actor) -> IssueAnswer:
    """Make a key for the hospital."""
    return await _issued(database, ring, hospital_code, label, None, timedelta(), actor)


async def rotate(
    database: Database, ring: KeyRing, key_id: str, overlap_hours: int, actor: Actor, *, within: str | None
) -> IssueAnswer:
    """Make a key that takes this one's place; for so many hours both hold. `within` is the only hospital whose keys
    the actor reaches; None reaches all."""
    if not 0 <= overlap_hours <= MOST_OVERLAP_HOURS:
        most = {"most": MOST_OVERLAP_HOURS}
        return InvalidInput([FieldProblem("overlapHours", ProblemCode.OUT_OF_RANGE, _OVERLAP, most)])
    before = await _live_key(database, key_id, actor, within)
    if before is None:
        return NotFound()
    overlap = timedelta(hours=overlap_hours)
    return await _issued(database, ring, before.hospital_code, before.label, key_id, overlap, actor)


async def revoke(database: Database, key_id: str, actor: Actor, *, within: str | None) -> KeyRevoked | NotFound:
    """End a key at once, and the connections that it opened; `within` as in `rotate`. Again changes nothing."""
    async with database.unit_of_work() as session:
        keys = IntegrationKeys(session)
        before = await keys.get(key_id)
        if before is None or within not in (None, before.hospital_code):
            return NotFound()
        ended = await revoke_key(session, key_id, actor.now)
        if ended.by_this_call:
            await tell_of_key(session, before.hospital_code, key_id, actor.now, ended=True)
            act = actor.act("KEY_REVOKED", "integration_key", key_id, hospital_code=before.hospital_code)
            await AuditLog(session).append(act)
        await session.refresh(before)
        return KeyRevoked(summary(before))


async def _issued(
    database: Database,
    ring: KeyRing,
    hospital_code: str,
    label: str,
    replaces: str | None,
    overlap: timedelta,
    actor: Actor,
) -> IssueAnswer:
    if not label.strip().isprintable():
        return InvalidInput([FieldProblem("label", ProblemCode.MALFORMED, _LABEL, {"most": LONGEST_LABEL})])
    try:
        async with database.unit_of_work() as session:
            keys = IntegrationKeys(session)
            await keys.lock_hospital(hospital_code)
            await keys.revoke_ended(hospital_code, actor.now)
            if replaces is not None:
                if not await keys.end_at(replaces, actor.now + overlap, actor.now):
                    return NotFound()
                if not overlap:
                    await revoke_key(session, replaces, actor.now)
            issued = await issue_key(session, ring, hospital_code, label)
            await tell_of_key(session, hospital_code, issued.key_id, actor.now, ended=False)
            await AuditLog(session).append(_act(actor, issued, replaces, overlap))
            made = await keys.get(issued.key_id)
            replaced = None if replaces is None else await keys.get(replaces)
            assert made is not None
            for each in (made, replaced):
                if each is not None:
                    await session.refresh(each)
            return KeyIssued(summary(made), issued.secret, None if replaced is None else summary(replaced))
    except HospitalNotFound:
        return InvalidInput([FieldProblem("hospitalCode", ProblemCode.UNKNOWN_REFERENCE, _NO_HOSPITAL)])
    except LabelTooLong:
        return InvalidInput([FieldProblem("label", ProblemCode.TOO_LONG, _LABEL, {"most": LONGEST_LABEL})])
    except TooManyLiveKeys as problem:
        return TooManyKeys(tuple(problem.key_ids))


async def _live_key(database: Database, key_id: str, actor: Actor, within: str | None) -> IntegrationKey | None:
    async with database.read() as session:
        found = await IntegrationKeys(session).get(key_id)
    if found is None or within not in (None, found.hospital_code) or not summary(found).is_live(actor.now):
        return None
    return found


def _act(actor: Actor, issued: IssuedKey, replaces: str | None, overlap: timedelta) -> Act:
    detail = {} if replaces is None else {"replaces": replaces, "overlap_hours": int(overlap.total_seconds() // 3600)}
    action = "KEY_ISSUED" if replaces is None else "KEY_ROTATED"
    return actor.act(action, "integration_key", issued.key_id, hospital_code=issued.hospital_code, detail=detail)
