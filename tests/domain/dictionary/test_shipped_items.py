from collections import Counter

from datasources.sql.dictionary import DictItem
from domain.dictionary.levels import LEVEL_NAMES
from domain.dictionary.regions import RegionLevel, ancestors_of, full_name, level_of
from domain.dictionary.seed import shipped_items

ITEMS = {item.id: item for _, item in shipped_items()}
ROOTS = {item.dict_code: item for item in ITEMS.values() if item.parent_id is None}


def children_of(item: DictItem) -> list[DictItem]:
    return [child for child in ITEMS.values() if child.parent_id == item.id]


def regions() -> list[DictItem]:
    return [item for item in ITEMS.values() if item.id > 100_000]


def name_of(code: str) -> str:
    return full_name(ITEMS[int(step)].name for step in (*ancestors_of(code), code))


def test_there_are_about_3400_items_with_an_id_each() -> None:
    assert len(list(shipped_items())) == len(ITEMS) == 3_366


def test_every_parent_exists_and_stands_one_level_higher() -> None:
    depths = {item.id: depth for depth, item in shipped_items()}
    for item in ITEMS.values():
        if item.parent_id is None:
            assert depths[item.id] == 0
        else:
            assert depths[item.parent_id] == depths[item.id] - 1, item


def test_values_are_unique_under_their_parent_and_only_roots_have_codes() -> None:
    assert max(Counter((item.parent_id, item.value) for item in ITEMS.values()).values()) == 1
    assert all((item.dict_code is None) == (item.parent_id is not None) for item in ITEMS.values())


def test_roots_are_those_that_the_platform_names() -> None:
    assert set(ROOTS) == {
        "Province",
        "Hostype",
        "HospitalType",
        "CertificatesType",
        "Education",
        "Nation",
        "MaritalStatus",
        "InsuranceType",
    }


def test_regions_are_counted_by_level() -> None:
    levels = Counter(level_of(item.value) for item in regions())
    assert levels == {RegionLevel.PROVINCE: 34, RegionLevel.CITY: 342, RegionLevel.DISTRICT: 2_877}
    assert len(children_of(ROOTS["Province"])) == 34


def test_a_regions_id_is_its_code() -> None:
    assert all(str(item.id) == item.value for item in regions())


def test_zones_of_the_statistics_bureau_are_no_regions() -> None:
    assert not [item for item in regions() if 71 <= item.id % 100 <= 79]


def test_known_regions_have_their_full_names() -> None:
    assert ITEMS[110100].name == "市辖区"
    assert name_of("110101") == "北京市东城区"
    assert name_of("500235") == "重庆市云阳县"
    assert name_of("440300") == "广东省深圳市"
    assert name_of("441900") == "广东省东莞市"
    assert name_of("429021") == "湖北省神农架林区"
    assert name_of("659001") == "新疆维吾尔自治区石河子市"
    assert name_of("620201") == "甘肃省嘉峪关市"
    assert name_of("710000") == "台湾省"
    assert name_of("810001") == "香港特别行政区中西区"
    assert name_of("820008") == "澳门特别行政区圣方济各堂区"


def test_short_lists_are_complete() -> None:
    assert [(item.value, item.name) for item in children_of(ROOTS["Hostype"])] == [
        ("1", "三级甲等"),
        ("2", "三级乙等"),
        ("3", "二级甲等"),
        ("4", "二级乙等"),
        ("5", "一级"),
    ]
    assert {item.value: item.name for item in children_of(ROOTS["HospitalType"])} == LEVEL_NAMES
    assert {"10": "身份证", "20": "户口本", "30": "护照"}.items() <= {
        item.value: item.name for item in children_of(ROOTS["CertificatesType"])
    }.items()
    nations = children_of(ROOTS["Nation"])
    assert len({item.name for item in nations}) == 56
    assert (nations[0].name, nations[55].name) == ("汉族", "基诺族")
