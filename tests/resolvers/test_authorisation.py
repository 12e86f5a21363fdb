"""Every query and mutation × every kind of caller answers as the table says; the calls come from the schema itself."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    Undefined,
    get_named_type,
    is_leaf_type,
)

from datasources.stores import Stores
from domain.callers import VISITOR as NOBODY
from domain.callers import Caller, HospitalSystem, SignedInUser, SmsPhoneCaller, StaffMember
from domain.global_id import NodeKind, global_id
from domain.permissions import GRANTS, HOSPITAL_ROLES, Role
from schema.graph import graph
from server.app import create_app
from server.http.request_facts import RequestFacts
from server.settings import Settings
from tests.platform import ENDPOINT, SettableClock
from tests.resolvers.authorisation_table import (
    CALLERS,
    HOSPITAL_SYSTEM,
    MUTATIONS,
    QUERIES,
    SMS_PHONE,
    STAFF,
    USER,
    VISITOR,
)

SCHEMA = graph._schema
TABLES = {"query": (SCHEMA.query_type, QUERIES), "mutation": (SCHEMA.mutation_type, MUTATIONS)}
SOMEBODY = UUID("01890000-0000-7000-8000-000000000001")
REFUSALS = ("UNAUTHENTICATED", "FORBIDDEN")


def who(name: str) -> Caller:
    """A caller of this kind whose account exists nowhere: passing the door changes nothing."""
    if name == VISITOR:
        return NOBODY
    if name == USER:
        return SignedInUser(SOMEBODY, SOMEBODY)
    if name == HOSPITAL_SYSTEM:
        return HospitalSystem("no-such-hospital", "hk_test")
    if name == SMS_PHONE:
        return SmsPhoneCaller(SOMEBODY, SOMEBODY)
    role = next(role for role, staff in STAFF.items() if staff == name)
    hospital = "no-such-hospital" if role in HOSPITAL_ROLES else None
    return StaffMember(SOMEBODY, SOMEBODY, hospital, GRANTS[Role(role)])


class NamedInTheHeader:
    """Takes the caller's kind from the header, as no real front door would."""

    async def __call__(self, request: RequestFacts) -> Caller:
        return who(request.authorization or VISITOR)


@pytest.fixture(scope="module")
async def http(settings: Settings, open_stores: Stores) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, authenticate=NamedInTheHeader(), clock=SettableClock())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), timeout=30) as http,
    ):
        assert (await http.get("http://platform.test/readyz")).is_success
        yield http


def rows() -> list[tuple[str, str, str]]:
    return [
        (operation, field, caller)
        for operation, (_, table) in TABLES.items()
        for field in sorted(table)
        for caller in CALLERS
    ]


@pytest.mark.parametrize("operation", list(TABLES))
def test_every_field_has_its_row(operation: str) -> None:
    declared, table = TABLES[operation]
    assert declared is not None
    assert sorted(table) == sorted(declared.fields)


@pytest.mark.parametrize(("operation", "field", "caller"), rows())
async def test_a_field_lets_in_whom_the_table_names(
    http: httpx.AsyncClient, operation: str, field: str, caller: str
) -> None:
    declared, table = TABLES[operation]
    assert declared is not None
    document = f"{operation} {{ {called(field, declared.fields[field])} }}"
    answer: dict[str, Any] = (
        await http.post(ENDPOINT, json={"query": document}, headers={"Authorization": caller})
    ).json()
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    assert not [code for code in codes if code.startswith("GRAPHQL") or code in ("INTERNAL", "SERVICE_UNAVAILABLE")], (
        document,
        answer,
    )
    refused = [code for code in codes if code in REFUSALS]
    if caller in table[field]:
        assert refused == [], (document, answer)
    else:
        expected = "FORBIDDEN" if caller.startswith("staff") and table[field] & set(STAFF.values()) else None
        assert refused, (document, answer)
        assert expected is None or refused == [expected], (document, answer)


def called(name: str, field: GraphQLField) -> str:
    """The field with its required arguments and the least selection."""
    given = ", ".join(
        f"{argument}: {literal(definition.type)}"
        for argument, definition in field.args.items()
        if is_required(definition)
    )
    return f"{name}{f'({given})' if given else ''} {least_selection(field.type)}"


def is_required(definition: GraphQLArgument) -> bool:
    return isinstance(definition.type, GraphQLNonNull) and definition.default_value is Undefined


def least_selection(of: GraphQLOutputType) -> str:
    return "" if is_leaf_type(get_named_type(of)) else "{ __typename }"


def literal(of: GraphQLInputType) -> str:
    """Some value of this of."""
    if isinstance(of, GraphQLNonNull):
        return literal(of.of_type)
    if isinstance(of, GraphQLList):
        return f"[{literal(of.of_type)}]"
    if isinstance(of, GraphQLEnumType):
        return str(next(iter(of.values)))
    if isinstance(of, GraphQLInputObjectType):
        fields = ", ".join(
            f"{name}: {literal(field.type)}"
            for name, field in of.fields.items()
            if isinstance(field.type, GraphQLNonNull) and field.default_value is Undefined
        )
        return f"{{{fields}}}"
    return {
        "Int": "1",
        "Float": "1.0",
        "Boolean": "true",
        "ID": f'"{global_id(NodeKind.HOSPITAL, "nothing")}"',
        "Date": '"2026-11-22"',
        "DateTime": '"2026-11-22T00:00:00Z"',
        "Decimal": '"1"',
        "_Any": f'{{__typename: "Hospital", id: "{global_id(NodeKind.HOSPITAL, "nothing")}"}}',
    }.get(of.name, '"x"')


def test_the_table_speaks_of_real_object_types() -> None:
    assert all(isinstance(declared, GraphQLObjectType) for declared, _ in TABLES.values())
