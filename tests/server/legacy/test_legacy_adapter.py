"""An older system's forms, posted as it posts them: taken by the same pushes, and refused where they must be."""

import base64
import io
import secrets
from argparse import Namespace
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from datasources.sealing import KeyRing
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts, HospitalStatus
from datasources.sql.legacy_key import LegacyKeys
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary
from domain.integration.keys import HospitalNotFound
from domain.integration.legacy_keys import BadLegacyKey, list_legacy_keys, remove_legacy_key, set_legacy_key
from domain.integration.legacy_signature import legacy_signature
from server import legacy_keys
from server.app import create_app
from server.root_key import root_key
from server.settings import Mode, Settings
from tests.platform import MORNING, Platform, SettableClock

DAY = "2026-11-25"


@dataclass
class OlderSystem:
    """A hospital that speaks the older protocol, its clock that of the platform."""

    code: str
    key: str
    platform: Platform
    clock: SettableClock
    sent: list[dict[str, str]] = field(default_factory=list)

    def form(self, **values: object) -> dict[str, str]:
        """The form with its time and signature, as the hospital's own code makes it."""
        given = {"hoscode": self.code, "timestamp": str(int(self.clock().timestamp() * 1000))}
        given |= {name: str(value) for name, value in values.items()}
        self.clock.now += timedelta(milliseconds=1)
        return {**given, "sign": legacy_signature(given, self.key)}

    async def post(self, path: str, form: dict[str, str], **headers: str) -> dict[str, Any]:
        """The answer to a form."""
        response = await self.platform.http.post(f"/api/hosp/{path}", data=form, headers=headers)
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    async def call(self, path: str, **values: object) -> dict[str, Any]:
        """The answer to these values, signed."""
        return await self.post(path, self.form(**values))


def session(id: str, **changes: object) -> dict[str, object]:
    """A session as older systems say it."""
    return {
        "hosScheduleId": id,
        "depcode": "0101",
        "title": "主任医师",
        "docname": "柳听泉",
        "skill": "哮喘",
        "workDate": DAY,
        "workTime": 0,
        "reservedNumber": 30,
        "availableNumber": 12,
        "amount": "9.67",
        "status": 1,
    } | changes


@pytest.fixture
async def platform(settings: Settings, stores: Stores, logging_as_before: None) -> AsyncIterator[Platform]:
    await ensure_dictionary(stores.sql)
    clock = SettableClock()
    app = create_app(settings.model_copy(update={"legacy_adapter": True}), clock=clock)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://booking.test") as http,
    ):
        await stores.catalogue.bind()
        yield Platform(http, stores, KeyRing.of(root_key(settings)), clock)


async def older_system(platform: Platform) -> OlderSystem:
    """A new hospital with a key of the older protocol."""
    code = f"old{secrets.token_hex(5)}"
    async with platform.stores.sql.unit_of_work() as session:
        await HospitalAccounts(session).add(HospitalAccount(code=code, name="旧系统医院"))
        key = await set_legacy_key(session, platform.ring, code, None, platform.clock())
    return OlderSystem(code, key.get_secret_value(), platform, platform.clock)


@pytest.fixture
async def older(platform: Platform) -> OlderSystem:
    return await older_system(platform)


SEEN = """query ($code: String!, $day: Date!) {
  hospital(code: $code) { name level { value } bookingRule { cycle quitDay } departmentTree { code name
    children { code name introduction } } }
  schedules(hospitalCode: $code, departmentCode: "0101", date: $day) {
    externalId halfDay capacity remaining status doctorName fee { amount } } }"""


