"""Signing in by WeChat, as the waiting browser sees it: it begins, waits, and finishes by its ticket and its cookie.

The state that WeChat carries logs nobody in: it only leads a scan to a ticket. The ticket is a secret of the waiting
page, its browser proves itself by a cookie besides, and who scanned is known from WeChat's answer to this server alone.
"""

import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime

from datasources.cache.wechat_tickets import Ticket, TicketStatus, WeChatTickets, hashed
from datasources.sealing import KeyRing
from datasources.sql.wechat_accounts import WeChatAccounts
from datasources.stores import Stores
from datasources.wechat.client import WeChatClient
from domain.clock import Clock
from domain.identity.accounts import Account, Origin
from domain.identity.networks import masked_address, network_of
from domain.identity.sessions import start_session
from domain.identity.sign_in import AccountLocked, SignedIn

SECRET_BYTES = 32
LONGEST_SECRET = 100
WATCH_SECONDS = 1.0
"""How often the clock is looked at while nothing happens. Redis is asked only when there is news."""

ENDED = frozenset({TicketStatus.CONFIRMED, TicketStatus.NEEDS_PHONE, TicketStatus.EXPIRED, TicketStatus.REFUSED})
"""After these it is the page's turn."""


@dataclass(frozen=True, slots=True)
class WeChatSignInStarted:
    """A sign-in began. `browser_secret` is for the browser's cookie and nothing else."""

    ticket_id: str
    url: str
    expires_at: datetime
    browser_secret: str


@dataclass(frozen=True, slots=True)
class WeChatUnavailable:
    """There is no signing in by WeChat: never here (None), or not for so many seconds."""

    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class WeChatSignInEnded:
    """There is no such sign-in any more, it is not as far, or another browser began it. Which, is not said."""


@dataclass(frozen=True, slots=True)
class PhoneNeeded:
    """A phone has to be proved first."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What a browser proves a sign-in to be its own by: the page's ticket and the browser's cookie."""

    ticket_id: str
    browser_secret: str

    @property
    def ticket(self) -> str:
        """The ticket's hash."""
        return hashed(self.ticket_id)

    @property
    def browser(self) -> str:
        """The cookie's hash."""
        return hashed(self.browser_secret)


class TicketGoneError(Exception):
    """The ticket was used up meanwhile; raised to undo the transaction."""


async def start_wechat_sign_in(
    stores: Stores, client: WeChatClient | None, address: str, now: datetime
) -> WeChatSignInStarted | WeChatUnavailable:
    """Begin a sign-in for the browser at this address."""
    if client is None:
        return WeChatUnavailable()
    if not client.is_reachable:
        return WeChatUnavailable(client.retry_after_seconds)
    tickets = WeChatTickets(stores.redis)
    wait = await tickets.take_place(network_of(address))
    if wait:
        return WeChatUnavailable(-(-wait // 1000))
    ticket, state, browser = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(3))
    until = await tickets.begin(hashed(ticket), hashed(state), hashed(browser), masked_address(address), now)
    return WeChatSignInStarted(ticket, client.connect_address(state), until, browser)


async def watch_wechat_sign_in(stores: Stores, ticket_id: str, clock: Clock) -> AsyncGenerator[Ticket, None]:
    """How far the sign-in is: at once as it is now, then each change, until it is the page's turn."""
    tickets = WeChatTickets(stores.redis)
    ticket = hashed(ticket_id)
    # Heard before read, so that nothing is missed between the two.
    async with tickets.news(ticket) as news:
        seen = await tickets.get(ticket, clock())
        yield seen
        while seen.status not in ENDED:
            heard = await news.wait(WATCH_SECONDS)
            if not heard and clock() < seen.until:
                continue
            now_seen = await tickets.get(ticket, clock())
            if now_seen.status is not seen.status:
                yield now_seen
            seen = now_seen


async def held_ticket(stores: Stores, hold: Hold, now: datetime) -> Ticket:
    """The ticket, if this browser holds it; else one that has EXPIRED."""
    ticket = await WeChatTickets(stores.redis).get(hold.ticket, now)
    return ticket if ticket.browser == hold.browser else Ticket(TicketStatus.EXPIRED, now)


async def finish_wechat_sign_in(
    stores: Stores, ring: KeyRing, hold: Hold, origin: Origin
) -> SignedIn | WeChatSignInEnded | PhoneNeeded | AccountLocked:
    """Sign the browser in that began it, once whoever scanned has confirmed."""
    ticket = await held_ticket(stores, hold, origin.at)
    if ticket.status is TicketStatus.NEEDS_PHONE:
        return PhoneNeeded()
    person = ticket.scanned_by
    if ticket.status is not TicketStatus.CONFIRMED or person is None:
        return WeChatSignInEnded()
    tickets = WeChatTickets(stores.redis)
    try:
        async with stores.sql.unit_of_work() as session:
            accounts = WeChatAccounts(session)
            found = await accounts.find(person)
            # Another account may have been given this WeChat, or none, since it was confirmed.
            if found is None:
                await tickets.spend(hold.ticket, TicketStatus.CONFIRMED, hold.browser, origin.at)
                return WeChatSignInEnded()
            user = await accounts.sign_in(found.id, person, origin.at)
            if not await tickets.spend(hold.ticket, TicketStatus.CONFIRMED, hold.browser, origin.at):
                raise TicketGoneError
            if user is None:
                return AccountLocked()
            return SignedIn(await start_session(session, ring, Account.of_user(user.id), origin), user)
    except TicketGoneError:
        return WeChatSignInEnded()
