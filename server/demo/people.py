"""Doctors of the demo: invented, name and all."""

import json
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from datasources.keys import doctor_key
from domain.pinyin import initials_of_person, pinyin_of_person
from server.demo.draws import Draws

_NAMES: dict[str, Any] = json.loads((files("server.demo") / "data" / "names.json").read_text(encoding="utf-8"))

CHIEF = "主任医师"
ASSOCIATE_CHIEF = "副主任医师"
ATTENDING = "主治医师"
TITLES = (CHIEF, ASSOCIATE_CHIEF, ATTENDING)

# Chiefs are fewer than their associates.
_TITLES_BY_FREQUENCY = (CHIEF, ASSOCIATE_CHIEF, ASSOCIATE_CHIEF, CHIEF, ATTENDING, ASSOCIATE_CHIEF, ATTENDING)


@dataclass(frozen=True, slots=True)
class DemoDoctor:
    """One doctor of one department; some also see patients in a second one."""

    hospital_code: str
    code: str
    name: str
    title: str
    skill: str
    introduction: str
    department_codes: tuple[str, ...]
    sees_private_patients: bool

    def document(self, made_at: datetime) -> dict[str, Any]:
        """As DoctorDocument is stored."""
        return {
            "_id": doctor_key(self.hospital_code, self.code),
            "hospital_code": self.hospital_code,
            "code": self.code,
            "name": self.name,
            "pinyin": pinyin_of_person(self.name),
            "initials": initials_of_person(self.name),
            "title": self.title,
            "skill": self.skill,
            "introduction": self.introduction,
            "department_codes": list(self.department_codes),
            "revision": 0,
            "updated_at": made_at,
        }


def doctors_of(
    hospital_code: str, department_code: str, department_name: str, complaints: list[str], others: list[str], count: int
) -> list[DemoDoctor]:
    """So many doctors of a department; `others` are the codes of departments where some of them help out."""
    doctors = []
    for number in range(1, count + 1):
        code = f"{department_code}{number:02}"
        draws = Draws(f"doctor:{hospital_code}:{code}")
        title = draws.pick(_TITLES_BY_FREQUENCY)
        second = (draws.pick(others),) if others and draws.chance(10) else ()
        skill = f"擅长{'、'.join(draws.sample(complaints, 3))}的诊治。"
        years = {CHIEF: 22, ASSOCIATE_CHIEF: 13, ATTENDING: 6}[title] + draws.below(9)
        doctors.append(
            DemoDoctor(
                hospital_code=hospital_code,
                code=code,
                name=invented_name(draws),
                title=title,
                skill=skill,
                introduction=f"{title}，从事{department_name}临床工作{years}年。",
                department_codes=(department_code, *second),
                sees_private_patients=title == CHIEF and draws.chance(12),
            )
        )
    return doctors


def invented_name(draws: Draws) -> str:
    """A family name and one or two rare given characters. Those that a well-known person bears are drawn again."""
    # The smaller of two draws: the list begins with the most frequent family names.
    surnames: str = _NAMES["surnames"]
    surname = surnames[min(draws.below(len(surnames)), draws.below(len(surnames)))]
    given = (
        draws.pick(_NAMES["first"]) + draws.pick(_NAMES["second"]) if draws.chance(85) else draws.pick(_NAMES["only"])
    )
    name: str = surname + given
    return invented_name(draws) if name in _NAMES["taken"] else name
