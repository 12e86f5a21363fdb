"""The audit log is read by those who may, filtered, and a hand laid on it shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from datasources.sql.audit_entry import AuditLog, AuditReads
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.audit.chain import Break, BrokenEntry, check_chain
from domain.global_id import NodeKind, global_id
from domain.permissions import Role
from tests.platform import Platform

LOG = """
query ($subjectId: String, $action: String, $hospitalCode: String, $from: DateTime, $to: DateTime, $first: Int,
  $after: String) {
  auditLog(subjectId: $subjectId, action: $action, hospitalCode: $hospitalCode, from: $from, to: $to, first: $first,
    after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { number at actorKind action subjectKind subjectId hospitalCode result detail { name value } }
  }
}
"""
CHECK = """
query ($from: Int! = 1, $to: Int) {
  verifyAuditLog(fromNumber: $from, toNumber: $to) {
    intact complete firstNumber lastNumber lastHash broken { number fault }
  }
}
"""
WATCH = "{ auditWatch { intact } }"
LOCK = """
mutation ($input: LockStaffInput!) { lockStaff(input: $input) { __typename } }
"""


async def last_number(stores: Stores) -> int:
    async with stores.sql.read() as session:
        return await AuditReads(session).last_id()


async def written(stores: Stores, platform: Platform, count: int) -> int:
    """So many fresh entries; the first one's number."""
    actor = Actor.system("test", platform.clock())
    async with stores.sql.unit_of_work() as session:
        entries = [
            await AuditLog(session).append(actor.act("TESTED", "test", number, detail={"n": number, "text": "值"}))
            for number in range(count)
        ]
    return entries[0].id


@asynccontextmanager
async def tampered(stores: Stores, first: int, statement: str) -> AsyncIterator[None]:
    """The log as a superuser left it, who switched the trigger off; the rows are put back in the end."""
    switch = "ALTER TABLE audit_entry {} TRIGGER audit_entry_is_append_only"
    parameters = {"first": first}
    async with stores.sql.unit_of_work() as session:
        connection = await session.connection()
        await connection.execute(
            text("CREATE TABLE audit_kept AS SELECT * FROM audit_entry WHERE id >= :first"), parameters
        )
        await connection.execute(text(switch.format("DISABLE")))
        await connection.execute(text(statement), parameters if ":first" in statement else {})
    try:
        yield
    finally:
        async with stores.sql.unit_of_work() as session:
            connection = await session.connection()
            await connection.execute(text("DELETE FROM audit_entry WHERE id >= :first"), parameters)
            await connection.execute(text("INSERT INTO audit_entry SELECT * FROM audit_kept"))
            await connection.execute(text("DROP TABLE audit_kept"))
            await connection.execute(text(switch.format("ENABLE")))


async def test_the_log_is_filtered_and_paged_latest_first(platform: Platform) -> None:
    boss = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    hospital = await platform.new_hospital()
    clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=hospital)
    await platform.data(LOCK, {"input": {"id": clerk.id, "reason": "x"}}, bearer=boss.token)

    async def log(**variables: Any) -> Any:
        return (await platform.data(LOG, variables, bearer=boss.token))["auditLog"]

    everything = await log(subjectId=str(clerk.key))
    assert [each["action"] for each in everything["nodes"]] == ["STAFF_LOCKED", "SESSION_ENDED", "SIGN_IN"]
    assert everything["nodes"][0]["detail"] == [{"name": "reason", "value": "x"}]
    assert (await log(subjectId=str(clerk.key), action="STAFF_LOCKED"))["totalCount"] == 1
    assert (await log(subjectId=global_id(NodeKind.STAFF, clerk.key)))["totalCount"] == everything["totalCount"]
    assert (await log(hospitalCode=hospital.code, action="STAFF_LOCKED"))["totalCount"] == 1
    now = platform.clock()
    later = (now + timedelta(seconds=1)).isoformat()
    assert (await log(subjectId=str(clerk.key), **{"from": now.isoformat(), "to": later}))["totalCount"] == 3
    assert (await log(subjectId=str(clerk.key), **{"from": later}))["totalCount"] == 0
    assert (await log(subjectId=str(clerk.key), to=now.isoformat()))["totalCount"] == 0

    first = await log(subjectId=str(clerk.key), first=2)
    assert first["pageInfo"]["hasNextPage"] is True
    second = await log(subjectId=str(clerk.key), first=2, after=first["pageInfo"]["endCursor"])
    assert [each["number"] for each in first["nodes"] + second["nodes"]] == [
        each["number"] for each in everything["nodes"]
    ]


