"""Hospitals of the demo: well-known public ones with their public facts, and any number of invented ones."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from itertools import cycle
from typing import Any

from datasources.mongo.documents import LEVELS, BookingRule, level_rank
from domain.dictionary.regions import RegionLevel, ancestors_of, full_name, level_of
from domain.dictionary.seed import shipped_regions
from domain.pinyin import initials_of, pinyin_of
from server.demo.departments import DemoDepartment, departments_of
from server.demo.draws import Draws
from server.demo.rosters import Roster, steady_shifts, weekly_shifts
from server.demo.rules import rule_of

ROUTE = "地铁、公交均可到达，请以导航为准。院内车位紧张，建议乘坐公共交通前来。"

# What an invented hospital of the large set has: with its 5 groups 30 departments, and 25 × 40 sessions.
SCALE_GROUPS = 5
SCALE_LEAVES = 25
SCALE_DOCTORS_PER_LEAF = 3
SCALE_DAYS = 10
SESSIONS_PER_SCALE_HOSPITAL = 1000


@dataclass(frozen=True, slots=True)
class DemoHospital:
    """A hospital with all that is known of it beforehand; its sessions follow from roster and day."""

    code: str
    name: str
    level: str
    district_code: str
    address: str
    introduction: str
    rule: BookingRule
    departments: tuple[DemoDepartment, ...]
    roster: Roster
    days: int
    """For how many days, today included, there are sessions: some beyond the booking window."""

    def document(self, made_at: datetime) -> dict[str, Any]:
        """As HospitalDocument is stored."""
        return {
            "_id": self.code,
            "code": self.code,
            "name": self.name,
            "pinyin": pinyin_of(self.name),
            "initials": initials_of(self.name),
            "level": self.level,
            "level_rank": level_rank(self.level),
            "province_code": self.district_code[:2] + "0000",
            "city_code": self.district_code[:4] + "00",
            "district_code": self.district_code,
            "address": self.address,
            "introduction": self.introduction,
            "route": ROUTE,
            "phone": "",
            "booking_rule": self.rule.model_dump(),
            "logo_etag": None,
            "listed": True,
            "revision": 0,
            "updated_at": made_at,
        }


def well_known_hospitals() -> list[DemoHospital]:
    """The standard set."""
    facts = json.loads((files("server.demo") / "data" / "hospitals.json").read_text(encoding="utf-8"))
    hospitals = []
    for fact in facts:
        rule = rule_of(fact["code"])
        hospitals.append(
            DemoHospital(
                code=fact["code"],
                name=fact["name"],
                level=fact["level"],
                district_code=fact["district_code"],
                address=fact["address"],
                introduction=fact["introduction"],
                rule=rule,
                departments=tuple(departments_of(fact["code"], fact["kind"])),
                roster=weekly_shifts,
                # Days 0 … cycle are shown once today's release is past; two more are there for tomorrow.
                days=rule.cycle + 3,
            )
        )
    return hospitals


def invented_hospitals(number: int) -> Iterator[DemoHospital]:
    """So many hospitals of one size, one after another through the districts of the country."""
    for serial, (district_code, district) in zip(range(1, number + 1), cycle(_districts()), strict=False):
        code = f"demo{serial:05}"
        draws = Draws(f"hospital:{code}")
        yield DemoHospital(
            code=code,
            name=f"{district}第{serial}演示医院",
            level=draws.pick(LEVELS),
            district_code=district_code,
            address=f"{district}演示路{draws.between(1, 400)}号",
            introduction="为性能测量而虚构的医院。",
            rule=rule_of(code),
            departments=tuple(
                departments_of(
                    code, "general", groups=SCALE_GROUPS, leaves=SCALE_LEAVES, doctors=SCALE_DOCTORS_PER_LEAF
                )
            ),
            roster=steady_shifts,
            days=SCALE_DAYS,
        )


def _districts() -> list[tuple[str, str]]:
    """Code and full name of every district."""
    names = shipped_regions()
    return [
        (code, full_name(names[step] for step in (*ancestors_of(code), code)))
        for code in names
        if level_of(code) is RegionLevel.DISTRICT
    ]
