import pytest

from datasources.sql.dictionary import Dictionary
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary

PROVINCE = 1
BEIJING = 110000
BEIJING_URBAN = 110100


@pytest.fixture(autouse=True)
async def _shipped(stores: Stores) -> None:
    await ensure_dictionary(stores.sql)


async def test_items_are_found_by_id(stores: Stores) -> None:
    async with stores.sql.read() as session:
        found = await Dictionary(session).by_ids([BEIJING, 440300, -1])
    assert {id: item.name for id, item in found.items()} == {BEIJING: "北京市", 440300: "深圳市"}


async def test_children_come_in_order_for_each_parent(stores: Stores) -> None:
    async with stores.sql.read() as session:
        children = await Dictionary(session).children_by_parent_ids([BEIJING_URBAN, PROVINCE, -1])
    assert [item.name for item in children[BEIJING_URBAN]][:3] == ["东城区", "西城区", "朝阳区"]
    assert [item.value for item in children[PROVINCE]] == sorted(item.value for item in children[PROVINCE])
    assert children[-1] == []


async def test_items_are_found_under_a_root_by_value_whatever_the_codes_case(stores: Stores) -> None:
    pairs = [("hostype", "1"), ("HOSTYPE", "3"), ("CertificatesType", "10"), ("Hostype", "10"), ("nothing", "1")]
    async with stores.sql.read() as session:
        found = await Dictionary(session).by_parent_code_and_values(pairs)
    assert {pair: item.name for pair, item in found.items()} == {
        ("hostype", "1"): "三级甲等",
        ("HOSTYPE", "3"): "二级甲等",
        ("CertificatesType", "10"): "身份证",
    }


async def test_a_root_is_found_by_its_code_in_any_case(stores: Stores) -> None:
    async with stores.sql.read() as session:
        dictionary = Dictionary(session)
        roots = await dictionary.roots()
        found = await dictionary.by_code("hostype")
        missing = await dictionary.by_code("nothing")
    assert found is not None
    assert (found.dict_code, missing) == ("Hostype", None)
    assert [root.dict_code for root in roots if root.id <= 8] == [
        "Province",
        "Hostype",
        "HospitalType",
        "CertificatesType",
        "Education",
        "Nation",
        "MaritalStatus",
        "InsuranceType",
    ]


async def test_a_subtree_is_as_deep_as_asked_and_parents_stand_first(stores: Stores) -> None:
    async with stores.sql.read() as session:
        dictionary = Dictionary(session)
        alone = await dictionary.subtree(BEIJING, 0)
        one_level = await dictionary.subtree(BEIJING, 1)
        whole = await dictionary.subtree(BEIJING, 5)
        nothing = await dictionary.subtree(-1, 5)
    assert [item.id for item in alone] == [BEIJING]
    assert [item.id for item in one_level] == [BEIJING, BEIJING_URBAN]
    assert [item.name for item in whole][:3] == ["北京市", "市辖区", "东城区"]
    assert len(whole) == 2 + 16
    assert nothing == []
