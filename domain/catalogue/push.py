"""How a push is taken: once per idempotency key, whole or not at all, and never lost between the two stores.

Pushes of one hospital are judged and taken one after another, over all processes, so each is judged against a catalogue
that stands still. The slot ledger and the record of the push change in one PostgreSQL transaction. The record carries
the documents for MongoDB; they are applied right after the commit, and by the relay job if this process dies before.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from weakref import WeakValueDictionary

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.mongo.catalogue_writes import DocumentChange
from datasources.sql.catalogue_push import CataloguePush, CataloguePushes
from datasources.sql.hospital_account import HospitalAccounts, HospitalStatus
from datasources.stores import Stores
from domain.catalogue.outbox import apply_waiting
from domain.language import Language, Words
from domain.problems import (
    FieldProblem,
    HospitalLocked,
    IdempotencyKeyReused,
    InvalidBatch,
    InvalidInput,
    ItemProblem,
    ProblemCode,
)

MAX_BATCH = 1_000
MAX_KEY_LENGTH = 128

_NO_ITEMS = Words("至少要有一项。", "Send at least one item.")
_TOO_MANY = Words(
    "一次最多 {most} 项，收到 {count} 项；请分批。", "At most {most} items fit in one call; {count} came. Split them."
)
_BAD_KEY = Words("须为 1 至 {most} 个字符。", "Use 1 to {most} characters.")
_NO_HOSPITAL = Words("没有这家医院的账户。", "There is no account for this hospital.")


@dataclass(frozen=True, slots=True)
class PushRequest:
    """One call of a hospital's system. Its items as sent decide whether a repeat is the same call."""

    hospital_code: str
    operation: str
    idempotency_key: str
    items: Sequence[Mapping[str, object]]
    all_or_nothing: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """What a push did. `replayed` says that the same call had been made before and nothing was done again."""

    created: int
    replaced: int
    removed: int
    revision: int
    refused: Sequence[ItemProblem]
    replayed: bool = False


Change = Callable[[AsyncSession, int], Awaitable[None]]


@dataclass(slots=True)
class PushPlan:
    """What is to be done with the items that can be taken, decided before the transaction begins.

    `change` runs inside it with the push's revision, may find more problems, and sets the counts and documents.
    """

    problems: list[ItemProblem] = field(default_factory=list)
    documents: list[DocumentChange] = field(default_factory=list)
    created: int = 0
    replaced: int = 0
    removed: int = 0
    change: Change | None = None


PushAnswer = PushOutcome | InvalidBatch | InvalidInput | IdempotencyKeyReused | HospitalLocked
Plan = Callable[[AsyncSession, PushRequest], Awaitable[PushPlan]]
"""Judges a push against the catalogue as it stands. Runs while no other push of the hospital does."""

_AGAIN = object()
# Pushes of one hospital wait for each other here first, so that waiting ones hold no connection.
_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


class _Refused(Exception):  # noqa: N818 - rolls the transaction back
    def __init__(self, answer: PushAnswer) -> None:
        self.answer = answer


async def push(stores: Stores, request: PushRequest, plan: Plan) -> PushAnswer:
    """Take a push as `plan` says; one push of a hospital at a time.

    Raises only when a store is down; then nothing or everything has been taken, and the same call again tells which.
    """
    problems = _request_problems(request)
    if problems:
        return InvalidInput(problems)
    digest = _digest(request)
    turn = _turns.setdefault(request.hospital_code, asyncio.Lock())
    async with turn:
        answer: PushAnswer | object = _AGAIN
        while answer is _AGAIN:
            # What an interrupted push left must be in place before this one is judged against the catalogue.
            await apply_waiting(stores, request.hospital_code, request.now)
            try:
                async with stores.sql.unit_of_work() as session:
                    answer = await _judged_and_taken(session, request, digest, plan)
            except _Refused as refused:
                answer = refused.answer
        if isinstance(answer, PushOutcome) and not answer.replayed:
            await apply_waiting(stores, request.hospital_code, request.now)
    return cast("PushAnswer", answer)


