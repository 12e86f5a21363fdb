"""Sign-ins by WeChat that are under way, in Redis: each one's ticket, the state that WeChat carries, the open question.

Everything stands here under the SHA-256 of its secret, so that whoever reads Redis can act as nobody. Changes of a
ticket are scripts that name the status before, and tell on a channel that there is something new. Time is the caller's.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

LIFETIME = timedelta(minutes=10)
"""Of a state, of an open question, and of a ticket after each step that a person took."""
STARTS_PER_NETWORK = 120
"""In one LIFETIME; a hospital's waiting room can be one network."""

_LIFETIME_MS = int(LIFETIME.total_seconds() * 1000)
_PREFIX = "{wechat-sign-in}"

_TAKE_PLACE = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if count > tonumber(ARGV[1]) then return redis.call('PTTL', KEYS[1]) end
return 0
"""
# KEYS: the ticket; ARGV: now, status before, status after, until, lifetime, further fields and values
_ADVANCE = """
local ticket = redis.call('HMGET', KEYS[1], 'status', 'until')
if ticket[1] ~= ARGV[2] or tonumber(ticket[2]) <= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'status', ARGV[3], 'until', ARGV[4], unpack(ARGV, 6))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PUBLISH', KEYS[1], ARGV[3])
return 1
"""
# KEYS: the ticket; ARGV: now, status before, browser
_SPEND = """
local ticket = redis.call('HMGET', KEYS[1], 'status', 'until', 'browser')
if ticket[1] ~= ARGV[2] or tonumber(ticket[2]) <= tonumber(ARGV[1]) or ticket[3] ~= ARGV[3] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', KEYS[1], 'EXPIRED')
return 1
"""


class TicketStatus(StrEnum):
    """How far a sign-in by WeChat is."""

    WAITING = "WAITING"
    SCANNED = "SCANNED"
    CONFIRMED = "CONFIRMED"
    NEEDS_PHONE = "NEEDS_PHONE"
    EXPIRED = "EXPIRED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class ScannedBy:
    """Who scanned: `open_id` is unique among all apps (it holds the app's id), `union_id` may be unknown."""

    open_id: str
    union_id: str | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A sign-in under way. `browser` is the hash of the waiting browser's cookie, `address` masked."""

    status: TicketStatus
    until: datetime
    browser: str = ""
    address: str = ""
    begun_at: datetime | None = None
    scanned_by: ScannedBy | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a phone is asked before a scan takes effect. `phone` is the hash of that phone's own cookie."""

    ticket: str
    phone: str
    scanned_by: ScannedBy


def hashed(secret: str) -> str:
    """Under which name what belongs to this secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


class WeChatTickets:
    """The sign-ins under way. Raises what redis-py raises when Redis can't say."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._take_place = redis.register_script(_TAKE_PLACE)
        self._advance = redis.register_script(_ADVANCE)
        self._spend = redis.register_script(_SPEND)

    async def take_place(self, network: str) -> int:
        """Count a start from this network. 0, or milliseconds to wait when there were too many."""
        return int(
            await self._take_place(keys=[f"{_PREFIX}:starts:{network}"], args=[STARTS_PER_NETWORK, _LIFETIME_MS])
        )

    async def begin(self, ticket: str, state: str, browser: str, address: str, now: datetime) -> datetime:
        """Keep a new ticket and the state that leads to it, all given as hashes; until when they last."""
        until = now + LIFETIME
        fields: dict[Any, Any] = {
            "status": TicketStatus.WAITING.value,
            "until": _milliseconds(until),
            "browser": browser,
            "address": address,
            "begun": _milliseconds(now),
        }
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_ticket(ticket), mapping=fields)
            pipe.pexpire(_ticket(ticket), _LIFETIME_MS)
            pipe.set(f"{_PREFIX}:state:{state}", ticket, px=_LIFETIME_MS)
            await pipe.execute()
        return until

    async def spend_state(self, state: str) -> str | None:
        """Use a state up. The ticket that it led to, the first time."""
        ticket = await self._redis.getdel(f"{_PREFIX}:state:{state}")
        return None if ticket is None else ticket.decode()

    async def get(self, ticket: str, now: datetime) -> Ticket:
        """The ticket as it is now; EXPIRED when there is none any more, or never was."""
        # redis-py's annotation is of both its clients at once.
        found = await cast("Awaitable[dict[bytes, bytes]]", self._redis.hgetall(_ticket(ticket)))
        if not found or _moment(found[b"until"]) <= now:
            return Ticket(TicketStatus.EXPIRED, now)
        return Ticket(
            status=TicketStatus(found[b"status"].decode()),
            until=_moment(found[b"until"]),
            browser=found[b"browser"].decode(),
            address=found[b"address"].decode(),
            begun_at=_moment(found[b"begun"]),
            scanned_by=_scanned_by(found.get(b"scanned_by")),
        )

    async def advance(
        self,
        ticket: str,
        before: TicketStatus,
        after: TicketStatus,
        now: datetime,
        scanned_by: ScannedBy | None = None,
    ) -> bool:
        """Take a live ticket from one status to the next, which lasts a LIFETIME. False if it isn't there."""
        further: list[str | bytes] = [] if scanned_by is None else ["scanned_by", orjson.dumps(scanned_by)]
        args = [_milliseconds(now), before.value, after.value, _milliseconds(now + LIFETIME), _LIFETIME_MS, *further]
        return bool(await self._advance(keys=[_ticket(ticket)], args=args))

    async def spend(self, ticket: str, status: TicketStatus, browser: str, now: datetime) -> bool:
        """Use a ticket up. True once, for the browser that began it, while it is live and has this status."""
        return bool(await self._spend(keys=[_ticket(ticket)], args=[_milliseconds(now), status.value, browser]))

    async def ask(self, token: str, question: Question, now: datetime) -> None:
        """Keep a question under its token's hash."""
        kept = orjson.dumps({"question": question, "until": _milliseconds(now + LIFETIME)})
        await self._redis.set(f"{_PREFIX}:question:{token}", kept, px=_LIFETIME_MS)

    async def answered(self, token: str, phone: str, now: datetime) -> Question | None:
        """Use a question up. None if it isn't open, or is another phone's: then nobody can answer it any more."""
        kept = await self._redis.getdel(f"{_PREFIX}:question:{token}")
        if kept is None:
            return None
        fields = orjson.loads(kept)
        given = fields["question"]
        if given["phone"] != phone or fields["until"] <= _milliseconds(now):
            return None
        return Question(given["ticket"], given["phone"], ScannedBy(**given["scanned_by"]))

    @asynccontextmanager
    async def news(self, ticket: str) -> AsyncIterator["News"]:
        """Hear of the ticket's changes from here on."""
        async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(_ticket(ticket))
            yield News(channel)


class News:
    """The changes of one ticket."""

    def __init__(self, channel: PubSub) -> None:
        self._channel = channel

    async def wait(self, seconds: float) -> bool:
        """Whether something changes within so many seconds; answers as soon as it does."""
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0:
            # None is also what it answers to its own acknowledgements.
            if await self._channel.get_message(timeout=left) is not None:
                return True
        return False


def _ticket(ticket: str) -> str:
    return f"{_PREFIX}:ticket:{ticket}"


def _scanned_by(kept: bytes | None) -> ScannedBy | None:
    return None if kept is None else ScannedBy(**orjson.loads(kept))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _moment(milliseconds: bytes) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
