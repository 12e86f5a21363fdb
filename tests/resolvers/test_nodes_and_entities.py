"""Nodes by their global ids, and entities as a federation router asks for them."""

from typing import Any

import pytest

from domain.global_id import NodeKind, global_id, node_reference
from domain.permissions import Role
from tests.platform import Platform
from tests.resolvers.test_catalogue_queries import hospital_with_departments, session
from tests.verifications import submitted

ENTITIES = """query ($r: [_Any!]!) { _entities(representations: $r) {
  __typename ... on Hospital { name } ... on Department { name } ... on Doctor { name }
  ... on Schedule { externalId } ... on DictItem { name } } }"""


async def test_every_kind_of_node_is_found_again_by_its_id(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    await platform.push(hospital, "upsertDoctor", {"doctor": {"code": "d", "name": "安二"}})
    await platform.push(hospital, "upsertSchedule", {"schedule": session("s", "2026-11-22")})
    found = await platform.data(
        """query ($c: String!) {
             hospital(code: $c) { __typename id }
             department(hospitalCode: $c, code: "11") { __typename id }
             doctor(hospitalCode: $c, code: "d") { __typename id }
             schedule(hospitalCode: $c, externalId: "s") { __typename id }
             dictItem(code: "Hostype") { __typename id } }""",
        {"c": hospital.code},
    )
    ids = [each["id"] for each in found.values()]
    again = await platform.data("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", {"ids": ids})
    assert again["nodes"] == list(found.values())
    one = await platform.data("query ($id: ID!) { node(id: $id) { __typename id } }", {"id": ids[1]})
    assert one["node"] == found["department"]
    entities = await platform.data(
        ENTITIES, {"r": [{"__typename": each["__typename"], "id": each["id"]} for each in found.values()]}
    )
    assert [each["__typename"] for each in entities["_entities"]] == [each["__typename"] for each in found.values()]


async def test_entities_are_found_by_hospitals_own_codes(platform: Platform) -> None:
    hospital = await hospital_with_departments(platform)
    await platform.push(hospital, "upsertSchedule", {"schedule": session("7", "2026-11-22")})
    representations: list[dict[str, Any]] = [
        {"__typename": "Hospital", "code": hospital.code},
        {"__typename": "Department", "hospitalCode": hospital.code, "code": "12", "name": "ignored"},
        {"__typename": "Department", "hospitalCode": hospital.code, "code": "nope"},
        {"__typename": "Schedule", "hospitalCode": hospital.code, "externalId": 7},
    ]
    found = await platform.data(ENTITIES, {"r": representations})
    assert found["_entities"] == [
        {"__typename": "Hospital", "name": "长春测试医院"},
        {"__typename": "Department", "name": "消化内科"},
        None,
        {"__typename": "Schedule", "externalId": "7"},
    ]


@pytest.mark.parametrize(
    ("representation", "said"),
    [
        ({"__typename": "Money", "amount": "1"}, "Money"),
        ({"__typename": "Query"}, "Query"),
        ({"__typename": "Nothing"}, "Nothing"),
        ({"code": "x"}, "__typename"),
        ({"__typename": "Hospital"}, "{id}, {code}"),
        ({"__typename": "Department", "code": "11"}, "{hospitalCode code}"),
        ({"__typename": "Hospital", "code": {"$ne": 1}}, "{code}"),
        ({"__typename": "Hospital", "id": True}, "{id}"),
    ],
)
async def test_a_representation_that_names_nothing_is_a_bad_request(
    platform: Platform, representation: dict[str, Any], said: str
) -> None:
    error = await platform.error(ENTITIES, {"r": [representation]})
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert said in error["message"]


async def test_an_id_of_another_kind_is_refused(platform: Platform) -> None:
    id = global_id(NodeKind.DOCTOR, "x:y")
    error = await platform.error(ENTITIES, {"r": [{"__typename": "Hospital", "id": id}]})
    assert error["extensions"]["code"] == "BAD_ID"


async def test_an_id_that_names_nothing_is_null(platform: Platform) -> None:
    ids = [global_id(kind, "nothing:here") for kind in NodeKind]
    assert await platform.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids}) == {
        "nodes": [None] * len(ids)
    }


async def test_more_than_a_hundred_ids_are_refused(platform: Platform) -> None:
    ids = [global_id(NodeKind.HOSPITAL, "x")] * 101
    error = await platform.error("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})
    assert error["extensions"]["code"] == "BAD_REQUEST"


async def test_the_subgraph_describes_itself(platform: Platform) -> None:
    sdl = (await platform.data("{ _service { sdl } }"))["_service"]["sdl"]
    assert "https://specs.apollo.dev/federation/v2" in sdl
    assert 'type Department implements Node @key(fields: "id") @key(fields: "hospitalCode code")' in sdl


@pytest.mark.parametrize("kind", list(NodeKind))
def test_an_id_reads_back_as_what_it_was_made_of(kind: NodeKind) -> None:
    assert node_reference(global_id(kind, "1000_0:科 a:b")) == (kind, "1000_0:科 a:b")


async def test_staff_see_nobodys_things_by_id_until_the_initial_password_is_changed(platform: Platform) -> None:
    user = await platform.new_user()
    request = await submitted(platform, user.token)
    ids = [user.id, request["frontFileId"], request["id"]]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    administrator = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    fresh = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR, must_change_password=True)
    seen = (await platform.data(query, {"ids": ids}, bearer=administrator.token))["nodes"]
    assert [each["id"] for each in seen] == ids
    assert (await platform.data(query, {"ids": ids}, bearer=fresh.token))["nodes"] == [None, None, None]
