"""Whether this process lives, and whether it can serve."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypedDict

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from datasources.faults import Store
from datasources.stores import Stores

# Longer than each driver tries by itself (2 to 3 seconds): MongoDB's, cancelled half-way, can lose the cancellation or
# its socket.
CHECK_TIMEOUT_SECONDS = 4.0

Check = Callable[[], Awaitable[object]]

_log = structlog.get_logger(component="health")


class StoreState(TypedDict):
    """One store as `/readyz` shows it. Why it is down stands in the log only: the reason may name machines."""

    state: str
    milliseconds: float


class Health:
    """`/healthz` and `/readyz`."""

    def __init__(self, checks: Mapping[Store, Check]) -> None:
        self._checks = checks

    @classmethod
    def of(cls, stores: Stores) -> "Health":
        """Checks of these stores. MongoDB counts as up once the documents are bound to it."""

        async def mongodb() -> None:
            await stores.catalogue.ping()
            await stores.catalogue.bind()

        return cls({Store.POSTGRESQL: stores.sql.ping, Store.MONGODB: mongodb, Store.REDIS: stores.redis.ping})

    async def live(self, _request: Request) -> Response:
        """200 as long as the event loop turns: a process that cannot answer this should be replaced."""
        return _json({"status": "alive"}, 200)

    async def ready(self, _request: Request) -> Response:
        """200 when every store answers, 503 when one doesn't; each store's state either way."""
        names = [store.value for store in self._checks]
        states = await asyncio.gather(*(self._state(store) for store in self._checks))
        ready = all(state["state"] == "up" for state in states)
        return _json(
            {"status": "ready" if ready else "not ready", "stores": dict(zip(names, states, strict=True))},
            200 if ready else 503,
        )

    async def _state(self, store: Store) -> StoreState:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                await self._checks[store]()
        except Exception as error:  # noqa: BLE001 - whatever it is, the store doesn't serve
            _log.warning("store is down", store=store, error=type(error).__name__)
            state = "down"
        else:
            state = "up"
        return {"state": state, "milliseconds": round((time.perf_counter() - started) * 1000, 1)}


def _json(content: object, status: int) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json", headers={"cache-control": "no-store"})