async def test_a_whole_hospital_comes_by_forms_and_is_read_back(older: OlderSystem) -> None:
    hospital = {"hosname": "河湾人民医院", "hostype": 1, "provinceCode": "330000", "cityCode": "", "districtCode": ""}
    rule = "{'cycle':'10','releaseTime':'8:30','stopTime':'11:30','quitDay':'-1','quitTime':'15:30'}"
    done = {"code": 200, "message": "成功", "data": None, "ok": True}
    assert await older.call("saveHospital", **hospital, bookingRule=rule) == done
    department = {"depcode": "0101", "depname": "呼吸内科", "intro": "咳嗽", "bigcode": "01", "bigname": "内科"}
    assert await older.call("saveDepartment", **department) == done
    assert await older.call("saveDepartment", **(department | {"depcode": "0102", "depname": "肾内科"})) == done
    assert await older.call("saveSchedule", **session("s1")) == done
    assert await older.call("saveSchedule", **session("s2", workTime=1, status=-1, availableNumber="")) == done

    seen = await older.platform.data(SEEN, {"code": older.code, "day": DAY})
    assert seen["hospital"]["level"] == {"value": "3A"}
    assert seen["hospital"]["bookingRule"] == {"cycle": 10, "quitDay": -1}
    [above] = seen["hospital"]["departmentTree"]
    assert (above["code"], above["name"]) == ("01", "内科")
    assert [each["name"] for each in above["children"]] == ["呼吸内科", "肾内科"]
    morning, afternoon = seen["schedules"]
    assert (morning["halfDay"], morning["remaining"], morning["fee"]) == ("AM", 12, {"amount": "9.67"})
    assert (afternoon["halfDay"], afternoon["status"]) == ("PM", "WITHDRAWN")

    listed = (await older.call("department/list", page=1, limit=2))["data"]
    assert [each["depcode"] for each in listed["content"]] == ["01", "0101"]
    assert listed["content"][1] == department | {"hoscode": older.code}
    assert (listed["totalElements"], listed["totalPages"], listed["number"], listed["last"]) == (3, 2, 0, False)
    sessions = (await older.call("schedule/list", depcode="0101"))["data"]["content"]
    assert [(each["hosScheduleId"], each["workTime"], each["status"]) for each in sessions] == [
        ("s1", 0, 1),
        ("s2", 1, -1),
    ]
    assert (sessions[0]["amount"], sessions[0]["availableNumber"], sessions[0]["docname"]) == ("9.67", 12, "柳听泉")

    assert await older.call("schedule/remove", hosScheduleId="s1") == done
    assert (await older.call("department/remove", depcode="0101"))["code"] == 202
    assert await older.call("schedule/remove", hosScheduleId="s2") == done
    assert await older.call("department/remove", depcode="0101") == done


async def test_a_second_push_really_replaces(older: OlderSystem) -> None:
    await older.call("saveHospital", hosname="河湾人民医院")
    await older.call("saveDepartment", depcode="0101", depname="呼吸内科")
    await older.call("saveSchedule", **session("s1"))
    await older.call("saveSchedule", **session("s1", amount=50, availableNumber=30, status=0))
    [row] = (await older.call("schedule/list"))["data"]["content"]
    assert (row["amount"], row["availableNumber"], row["status"]) == ("50.00", 30, 0)


async def test_what_cannot_be_taken_is_named_by_its_older_name(older: OlderSystem) -> None:
    await older.call("saveHospital", hosname="河湾人民医院")
    for values, named in (
        (session("s1", workTime=7), "workTime"),
        (session("s1", status="3"), "status"),
        (session("s1", depcode="9999"), "depcode"),
        (session(""), "hosScheduleId"),
        (session("s1", amount="9.671"), "amount"),
    ):
        answer = await older.call("saveSchedule", **values)
        assert (answer["code"], answer["ok"]) == (202, False)
        assert f"{named}：" in answer["message"], answer
    assert (await older.call("saveDepartment", depcode="1"))["message"].startswith("depname：")
    assert (await older.call("saveHospital", hosname="x"))["message"].startswith("hosname：")
    assert (
        "districtCode/cityCode/provinceCode："
        in (await older.call("saveHospital", hosname="医院", cityCode="999999"))["message"]
    )
    for page in ({"page": 0}, {"limit": 101}, {"page": "²"}, {"page": "9" * 40}):
        assert (await older.call("department/list", **page))["code"] == 202


