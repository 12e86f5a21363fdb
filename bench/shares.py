"""Where an answer's time goes inside the API process, measured through the real application without a network.

Nothing in the platform knows of it: functions are wrapped from here while it runs. How long the stores take is what
goes away when every read is answered at once by what it answered before.
"""

import time
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any
from unittest.mock import patch

import orjson
from graphql import parse
from starlette.types import ASGIApp
from strawberry.dataloader import DataLoader

import server.http.documents as documents_module
import server.http.endpoint as endpoint_module
from bench.home_page import HomePage
from bench.in_process import application, ask_in_process
from datasources.loaders import Loaders
from datasources.mongo.hospitals import HospitalReads
from datasources.stores import Stores
from server.embedded.data_lock import Endpoints
from server.http.documents import Documents
from server.http.execution import Execution
from server.settings import Settings

WARM_UP_TIMES = 20


@dataclass(frozen=True, slots=True)
class Shares:
    """Seconds of one request by what they were spent on; medians of many requests."""

    parsing: float
    """Text to document; a document that is known is not parsed again."""
    validation: float
    """Limits, validation and price of a document; nothing for one that is known."""
    execution: float
    """Resolving and completing fields, loaders included, as if the stores answered at once."""
    data: float
    """Waiting for the stores, and their drivers' work."""
    encoding: float
    """Data to JSON."""
    rest: float
    """Everything else in the application: routing, headers, the caller, metrics. The log line is left out."""

    @property
    def total(self) -> float:
        """All of them."""
        return self.parsing + self.validation + self.execution + self.data + self.encoding + self.rest


class _Stopwatch:
    """Sums the time spent in each named part of the request that runs now."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def add(self, part: str, seconds: float) -> None:
        self.seconds[part] = self.seconds.get(part, 0.0) + seconds

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.add(part, time.perf_counter() - began)

        return call

    def timed_async(self, part: str, function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return await function(*arguments, **named)
            finally:
                self.add(part, time.perf_counter() - began)

        return call


class _TimedJson:
    """orjson as the endpoint uses it."""

    def __init__(self, stopwatch: _Stopwatch) -> None:
        self.loads = orjson.loads
        self.dumps = stopwatch.timed("encoding", orjson.dumps)
        self.JSONDecodeError = orjson.JSONDecodeError


async def measure_shares(settings: Settings, endpoints: Endpoints, page: HomePage, times: int) -> tuple[Shares, Shares]:
    """The shares of a request whose document is known, and of one whose document is new."""
    async with application(settings, endpoints) as app:
        return await _shares_of(app, page.query, times)


async def _shares_of(app: ASGIApp, query: str, times: int) -> tuple[Shares, Shares]:
    stopwatch = _Stopwatch()
    with _instrumented(stopwatch):
        known = await _measured(app, stopwatch, times, lambda _: query)
        new = await _measured(app, stopwatch, times, lambda number: f"{query}# {number}")
        with _stores_answered_at_once():
            replayed = await _measured(app, stopwatch, times, lambda _: query)
    execution = replayed["run"]
    return _shares(known, execution), _shares(new, execution)


def _shares(measured: dict[str, float], execution: float) -> Shares:
    execution = min(execution, measured["run"])
    return Shares(
        parsing=measured["parsing"],
        validation=measured["validation"],
        execution=execution,
        data=measured["run"] - execution,
        encoding=measured["encoding"],
        rest=measured["rest"],
    )


@contextmanager
def _instrumented(stopwatch: _Stopwatch) -> Iterator[None]:
    with ExitStack() as patches:
        for owner, name, wrapped in (
            (documents_module, "parse", stopwatch.timed("parsing", parse)),
            (Documents, "_prepare", stopwatch.timed("prepare", Documents._prepare)),  # noqa: SLF001
            (Execution, "run", stopwatch.timed_async("run", Execution.run)),
            (endpoint_module, "orjson", _TimedJson(stopwatch)),
        ):
            patches.enter_context(patch.object(owner, name, wrapped))
        yield


@contextmanager
def _stores_answered_at_once() -> Iterator[None]:
    """Each read of the stores is answered by what it answered the first time."""
    answers: dict[Hashable, Any] = {}

    def remembered(
        key_of: Callable[..., Hashable], read: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        async def answer(*arguments: Any) -> Any:
            key = key_of(*arguments)
            if key not in answers:
                answers[key] = await read(*arguments)
            return answers[key]

        return answer

    make_loaders = Loaders.__init__

    def make(self: Loaders, stores: Stores) -> None:
        make_loaders(self, stores)
        for name, loader in vars(self).items():
            if isinstance(loader, DataLoader):
                loader.load_fn = remembered(lambda keys, name=name: (name, *keys), loader.load_fn)

    page = remembered(lambda _reads, criteria, sort, after, limit: (criteria, sort, after, limit), HospitalReads.page)
    with patch.object(Loaders, "__init__", make), patch.object(HospitalReads, "page", page):
        yield


async def _measured(app: ASGIApp, stopwatch: _Stopwatch, times: int, query: Callable[[int], str]) -> dict[str, float]:
    """The median seconds of each part."""
    runs: list[dict[str, float]] = []
    for number in range(WARM_UP_TIMES + times):
        body = orjson.dumps({"query": query(number)})
        stopwatch.seconds = {}
        began = time.perf_counter()
        await ask_in_process(app, body)
        stopwatch.add("request", time.perf_counter() - began)
        if number >= WARM_UP_TIMES:
            runs.append(_parts(stopwatch.seconds))
    return {part: median(run[part] for run in runs) for part in runs[0]}


def _parts(seconds: dict[str, float]) -> dict[str, float]:
    """The parts of one request; parsing lies within preparing."""
    parsing, prepare = seconds.get("parsing", 0.0), seconds.get("prepare", 0.0)
    run, encoding = seconds["run"], seconds["encoding"]
    return {
        "parsing": parsing,
        "validation": prepare - parsing,
        "run": run,
        "encoding": encoding,
        "rest": seconds["request"] - prepare - run - encoding,
    }
