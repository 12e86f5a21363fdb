"""Every mutation that names somebody's thing, called by every kind of caller: nobody gets through to another's."""

from typing import Any

import pytest

from tests.resolvers.authorisation.inputs import INPUTS
from tests.resolvers.authorisation.rows import (
    CALLERS,
    OTHER_SYSTEM,
    OWN_SYSTEM,
    Names,
    WithinOwnHospital,
)
from tests.resolvers.authorisation.test_rows import root_of
from tests.resolvers.authorisation.test_things import refused
from tests.resolvers.authorisation.things import FACTORIES
from tests.resolvers.authorisation.world import World
from tests.resolvers.authorisation_table import MUTATIONS

NAMING = {name: row for name, row in INPUTS.items() if isinstance(row, Names)}
CATALOGUE = """{{ hospital(code: "{hospital_code}") {{
  name departments(first: 100) {{ nodes {{ code name parent {{ code }} }} }}
  doctors(first: 100) {{ nodes {{ code name departments {{ code }} }} }} }}
  schedules(hospitalCode: "{hospital_code}", departmentCode: "11", date: "2026-11-22") {{ externalId status }} }}"""
PUSHES: dict[str, dict[str, Any]] = {
    "upsertDepartment": {"department": {"code": "11", "name": "x"}},
    "upsertDepartments": {"items": [{"code": "11", "name": "x"}]},
    "upsertDoctor": {"doctor": {"code": "d", "name": "x", "departmentCodes": ["11"]}},
    "upsertDoctors": {"items": [{"code": "d", "name": "x", "departmentCodes": ["11"]}]},
    "upsertSchedule": {"schedule": {"externalId": "s1", "departmentCode": "11", "doctorCode": "d"}},
    "upsertSchedules": {"items": [{"externalId": "s1", "departmentCode": "11", "doctorCode": "d"}]},
    "removeDepartments": {"codes": ["11"]},
    "removeDoctors": {"codes": ["d"]},
    "removeSchedules": {"codes": ["s1"]},
    "withdrawSchedules": {"codes": ["s1"]},
}
A_SESSION = {"date": "2026-11-22", "halfDay": "AM", "capacity": 1, "fee": "1"}


@pytest.mark.parametrize("name", NAMING)
async def test_nobody_gets_through_to_anothers_thing(world: World, name: str) -> None:
    row, mutation = NAMING[name], root_of(name)
    thing = await FACTORIES[row.thing](world)
    through: list[str] = []
    # Those who may come last: what the others left of the thing is what they find.
    for caller in sorted(CALLERS, key=lambda caller: caller in row.may):
        if through:
            break
        document = f"{mutation}(input: {{{{{row.input}}}}}) {{{{ __typename ... on Problem {{{{ code message }}}} }}}}"
        answer = await world.answer(caller, f"mutation {{ {world.named(document, thing)} }}")
        if refused(answer, caller, MUTATIONS[mutation]):
            assert caller not in row.may, answer
            continue
        assert "errors" not in answer, (caller, answer)
        if caller in row.may:
            assert answer["data"][mutation]["__typename"] != row.otherwise, (caller, answer)
            through.append(caller)
        else:
            assert answer["data"][mutation]["__typename"] == row.otherwise, (caller, answer)
    assert len(through) == 1, "nobody got through, so the call proves nothing"


@pytest.mark.parametrize(
    "mutation", sorted({root_of(name) for name, row in INPUTS.items() if isinstance(row, WithinOwnHospital)})
)
async def test_a_hospitals_codes_mean_its_own_things_alone(world: World, mutation: str) -> None:
    before = await world.answer(OWN_SYSTEM, world.named(CATALOGUE))
    assert "11" in str(before["data"]), before
    pushed = await world.platform.push(world.hospitals[OTHER_SYSTEM], mutation, whole(PUSHES[mutation]))
    assert pushed["__typename"] not in ("IdempotencyKeyReused", "HospitalLocked"), pushed
    assert await world.answer(OWN_SYSTEM, world.named(CATALOGUE)) == before


def whole(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with what a session needs besides its codes."""
    if "schedule" in entry:
        return {"schedule": entry["schedule"] | A_SESSION}
    return (
        {"items": [each | A_SESSION if "externalId" in each else each for each in entry["items"]]}
        if ("items" in entry)
        else entry
    )
