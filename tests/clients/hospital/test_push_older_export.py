"""An older system's export goes in by the published script, over a real connection, and whatever is wrong is named."""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from datasources.sealing import KeyRing
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary
from domain.integration.keys import issue_key
from htbooking_hospital import older_export, push_older_export
from htbooking_hospital.older_export import Item, shift_dates
from htbooking_hospital.push_older_export import batches
from server.app import create_app
from server.root_key import root_key
from server.settings import Settings
from tests.server.http.front_door import listening

SDK = Path(push_older_export.__file__).parent.parent

HOSPITAL: dict[str, Any] = {
    "hosname": "河湾人民医院",
    "hostype": "2",
    "provinceCode": "330000",
    "cityCode": "330100",
    "districtCode": "330106",
    "address": "柳岸路9号",
    "intro": "一家虚构的医院。",
    "route": "乘9路车到柳岸站。",
    "bookingRule": {
        "cycle": "8",
        "releaseTime": "8:45",
        "stopTime": "11:30",
        "quitDay": "-1",
        "quitTime": "15:30",
        "rule": ["请携带证件。", "请提前到达。"],
    },
}
DEPARTMENTS: list[dict[str, Any]] = [
    {"depcode": "301", "depname": "呼吸内科", "intro": "咳嗽与哮喘", "bigcode": "b3", "bigname": "内科"},
    {"depcode": "302", "depname": "肾内科", "intro": "", "bigcode": "b3", "bigname": "内科"},
    {"depcode": 401, "depname": "骨科", "intro": "骨折", "bigcode": "b4", "bigname": "外科"},
]


def session(id: str, **other: Any) -> dict[str, Any]:
    """A session as an older system sends it."""
    return {
        "hosScheduleId": id,
        "depcode": "301",
        "title": "主任医师",
        "docname": "柳听泉",
        "skill": "哮喘",
        "workDate": "2019-3-4",
        "workTime": 0,
        "reservedNumber": "30",
        "availableNumber": 12,
        "amount": "9.67",
        "status": 1,
    } | other


SESSIONS = [
    session("s1"),
    session("s2", workTime="1", docname="", title=""),
    session("s3", workDate="2019/03/05", status="-1"),
    session("s4", workDate="20190305", depcode=401, amount=50),
]

DAY = """
query($code: String!, $date: Date!) {
  hospital(code: $code) {
    name regionName level { value }
    bookingRule { cycle releaseTime quitDay rules }
    departmentTree { code name children { code name } }
  }
  bookableDays(hospitalCode: $code, departmentCode: "301", first: 3) {
    nodes { date capacity remaining sessionCount withdrawnCount }
  }
  schedules(hospitalCode: $code, departmentCode: "301", date: $date) {
    externalId halfDay doctorName doctorTitle capacity remaining fee { amount }
  }
}
"""


@dataclass
class Ran:
    """What the script said, and its exit code."""

    code: int
    out: str
    err: str


