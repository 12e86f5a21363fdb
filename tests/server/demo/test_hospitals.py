from collections import Counter
from itertools import pairwise

import pytest

from datasources.mongo.documents import LEVELS
from domain.dictionary.regions import ancestors_of, full_name
from domain.dictionary.seed import shipped_regions
from server.demo.hospitals import DemoHospital, invented_hospitals, well_known_hospitals

REGIONS = shipped_regions()
HOSPITALS = well_known_hospitals()

# Whoever a patient would know from the news or the history of medicine.
WELL_KNOWN_PEOPLE = {
    *("钟南山", "张文宏", "李兰娟", "陈薇", "吴孟超", "林巧稚", "张孝骞", "裘法祖", "屠呦呦", "张伯礼", "王辰", "乔杰"),
    *(
        "郎景和",
        "樊代明",
        "葛均波",
        "陈冯富珍",
        "陶勇",
        "李文亮",
        "吴阶平",
        "汤钊猷",
        "王忠诚",
        "黄家驷",
        "曾光",
        "陈竺",
    ),
    *("韩启德", "王振义", "陈灏珠", "钟惠澜", "诸福棠", "吴英恺", "胡大一", "凌锋", "邱贵兴", "赵玉沛", "宁光", "高福"),
    *(
        "于莺",
        "张羽",
        "张悟本",
        "曹德旺",
        "李宁",
        "周杰伦",
        "王菲",
        "宋楚瑜",
        "张若昀",
        "雷军",
        "韩寒",
        "沈腾",
        "黄景瑜",
        "王楚然",
    ),
}


@pytest.fixture(params=HOSPITALS, ids=lambda hospital: hospital.code)
def hospital(request: pytest.FixtureRequest) -> DemoHospital:
    known: DemoHospital = request.param
    return known


def test_the_standard_set_spans_the_country() -> None:
    assert 40 <= len(HOSPITALS) <= 50
    assert (
        len({hospital.code for hospital in HOSPITALS})
        == len({hospital.name for hospital in HOSPITALS})
        == len(HOSPITALS)
    )
    assert len({hospital.district_code[:2] for hospital in HOSPITALS}) >= 12
    assert {"3A", "3B", "2A"} <= {hospital.level for hospital in HOSPITALS}


def test_a_hospital_stands_where_its_address_says(hospital: DemoHospital) -> None:
    steps = (*ancestors_of(hospital.district_code), hospital.district_code)
    assert hospital.address.startswith(full_name(REGIONS[step] for step in steps))
    assert hospital.level in LEVELS
    assert ":" not in hospital.code


def test_a_tree_has_two_levels_of_realistic_size(hospital: DemoHospital) -> None:
    leaves = [department for department in hospital.departments if department.is_leaf]
    codes = [department.code for department in hospital.departments]
    assert 20 <= len(leaves) <= 45
    assert len(set(codes)) == len(codes)
    assert [department.position for department in hospital.departments] == list(range(len(codes)))
    assert all(later.is_leaf or earlier.is_leaf for earlier, later in pairwise(hospital.departments)), (
        "a group is empty"
    )
    for department in leaves:
        assert department.parent_code in codes[: department.position]
        assert department.doctors


def test_department_codes_repeat_between_hospitals() -> None:
    owners = Counter(department.code for hospital in HOSPITALS for department in hospital.departments)
    assert owners.most_common(1)[0][1] > 20


def test_doctors_are_invented_and_have_a_code_each(hospital: DemoHospital) -> None:
    doctors = [doctor for department in hospital.departments for doctor in department.doctors]
    names = Counter(doctor.name for doctor in doctors)
    assert len({doctor.code for doctor in doctors}) == len(doctors)
    assert not WELL_KNOWN_PEOPLE & names.keys()
    assert len(names) > 0.9 * len(doctors)
    codes = {department.code for department in hospital.departments}
    assert all(set(doctor.department_codes) <= codes for doctor in doctors)


def test_booking_rules_vary_and_sessions_reach_beyond_the_window() -> None:
    assert (
        len({(hospital.rule.cycle, hospital.rule.release_time, hospital.rule.stop_time) for hospital in HOSPITALS}) > 10
    )
    assert {hospital.rule.quit_day for hospital in HOSPITALS} == {-1, 0}
    assert all(hospital.days > hospital.rule.cycle + 1 for hospital in HOSPITALS)


def test_invented_hospitals_have_one_size_and_different_places() -> None:
    hospitals = list(invented_hospitals(12))
    assert [len(hospital.departments) for hospital in hospitals] == [30] * 12
    assert (
        len({hospital.name for hospital in hospitals}) == len({hospital.district_code for hospital in hospitals}) == 12
    )
