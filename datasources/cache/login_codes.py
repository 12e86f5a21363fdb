"""One-time codes in Redis: how often they may be sent and tried, and the live one of each phone and purpose.

Each step is one script, so its limits hold exactly however many processes ask at once. Windows slide: they are sorted
sets of moments, in milliseconds of the caller's clock, so nothing resets at midnight and nobody can send twice around a
boundary. Phones stand here as blind indexes and codes as keyed hashes: Redis knows neither.

All keys share one hash slot, as a script in Redis Cluster needs; the codes of a whole platform are little for one node.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis.asyncio import Redis

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

CODE_LIFETIME_MS = 5 * MINUTE
GAP_MS = 60_000
PER_PHONE_HOUR = 5
PER_PHONE_DAY = 10
PER_NETWORK_HOUR = 20
WITHOUT_WORK_DAY = 2
"""So many codes in a day, of a phone and of a network, are sent to whoever asks; further ones cost work."""
PER_MINUTE_IN_ALL = 200
"""The breaker: whatever else goes wrong, no more messages than this leave (and are paid for) in a minute."""
TRIES_PER_CODE = 5
WRONG_PER_PHONE_DAY = 20
WRONG_PER_NETWORK_HOUR = 60

_PREFIX = "{login-code}"
EVERYBODY_KEY = f"{_PREFIX}:sent-in-all"

_WAIT = """
local now = tonumber(ARGV[1])
-- Milliseconds until one more fits: until the most-th newest moment is older than the window.
local function wait(key, most, window)
  local nth = redis.call('ZREVRANGE', key, most - 1, most - 1, 'WITHSCORES')
  if nth[2] then return tonumber(nth[2]) + window - now end
  return 0
end
local function note(key, member, window)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  redis.call('ZADD', key, now, member)
  redis.call('PEXPIRE', key, window)
end
"""
# KEYS: sent to the phone, sent from the network, sent in all, the live code, the mark of the work
# ARGV: now, challenge, hash, lifetime, gap, per hour, per day, per network and hour, per minute in all,
#       without work per day (empty: work is never asked for), milliseconds for which the work could be shown (0: none)
# Answers 0: counted; -1: work is needed; else the milliseconds to wait.
_ISSUE = (
    _WAIT
    + f"""
local longest = math.max(
  wait(KEYS[1], 1, tonumber(ARGV[5])),
  wait(KEYS[1], tonumber(ARGV[6]), {HOUR}),
  wait(KEYS[1], tonumber(ARGV[7]), {DAY}),
  wait(KEYS[2], tonumber(ARGV[8]), {HOUR}),
  wait(KEYS[3], tonumber(ARGV[9]), {MINUTE}))
if longest > 0 then return longest end
local free = tonumber(ARGV[10])
local function many(key) return redis.call('ZCOUNT', key, '(' .. (now - {DAY}), '+inf') >= free end
if free and (many(KEYS[1]) or many(KEYS[2])) then
  -- Marked only when the code is sent, so whoever has to wait keeps the work.
  if ARGV[11] == '0' or not redis.call('SET', KEYS[5], '1', 'NX', 'PX', ARGV[11]) then return -1 end
end
note(KEYS[1], ARGV[2], {DAY})
note(KEYS[2], ARGV[2], {DAY})
note(KEYS[3], ARGV[2], {MINUTE})
redis.call('DEL', KEYS[4])
redis.call('HSET', KEYS[4], 'challenge', ARGV[2], 'hash', ARGV[3], 'until', now + tonumber(ARGV[4]), 'tries', 0)
redis.call('PEXPIRE', KEYS[4], ARGV[4])
return 0
"""
)
# KEYS: wrong of the phone, wrong from the network, the live code
# ARGV: now, challenge, hash, this try's own name, tries per code, wrong per phone, wrong per network, spend
# Answers {0, 0}: right; {1, tries left}: wrong; {2, milliseconds}: not looked at.
_TRY = (
    _WAIT
    + f"""
local longest = math.max(wait(KEYS[1], tonumber(ARGV[6]), {DAY}), wait(KEYS[2], tonumber(ARGV[7]), {HOUR}))
if longest > 0 then return {{2, longest}} end
local code = redis.call('HMGET', KEYS[3], 'challenge', 'hash', 'until', 'tries')
-- A guess without the challenge counts for its network only: nobody can lock, or use up, somebody else's phone by it.
if not code[1] or code[1] ~= ARGV[2] or tonumber(code[3]) <= now then
  note(KEYS[2], ARGV[4], {HOUR})
  return {{1, 0}}
