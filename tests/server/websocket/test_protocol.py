"""The protocol, message by message and code by code, against a real port."""

import asyncio
from dataclasses import replace

import pytest
from websockets.exceptions import InvalidStatus

from server.http.trusted_documents import TrustedDocuments, id_of
from tests.server.websocket.client import PATIENCE_SECONDS, client
from tests.server.websocket.door import MANNERS, door


async def test_a_query_is_answered_and_completed() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise()
        await caller.subscribe("{ hello }", id="a")
        assert await caller.receive() == {"type": "next", "id": "a", "payload": {"data": {"hello": "hello"}}}
        assert await caller.receive() == {"type": "complete", "id": "a"}


async def test_a_mutation_is_run() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise()
        await caller.subscribe("mutation { change }")
        assert (await caller.receive())["payload"] == {"data": {"change": "changed"}}


async def test_each_event_has_a_context_of_its_own() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise()
        await caller.subscribe("subscription { ticks { count context } }")
        ticks = [(await caller.receive())["payload"]["data"]["ticks"] for _ in range(3)]
        assert [tick["count"] for tick in ticks] == [0, 1, 2]
        assert len({tick["context"] for tick in ticks}) == 3
        assert (await caller.receive())["type"] == "complete"


async def test_complete_ends_the_generator_and_frees_the_id() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise()
        await caller.subscribe("subscription { forever { count } }")
        await caller.receive()
        await caller.send("complete", id="1")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await here.world.ended.wait()
        await caller.subscribe("{ hello }")
        assert (await caller.receive())["payload"] == {"data": {"hello": "hello"}}


async def test_a_client_that_leaves_ends_its_generators() -> None:
    async with door() as here:
        async with client(here.origin) as caller:
            await caller.initialise()
            await caller.subscribe("subscription { forever { count } }")
            await caller.receive()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await here.world.ended.wait()


async def test_a_document_is_named_by_its_id_and_no_other_is_run_where_none_is_trusted() -> None:
    ticks = "subscription { ticks(to: 1) { count } }"
    trusted = TrustedDocuments({id_of(ticks): ticks}, only=True)
    async with door(trusted=trusted) as here, client(here.origin) as caller:
        await caller.initialise()
        named = {"query": "", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": id_of(ticks)}}}
        await caller.send("subscribe", id="a", payload=named)
        assert (await caller.receive())["payload"] == {"data": {"ticks": {"count": 0}}}
        assert (await caller.receive())["type"] == "complete"
        await caller.subscribe("{ hello }", id="b")
        refused = await caller.receive()
        assert refused["type"] == "error"
        assert [each["extensions"]["code"] for each in refused["payload"]] == ["TRUSTED_DOCUMENTS_ONLY"]


async def test_ping_is_answered() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.send("ping")
        assert await caller.receive() == {"type": "pong"}


async def test_the_server_pings_and_drops_who_does_not_answer() -> None:
    async with door(manners=replace(MANNERS, ping_seconds=0.1)) as here, client(here.origin) as caller:
        await caller.initialise()
        assert await caller.receive() == {"type": "ping"}
        assert (await caller.close_code())[0] == 1001


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ hello", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ " + " ".join(f"a{n}: hello" for n in range(40)) + " }", "QUERY_TOO_MANY_ALIASES"),
    ],
)
async def test_a_document_that_is_refused_is_an_error_message(query: str, code: str) -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise()
        await caller.subscribe(query)
        message = await caller.receive()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == code


async def test_a_fault_is_masked_and_names_the_operations_request_id() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise(acceptLanguage="en")
        await caller.subscribe("subscription { failing }")
        assert (await caller.receive())["payload"] == {"data": {"failing": 1}}
        message = await caller.receive()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "INTERNAL"
        assert message["payload"][0]["extensions"]["requestId"].endswith(".1")
        assert "hunter2" not in str(message)


@pytest.mark.parametrize(("language", "text"), [("en", "The id is wrong."), ("zh-CN", "编号不对。")])
async def test_errors_are_in_the_language_of_connection_init(language: str, text: str) -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise(acceptLanguage=language)
        await caller.subscribe("{ refused }")
        assert (await caller.receive())["payload"]["errors"][0]["message"] == text


async def test_cookies_reach_subscriptions_alone() -> None:
    async with door() as here, client(here.origin, additional_headers={"Cookie": "a=b"}) as caller:
        await caller.initialise()
        await caller.subscribe("{ cookies }")
        assert (await caller.receive())["payload"] == {"data": {"cookies": ""}}
        await caller.receive()
        await caller.subscribe("subscription { ticks(to: 1) { cookies } }")
        assert (await caller.receive())["payload"] == {"data": {"ticks": {"cookies": "a=b"}}}


