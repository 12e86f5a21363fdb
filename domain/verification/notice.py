"""Telling an account's owner what became of a request: in the app, and at once to whoever watches."""

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.hints import Hint, note_hint
from datasources.sql.audit_entry import AuditLog
from datasources.sql.verification_request import VerificationRequest
from domain.audit.actor import Actor
from domain.messages.of_account import tell_of_decision

CHANNEL = "verifications"


async def tell_owner(session: AsyncSession, actor: Actor, decided: VerificationRequest) -> None:
    """Record the decision, and hint at it once the transaction has committed. Call it last in the transaction."""
    message = {"user": str(decided.user_id), "request": str(decided.id), "state": decided.state}
    note_hint(session, Hint(CHANNEL, orjson.dumps(message)))
    detail = {"request": str(decided.id)} | ({} if decided.rejection is None else {"rejection": decided.rejection})
    await tell_of_decision(session, decided, actor.now)
    act = actor.act("VERIFICATION_DECIDED", "user", decided.user_id, result=decided.state, detail=detail)
    await AuditLog(session).append(act)
