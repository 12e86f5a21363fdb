"""Consents that the law wants separately and expressly: recorded with the version of the text that was agreed to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sql.audit_entry import AuditLog
from datasources.sql.consent import Consent, ConsentKind, Consents
from datasources.sql.patient import Patients
from domain.audit.actor import Actor
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode
from domain.verification.withdrawal import give_up_pictures

CURRENT_VERSIONS: Mapping[ConsentKind, str] = {
    ConsentKind.HEALTH_DATA: "2026-11",
    ConsentKind.IDENTITY_PICTURES: "2026-11",
}
"""The version of each text that is shown now. A text that is changed gets a new one, and is agreed to anew."""

_OUTDATED = Words(
    "同意书已更新（当前版本 {version}），请阅读新文本后再确认。",
    "The text has changed (now version {version}); read the new one and agree to that.",
)


@dataclass(frozen=True, slots=True)
class ConsentNeeded:
    """The owner has not agreed, or no longer, to the current text of this kind."""

    kind: ConsentKind
    version: str


async def consent_lacking(session: AsyncSession, user_id: UUID, kind: ConsentKind) -> ConsentNeeded | None:
    """None if the account's owner agreed to the current text of this kind and did not withdraw that."""
    version = CURRENT_VERSIONS[kind]
    if await Consents(session).live(user_id, kind, version) is None:
        return ConsentNeeded(kind, version)
    return None


async def give_consent(
    session: AsyncSession, actor: Actor, user_id: UUID, kind: ConsentKind, version: str
) -> Consent | InvalidInput:
    """Record that the owner agreed to this text; agreeing again changes nothing."""
    current = CURRENT_VERSIONS[kind]
    if version != current:
        return InvalidInput([FieldProblem("version", ProblemCode.OUT_OF_RANGE, _OUTDATED, {"version": current})])
    # Two calls at once would both find none; the account's lock makes the second find the first's.
    await Patients(session).lock_account(user_id)
    consents = Consents(session)
    standing = await consents.live(user_id, kind, version)
    if standing is not None:
        return standing
    consent = Consent(id=uuid7(), user_id=user_id, kind=kind, version=version, given_at=actor.now)
    await consents.add(consent)
    await _record(session, actor, user_id, "CONSENT_GIVEN", kind, version)
    return consent


async def withdraw_consent(
    session: AsyncSession, actor: Actor, user_id: UUID, kind: ConsentKind
) -> Sequence[Consent] | NotFound:
    """End the owner's consent of this kind: from now on no more such data are taken. The answer is every consent of
    the kind, the latest first.

    Identity pictures go at once, and with them a request that waits. Patients stay until the owner removes them, since
    each can be removed alone and live orders need theirs.
    """
    await Patients(session).lock_account(user_id)
    consents = Consents(session)
    if not await consents.withdraw(user_id, kind, actor.now):
        return NotFound()
    request = None
    if kind is ConsentKind.IDENTITY_PICTURES:
        request = await give_up_pictures(session, user_id, actor.now)
    await _record(session, actor, user_id, "CONSENT_WITHDRAWN", kind, None)
    if request is not None:
        act = actor.act("VERIFICATION_WITHDRAWN", "user", user_id, detail={"request": str(request)})
        await AuditLog(session).append(act)
    return [each for each in await consents.of_user(user_id) if each.kind == kind]


async def _record(
    session: AsyncSession, actor: Actor, user_id: UUID, action: str, kind: ConsentKind, version: str | None
) -> None:
    detail = {"kind": kind.value} | ({} if version is None else {"version": version})
    await AuditLog(session).append(actor.act(action, "user", user_id, detail=detail))
