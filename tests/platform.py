"""The whole application in a test: called through ASGI as visitors and hospitals' systems call it."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from clients.hospital.integration_client import IntegrationClient
from datasources.sealing import KeyRing
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from datasources.stores import Stores
from domain.integration.keys import issue_key

ENDPOINT = "http://platform.test/graphql"
MORNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""10:00 in the platform's zone: today's release (08:30) has passed, today's stop (11:30) has not."""


@dataclass
class SettableClock:
    """A clock that stands where the test puts it."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Hospital:
    """A hospital of the test's own and the client that signs for it."""

    code: str
    client: IntegrationClient


@dataclass
class Platform:
    """The application with its clock, and ways to call it."""

    http: httpx.AsyncClient
    stores: Stores
    ring: KeyRing
    clock: SettableClock = field(default_factory=SettableClock)

    async def answer(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        hospital: Hospital | None = None,
        language: str = "en",
    ) -> dict[str, Any]:
        """The whole answer to a query of a visitor, or of a hospital's system."""
        if hospital is None:
            body = {"query": query, "variables": variables or {}}
            response = await self.http.post(ENDPOINT, json=body, headers={"Accept-Language": language})
        else:
            request = hospital.client.signed_request(query, variables)
            request.headers["Accept-Language"] = language
            response = await self.http.send(request)
        answer: dict[str, Any] = response.json()
        return answer

    async def data(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        hospital: Hospital | None = None,
        language: str = "en",
    ) -> Any:
        """The data of an answer that must be free of errors."""
        answer = await self.answer(query, variables, hospital=hospital, language=language)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def error(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        hospital: Hospital | None = None,
        language: str = "en",
    ) -> dict[str, Any]:
        """The only error of an answer that must have one."""
        errors = (await self.answer(query, variables, hospital=hospital, language=language))["errors"]
        assert len(errors) == 1, errors
        error: dict[str, Any] = errors[0]
        return error

    async def new_hospital(self, **entry: Any) -> Hospital:
        """A hospital nobody else knows, with its account, a key, and an entry in the catalogue if one is given."""
        code = f"t{secrets.token_hex(6)}"
        async with self.stores.sql.unit_of_work() as session:
            await HospitalAccounts(session).add(HospitalAccount(code=code, name="测试医院"))
            issued = await issue_key(session, self.ring, code, "")
        client = IntegrationClient(
            ENDPOINT,
            issued.key_id,
            issued.secret.get_secret_value(),
            clock=lambda: self.clock().timestamp(),
        )
        hospital = Hospital(code, client)
        if entry:
            pushed = await self.push(hospital, "upsertHospital", {"hospital": entry})
            assert pushed["__typename"] == "HospitalUpserted", pushed
        return hospital

    async def push(self, hospital: Hospital, mutation: str, input: dict[str, Any], *, language: str = "en") -> Any:
        """The result of one push; without an idempotency key it gets a fresh one."""
        input = {"idempotencyKey": secrets.token_hex(8), **input}
        name = "CodesInput" if mutation in BY_CODES else f"{mutation[0].upper()}{mutation[1:]}Input"
        answers = SINGLE_ANSWERS.get(mutation, BATCH_ANSWERS)
        query = f"mutation ($input: {name}!) {{ {mutation}(input: $input) {{ __typename {answers} {PROBLEMS} }} }}"
        return (await self.data(query, {"input": input}, hospital=hospital, language=language))[mutation]


BY_CODES = ("removeDepartments", "removeDoctors", "removeSchedules", "withdrawSchedules")
PROBLEMS = """
  ... on Problem { code message }
  ... on InvalidInput { fields { field code message } }
"""
SINGLE_ANSWERS = {
    "upsertHospital": "... on HospitalUpserted { replayed hospital { code name } }",
    "upsertDepartment": "... on DepartmentUpserted { replayed department { code name isLeaf } }",
    "upsertDoctor": "... on DoctorUpserted { replayed doctor { code name } }",
    "upsertSchedule": """
      ... on ScheduleUpserted { replayed schedule { externalId status remaining fee { amount } doctorName } }
    """,
}
BATCH_ANSWERS = """
  ... on CataloguePushed { created replaced removed revision replayed refused { index field code message } }
  ... on InvalidBatch { items { index field code message } }
"""