async def test_a_logo_survives_the_form(older: OlderSystem) -> None:
    png = "iVBORw0KGgoAAAANSUhEUgAA+/8="
    form = older.form(hosname="河湾人民医院", logoData=png)
    raw = "&".join(f"{name}={value}" for name, value in form.items())
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = await older.platform.http.post("/api/hosp/saveHospital", content=raw.encode(), headers=headers)
    assert response.json()["code"] == 200
    assert (await older.platform.http.get(f"/hospitals/{older.code}/logo")).status_code == 200


# ---- proof ----


async def pushes_of(older: OlderSystem) -> int:
    """How many pushes of the hospital were taken."""
    statement = text("SELECT count(*) FROM catalogue_push WHERE hospital_code = :code")
    async with older.platform.stores.sql.read() as reading:
        return int((await (await reading.connection()).execute(statement, {"code": older.code})).scalar_one())


async def test_nothing_is_taken_that_is_not_signed_fresh_and_new(older: OlderSystem) -> None:
    good = older.form(hosname="河湾人民医院")
    other = await older_system(older.platform)
    stale = older.form(hosname="河湾人民医院", timestamp=int((MORNING - timedelta(minutes=6)).timestamp()))
    early = older.form(hosname="河湾人民医院", timestamp=int((MORNING + timedelta(minutes=6)).timestamp()))
    for form, code in (
        ({**good, "hosname": "别的医院"}, 300),
        ({**good, "sign": "0" * 32}, 300),
        ({**good, "sign": "签"}, 300),
        ({**good, "hoscode": other.code}, 300),
        ({**good, "hoscode": "nobody"}, 300),
        ({name: value for name, value in good.items() if name != "sign"}, 202),
        ({name: value for name, value in good.items() if name != "timestamp"}, 202),
        (older.form(hosname="河湾", timestamp="yesterday"), 202),
        (older.form(hosname="河湾|人民医院"), 202),
        (stale, 301),
        (early, 301),
    ):
        assert (await older.post("saveHospital", form))["code"] == code, form
    assert await pushes_of(older) == 0
    assert (await older.post("saveHospital", good))["code"] == 200
    for path in ("saveHospital", "saveDepartment", "department/list"):
        assert (await older.post(path, good))["code"] == 206
    assert (await older.post("saveHospital", good | {"sign": good["sign"].upper()}))["code"] == 206
    assert await pushes_of(older) == 1


async def test_should_redis_forget_the_push_is_still_taken_once(older: OlderSystem) -> None:
    good = older.form(hosname="河湾人民医院")
    assert (await older.post("saveHospital", good))["code"] == 200
    await older.platform.stores.redis.delete(f"nonce:legacy.{older.code}:{good['sign']}")
    await older.call("saveHospital", hosname="河湾新医院")
    assert (await older.post("saveHospital", good))["code"] == 200
    await older.platform.stores.redis.delete(f"nonce:legacy.{older.code}:{good['sign']}")
    assert (await older.post("saveDepartment", good))["code"] == 201
    seen = await older.platform.data(SEEN, {"code": older.code, "day": DAY})
    assert seen["hospital"]["name"] == "河湾新医院"


async def test_one_hospitals_key_does_nothing_to_another(older: OlderSystem) -> None:
    other = await older_system(older.platform)
    stranger = OlderSystem(other.code, older.key, older.platform, older.clock)
    assert (await stranger.call("saveHospital", hosname="河湾人民医院"))["code"] == 300
    assert (await stranger.call("department/list"))["code"] == 300
    # Its integration key is no key of this protocol, and this one none of the graph's.
    async with older.platform.stores.sql.read() as reading:
        row = await LegacyKeys(reading).get(older.code)
    assert row is not None
    assert row.last_used_at is None
    assert older.key.encode() not in row.sealed_key


async def test_a_locked_hospital_and_a_removed_key_are_refused(older: OlderSystem) -> None:
    assert (await older.call("saveHospital", hosname="河湾人民医院"))["code"] == 200
    async with older.platform.stores.sql.unit_of_work() as writing:
        account = await HospitalAccounts(writing).get(older.code)
        assert account is not None
        account.status = HospitalStatus.LOCKED
    assert (await older.call("saveDepartment", depcode="1", depname="科"))["code"] == 201
    async with older.platform.stores.sql.unit_of_work() as writing:
        assert await remove_legacy_key(writing, older.code)
        assert not await remove_legacy_key(writing, older.code)
    assert (await older.call("department/list"))["code"] == 300


