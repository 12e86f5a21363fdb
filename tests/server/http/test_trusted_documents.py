"""Operations that are asked for by an id, and a front door that takes no others from people's browsers."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.callers import VISITOR, Caller, HospitalSystem, SignedInUser, SmsPhoneCaller, StaffMember
from server.http.request_facts import RequestFacts
from server.http.trusted_documents import MANIFEST, TrustedDocuments, documents_in, id_of, trusted_documents
from tests.server.http.front_door import GRAPHQL, FrontDoor, codes, front_door, manifest_of, only_error

HI = "query Hi($name: String!) { hello(name: $name) }"
CHANGE = "mutation Change { change }"
TEXTS = {id_of(text): text for text in (HI, CHANGE)}
USER = SignedInUser(uuid.uuid4(), uuid.uuid4())
STAFF = StaffMember(uuid.uuid4(), uuid.uuid4(), None, frozenset())
HOSPITAL = HospitalSystem("pumch", "hk_1")
PHONE = SmsPhoneCaller(uuid.uuid4(), uuid.uuid4())


@asynccontextmanager
async def door_of(caller: Caller = VISITOR, *, only: bool = True) -> AsyncIterator[FrontDoor]:
    """A front door that knows two documents, and this caller."""

    async def authenticate(request: RequestFacts) -> Caller:
        del request
        return caller

    door = front_door(trusted=TrustedDocuments(TEXTS, only), authenticate=authenticate)
    yield door
    await door.http.aclose()


async def asked(door: FrontDoor, **parameters: Any) -> httpx.Response:
    """POST just these parameters."""
    headers = {"accept": GRAPHQL, "accept-language": "en"}
    return await door.http.post("/graphql", json=parameters, headers=headers)


@pytest.mark.parametrize("only", [True, False])
@pytest.mark.parametrize(
    "named",
    [
        {"documentId": f"sha256:{id_of(HI)}"},
        {"documentId": id_of(HI)},
        {"query": "", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": id_of(HI)}}},
        {"documentId": id_of(HI), "query": "{ broken }"},
        {"query": HI},
    ],
)
async def test_a_known_document_is_run_however_it_is_named(named: dict[str, Any], *, only: bool) -> None:
    async with door_of(only=only) as door:
        response = await asked(door, **named, variables={"name": "x"})
        assert response.json() == {"data": {"hello": "hello x"}}


async def test_a_known_query_can_be_got() -> None:
    async with door_of() as door:
        found = await door.http.get("/graphql", params={"documentId": id_of(HI), "variables": '{"name": "x"}'})
        assert found.json() == {"data": {"hello": "hello x"}}
        refused = await door.http.get("/graphql", params={"documentId": id_of(CHANGE)})
        assert codes(refused) == ["METHOD_NOT_ALLOWED"]


@pytest.mark.parametrize("only", [True, False])
@pytest.mark.parametrize("caller", [VISITOR, STAFF])
async def test_an_unknown_id_alone_says_so(caller: Caller, *, only: bool) -> None:
    async with door_of(caller, only=only) as door:
        response = await asked(door, documentId=id_of("{ hello }"))
        assert (response.status_code, codes(response)) == (400, ["PERSISTED_QUERY_NOT_FOUND"])


@pytest.mark.parametrize("caller", [VISITOR, USER])
async def test_browsers_of_people_run_nothing_else_where_only_trusted_documents_are_taken(caller: Caller) -> None:
    async with door_of(caller) as door:
        for parameters in {"query": "{ hello }"}, {"query": "{ hello }", "documentId": id_of("{ hello }")}:
            response = await asked(door, **parameters)
            assert (response.status_code, codes(response)) == (400, ["TRUSTED_DOCUMENTS_ONLY"])
            assert "integration key" in only_error(response)["message"]


@pytest.mark.parametrize("caller", [STAFF, HOSPITAL, PHONE])
async def test_staff_and_programs_send_their_own_texts(caller: Caller) -> None:
    async with door_of(caller) as door:
        assert (await asked(door, query="{ hello }")).json() == {"data": {"hello": "hello world"}}


async def test_unless_it_is_asked_for_anybody_sends_texts() -> None:
    async with door_of(only=False) as door:
        # As a client does that first tried the id alone.
        response = await asked(door, query="{ hello }", documentId=id_of("{ hello }"))
        assert response.json() == {"data": {"hello": "hello world"}}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"documentId": 5}, "documentId must be a string, not number"),
        ({"extensions": {"persistedQuery": []}}, "extensions.persistedQuery must be an object, not array"),
        ({"extensions": {"persistedQuery": {}}}, "extensions.persistedQuery.sha256Hash must be a string, not null"),
        ({"documentId": ""}, "query is missing"),
    ],
)
async def test_what_is_no_id_is_refused(wrong: dict[str, Any], said: str) -> None:
    async with door_of() as door:
        response = await asked(door, **wrong)
        assert codes(response) == ["BAD_REQUEST"]
        assert said in only_error(response)["message"]


def test_what_each_client_shipped_is_known(tmp_path: Path) -> None:
    for client, text in {"portal": HI, "admin": CHANGE}.items():
        (tmp_path / client / "dist").mkdir(parents=True)
        (tmp_path / client / "dist" / MANIFEST).write_text(manifest_of({"One": text}))
    assert trusted_documents(only=True, clients=tmp_path) == TrustedDocuments(TEXTS, only=True)
    assert trusted_documents(only=False, clients=tmp_path / "portal") == TrustedDocuments({}, only=False)


def test_a_manifest_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(manifest_of({"Hi": HI}).replace(id_of(HI), id_of(CHANGE)))
    with pytest.raises(ValueError, match="Hi has the id of another text"):
        documents_in(tmp_path / MANIFEST)
