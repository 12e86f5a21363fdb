"""What staff and Prometheus are shown of the booking invariant's check."""

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from datasources.sql.invariant_run import FindingState, InvariantFinding, InvariantRun
from datasources.sql.invariant_runs import InvariantRuns
from domain.global_id import NodeKind, global_id
from domain.permissions import Role
from tests.platform import Platform, as_answered

RUN = "{ scope beganAt endedAt sessionsChecked textsChecked breaches drifts repaired }"
FINDING = """{ kind isBreach state hospitalCode scheduleId detail { name value } firstSeenAt lastSeenAt }"""
REPORT = f"""{{ bookingInvariantReport {{ lastRun {RUN} lastWholeRun {RUN} openBreaches openDrifts
  openFindings {FINDING} endedFindings {FINDING} }} }}"""


@pytest.fixture(autouse=True)
async def _nothing_known(platform: Platform) -> AsyncIterator[None]:
    """No check has run; and none of these tests' is known to others."""
    await forget(platform)
    yield
    await forget(platform)


async def forget(platform: Platform) -> None:
    async with platform.stores.sql.unit_of_work() as session:
        await (await session.connection()).execute(text("TRUNCATE invariant_run, invariant_finding"))


async def shown(platform: Platform, role: Role = Role.PLATFORM_ADMINISTRATOR) -> Any:
    token = (await platform.new_staff(role)).token
    return (await platform.data(REPORT, bearer=token))["bookingInvariantReport"]


async def figures(platform: Platform) -> dict[str, float]:
    lines = (await platform.http.get("http://platform.test/metrics")).text.splitlines()
    own = [line.split(" ") for line in lines if line.startswith("htbooking_invariant_")]
    return {name: float(value) for name, value in own}


def finding(platform: Platform, kind: str, **changes: Any) -> InvariantFinding:
    now = platform.clock()
    row: dict[str, Any] = {
        "schedule_id": f"h:{secrets.token_hex(4)}",
        "hospital_code": "h",
        "is_breach": True,
        "detail": {},
        "first_seen_at": now,
        "last_seen_at": now,
    } | changes
    return InvariantFinding(kind=kind, **row)


async def test_before_the_first_run_there_is_nothing_to_tell(platform: Platform) -> None:
    assert await shown(platform) == {
        "lastRun": None,
        "lastWholeRun": None,
        "openBreaches": 0,
        "openDrifts": 0,
        "openFindings": [],
        "endedFindings": [],
    }
    assert (await figures(platform))["htbooking_invariant_breaches"] == 0


@pytest.mark.parametrize("role", [Role.PLATFORM_ADMINISTRATOR, Role.OPERATOR, Role.READ_ONLY])
async def test_the_report_says_what_was_looked_at_and_what_is_wrong(platform: Platform, role: Role) -> None:
    now = platform.clock()
    breach = finding(platform, "NUMBER_LOST", detail={"numbers": [3]})
    drift = finding(platform, "TEXT_MISSING", is_breach=False)
    async with platform.stores.sql.unit_of_work() as session:
        runs = InvariantRuns(session)
        for minutes, scope, sessions in ((9, "WHOLE", 113), (3, "RECENT", 4)):
            began = now - timedelta(minutes=minutes)
            run = await runs.begin(InvariantRun(scope=scope, began_at=began))
            run.ended_at, run.sessions_checked, run.texts_checked, run.breaches = began, sessions, True, 1
            await runs.end(run)
        await runs.begin(InvariantRun(scope="RECENT", began_at=now))
        for row in (breach, drift, breach, finding(platform, "WAITING_MISCOUNTED", is_breach=False)):
            await runs.see(row)
        mended = [each.id for each in await runs.open_findings() if each.kind == "WAITING_MISCOUNTED"]
        await runs.close([id for id in mended if id], FindingState.REPAIRED, now)
    report = await shown(platform, role)
    assert report["lastRun"] == {
        "scope": "RECENT",
        "beganAt": as_answered(now - timedelta(minutes=3)),
        "endedAt": as_answered(now - timedelta(minutes=3)),
        "sessionsChecked": 4,
        "textsChecked": True,
        "breaches": 1,
        "drifts": 0,
        "repaired": 0,
    }
    assert (report["lastWholeRun"]["scope"], report["lastWholeRun"]["sessionsChecked"]) == ("WHOLE", 113)
    assert (report["openBreaches"], report["openDrifts"]) == (1, 1)
    assert [(each["kind"], each["isBreach"]) for each in report["openFindings"]] == [
        ("NUMBER_LOST", True),
        ("TEXT_MISSING", False),
    ]
    assert report["openFindings"][0]["detail"] == [{"name": "numbers", "value": "[3]"}]
    assert report["openFindings"][0]["scheduleId"] == global_id(NodeKind.SCHEDULE, breach.schedule_id)
    assert [(each["kind"], each["state"]) for each in report["endedFindings"]] == [("WAITING_MISCOUNTED", "REPAIRED")]
    assert await figures(platform) == {
        "htbooking_invariant_breaches": 1,
        "htbooking_invariant_checked_timestamp_seconds": (now - timedelta(minutes=3)).timestamp(),
    }
