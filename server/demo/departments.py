"""Department trees of the demo: two levels, of the size that such hospitals have."""

import json
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from datasources.keys import department_key
from domain.pinyin import initials_of, pinyin_of
from server.demo.draws import Draws
from server.demo.people import DemoDoctor, doctors_of

FEWEST_LEAVES = 26
MOST_LEAVES = 40

_CATALOGUE: dict[str, Any] = json.loads(
    (files("server.demo") / "data" / "departments.json").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class DemoDepartment:
    """A department; only leaves have doctors and sessions."""

    hospital_code: str
    code: str
    parent_code: str | None
    name: str
    introduction: str
    address: str
    position: int
    doctors: tuple[DemoDoctor, ...] = ()

    @property
    def is_leaf(self) -> bool:
        """Whether sessions are held here."""
        return self.parent_code is not None

    def document(self, made_at: datetime) -> dict[str, Any]:
        """As DepartmentDocument is stored."""
        return {
            "_id": department_key(self.hospital_code, self.code),
            "hospital_code": self.hospital_code,
            "code": self.code,
            "parent_code": self.parent_code,
            "name": self.name,
            "pinyin": pinyin_of(self.name),
            "initials": initials_of(self.name),
            "introduction": self.introduction,
            "address": self.address,
            "position": self.position,
            "is_leaf": self.is_leaf,
            "revision": 0,
            "updated_at": made_at,
        }


@dataclass(frozen=True, slots=True)
class _Leaf:
    group_code: str
    code: str
    name: str
    complaints: list[str]
    always: bool


def departments_of(
    hospital_code: str, kind: str, *, leaves: int | None = None, groups: int | None = None, doctors: int | None = None
) -> list[DemoDepartment]:
    """The tree of a hospital of this kind, parents before their leaves.

    `leaves`, `groups` and `doctors` (per leaf) set the size exactly; otherwise it is drawn within what is usual.
    """
    draws = Draws(f"departments:{hospital_code}")
    chosen = _chosen_leaves(kind, draws, leaves=leaves or draws.between(FEWEST_LEAVES, MOST_LEAVES), groups=groups)
    departments: list[DemoDepartment] = []
    for floor, group_code in enumerate(dict.fromkeys(leaf.group_code for leaf in chosen), 1):
        siblings = [leaf for leaf in chosen if leaf.group_code == group_code]
        departments.append(
            DemoDepartment(
                hospital_code=hospital_code,
                code=group_code,
                parent_code=None,
                name=_CATALOGUE["groups"][group_code]["name"],
                introduction="",
                address=f"门诊楼{floor}层",
                position=len(departments),
            )
        )
        for order, leaf in enumerate(siblings):
            departments.append(
                DemoDepartment(
                    hospital_code=hospital_code,
                    code=leaf.code,
                    parent_code=group_code,
                    name=leaf.name,
                    introduction=f"{leaf.name}门诊主要诊治{'、'.join(leaf.complaints)}等。",
                    address=f"门诊楼{floor}层{'ABCDEF'[order % 6]}区",
                    position=len(departments),
                    doctors=tuple(
                        doctors_of(
                            hospital_code,
                            leaf.code,
                            leaf.name,
                            leaf.complaints,
                            [other.code for other in siblings if other is not leaf],
                            doctors or draws.between(3, 6),
                        )
                    ),
                )
            )
    return departments


def _chosen_leaves(kind: str, draws: Draws, *, leaves: int, groups: int | None) -> list[_Leaf]:
    offered = [leaf for group_code in _CATALOGUE["kinds"][kind][:groups] for leaf in _leaves_of(group_code)]
    always = [leaf for leaf in offered if leaf.always][:leaves]
    sometimes = draws.sample([leaf for leaf in offered if leaf not in always], leaves - len(always))
    return [leaf for leaf in offered if leaf in always or leaf in sometimes]


def _leaves_of(group_code: str) -> list[_Leaf]:
    return [
        _Leaf(group_code, f"{group_code}{number:02}", leaf["name"], leaf["complaints"], leaf["always"])
        for number, leaf in enumerate(_CATALOGUE["groups"][group_code]["leaves"], 1)
    ]
