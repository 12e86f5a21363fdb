"""Calls as whoever a test says is calling: the Authorization header names the caller, and is believed."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from datasources.sealing import KeyRing
from datasources.sql.user_account import UserAccount
from datasources.stores import Stores
from domain.callers import VISITOR, Caller, SignedInUser, StaffMember
from domain.permissions import Permission
from server.http.request_facts import RequestFacts
from tests.platform import ENDPOINT, SettableClock

SESSION = UUID(int=1)


async def believed(request: RequestFacts) -> Caller:
    """The caller that the header names: `user <id>`, `staff <permissions>`, or nobody."""
    kind, _, rest = (request.authorization or "").partition(" ")
    if kind == "user":
        return SignedInUser(UUID(rest), SESSION)
    if kind == "staff":
        return StaffMember(UUID(int=2), SESSION, None, frozenset(Permission(each) for each in rest.split()))
    return VISITOR


@dataclass
class Callers:
    """The application for callers who are believed."""

    http: httpx.AsyncClient
    stores: Stores
    ring: KeyRing
    clock: SettableClock

    async def new_user(self) -> str:
        """The id of a new account, as its Authorization."""
        id = uuid4()
        async with self.stores.sql.unit_of_work() as session:
            session.add(UserAccount(id=id, phone_index=secrets.token_bytes(16), created_at=datetime.now(UTC)))
        return f"user {id}"

    async def answer(
        self, caller: str, query: str, variables: dict[str, Any] | None = None, *, language: str = "en"
    ) -> dict[str, Any]:
        """The whole answer."""
        response = await self.http.post(
            ENDPOINT,
            json={"query": query, "variables": variables or {}},
            headers={"Accept-Language": language, "Authorization": caller},
        )
        answer: dict[str, Any] = response.json()
        return answer

    async def data(self, caller: str, query: str, variables: dict[str, Any] | None = None) -> Any:
        """The data of an answer that must be free of errors."""
        answer = await self.answer(caller, query, variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def refusal(self, caller: str, query: str, variables: dict[str, Any] | None = None) -> str:
        """The code of the only error of an answer that must have one."""
        errors = (await self.answer(caller, query, variables))["errors"]
        assert len(errors) == 1, errors
        return str(errors[0]["extensions"]["code"])

    async def change(self, caller: str, mutation: str, input: dict[str, Any], selection: str) -> Any:
        """The result of a mutation, its problems with code, message and fields."""
        name = f"{mutation[0].upper()}{mutation[1:]}Input"
        query = f"""mutation ($input: {name}!) {{ {mutation}(input: $input) {{
            __typename {selection} ... on Problem {{ code message }}
            ... on InvalidInput {{ fields {{ field code message }} }} }} }}"""
        return (await self.data(caller, query, {"input": input}))[mutation]
