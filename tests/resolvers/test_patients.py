"""Patients: added, changed, removed and found by their owner alone, masked in every answer."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select, update

from datasources.sealing import KeyRing, SealError
from datasources.sql.audit_entry import AuditEntry
from datasources.sql.patient import ERASED, Patient
from datasources.sql.user_account import UserAccount
from datasources.stores import Stores
from domain.certificates.resident_id import check_character
from domain.dictionary.seed import ensure_dictionary
from domain.global_id import NodeKind, global_id, node_reference
from domain.patients.consent import CURRENT_VERSIONS
from domain.patients.sealed_details import read_details
from server.app import create_app
from server.root_key import root_key
from server.settings import Settings
from tests.platform import SettableClock
from tests.resolvers.callers import Callers, believed

PATIENT = """id name certificateKind certificateNumber checkAtDesk sex birthDate age phone maritalStatus insuranceKind
  cardNumber regionCode regionName address emergencyContact { name phone }
  guardian { name certificateKind certificateNumber phone } createdAt updatedAt"""
ADDED = f"... on PatientAdded {{ patient {{ {PATIENT} }} }}"
UPDATED = f"... on PatientUpdated {{ patient {{ {PATIENT} }} }}"
REMOVED = "... on PatientRemoved { patientId }"
MINE = f"query ($text: String) {{ myPatients(text: $text) {{ {PATIENT} }} }}"
NODE = "query ($id: ID!) { node(id: $id) { __typename id ... on Patient { name phone } } }"
STAFFS_VIEW = f"query ($id: ID!) {{ patientsOfUser(userId: $id) {{ {PATIENT} }} }}"


@pytest.fixture(scope="module")
async def _callers(settings: Settings, open_stores: Stores) -> AsyncIterator[Callers]:
    await ensure_dictionary(open_stores.sql)
    clock = SettableClock()
    app = create_app(settings, clock=clock, authenticate=believed)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), timeout=30) as http,
    ):
        yield Callers(http, open_stores, KeyRing.of(root_key(settings)), clock)


@pytest.fixture
def callers(_callers: Callers) -> Callers:
    """The application at 10:00 of an ordinary day."""
    _callers.clock.now = SettableClock().now
    return _callers


@pytest.fixture
async def owner(callers: Callers) -> str:
    """An account whose owner agreed to the handling of health data."""
    return await agreed(callers, await callers.new_user())


async def agreed(callers: Callers, user: str) -> str:
    input = {"kind": "HEALTH_DATA", "version": CURRENT_VERSIONS[next(iter(CURRENT_VERSIONS))]}
    given = await callers.change(user, "giveConsent", input, "... on ConsentGiven { consent { kind } }")
    assert given["__typename"] == "ConsentGiven", given
    return user


def resident_id(born: date, order: int = 2) -> str:
    body = f"110105{born:%Y%m%d}{order:03}"
    return body + check_character(body)


NUMBER = resident_id(date(1949, 12, 31))  # the standard's example
assert NUMBER == "11010519491231002X"


def adult(order: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "name": "欧阳娜娜",
        "certificateKind": "10",
        "certificateNumber": resident_id(date(1949, 12, 31), order),
        "phone": "138 0000 5678",
    } | more


async def added(callers: Callers, user: str, **more: Any) -> dict[str, Any]:
    answer = await callers.change(user, "addPatient", adult(**more), ADDED)
    assert answer["__typename"] == "PatientAdded", answer
    patient: dict[str, Any] = answer["patient"]
    return patient


async def row_of(callers: Callers, patient: dict[str, Any]) -> Patient:
    async with callers.stores.sql.read() as session:
        found = await session.get(Patient, UUID(node_reference(patient["id"]).key))
    assert found is not None
    return found


async def acts_on(callers: Callers, subject_id: object) -> list[tuple[str, str, str]]:
    async with callers.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry).where(AuditEntry.subject_id == str(subject_id)).order_by(col(AuditEntry.id))
        )
        return [(entry.action, entry.actor_kind, entry.actor_id) for entry in found]


EVERYTHING: dict[str, Any] = {
    "maritalStatus": "10",
    "insuranceKind": "01",
    "cardNumber": "6222 0212 3456 7890",
    "regionCode": "110101",
    "address": "北京市东城区东交民巷 1 号",
    "emergencyContact": {"name": "王五", "phone": "13900001111"},
}


async def test_an_added_patient_is_masked_in_the_answer_and_whole_in_the_row(callers: Callers, owner: str) -> None:
    patient = await added(callers, owner, **EVERYTHING)
    row = await row_of(callers, patient)
    assert patient == {
        "id": global_id(NodeKind.PATIENT, row.id),
        "name": "欧阳娜娜",
        "certificateKind": "10",
        "certificateNumber": "110***********002X",
        "checkAtDesk": False,
        "sex": "FEMALE",
        "birthDate": "1949-12-31",
        "age": 76,
        "phone": "138****5678",
        "maritalStatus": "10",
        "insuranceKind": "01",
        "cardNumber": "************7890",
        "regionCode": "110101",
        "regionName": "北京市东城区",
        "address": "北京市东城区****",
        "emergencyContact": {"name": "王*", "phone": "139****1111"},
        "guardian": None,
        "createdAt": "2026-11-20T10:00:00+08:00",
        "updatedAt": "2026-11-20T10:00:00+08:00",
    }
    details = read_details(callers.ring, row)
    assert (details.certificate.number, details.phone) == (NUMBER, "+8613800005678")
    assert (await callers.data(owner, MINE))["myPatients"] == [patient]
    assert await acts_on(callers, row.id) == [("PATIENT_ADDED", "user", owner.removeprefix("user "))]


async def test_nothing_clear_is_stored(callers: Callers, owner: str) -> None:
    row = await row_of(callers, await added(callers, owner, **EVERYTHING))
    stored = repr(row.model_dump()).encode() + b"".join(v for v in row.model_dump().values() if isinstance(v, bytes))
    for clear in (NUMBER, "1949", "13800005678", "13900001111", "6222", "欧阳", "东交民巷"):
        assert clear.encode() not in stored


async def test_a_ciphertext_moved_to_another_row_or_column_does_not_open(callers: Callers, owner: str) -> None:
    one = await row_of(callers, await added(callers, owner))
    other = await row_of(callers, await added(callers, owner, order=4))
    one.sealed_certificate, other.sealed_certificate = other.sealed_certificate, one.sealed_certificate
    with pytest.raises(SealError, match=r"patient\.sealed_certificate.*moved from another row"):
        read_details(callers.ring, one)
    async with callers.stores.sql.unit_of_work() as session:
        await session.exec(update(Patient).where(col(Patient.id) == one.id).values(sealed_phone=other.sealed_phone))
    assert await callers.refusal(owner, MINE) == "INTERNAL"


async def test_the_failed_rule_is_named_in_the_callers_language(callers: Callers, owner: str) -> None:
    answer = await callers.change(owner, "addPatient", adult(certificateNumber="110105194912310021"), ADDED)
    assert answer["fields"] == [
        {
            "field": "certificateNumber",
            "code": "CERTIFICATE_CHECK_CHARACTER",
            "message": "The number's check character does not match; compare it digit by digit.",
        }
    ]
    chinese = await callers.answer(
        owner,
        "mutation ($i: AddPatientInput!) { addPatient(input: $i) { ... on InvalidInput { fields { message } } } }",
        {"i": adult(certificateNumber="110105194912310021")},
        language="zh-CN",
    )
    assert "校验位" in chinese["data"]["addPatient"]["fields"][0]["message"]


async def test_without_consent_nothing_is_taken(callers: Callers) -> None:
    user = await callers.new_user()
    answer = await callers.change(user, "addPatient", adult(), f"{ADDED} ... on ConsentNeeded {{ kind version }}")
    assert (answer["code"], answer["kind"], answer["version"]) == ("CONSENT_NEEDED", "HEALTH_DATA", "2026-11")
    await agreed(callers, user)
    patient = await added(callers, user)
    withdrawn = await callers.change(
        user, "withdrawConsent", {"kind": "HEALTH_DATA"}, "... on ConsentWithdrawn { consents { withdrawnAt } }"
    )
    assert withdrawn["consents"] == [{"withdrawnAt": "2026-11-20T10:00:00+08:00"}]
    answer = await callers.change(user, "updatePatient", {"id": patient["id"], "name": "李四"}, UPDATED)
    assert answer["code"] == "CONSENT_NEEDED"


async def test_consents_are_versioned_and_kept(callers: Callers) -> None:
    user = await callers.new_user()
    given = "... on ConsentGiven { consent { version givenAt withdrawnAt } }"
    old = await callers.change(user, "giveConsent", {"kind": "HEALTH_DATA", "version": "2001-01"}, given)
    assert [field["field"] for field in old["fields"]] == ["version"]
    texts = (await callers.data(user, "{ consentTexts { kind version } }"))["consentTexts"]
    for each in (*texts, texts[0]):
        answer = await callers.change(user, "giveConsent", each, given)
        assert answer["consent"] == {
            "version": each["version"],
            "givenAt": "2026-11-20T10:00:00+08:00",
            "withdrawnAt": None,
        }
    mine = "{ myConsents { kind version withdrawnAt } }"
    assert len((await callers.data(user, mine))["myConsents"]) == len(texts)
    withdraw = {"kind": "HEALTH_DATA"}
    assert (await callers.change(user, "withdrawConsent", withdraw, ""))["__typename"] == "ConsentWithdrawn"
    assert (await callers.change(user, "withdrawConsent", withdraw, ""))["__typename"] == "NotFound"
    await agreed(callers, user)
    stand = [each["withdrawnAt"] is None for each in (await callers.data(user, mine))["myConsents"]]
    assert sorted(stand) == [False, True, True]
    assert (await callers.data(await callers.new_user(), mine))["myConsents"] == []
    assert [action for action, _, _ in await acts_on(callers, user.removeprefix("user "))] == [
        "CONSENT_GIVEN",
        "CONSENT_GIVEN",
        "CONSENT_WITHDRAWN",
        "CONSENT_GIVEN",
    ]


async def test_many_who_agree_at_once_agree_once(callers: Callers) -> None:
    user = await callers.new_user()
    await asyncio.gather(*(agreed(callers, user) for _ in range(8)))
    assert len((await callers.data(user, "{ myConsents { version } }"))["myConsents"]) == 1


async def test_an_account_has_at_most_six_patients_however_many_are_added_at_once(callers: Callers, owner: str) -> None:
    answers = await asyncio.gather(
        *(callers.change(owner, "addPatient", adult(order), "... on TooManyPatients { most }") for order in range(20))
    )
    kinds = [answer["__typename"] for answer in answers]
    assert (kinds.count("PatientAdded"), kinds.count("TooManyPatients")) == (6, 14)
    assert next(answer["most"] for answer in answers if "most" in answer) == 6
    mine = (await callers.data(owner, MINE))["myPatients"]
    assert len(mine) == 6
    await callers.change(owner, "removePatient", {"id": mine[0]["id"]}, REMOVED)
    await added(callers, owner, order=100)


async def test_a_certificate_stands_once_in_an_account_however_often_it_is_added_at_once(
    callers: Callers, owner: str
) -> None:
    answers = await asyncio.gather(*(callers.change(owner, "addPatient", adult(), ADDED) for _ in range(5)))
    assert [answer["__typename"] for answer in answers].count("PatientAdded") == 1
    refused = next(answer for answer in answers if answer["__typename"] == "InvalidInput")
    assert [(each["field"], each["code"]) for each in refused["fields"]] == [("certificateNumber", "DUPLICATE")]
    other = await added(callers, owner, order=4)
    change = {"id": other["id"], "certificateNumber": NUMBER.lower()}
    answer = await callers.change(owner, "updatePatient", change, UPDATED)
    assert [each["code"] for each in answer["fields"]] == ["DUPLICATE"]
    await added(callers, await agreed(callers, await callers.new_user()))


async def test_the_table_itself_forbids_a_certificate_twice(callers: Callers, owner: str) -> None:
    one = await row_of(callers, await added(callers, owner))
    other = await row_of(callers, await added(callers, owner, order=4))
    with pytest.raises(Exception, match="patient_certificate_once_per_account"):
        async with callers.stores.sql.unit_of_work() as session:
            await session.exec(
                update(Patient).where(col(Patient.id) == other.id).values(certificate_index=one.certificate_index)
            )


async def test_an_update_changes_what_it_names_and_keeps_the_rest(callers: Callers, owner: str) -> None:
    patient = await added(callers, owner, **EVERYTHING)
    callers.clock.now = datetime(2026, 11, 21, tzinfo=UTC)
    change = {"id": patient["id"], "phone": "13700009999", "address": None, "emergencyContact": None}
    answer = await callers.change(owner, "updatePatient", change, UPDATED)
    assert answer["patient"] == patient | {
        "phone": "137****9999",
        "address": None,
        "emergencyContact": None,
        "updatedAt": "2026-11-21T08:00:00+08:00",
    }
    row = await row_of(callers, patient)
    assert read_details(callers.ring, row).certificate.number == NUMBER
    async with callers.stores.sql.read() as session:
        entry = (
            await session.exec(
                select(AuditEntry).where(AuditEntry.subject_id == str(row.id), AuditEntry.action == "PATIENT_CHANGED")
            )
        ).one()
    assert entry.detail == {"fields": ["address", "emergency_contact", "phone"]}


async def test_a_new_certificate_brings_its_birth_date_and_sex(callers: Callers, owner: str) -> None:
    patient = await added(callers, owner)
    change: dict[str, Any] = {"id": patient["id"], "certificateNumber": resident_id(date(1990, 5, 1), 3)}
    answer = await callers.change(owner, "updatePatient", change | {"sex": "FEMALE"}, UPDATED)
    assert [(each["field"], each["code"]) for each in answer["fields"]] == [("sex", "SEX_CONTRADICTS")]
    answer = await callers.change(owner, "updatePatient", change, UPDATED)
    assert (answer["patient"]["birthDate"], answer["patient"]["sex"]) == ("1990-05-01", "MALE")
    passport = {"id": patient["id"], "certificateKind": "30", "certificateNumber": "E12345678"}
    answer = await callers.change(owner, "updatePatient", passport, UPDATED)
    assert (answer["patient"]["birthDate"], answer["patient"]["certificateNumber"]) == ("1990-05-01", "E*******8")


async def test_a_required_detail_cannot_be_taken_away(callers: Callers, owner: str) -> None:
    patient = await added(callers, owner)
    change = {"id": patient["id"], "name": None, "certificateNumber": None, "phone": None, "certificateKind": None}
    answer = await callers.change(owner, "updatePatient", change, UPDATED)
    assert {each["field"] for each in answer["fields"]} == {"name", "certificateKind", "phone"}


async def test_a_child_has_a_guardian(callers: Callers, owner: str) -> None:
    child = adult(certificateNumber=resident_id(date(2020, 1, 1)))
    answer = await callers.change(owner, "addPatient", child, ADDED)
    assert [each["field"] for each in answer["fields"]] == ["guardian"]
    guardian = {"name": "张小三", "certificateKind": "10", "certificateNumber": NUMBER, "phone": "13800001234"}
    answer = await callers.change(owner, "addPatient", child | {"guardian": guardian}, ADDED)
    assert answer["patient"]["guardian"] == {
        "name": "张*三",
        "certificateKind": "10",
        "certificateNumber": "110***********002X",
        "phone": "138****1234",
    }


async def test_a_kind_without_a_rule_goes_to_the_desk(callers: Callers, owner: str) -> None:
    book = {"certificateKind": "20", "certificateNumber": "户 123", "sex": "MALE", "birthDate": "2000-01-01"}
    assert (await added(callers, owner, **book))["checkAtDesk"] is True


async def test_a_removed_patient_is_gone_and_erased(callers: Callers, owner: str) -> None:
    patient = await added(callers, owner, **EVERYTHING)
    answer = await callers.change(owner, "removePatient", {"id": patient["id"]}, REMOVED)
    assert answer == {"__typename": "PatientRemoved", "patientId": patient["id"]}
    assert (await callers.data(owner, MINE))["myPatients"] == []
    assert (await callers.data(owner, NODE, {"id": patient["id"]}))["node"] is None
    row = await row_of(callers, patient)
    assert row.removed_at is not None
    assert [getattr(row, column) for column in ERASED] == [None] * len(ERASED)
    assert (await callers.change(owner, "removePatient", {"id": patient["id"]}, REMOVED))["code"] == "NOT_FOUND"
    await added(callers, owner)


async def test_every_personal_column_is_erased() -> None:
    kept = {"id", "user_id", "certificate_kind", "check_at_desk", "created_at", "updated_at", "removed_at"}
    assert set(Patient.model_fields) == kept | set(ERASED)


async def test_live_orders_forbid_removal_and_a_change_of_certificate(
    callers: Callers, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = await added(callers, owner)

    async def live(*_: object) -> bool:
        return True

    monkeypatch.setattr("domain.patients.changes.has_live_orders", live)
    assert (await callers.change(owner, "removePatient", {"id": patient["id"]}, REMOVED))["code"] == "HAS_ORDERS"
    change = {"id": patient["id"], "certificateNumber": resident_id(date(1949, 12, 31), 4)}
    assert (await callers.change(owner, "updatePatient", change, UPDATED))["code"] == "HAS_ORDERS"
    same = {"id": patient["id"], "certificateNumber": f" {NUMBER}", "phone": "13700009999"}
    assert (await callers.change(owner, "updatePatient", same, UPDATED))["__typename"] == "PatientUpdated"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("欧阳", 1), ("娜 娜", 1), ("ouyang", 1), ("OYNN", 1), ("张", 1), ("欧阳张", 0), ("%", 0), ("", 2), (None, 2)],
)
async def test_patients_are_found_by_part_of_their_name(
    callers: Callers, owner: str, wanted: str | None, found: int
) -> None:
    await added(callers, owner)
    await added(callers, owner, order=4, name="张三")
    assert len((await callers.data(owner, MINE, {"text": wanted}))["myPatients"]) == found


async def test_somebody_elses_patient_is_nobodys(callers: Callers, owner: str) -> None:
    patient = await added(callers, owner)
    stranger = await agreed(callers, await callers.new_user())
    everybody = "staff READ_PATIENTS READ_USERS EDIT_USERS"
    entities = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
    for caller in (stranger, everybody, ""):
        assert (await callers.data(caller, NODE, {"id": patient["id"]}))["node"] is None
        representation = [{"__typename": "Patient", "id": patient["id"]}]
        assert (await callers.data(caller, entities, {"r": representation}))["_entities"] == [None]
    assert (await callers.data(owner, NODE, {"id": patient["id"]}))["node"]["name"] == "欧阳娜娜"
    assert (await callers.data(stranger, MINE))["myPatients"] == []
    update_answer = await callers.change(stranger, "updatePatient", {"id": patient["id"], "name": "贼"}, UPDATED)
    assert update_answer["code"] == "NOT_FOUND"
    removal = await callers.change(stranger, "removePatient", {"id": patient["id"]}, REMOVED)
    assert removal["code"] == "NOT_FOUND"
    assert (await callers.data(owner, MINE))["myPatients"] == [patient]


async def test_only_owners_use_these_fields(callers: Callers) -> None:
    for caller in ("", "staff READ_PATIENTS"):
        assert await callers.refusal(caller, MINE) == "UNAUTHENTICATED"
        assert await callers.refusal(caller, "{ myConsents { kind } }") == "UNAUTHENTICATED"
        for mutation, input in (
            ("addPatient", adult()),
            ("updatePatient", {"id": "x"}),
            ("removePatient", {"id": "x"}),
            ("giveConsent", {"kind": "HEALTH_DATA", "version": "2026-11"}),
            ("withdrawConsent", {"kind": "HEALTH_DATA"}),
        ):
            name = f"{mutation[0].upper()}{mutation[1:]}Input"
            query = f"mutation ($i: {name}!) {{ {mutation}(input: $i) {{ __typename }} }}"
            assert await callers.refusal(caller, query, {"i": input}) == "UNAUTHENTICATED"


async def test_staff_see_everything_masked_and_their_look_is_on_record(callers: Callers, owner: str) -> None:
    mine = await added(callers, owner, **EVERYTHING)
    user_id = owner.removeprefix("user ")
    account = {"id": global_id(NodeKind.USER, user_id)}
    assert await callers.refusal("", STAFFS_VIEW, account) == "UNAUTHENTICATED"
    assert await callers.refusal(owner, STAFFS_VIEW, account) == "UNAUTHENTICATED"
    assert await callers.refusal("staff READ_USERS", STAFFS_VIEW, account) == "FORBIDDEN"
    seen = (await callers.data("staff READ_PATIENTS", STAFFS_VIEW, account))["patientsOfUser"]
    assert seen == [mine | {"name": "欧**娜", "birthDate": None}]
    assert ("PATIENTS_READ", "staff", str(UUID(int=2))) in await acts_on(callers, user_id)
    nobody = {"id": global_id(NodeKind.USER, UUID(int=77))}
    assert (await callers.data("staff READ_PATIENTS", STAFFS_VIEW, nobody))["patientsOfUser"] == []


async def test_a_locked_account_adds_nobody(callers: Callers, owner: str) -> None:
    async with callers.stores.sql.unit_of_work() as session:
        id = UUID(owner.removeprefix("user "))
        await session.exec(update(UserAccount).where(col(UserAccount.id) == id).values(status="LOCKED"))
    query = "mutation ($i: AddPatientInput!) { addPatient(input: $i) { __typename } }"
    assert await callers.refusal(owner, query, {"i": adult()}) == "UNAUTHENTICATED"


async def test_logs_hold_no_numbers(callers: Callers, owner: str, capfd: pytest.CaptureFixture[str]) -> None:
    patient = await added(callers, owner, **EVERYTHING)
    await callers.change(owner, "addPatient", adult(certificateNumber="110105194912310021"), ADDED)
    async with callers.stores.sql.unit_of_work() as session:
        row = await row_of(callers, patient)
        await session.exec(update(Patient).where(col(Patient.id) == row.id).values(sealed_phone=row.sealed_name))
    assert await callers.refusal(owner, MINE) == "INTERNAL"
    logged = capfd.readouterr().err
    assert "patient.sealed_phone" in logged
    for clear in (NUMBER, "11010519491231002", "110105194912310021", "13800005678", "6222", "欧阳"):
        assert clear not in logged
