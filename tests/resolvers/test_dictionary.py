"""The dictionary through the graph."""

from typing import Any

import pytest

from tests.platform import Platform


async def test_a_list_is_found_whatever_the_letter_case(platform: Platform) -> None:
    query = "query ($c: String!) { dictMap(code: $c) { value name } dictItem(code: $c) { dictCode } }"
    for code in ("Hostype", "hostype", "HOSTYPE"):
        found = await platform.data(query, {"c": code})
        assert found["dictMap"][0] == {"value": "1", "name": "三级甲等"}
        assert found["dictItem"] == {"dictCode": "Hostype"}
    assert await platform.data(query, {"c": "nothing"}) == {"dictMap": None, "dictItem": None}


async def test_the_same_value_under_two_lists_is_two_items(platform: Platform) -> None:
    found = await platform.data(
        """{ level: dictItem(code: "Hostype", value: "1") { id name parent { dictCode } }
             education: dictItem(code: "Nation", value: "1") { id name parent { dictCode } } }"""
    )
    assert found["level"]["parent"] == {"dictCode": "Hostype"}
    assert found["education"] is None or found["education"]["id"] != found["level"]["id"]


async def test_children_lead_from_province_to_district(platform: Platform) -> None:
    found = await platform.data(
        """{ dictItem(code: "Province", value: "110000") { name children { value name children { value name } } } }"""
    )
    beijing = found["dictItem"]
    assert beijing["name"] == "北京市"
    districts = [district for city in beijing["children"] for district in city["children"]]
    assert districts[:2] == [{"value": "110101", "name": "东城区"}, {"value": "110102", "name": "西城区"}]


async def test_a_tree_comes_flat_with_parents_before_children(platform: Platform) -> None:
    query = 'query ($d: Int!) { dictTree(code: "province", depth: $d) { id value parent { id } } }'
    deep = (await platform.data(query, {"d": 3}))["dictTree"]
    assert len(deep) == 3254
    seen: set[str] = set()
    for item in deep:
        assert item["parent"] is None or item["parent"]["id"] in seen
        seen.add(item["id"])
    assert len((await platform.data(query, {"d": 1}))["dictTree"]) == 35
    assert len((await platform.data(query, {"d": -1}))["dictTree"]) == 1
    assert await platform.data('{ dictTree(code: "nothing") { id } }') == {"dictTree": []}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("110101", "北京市东城区"),
        ("11", "北京市"),
        ("4401", "广东省广州市"),
        ("710000", "台湾省"),
        ("429004", "湖北省仙桃市"),
        ("999999", None),
        ("北京", None),
        ("", None),
    ],
)
async def test_a_regions_full_name(platform: Platform, code: str, name: str | None) -> None:
    assert await platform.data("query ($c: String!) { regionFullName(code: $c) }", {"c": code}) == {
        "regionFullName": name
    }


async def test_the_lists_that_there_are(platform: Platform) -> None:
    roots: list[dict[str, Any]] = (await platform.data("{ dictRoots { dictCode } }"))["dictRoots"]
    assert {"Province", "Hostype", "HospitalType", "CertificatesType", "Education", "Nation"} <= {
        root["dictCode"] for root in roots
    }
