"""The whole application in a test: called through ASGI as visitors and hospitals' systems call it."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from datasources.sealing import KeyRing
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from datasources.sql.staff_account import StaffAccount, StaffAccounts
from datasources.sql.user_account import UserAccount, Verification
from datasources.stores import Stores
from domain.booking.policy import BookingPolicy
from domain.global_id import NodeKind, global_id, node_reference
from domain.identity.accounts import Account, Origin
from domain.identity.sessions import start_session
from domain.integration.keys import issue_key
from domain.permissions import Role
from domain.staff.passwords import password_hash
from htbooking_hospital import HospitalClient
from server.settings import Settings
from tests.browser import Browser, User, new_phone
from tests.consents import health_data_consent
from tests.domain.payments.channel import TestProvider

ENDPOINT = "http://platform.test/graphql"
MORNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""10:00 in the platform's zone: today's release (08:30) has passed, today's stop (11:30) has not."""

PASSWORD = "seven green boats"


def as_answered(moment: datetime) -> str:
    """The moment as the graph writes it."""
    return moment.astimezone(ZoneInfo("Asia/Shanghai")).isoformat()


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
    client: HospitalClient


@dataclass(frozen=True)
class StaffPerson:
    """A staff member of the test's own and an access token of theirs."""

    key: UUID
    sign_in_name: str
    token: str
    hospital_code: str | None

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(NodeKind.STAFF, self.key)


@dataclass
class Platform:
    """The application with its clock, and ways to call it."""

    http: httpx.AsyncClient
    stores: Stores
    ring: KeyRing
    clock: SettableClock = field(default_factory=SettableClock)
    provider: TestProvider = field(default_factory=TestProvider)
    """Who takes the money for orders."""

    @property
    def booking_policy(self) -> BookingPolicy:
        """The rules of booking that the application follows."""
        return BookingPolicy(Settings().zone)

    async def answer(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        hospital: Hospital | None = None,
        bearer: str | None = None,
        language: str = "en",
    ) -> dict[str, Any]:
        """The whole answer to a query of a visitor, of whoever has this access token, or of a hospital's system."""
        if hospital is None:
            body = {"query": query, "variables": variables or {}}
            headers = {"Accept-Language": language} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
            response = await self.http.post(ENDPOINT, json=body, headers=headers)
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
        bearer: str | None = None,
        language: str = "en",
    ) -> Any:
        """The data of an answer that must be free of errors."""
        answer = await self.answer(query, variables, hospital=hospital, bearer=bearer, language=language)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def error(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        hospital: Hospital | None = None,
        bearer: str | None = None,
        language: str = "en",
    ) -> dict[str, Any]:
        """The only error of an answer that must have one."""
        errors = (await self.answer(query, variables, hospital=hospital, bearer=bearer, language=language))["errors"]
        assert len(errors) == 1, errors
        error: dict[str, Any] = errors[0]
        return error

    def new_browser(self) -> Browser:
        """Somebody's browser, at an address of its own, not signed in."""
        transport = self.http._transport
        assert isinstance(transport, httpx.ASGITransport)
        return Browser(transport.app, self.stores)

    async def new_user(self, phone: str | None = None, *, verified: bool = False) -> User:
        """Somebody new, or with this phone, who signs in as people do: by the code that the phone shows. A verified
        one is known by real name, as if a reviewer had decided so, and may book."""
        phone = phone or new_phone()
        browser = self.new_browser()
        signed_in = await browser.sign_in(phone)
        user = User(signed_in["user"]["id"], phone, browser)
        if verified:
            async with self.stores.sql.unit_of_work() as session:
                account = await session.get(UserAccount, UUID(node_reference(user.id).key))
                assert account is not None
                account.verification = Verification.VERIFIED
                session.add(health_data_consent(account.id, self.clock()))
        return user

    async def new_hospital(self, **entry: Any) -> Hospital:
        """A hospital nobody else knows, with its account, a key, and an entry in the catalogue if one is given."""
        code = f"t{secrets.token_hex(6)}"
        async with self.stores.sql.unit_of_work() as session:
            await HospitalAccounts(session).add(HospitalAccount(code=code, name="测试医院"))
            issued = await issue_key(session, self.ring, code, "")
        client = HospitalClient(
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

    async def new_staff(self, *roles: Role, hospital: Hospital | str | None = None, **columns: Any) -> StaffPerson:
        """A staff member nobody else knows, signed in. The password is `PASSWORD`; `columns` change the account."""
        code = hospital.code if isinstance(hospital, Hospital) else hospital
        account = StaffAccount(
            **{
                "id": uuid.uuid4(),
                "sign_in_name": f"s{secrets.token_hex(6)}",
                "name": "测试员",
                "hospital_code": code,
                "roles": [role.value for role in roles],
                "password_hash": await hash_of_the_password(),
                **columns,
            }
        )
        async with self.stores.sql.unit_of_work() as session:
            await StaffAccounts(session).add(account)
            tokens = await start_session(session, self.ring, Account.of_staff(account.id, code), Origin(self.clock()))
        return StaffPerson(account.id, account.sign_in_name, tokens.access_token.get_secret_value(), code)

    async def push(self, hospital: Hospital, mutation: str, input: dict[str, Any], *, language: str = "en") -> Any:
        """The result of one push; without an idempotency key it gets a fresh one."""
        input = {"idempotencyKey": secrets.token_hex(8), **input}
        name = "CodesInput" if mutation in BY_CODES else f"{mutation[0].upper()}{mutation[1:]}Input"
        answers = SINGLE_ANSWERS.get(mutation, BATCH_ANSWERS)
        query = f"mutation ($input: {name}!) {{ {mutation}(input: $input) {{ __typename {answers} {PROBLEMS} }} }}"
        return (await self.data(query, {"input": input}, hospital=hospital, language=language))[mutation]


async def hash_of_the_password() -> str:
    """Hashed once for all staff of the tests: each hash costs what a real one does."""
    if not _hashes:
        _hashes.append(await password_hash(PASSWORD))
    return _hashes[0]


_hashes: list[str] = []

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
