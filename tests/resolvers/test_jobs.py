"""Administrators see the worker's jobs and have one run."""

from typing import Any
from uuid import uuid4

from datasources.sql.audit_entry import AuditCriteria, AuditReads
from datasources.sql.job_run import JobDefinition, JobRuns
from domain.permissions import Role
from tests.platform import Platform, StaffPerson

JOBS = """{ workers { name isAlive } jobs { name description atSeconds longestSeconds
  runs { id outcome worker wasAskedFor seconds } } }"""
RUN = """mutation ($input: RunJobInput!) { runJob(input: $input) { __typename ... on Problem { code }
  ... on JobAsked { run { id job outcome worker wasAskedFor seconds } } } }"""


async def defined(platform: Platform) -> str:
    """A job that a worker has told of; its name."""
    name = f"job_{uuid4().hex}"
    async with platform.stores.sql.unit_of_work() as session:
        runs = JobRuns(session)
        row = JobDefinition(
            name=name, description="Does it.", at_seconds=[0, 30], longest_seconds=60, seen_at=platform.clock()
        )
        await runs.define([row])
        await runs.beat(f"worker of {name}", platform.clock())
    return name


async def run(platform: Platform, staff: StaffPerson, name: str, key: str) -> Any:
    """The answer to `runJob`."""
    input = {"name": name, "idempotencyKey": key}
    return (await platform.data(RUN, {"input": input}, bearer=staff.token))["runJob"]


async def test_a_job_is_listed_and_asked_for_once(platform: Platform) -> None:
    staff, name, key = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR), await defined(platform), uuid4().hex

    asked = await run(platform, staff, name, key)
    again = await run(platform, staff, name, key)
    listed = await platform.data(JOBS, bearer=staff.token)

    assert (asked["run"]["outcome"], asked["run"]["worker"], asked["run"]["wasAskedFor"]) == ("ASKED", None, True)
    assert again == asked
    (job,) = [each for each in listed["jobs"] if each["name"] == name]
    assert (job["description"], job["atSeconds"], len(job["runs"])) == ("Does it.", [0, 30], 1)
    assert {"name": f"worker of {name}", "isAlive": True} in listed["workers"]
    async with platform.stores.sql.read() as session:
        entries = await AuditReads(session).page(AuditCriteria(action="JOB_ASKED", subject_id=name), None, 10)
    assert len(entries) == 1


async def test_nobody_runs_what_is_not_there_or_under_a_used_key(platform: Platform) -> None:
    staff, key = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR), uuid4().hex
    await run(platform, staff, await defined(platform), key)

    assert (await run(platform, staff, "no_such_job", uuid4().hex))["__typename"] == "NotFound"
    assert (await run(platform, staff, await defined(platform), key))["__typename"] == "IdempotencyKeyReused"
    assert (await run(platform, staff, await defined(platform), ""))["__typename"] == "InvalidInput"
