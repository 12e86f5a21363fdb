import pytest

from datasources.stores import Stores
from domain.dictionary.lookups import names_by_value
from domain.dictionary.seed import ensure_dictionary


@pytest.fixture(autouse=True)
async def _shipped(stores: Stores) -> None:
    await ensure_dictionary(stores.sql)


async def test_a_list_is_a_map_of_values_to_names(stores: Stores) -> None:
    assert await names_by_value(stores, "hostype") == {
        "1": "三级甲等",
        "2": "三级乙等",
        "3": "二级甲等",
        "4": "二级乙等",
        "5": "一级",
    }


async def test_an_unknown_code_has_no_names(stores: Stores) -> None:
    assert await names_by_value(stores, "nothing") is None