@pytest.mark.parametrize("body", [b"\xff\xfe", b"hoscode", b"hoscode=a&hoscode=b", b"a=1&" * 200, b"%zz=%zz", b""])
async def test_what_is_no_form_is_refused(older: OlderSystem, body: bytes) -> None:
    response = await older.platform.http.post("/api/hosp/saveHospital", content=body)
    assert response.json()["code"] == 202


async def test_a_body_too_large_and_other_methods_are_refused(older: OlderSystem) -> None:
    response = await older.platform.http.post("/api/hosp/saveHospital", content=b"x" * (1024 * 1024 + 1))
    assert response.json()["code"] == 202
    assert (await older.platform.http.get("/api/hosp/saveHospital")).status_code == 405


async def test_it_is_off_unless_it_is_asked_for_and_needs_https_in_production(
    older: OlderSystem, settings: Settings, stores: Stores
) -> None:
    app = create_app(settings, clock=older.clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://booking.test") as http:
        assert (await http.post("/api/hosp/saveHospital", data=older.form(hosname="河湾"))).status_code == 404
    key = SecretStr(base64.b64encode(root_key(settings)).decode())
    production = settings.model_copy(update={"legacy_adapter": True, "mode": Mode.PRODUCTION, "root_key": key})
    app = create_app(production, clock=older.clock)
    async with app.router.lifespan_context(app):
        for scheme, code in (("http", 201), ("https", 200)):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://booking.test") as http:
                answer = await http.post("/api/hosp/saveHospital", data=older.form(hosname="河湾医院"))
                assert answer.json()["code"] == code
    await stores.catalogue.bind()


# ---- keys ----


async def test_keys_are_set_listed_and_taken_back(platform: Platform) -> None:
    older = await older_system(platform)

    async def run(given: str = "", **words: object) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        arguments = Namespace(**words)
        code = await legacy_keys.run(
            arguments, platform.stores.sql, platform.ring, given=io.StringIO(given), out=out, err=err
        )
        return code, out.getvalue(), err.getvalue()

    code, said, advice = await run(legacy_verb="set", hospital_code=older.code, from_stdin=False)
    assert (code, said[:4], len(said.strip())) == (0, "key=", 36)
    assert "docs/legacy-adapter.md" in advice
    theirs = secrets.token_hex(16)
    code, said, _ = await run(f"{theirs}\n", legacy_verb="set", hospital_code=older.code, from_stdin=True)
    assert code == 0
    assert theirs not in said
    older.key = theirs
    assert (await older.call("saveHospital", hosname="河湾人民医院"))["code"] == 200
    code, said, _ = await run(legacy_verb="list")
    assert f"{older.code}  since " in said
    assert "never" not in next(line for line in said.splitlines() if line.startswith(older.code))
    assert (await run("short\n", legacy_verb="set", hospital_code=older.code, from_stdin=True))[0] == 1
    assert (await run(legacy_verb="set", hospital_code="nobody", from_stdin=False))[0] == 1
    assert "no key any more" in (await run(legacy_verb="remove", hospital_code=older.code))[1]
    assert "had no key" in (await run(legacy_verb="remove", hospital_code=older.code))[1]


async def test_a_key_that_is_no_secret_is_not_taken(platform: Platform) -> None:
    async with platform.stores.sql.unit_of_work() as writing:
        for given in ("1234567890", "with a space in its mid", "密" * 20, "x" * 129):
            with pytest.raises(BadLegacyKey):
                await set_legacy_key(writing, platform.ring, "nobody", SecretStr(given), platform.clock())
        with pytest.raises(HospitalNotFound):
            await set_legacy_key(writing, platform.ring, "nobody", None, platform.clock())
        assert "nobody" not in [each.hospital_code for each in await list_legacy_keys(writing)]