@dataclass
class Pusher:
    """A hospital's system: its folder, its key, and the platform that it pushes to."""

    origin: str
    hospital_code: str
    key_id: str
    secret: str
    folder: Path

    def export(
        self, hospital: Any = HOSPITAL, departments: Any = DEPARTMENTS, sessions: Any = SESSIONS, *, owner: str = ""
    ) -> None:
        """Write the three files anew, every row marked as this hospital's unless it says whose it is."""
        code = {"hoscode": owner or self.hospital_code}
        contents = {
            "hospital": code | hospital,
            "department": [code | row for row in departments],
            "schedule": [code | row for row in sessions],
        }
        for name, content in contents.items():
            (self.folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")

    async def run(self, *options: str, secret: str | None = None, shift: bool = True) -> Ran:
        """Run the script on the folder as a shell would."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "htbooking_hospital.push_older_export"),
            *("--endpoint", f"{self.origin}/graphql", "--folder", str(self.folder)),
            *(["--shift-to-today"] if shift else []),
            *options,
            env=os.environ
            | {"PYTHONPATH": str(SDK), "HTBOOKING_KEY_ID": self.key_id, "HTBOOKING_SECRET": secret or self.secret},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Ran(process.returncode or 0, out.decode(), err.decode())

    async def seen(self, first_day: date) -> Any:
        """What a visitor sees of the hospital and of its first day."""
        variables = {"code": self.hospital_code, "date": first_day.isoformat()}
        async with httpx.AsyncClient() as http:
            response = await http.post(f"{self.origin}/graphql", json={"query": DAY, "variables": variables})
        answer = response.json()
        assert "errors" not in answer, answer
        return answer["data"]


@pytest.fixture(scope="module")
async def origin(settings: Settings, open_stores: Stores) -> AsyncIterator[str]:
    """The whole application, listening."""
    await ensure_dictionary(open_stores.sql)
    async with listening(create_app(settings), lifespan=True) as origin:
        yield origin


@pytest.fixture
async def pusher(origin: str, open_stores: Stores, settings: Settings, tmp_path: Path) -> Pusher:
    """A new hospital with a key."""
    code = f"older_{secrets.token_hex(4)}"
    async with open_stores.sql.unit_of_work() as session:
        await HospitalAccounts(session).add(HospitalAccount(code=code, name="新医院"))
        issued = await issue_key(session, KeyRing.of(root_key(settings)), code, "")
    return Pusher(origin, code, issued.key_id, issued.secret.get_secret_value(), tmp_path)


@pytest.fixture
def today(settings: Settings) -> date:
    """The platform's date."""
    return datetime.now(settings.zone).date()


async def test_an_export_can_be_browsed_down_to_a_days_sessions(pusher: Pusher, today: date) -> None:
    pusher.export()
    ran = await pusher.run()
    assert (ran.code, ran.err) == (0, "")
    assert "upsertHospital: taken\n" in ran.out
    assert "  5 created, 0 replaced, 0 refused\n" in ran.out
    assert "  4 created, 0 replaced, 0 refused\n" in ran.out
    assert ran.out.endswith("everything was taken\n")

    seen = await pusher.seen(today)
    assert seen["hospital"] == {
        "name": "河湾人民医院",
        "regionName": "浙江省杭州市西湖区",
        "level": {"value": "3B"},
        "bookingRule": {"cycle": 8, "releaseTime": "08:45", "quitDay": -1, "rules": ["请携带证件。", "请提前到达。"]},
        "departmentTree": [
            {
                "code": "b3",
                "name": "内科",
                "children": [{"code": "301", "name": "呼吸内科"}, {"code": "302", "name": "肾内科"}],
            },
            {"code": "b4", "name": "外科", "children": [{"code": "401", "name": "骨科"}]},
        ],
    }
    tomorrow = (today + timedelta(days=1)).isoformat()
    first, second, third = seen["bookableDays"]["nodes"]
    assert first == {
        "date": today.isoformat(),
        "capacity": 60,
        "remaining": 24,
        "sessionCount": 2,
        "withdrawnCount": 0,
    }
    assert second == {"date": tomorrow, "capacity": 0, "remaining": 0, "sessionCount": 1, "withdrawnCount": 1}
    assert third["sessionCount"] == 0
    morning, afternoon = seen["schedules"]
    assert morning == {
        "externalId": "s1",
        "halfDay": "AM",
        "doctorName": "柳听泉",
        "doctorTitle": "主任医师",
        "capacity": 30,
        "remaining": 12,
        "fee": {"amount": "9.67"},
    }
    assert (afternoon["externalId"], afternoon["halfDay"], afternoon["doctorName"]) == ("s2", "PM", "")


@pytest.mark.parametrize(
    "rule",
    [
        "{'cycle': '8', 'releaseTime': '8:45', 'stopTime': '11:30', 'quitDay': -1, 'rule': ['请携带证件。']}",
        '{"cycle": 8, "releaseTime": "08:45", "quitDay": "-1", "rule": ["请携带证件。"]}',
    ],
)
async def test_a_rule_may_be_text(pusher: Pusher, today: date, rule: str) -> None:
    pusher.export(HOSPITAL | {"bookingRule": rule})
    ran = await pusher.run()
    assert ran.code == 0, ran.out
    seen = (await pusher.seen(today))["hospital"]["bookingRule"]
    assert seen == {"cycle": 8, "releaseTime": "08:45", "quitDay": -1, "rules": ["请携带证件。"]}


async def test_the_same_export_twice_changes_nothing(pusher: Pusher, today: date) -> None:
    pusher.export()
    await pusher.run()
    before = await pusher.seen(today)
    ran = await pusher.run()
    assert ran.code == 0
    assert ran.out.count("(replayed: ") == 3
    assert await pusher.seen(today) == before

    anew = await pusher.run("--again")
    assert "(replayed: " not in anew.out
    assert "  0 created, 4 replaced, 0 refused\n" in anew.out
    assert await pusher.seen(today) == before


async def test_a_fee_that_rises_and_comes_back_is_taken_each_time(pusher: Pusher, today: date) -> None:
    fees = []
    for fee in ("10", "12.50", "10"):
        pusher.export(sessions=[session("s1", amount=fee)])
        assert (await pusher.run()).code == 0
        fees.append((await pusher.seen(today))["schedules"][0]["fee"]["amount"])
    assert fees == ["10.00", "12.50", "10.00"]


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"bookingRule": {"cycle": "abc"}}, "bookingRule.cycle  MALFORMED"),
        ({"bookingRule": {"cycle": 0}}, "bookingRule.cycle  OUT_OF_RANGE"),
        ({"bookingRule": {"releaseTime": "25:00"}}, "bookingRule.releaseTime  MALFORMED"),
        ({"bookingRule": {"releaseTime": 830}}, "bookingRule.releaseTime  MALFORMED"),
        ({"bookingRule": {"quitDay": "tomorrow"}}, "bookingRule.quitDay  MALFORMED"),
        ({"districtCode": "339999"}, "regionCode  UNKNOWN_REFERENCE"),
        ({"districtCode": "33x"}, "regionCode  MALFORMED"),
        ({"hostype": "9"}, "level  UNKNOWN_REFERENCE"),
        ({"hosname": None}, "name  MISSING"),
        ({"logoData": "bm8gcGljdHVyZQ=="}, "logo  MALFORMED"),
    ],
)
async def test_what_is_wrong_with_the_hospital_is_named(pusher: Pusher, broken: dict[str, Any], named: str) -> None:
    pusher.export(HOSPITAL | broken)
    ran = await pusher.run()
    assert ran.code == 1
    assert f"    hospital.json  {named}  " in ran.out
    assert "  5 created, 0 replaced, 0 refused\n" in ran.out
    assert ran.out.endswith("1 refused in all\n")