end
-- Both are keyed hashes, so how long their comparison takes tells nothing about the code.
if code[2] == ARGV[3] then
  if ARGV[8] == '1' then redis.call('DEL', KEYS[3]) end
  return {{0, 0}}
end
note(KEYS[1], ARGV[4], {DAY})
note(KEYS[2], ARGV[4], {HOUR})
local left = tonumber(ARGV[5]) - redis.call('HINCRBY', KEYS[3], 'tries', 1)
if left <= 0 or wait(KEYS[1], tonumber(ARGV[6]), {DAY}) > 0 then
  redis.call('DEL', KEYS[3])
  return {{1, 0}}
end
return {{1, left}}
"""
)


@dataclass(frozen=True, slots=True)
class CodePlace:
    """Where a code belongs: the phone's blind index in hex, what the code is for, and the network that asks."""

    phone: str
    purpose: str
    network: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A limit is reached; after so many milliseconds it is not any more."""

    milliseconds: int


@dataclass(frozen=True, slots=True)
class NoWork:
    """So many codes were sent today that work is needed for one more, and none that counts was done."""


@dataclass(frozen=True, slots=True)
class WorkMark:
    """Which work was done, and for how many milliseconds it could be shown again, were it not marked as used."""

    name: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Wrong:
    """Not the code. With no tries left there is no live code either."""

    tries_left: int


class LoginCodes:
    """The live codes and their limits. Raises what redis-py raises when Redis can't say: nothing is unlimited."""

    def __init__(self, redis: "Redis") -> None:
        self._issue = redis.register_script(_ISSUE)
        self._try = redis.register_script(_TRY)

    async def issue(self, place: CodePlace, challenge: str, code_hash: str, now: datetime) -> Wait | None:
        """Make this the phone's only live code for the purpose and count its sending; or Wait, and nothing changes."""
        milliseconds = await self._issued(place, challenge, code_hash, now, None, free=None)
        return Wait(milliseconds) if milliseconds else None

    async def issue_for_work(
        self, place: CodePlace, challenge: str, code_hash: str, now: datetime, work: WorkMark | None
    ) -> Wait | NoWork | None:
        """As `issue`; but from the third code of a day on, only for work that was not used before."""
        milliseconds = await self._issued(place, challenge, code_hash, now, work, free=WITHOUT_WORK_DAY)
        if milliseconds < 0:
            return NoWork()
        return Wait(milliseconds) if milliseconds else None

    async def _issued(
        self,
        place: CodePlace,
        challenge: str,
        code_hash: str,
        now: datetime,
        work: WorkMark | None,
        *,
        free: int | None,
    ) -> int:
        answer: Any = await self._issue(
            keys=[
                f"{_PREFIX}:sent-to:{place.phone}",
                f"{_PREFIX}:sent-from:{place.network}",
                EVERYBODY_KEY,
                _live(place),
                f"{_PREFIX}:work:{'' if work is None else work.name}",
            ],
            args=[
                _milliseconds(now),
                challenge,
                code_hash,
                CODE_LIFETIME_MS,
                GAP_MS,
                PER_PHONE_HOUR,
                PER_PHONE_DAY,
                PER_NETWORK_HOUR,
                PER_MINUTE_IN_ALL,
                "" if free is None else free,
                0 if work is None else work.milliseconds,
            ],
        )
        return int(answer)

    async def attempt(
        self, place: CodePlace, challenge: str, code_hash: str, name: str, now: datetime, *, spend: bool
    ) -> Wait | Wrong | None:
        """Try a code. None: it is the live one, and is used up if `spend`. `name` tells this try from every other."""
        answer: Any = await self._try(
            keys=[f"{_PREFIX}:wrong-of:{place.phone}", f"{_PREFIX}:wrong-from:{place.network}", _live(place)],
            args=[
                _milliseconds(now),
                challenge,
                code_hash,
                name,
                TRIES_PER_CODE,
                WRONG_PER_PHONE_DAY,
                WRONG_PER_NETWORK_HOUR,
                int(spend),
            ],
        )
        kind, figure = int(answer[0]), int(answer[1])
        if kind == 0:
            return None
        return Wrong(figure) if kind == 1 else Wait(figure)


def _live(place: CodePlace) -> str:
    return f"{_PREFIX}:live:{place.purpose}:{place.phone}"


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