async def test_reading_the_log_is_not_itself_in_it(platform: Platform) -> None:
    boss = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    before = await last_number(platform.stores)
    await platform.data(LOG, bearer=boss.token)
    await platform.data(CHECK, bearer=boss.token)
    assert await last_number(platform.stores) == before


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PLATFORM_ADMINISTRATOR}))
async def test_nobody_else_reads_the_log(platform: Platform, role: Role) -> None:
    hospital = await platform.new_hospital() if role.startswith("HOSPITAL") else None
    person = await platform.new_staff(role, hospital=hospital)
    for query in (CHECK, WATCH) if role is Role.HOSPITAL_MANAGER else (LOG, CHECK, WATCH):
        assert (await platform.error(query, bearer=person.token))["extensions"]["code"] == "FORBIDDEN"
        assert (await platform.error(query))["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_untouched_log_is_intact_however_it_is_cut(platform: Platform) -> None:
    boss = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    first = await written(platform.stores, platform, 5)
    last = await last_number(platform.stores)
    whole = (await platform.data(CHECK, bearer=boss.token))["verifyAuditLog"]
    assert (whole["intact"], whole["complete"], whole["broken"]) == (True, True, None)
    assert (whole["firstNumber"], whole["lastNumber"]) == (1, last)
    part = (await platform.data(CHECK, {"from": first, "to": first + 2}, bearer=boss.token))["verifyAuditLog"]
    assert (part["intact"], part["complete"], part["lastNumber"]) == (True, True, first + 2)
    bounded = await check_chain(platform.stores.sql, first, most=2)
    assert (bounded.intact, bounded.complete, bounded.last_number) == (True, False, first + 1)


@pytest.mark.parametrize(
    ("statement", "offset", "fault"),
    [
        ("DELETE FROM audit_entry WHERE id = :first + 2", 2, Break.MISSING),
        ("UPDATE audit_entry SET result = 'WRONG' WHERE id = :first + 3", 3, Break.ALTERED),
        ("UPDATE audit_entry SET detail = '{\"n\": 9}' WHERE id = :first + 1", 1, Break.ALTERED),
        ("UPDATE audit_entry SET hash = sha256('x') WHERE id = :first + 1", 1, Break.ALTERED),
        (
            (
                "INSERT INTO audit_entry SELECT id + 1, at, actor_kind, actor_id, 'FORGED', subject_kind, subject_id,"
                " hospital_code, result, address, request_id, detail, hash FROM audit_entry WHERE id = :first + 4"
            ),
            5,
            Break.ALTERED,
        ),
    ],
)
async def test_a_hand_on_the_log_is_named(platform: Platform, statement: str, offset: int, fault: Break) -> None:
    boss = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    first = await written(platform.stores, platform, 5)
    async with tampered(platform.stores, first, statement):
        check = (await platform.data(CHECK, {"from": first}, bearer=boss.token))["verifyAuditLog"]
        assert check["broken"] == {"number": first + offset, "fault": fault}
        assert (check["intact"], check["lastNumber"]) == (False, first + offset - 1)
    assert (await check_chain(platform.stores.sql, first)).intact


async def test_a_removed_entry_before_the_first_is_named(platform: Platform) -> None:
    first = await written(platform.stores, platform, 3)
    async with tampered(platform.stores, first, "DELETE FROM audit_entry WHERE id = :first + 1"):
        check = await check_chain(platform.stores.sql, first + 2)
        assert check.broken == BrokenEntry(first + 1, Break.MISSING)


async def test_a_cut_end_shows_against_the_number_noted_before(platform: Platform) -> None:
    first = await written(platform.stores, platform, 3)
    noted = await check_chain(platform.stores.sql, first)
    async with tampered(platform.stores, first, "DELETE FROM audit_entry WHERE id > :first"):
        check = await check_chain(platform.stores.sql, first, noted.last_number)
        assert check.broken == BrokenEntry(first + 1, Break.MISSING)