@pytest.mark.parametrize("rule", ["tomorrow at eight", "{'cycle': __import__('os')}", 7, ["cycle", 7]])
async def test_a_rule_that_is_none_is_refused(pusher: Pusher, rule: Any) -> None:
    pusher.export(HOSPITAL | {"bookingRule": rule})
    ran = await pusher.run()
    assert ran.code == 1
    assert "upsertHospital: refused" in ran.out
    assert "    hospital.json  bookingRule" in ran.out


async def test_broken_rows_are_named_and_the_others_taken(pusher: Pusher, today: date) -> None:
    departments = [
        *DEPARTMENTS,
        {"depcode": "301", "depname": "又一个呼吸科"},
        {"depcode": "50 1", "depname": "眼科"},
        {"depcode": "502"},
        {"depcode": "503", "depname": "自成一体", "bigcode": "503", "bigname": "自成一体"},
        {"depcode": "504", "depname": "别家的", "hoscode": "another"},
    ]
    sessions = [
        session("good"),
        session("fee", amount="abc"),
        session("half", workTime=7),
        session("nowhere", depcode="999"),
        session("good", amount="1"),
        session("free", availableNumber=31),
        session("date", workDate="2019-02-30"),
        session("feeless", amount=None),
        session("closed", status="maybe"),
        session("nan", reservedNumber=float("nan")),
    ]
    pusher.export(departments=departments, sessions=sessions)
    ran = await pusher.run()
    assert ran.code == 1
    lines = ran.out.splitlines()
    for start in (
        "not sent  department.json[7]: hoscode 'another' is not ",
        "    [6] department.json[3] (depcode '301')  code  DUPLICATE  ",
        "    [7] department.json[4] (depcode '50 1')  code  MALFORMED  ",
        "    [8] department.json[5] (depcode '502')  name  MISSING  ",
        "    [2] department.json[6] (depcode '503')  parentCode  CYCLE  ",
        "    [1] schedule.json[1] (hosScheduleId 'fee')  fee  MALFORMED  ",
        "    [2] schedule.json[2] (hosScheduleId 'half')  halfDay  MALFORMED  ",
        "    [3] schedule.json[3] (hosScheduleId 'nowhere')  departmentCode  UNKNOWN_REFERENCE  ",
        "    [4] schedule.json[4] (hosScheduleId 'good')  externalId  DUPLICATE  ",
        "    [5] schedule.json[5] (hosScheduleId 'free')  available  OUT_OF_RANGE  ",
        "    [6] schedule.json[6] (hosScheduleId 'date')  date  MALFORMED  ",
        "    [7] schedule.json[7] (hosScheduleId 'feeless')  fee  MALFORMED  ",
        "    [8] schedule.json[8] (hosScheduleId 'closed')  status  MALFORMED  ",
        "    [9] schedule.json[9] (hosScheduleId 'nan')  capacity  MALFORMED  ",
    ):
        assert any(line.startswith(start) for line in lines), (start, ran.out)
    assert "  1 created, 0 replaced, 9 refused" in lines
    assert lines[-1] == "14 refused in all"
    [taken] = (await pusher.seen(today))["schedules"]
    assert (taken["externalId"], taken["fee"]["amount"]) == ("good", "9.67")