async def test_one_operation_too_many_is_refused_and_the_others_go_on() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise()
        for id in "abc":
            await caller.subscribe("subscription { forever { count } }", id=id)
            await caller.receive()
        await caller.subscribe("{ hello }", id="d")
        message = await caller.receive()
        assert message["payload"][0]["extensions"] == {"code": "TOO_MANY_OPERATIONS", "limit": 3}
        assert here.world.generators == 3


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"type":"start"}', '{"type":"subscribe","id":""}', '{"type":"subscribe","id":"1"}',
     '{"type":"connection_init","payload":[]}', '{"type":"connection_init","payload":{"authorization":1}}'],
)  # fmt: skip
async def test_what_is_no_message_closes_with_4400(text: str) -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.wire.send(text)
        assert (await caller.close_code())[0] == 4400


async def test_parameters_of_wrong_types_close_with_4400() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise()
        await caller.subscribe("{ hello }", variables=[1])
        assert (await caller.close_code())[0] == 4400


async def test_binary_messages_close_with_4400() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.wire.send(b"{}")
        assert (await caller.close_code())[0] == 4400


async def test_too_big_a_message_closes_with_1009() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.wire.send("x" * 20_000)
        assert (await caller.close_code())[0] == 1009


async def test_subscribe_before_the_acknowledgement_closes_with_4401() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.subscribe("{ hello }")
        assert await caller.close_code() == (4401, "Unauthorized")


async def test_a_wrong_credential_closes_with_4403_and_says_why() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.send("connection_init", payload={"authorization": "Bearer bad", "acceptLanguage": "en"})
        assert await caller.close_code() == (4403, "TOKEN_INVALID: The access token is not valid.")


async def test_another_subprotocol_closes_with_4406() -> None:
    async with door() as here, client(here.origin, subprotocol="graphql-ws") as caller:
        assert await caller.close_code() == (4406, "Subprotocol not acceptable")


async def test_silence_instead_of_connection_init_closes_with_4408() -> None:
    async with door(manners=replace(MANNERS, init_seconds=0.1)) as here, client(here.origin) as caller:
        assert await caller.close_code() == (4408, "Connection initialisation timeout")


async def test_an_id_in_use_closes_with_4409() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise()
        for _ in range(2):
            await caller.subscribe("subscription { forever { count } }", id="a")
        assert await caller.close_code() == (4409, "Subscriber for a already exists")


async def test_a_second_connection_init_closes_with_4429() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise()
        await caller.send("connection_init")
        assert await caller.close_code() == (4429, "Too many initialisation requests")


async def test_one_connection_too_many_is_told_to_try_again() -> None:
    async with door(most=1) as here, client(here.origin), client(here.origin) as second:
        assert (await second.close_code())[0] == 1013


async def test_pages_of_other_sites_are_refused_and_named_ones_are_not() -> None:
    async with door(origins=frozenset({"https://friend.example"})) as here:
        with pytest.raises(InvalidStatus) as refused:
            async with client(here.origin, origin="https://foe.example"):
                pass
        assert refused.value.response.status_code == 403
        for origin in ("https://friend.example", here.origin):
            async with client(here.origin, origin=origin) as caller:
                await caller.initialise()


async def test_a_client_that_does_not_read_loses_its_connection() -> None:
    async with door() as here, client(here.origin, max_queue=1, compression=None) as caller:
        await caller.initialise()
        await caller.subscribe("subscription { flood }")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await here.world.ended.wait()
        # What was on its way is still read, and then the reason.
        assert (await caller.close_code())[0] == 1013


async def test_draining_closes_with_1001() -> None:
    async with door() as here, client(here.origin) as caller:
        await caller.initialise()
        await asyncio.gather(here.sockets.drain(5), caller.close_code())
        assert caller.wire.close_code == 1001
        async with client(here.origin) as late:
            assert (await late.close_code())[0] == 1001


async def test_many_connections_leave_no_task_and_no_generator_behind() -> None:
    async with door() as here:
        before = len(asyncio.all_tasks())
        for _ in range(40):
            async with client(here.origin) as caller:
                await caller.initialise()
                await caller.subscribe("subscription { forever { count } }")
                await caller.receive()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(here.sockets) or len(asyncio.all_tasks()) > before:  # noqa: ASYNC110 - tasks tell nobody
                await asyncio.sleep(0.02)
        assert here.world.generators == 0
