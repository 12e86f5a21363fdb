"""The published client against the real front door, over a real connection."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import strawberry
import uvicorn
from starlette.types import Receive, Scope, Send

from datasources.faults import unavailable_store
from datasources.stores import Stores
from domain.callers import Caller, HospitalSystem
from domain.integration.keys import IssuedKey
from htbooking_hospital import HospitalClient, RefusedError, fresh_nonce, sign
from htbooking_hospital.wire import ACCEPT
from resolvers.exchange import Exchange
from server.authentication import Authentication
from server.http.endpoint import GraphQLEndpoint
from server.http.errors import ErrorWriter
from server.http.limits import Limits
from server.http.trace import Trace, put_trace
from tests.domain.integration.hospitals import RING, new_key

WHOAMI = "query($note: String) { whoami(note: $note) }"


@strawberry.type
class Query:
    """A graph that answers who is calling."""

    @strawberry.field
    def whoami(self, info: strawberry.Info[Caller, None], note: str | None = None) -> str:
        caller = info.context
        return f"{caller.hospital_code if isinstance(caller, HospitalSystem) else 'visitor'} {note}"


def caller_only(caller: Caller, _trace: Trace, _exchange: Exchange) -> Caller:
    return caller


@pytest.fixture
async def origin(stores: Stores) -> AsyncIterator[str]:
    """Where the front door listens."""
    authentication = Authentication(stores, RING)
    endpoint = GraphQLEndpoint(
        strawberry.Schema(Query),
        limits=Limits(body_bytes=100_000, tokens=1000, depth=10, aliases=10, cost=1000, seconds=10),
        introspection=True,
        authenticate=authentication,
        make_context=caller_only,
        errors=ErrorWriter(store_of=unavailable_store, on_store_down=lambda _store: None),
    )

    async def traced(scope: Scope, receive: Receive, send: Send) -> None:
        put_trace(scope, Trace(request_id="test", started=time.perf_counter()))
        await endpoint(scope, receive, send)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(traced, http="httptools", lifespan="off", log_level="critical"))
        serving = asyncio.create_task(server.serve([listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving
    await authentication.close()


async def executed(endpoint: str, key: IssuedKey, note: str) -> object:
    """The client blocks, as a hospital's script does; the server meanwhile answers in the event loop."""
    with HospitalClient(endpoint, key.key_id, key.secret.get_secret_value(), language="en") as client:
        return await asyncio.to_thread(client.execute, WHOAMI, {"note": note})


@pytest.mark.parametrize("path", ["/graphql", "/graphql?", "/graphql?trace=1&name=%E5%8C%BB a/b?c=+", "/医院/graphql"])
async def test_the_client_is_known_whatever_the_address(stores: Stores, origin: str, path: str) -> None:
    key = await new_key(stores)
    assert await executed(origin + path, key, "北京") == {"whoami": f"{key.hospital_code} 北京"}


async def test_a_wrong_secret_is_told_by_its_code(stores: Stores, origin: str) -> None:
    mine, theirs = await new_key(stores), await new_key(stores)
    mixed = IssuedKey(mine.key_id, mine.hospital_code, theirs.secret)
    with pytest.raises(RefusedError, match="Check the secret") as caught:
        await executed(f"{origin}/graphql", mixed, "")
    assert caught.value.code == "SIGNATURE_WRONG"


async def test_a_signed_get_is_known_once(stores: Stores, origin: str) -> None:
    key = await new_key(stores)
    url = httpx.URL(f"{origin}/graphql", params={"query": "{ whoami }"})
    header = sign(
        key.key_id,
        key.secret.get_secret_value(),
        "GET",
        url.raw_path.decode(),
        b"",
        int(time.time()),
        fresh_nonce(),
    )
    headers = {"Authorization": header, "Accept": ACCEPT}
    async with httpx.AsyncClient(headers=headers) as http:
        first, second = await http.get(url), await http.get(url)
        unsigned = await http.get(url, headers={"Authorization": ""})
    assert first.json() == {"data": {"whoami": f"{key.hospital_code} None"}}
    assert second.json()["errors"][0]["extensions"]["code"] == "NONCE_REPLAYED"
    assert unsigned.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
