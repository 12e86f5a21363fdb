"""What people who wait for a number are told: a place is offered, it passed on, there will be none."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.waitlist_entry import WaitlistEntry
from domain.messages.kinds import MessageKind
from domain.messages.telling import Message, Subject, ToUser, tell


async def tell_of_offer(
    session: AsyncSession, ledger: SlotLedger, entry: WaitlistEntry, until: datetime, now: datetime
) -> None:
    """A place is held for them. When it no longer is, nobody is told any more."""
    more = {"offer_until": until.isoformat()}
    await tell(session, _message(MessageKind.WAITLIST_OFFERED, ledger, entry, more, useless_after=until), now)


async def tell_of_end(
    session: AsyncSession, ledger: SlotLedger, entry: WaitlistEntry, *, lapsed: bool, now: datetime
) -> None:
    """The entry ended without an order, by `lapsed` because they did not take what was offered."""
    kind = MessageKind.WAITLIST_OFFER_LAPSED if lapsed else MessageKind.WAITLIST_ENDED
    await tell(session, _message(kind, ledger, entry, {}), now)


def _message(
    kind: MessageKind,
    ledger: SlotLedger,
    entry: WaitlistEntry,
    more: dict[str, str],
    useless_after: datetime | None = None,
) -> Message:
    variables = {
        "hospital": str(entry.texts.get("hospital", "")),
        "department": str(entry.texts.get("department", "")),
        "title": str(entry.texts.get("title", "")),
        "patient": entry.masked_patient_name,
        "date": ledger.visit_date.isoformat(),
        "half_day": str(ledger.half_day),
    }
    return Message(
        kind,
        ToUser(entry.user_id),
        variables | more,
        dedupe_key=f"{kind}:{entry.id}",
        subject=Subject("waitlist_entry", str(entry.id)),
        useless_after=useless_after,
    )