async def _judged_and_taken(
    session: AsyncSession, request: PushRequest, digest: bytes, plan: Plan
) -> PushAnswer | object:
    """The push's answer, or _AGAIN when another process's push must reach MongoDB first."""
    pushes = CataloguePushes(session)
    await pushes.lock_pushing(request.hospital_code)
    earlier = await pushes.by_key(request.hospital_code, request.idempotency_key)
    if earlier is not None:
        return _replay(earlier, digest)
    if await pushes.has_waiting(request.hospital_code):
        return _AGAIN
    planned = await plan(session, request)
    if planned.problems and request.all_or_nothing:
        return _invalid_batch(planned, request)
    return await _take(session, request, digest, planned)


async def _take(session: AsyncSession, request: PushRequest, digest: bytes, planned: PushPlan) -> PushOutcome:
    numbered = await HospitalAccounts(session).next_push_revision(request.hospital_code)
    if numbered is None:
        raise _Refused(InvalidInput([FieldProblem("hospital", ProblemCode.NOT_FOUND, _NO_HOSPITAL)]))
    revision, status = numbered
    if status is HospitalStatus.LOCKED:
        raise _Refused(HospitalLocked(request.hospital_code))
    if planned.change is not None:
        await planned.change(session, revision)
        if planned.problems and request.all_or_nothing:
            raise _Refused(_invalid_batch(planned, request))
    outcome = PushOutcome(
        planned.created, planned.replaced, planned.removed, revision, sorted_problems(planned.problems)
    )
    await CataloguePushes(session).add(
        CataloguePush(
            hospital_code=request.hospital_code,
            idempotency_key=request.idempotency_key,
            operation=request.operation,
            request_hash=digest,
            revision=revision,
            outcome=_stored(outcome),
            documents=[dict(change) for change in planned.documents],
            applied_at=None if planned.documents else request.now,
        )
    )
    return outcome


def sorted_problems(problems: Sequence[ItemProblem]) -> list[ItemProblem]:
    """Problems in the order of their items."""
    return sorted(problems, key=lambda each: each.index)


def _invalid_batch(planned: PushPlan, request: PushRequest) -> InvalidBatch:
    return InvalidBatch(sorted_problems(planned.problems), len(request.items))


def _request_problems(request: PushRequest) -> list[FieldProblem]:
    problems: list[FieldProblem] = []
    if not 1 <= len(request.idempotency_key) <= MAX_KEY_LENGTH:
        problems.append(FieldProblem("idempotencyKey", ProblemCode.MALFORMED, _BAD_KEY, {"most": MAX_KEY_LENGTH}))
    if not request.items:
        problems.append(FieldProblem("items", ProblemCode.MISSING, _NO_ITEMS))
    if len(request.items) > MAX_BATCH:
        values = {"most": MAX_BATCH, "count": len(request.items)}
        problems.append(FieldProblem("items", ProblemCode.TOO_LONG, _TOO_MANY, values))
    return problems


def _digest(request: PushRequest) -> bytes:
    whole = [request.operation, request.all_or_nothing, list(request.items)]
    return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS, default=str)).digest()


def _replay(earlier: CataloguePush, digest: bytes) -> PushOutcome | IdempotencyKeyReused:
    if earlier.request_hash != digest:
        return IdempotencyKeyReused(earlier.idempotency_key)
    return _restored(earlier.outcome)


def _stored(outcome: PushOutcome) -> dict[str, Any]:
    return {
        "created": outcome.created,
        "replaced": outcome.replaced,
        "removed": outcome.removed,
        "revision": outcome.revision,
        "refused": [
            {
                "index": each.index,
                "field": each.problem.field,
                "code": each.problem.code,
                "chinese": each.problem.say(Language.CHINESE),
                "english": each.problem.say(Language.ENGLISH),
            }
            for each in outcome.refused
        ],
    }


def _restored(stored: Mapping[str, Any]) -> PushOutcome:
    return PushOutcome(
        created=stored["created"],
        replaced=stored["replaced"],
        removed=stored["removed"],
        revision=stored["revision"],
        refused=[
            ItemProblem(
                each["index"],
                FieldProblem(
                    each["field"],
                    ProblemCode(each["code"]),
                    # The sentences were finished when they were stored.
                    Words("{chinese}", "{english}"),
                    {"chinese": each["chinese"], "english": each["english"]},
                ),
            )
            for each in stored["refused"]
        ],
        replayed=True,
    )
