"""What happens on the phone: WeChat sends whoever consented here, and they confirm before it takes effect.

The confirmation blunts the relay of a QR picture: an attacker who gets somebody to scan the attacker's picture still
needs that person to confirm a sign-in of a browser elsewhere, whose network the page names.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from datasources.cache.wechat_tickets import Question, ScannedBy, TicketStatus, WeChatTickets, hashed
from datasources.sql.wechat_accounts import WeChatAccounts
from datasources.stores import Stores
from datasources.wechat.answers import WeChatCodeRefusedError, WeChatDownError
from datasources.wechat.client import WeChatClient
from domain.clock import Clock

SECRET_BYTES = 32
LONGEST_VALUE = 512
"""Of what comes in an address: a state has 43 characters, WeChat's codes have 32 and may grow."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """Somebody consented in WeChat; now this is asked. `token` goes into the form, `phone_secret` into a cookie."""

    token: str
    phone_secret: str
    nickname: str
    address: str
    """Of the waiting browser, masked; empty when unknown."""
    begun_at: datetime | None


class Outcome(Enum):
    """How a step on the phone ended, when nothing is asked any more."""

    CONFIRMED = auto()
    REFUSED = auto()
    ENDED = auto()
    """The state or the question is unknown, used, too old, or another phone's."""
    WECHAT_DOWN = auto()


async def scan(stores: Stores, client: WeChatClient, code: str, state: str, clock: Clock) -> Scanned | Outcome:
    """Take what WeChat sent somebody back with. Without a code they declined (WeChat then sends the state alone)."""
    if not state or len(state) > LONGEST_VALUE or len(code) > LONGEST_VALUE:
        return Outcome.ENDED
    tickets = WeChatTickets(stores.redis)
    ticket = await tickets.spend_state(hashed(state))
    if ticket is None:
        return Outcome.ENDED
    if not code:
        await tickets.advance(ticket, TicketStatus.WAITING, TicketStatus.REFUSED, clock())
        return Outcome.REFUSED
    if not await tickets.advance(ticket, TicketStatus.WAITING, TicketStatus.SCANNED, clock()):
        return Outcome.ENDED
    try:
        user = await client.user_of_code(code)
    except (WeChatCodeRefusedError, WeChatDownError) as error:
        # The state is used up, so the page has to begin again either way.
        await tickets.advance(ticket, TicketStatus.SCANNED, TicketStatus.EXPIRED, clock())
        return Outcome.WECHAT_DOWN if isinstance(error, WeChatDownError) else Outcome.ENDED
    waiting = await tickets.get(ticket, clock())
    token, phone = secrets.token_urlsafe(SECRET_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    # Open ids are unique within an app only.
    person = ScannedBy(f"{user.app_id}:{user.open_id}", user.union_id)
    await tickets.ask(hashed(token), Question(ticket, hashed(phone), person), clock())
    return Scanned(token, phone, user.nickname, waiting.address, waiting.begun_at)


async def answer(stores: Stores, token: str, phone_secret: str, now: datetime, *, confirmed: bool) -> Outcome:
    """What the phone said to the question."""
    if len(token) > LONGEST_VALUE or len(phone_secret) > LONGEST_VALUE:
        return Outcome.ENDED
    tickets = WeChatTickets(stores.redis)
    question = await tickets.answered(hashed(token), hashed(phone_secret), now)
    if question is None:
        return Outcome.ENDED
    if not confirmed:
        refused = await tickets.advance(question.ticket, TicketStatus.SCANNED, TicketStatus.REFUSED, now)
        return Outcome.REFUSED if refused else Outcome.ENDED
    async with stores.sql.read() as session:
        known = await WeChatAccounts(session).find(question.scanned_by) is not None
    after = TicketStatus.CONFIRMED if known else TicketStatus.NEEDS_PHONE
    went_on = await tickets.advance(question.ticket, TicketStatus.SCANNED, after, now, question.scanned_by)
    return Outcome.CONFIRMED if went_on else Outcome.ENDED