async def test_all_or_nothing_takes_nothing_of_a_batch_with_one_bad_row(pusher: Pusher, today: date) -> None:
    pusher.export(sessions=[*SESSIONS, session("s5", amount="abc")])
    ran = await pusher.run("--all-or-nothing", "--language", "zh-CN")
    assert ran.code == 1
    assert "  nothing taken: 5 项中有 1 项不能接受" in ran.out
    assert "    [4] schedule.json[4] (hosScheduleId 's5')  fee  MALFORMED  须为" in ran.out
    assert (await pusher.seen(today))["schedules"] == []


async def test_input_that_the_graph_cannot_read_is_named(pusher: Pusher) -> None:
    pusher.export(departments=[{"depcode": "1", "depname": {"zh": "内科"}}])
    ran = await pusher.run()
    assert ran.code == 1
    assert "upsertDepartments: nothing taken, the input doesn't fit the graph\n" in ran.out
    assert ".items[0].name" in ran.out


async def test_parents_go_first_however_small_the_batches(pusher: Pusher, today: date) -> None:
    pusher.export(departments=list(reversed(DEPARTMENTS)))
    ran = await pusher.run("--batch-size", "1")
    assert ran.code == 0, ran.out
    assert ran.out.count("upsertDepartments: 1 sent") == 5
    tree = (await pusher.seen(today))["hospital"]["departmentTree"]
    assert [department["code"] for department in tree] == ["b4", "b3"]


async def test_dates_that_have_passed_are_refused_unless_they_are_shifted(pusher: Pusher) -> None:
    pusher.export()
    ran = await pusher.run(shift=False)
    assert ran.code == 1
    assert "date  OUT_OF_RANGE  The date 2019-03-04 has passed" in ran.out


async def test_another_hospitals_key_is_noticed(pusher: Pusher) -> None:
    pusher.export(owner="somebody")
    ran = await pusher.run()
    assert ran.code == 2
    assert f"This key is of the hospital {pusher.hospital_code}, but the export says hoscode 'somebody'." in ran.err
    assert "upsertDepartments" not in ran.out


async def test_names_that_have_no_place_are_told(pusher: Pusher) -> None:
    pusher.export(HOSPITAL | {"fax": "1"}, [DEPARTMENTS[0] | {"floor": 3}])
    ran = await pusher.run()
    assert "ignored   names without a place in the graph: hospital.json: fax\n" in ran.out
    assert "ignored   names without a place in the graph: department.json: floor\n" in ran.out


async def test_a_push_that_cannot_be_made_says_why(pusher: Pusher) -> None:
    pusher.export()
    wrong = await pusher.run(secret="x" * 43)
    assert wrong.code == 2
    assert wrong.err.startswith("SIGNATURE_WRONG: ")
    nobody = await pusher.run("--endpoint", "http://127.0.0.1:9/graphql")
    assert nobody.code == 2
    assert "Run the same command again when that is mended" in nobody.err

    (pusher.folder / "schedule.json").write_text("[{'single': 1}]")
    assert "schedule.json is not JSON: " in (await pusher.run()).err
    (pusher.folder / "department.json").write_bytes('["科室"]'.encode("gb18030"))
    assert "department.json is not UTF-8" in (await pusher.run()).err
    (pusher.folder / "hospital.json").unlink()
    assert "hospital.json can't be read: No such file" in (await pusher.run()).err


def test_dates_shift_by_whole_days_across_months_and_unreadable_ones_stay() -> None:
    items = [Item({"date": day}, "") for day in ("2020-12-31", "2021/1/1", "20210302", "soon", 20210101, "2021-02-29")]
    shift_dates(items, date(2028, 2, 28))
    assert [item.fields["date"] for item in items] == [
        "2028-02-28",
        "2028-02-29",
        "2028-04-29",
        "soon",
        "2028-02-29",
        "2021-02-29",
    ]
    shift_dates([Item({"date": ""}, "")], date(2028, 2, 28))


def test_batches_are_bounded_in_rows_and_bytes() -> None:
    rows = [Item({"introduction": "长" * 20_000}, "") for _ in range(100)]
    parts = list(batches(rows, 30))
    assert [len(part) for part in parts] == [16, 16, 16, 16, 16, 16, 4]
    assert [row for part in parts for row in part] == rows
    assert [len(part) for part in batches(rows[:10], 4)] == [4, 4, 2]
    assert list(batches([], 4)) == []


def test_the_readme_tells_what_becomes_of_every_name() -> None:
    readme = (SDK / "OLDER_EXPORTS.md").read_text("utf-8")
    tables = (
        older_export.HOSPITAL,
        older_export.RULE,
        older_export.DEPARTMENT,
        older_export.PARENT,
        older_export.SCHEDULE,
    )
    for column in (column for table in tables for column in table):
        assert f"| `{column.theirs}` | `{column.ours}` |" in readme
