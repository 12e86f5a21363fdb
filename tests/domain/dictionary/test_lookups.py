import pytest

from datasources.stores import Stores
from domain.dictionary.lookups import dictionary_tree, names_by_value, region_full_names
from domain.dictionary.seed import ensure_dictionary


@pytest.fixture(autouse=True)
async def _shipped(stores: Stores) -> None:
    await ensure_dictionary(stores.sql)


async def test_the_tree_of_regions_has_three_levels(stores: Stores) -> None:
    tree = await dictionary_tree(stores, "province", 3)
    assert tree is not None
    assert len(tree.children) >= 34
    beijing = tree.children[0]
    assert (beijing.item.name, [city.item.name for city in beijing.children]) == ("北京市", ["市辖区"])
    assert [district.item.name for district in beijing.children[0].children][:2] == ["东城区", "西城区"]


async def test_a_shallow_tree_stops_where_asked(stores: Stores) -> None:
    tree = await dictionary_tree(stores, "Province", 1)
    assert tree is not None
    assert all(province.children == [] for province in tree.children)


async def test_a_list_is_a_map_of_values_to_names(stores: Stores) -> None:
    assert await names_by_value(stores, "hostype") == {
        "1": "三级甲等",
        "2": "三级乙等",
        "3": "二级甲等",
        "4": "二级乙等",
        "5": "一级",
    }


async def test_unknown_codes_have_neither_tree_nor_names(stores: Stores) -> None:
    assert await dictionary_tree(stores, "nothing", 3) is None
    assert await names_by_value(stores, "nothing") is None


async def test_full_names_leave_out_unknown_regions(stores: Stores) -> None:
    assert await region_full_names(stores, ["110101", "429004", "110000", "999999"]) == {
        "110101": "北京市东城区",
        "429004": "湖北省仙桃市",
        "110000": "北京市",
    }
