"""Where the time of one booking goes inside the API process: through the real application, one caller, no network.

Nothing in the platform knows of it: functions are wrapped from here while it runs.
"""

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any
from unittest.mock import patch

import domain.booking.placing as placing
from bench.booking_calls import CREATED
from bench.in_process import application, ask_in_process
from datasources.cache.attempts import Attempts
from domain.booking.session_texts import SessionTextReads
from server.authentication import Authentication
from server.embedded.data_lock import Endpoints
from server.http.execution import Execution
from server.settings import Settings

WARM_UP_REQUESTS = 30
WHOLE, EXECUTION, CALLER = "whole", "execution", "who calls (PostgreSQL)"
EXECUTION_LEFT, REST = "resolvers, answer's fields", "HTTP endpoint, document, JSON"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of one booking, and where it is done."""

    name: str
    owner: Any
    attribute: str


PARTS = (
    Part("facts (PostgreSQL)", placing, "facts_for"),
    Part("session's texts (MongoDB, kept)", SessionTextReads, "of"),
    Part("mark set (Redis)", Attempts, "begin"),
    Part("number taken (PostgreSQL)", placing, "book_numbers"),
    Part("hints, and the deadline's job (Redis)", placing, "tell_and_hand_over"),
    Part("mark taken away (Redis)", Attempts, "end"),
)


async def booking_shares(
    settings: Settings, endpoints: Endpoints, asked: Sequence[tuple[bytes, str]]
) -> dict[str, float]:
    """Seconds of each part of one booking, medians. `asked` are bodies and access tokens. They sum up to WHOLE."""
    runs: list[dict[str, float]] = []
    seconds: dict[str, float] = {}
    async with application(settings, endpoints) as app:
        with _timed(seconds):
            for body, token in asked:
                seconds.clear()
                began = time.perf_counter()
                answer = await ask_in_process(app, body, authorization=f"Bearer {token}")
                seconds[WHOLE] = time.perf_counter() - began
                if CREATED not in answer:
                    raise RuntimeError(answer.decode())
                runs.append(dict(seconds))
    return _shares({name: median(run.get(name, 0.0) for run in runs[WARM_UP_REQUESTS:]) for name in runs[-1]})


def _shares(medians: dict[str, float]) -> dict[str, float]:
    inner = {part.name: medians[part.name] for part in PARTS if part.name in medians}
    caller, execution, whole = medians[CALLER], medians[EXECUTION], medians[WHOLE]
    return {
        CALLER: caller,
        **inner,
        EXECUTION_LEFT: execution - sum(inner.values()),
        REST: whole - execution - caller,
        WHOLE: whole,
    }


@contextmanager
def _timed(seconds: dict[str, float]) -> Iterator[None]:
    def timed(part: str, function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return await function(*arguments, **named)
            finally:
                seconds[part] = seconds.get(part, 0.0) + time.perf_counter() - began

        return call

    outer = (Part(CALLER, Authentication, "__call__"), Part(EXECUTION, Execution, "run"))
    with ExitStack() as patches:
        for part in (*outer, *PARTS):
            function = getattr(part.owner, part.attribute)
            patches.enter_context(patch.object(part.owner, part.attribute, timed(part.name, function)))
        yield
