"""What search engines and previews read of a page: title, description, and schema.org's structured data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import orjson

from domain.language import Language, Words

MOST_DESCRIBED = 150

_NAME = "HTBooking"
_HOME_TITLE = Words("预约挂号", "Hospital appointments")
_HOME_DESCRIPTION = Words(
    "按医院、科室或地区查找医生，余号实时更新，在线预约、候补、改签和退号。",
    "Find doctors by hospital, department or region; live remaining numbers; book, wait, move and cancel online.",
)
_HOSPITAL_TITLE = Words("{name}预约挂号", "Appointments at {name}")
_HOSPITAL_DESCRIPTION = Words("{name}，{address}。", "{name}, {address}. ")
_DEPARTMENT_TITLE = Words("{hospital}{name}预约挂号", "{name}, {hospital}: appointments")
_DEPARTMENT_DESCRIPTION = Words(
    "{hospital}{name}的出诊医生、费用和实时余号。", "Doctors, fees and live remaining numbers of {name} at {hospital}."
)


@dataclass(frozen=True, slots=True)
class Head:
    """One page's. `data` is JSON-LD; without any there is none."""

    title: str
    description: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def html(self, *, address: str, time_zone: str) -> str:
        """The elements of `<head>`. `address` is where the page is for everybody."""
        title, description = escape(f"{self.title} · {_NAME}"), escape(self.description)
        return (
            f'<title>{title}</title><meta name="description" content="{description}">'
            f'<link rel="canonical" href="{escape(address)}">'
            f'<meta property="og:title" content="{title}"><meta property="og:description" content="{description}">'
            f'<meta property="og:type" content="website"><meta property="og:url" content="{escape(address)}">'
            f'<meta name="time-zone" content="{escape(time_zone)}">'
            + (json_script("application/ld+json", {"@context": "https://schema.org", **self.data}) if self.data else "")
        )


def json_script(kind: str, content: object, *, id: str | None = None) -> str:
    """A script element that holds data and runs nothing. No text in it can end it."""
    text = orjson.dumps(content).decode().replace("<", "\\u003c")
    named = f' id="{id}"' if id else ""
    return f'<script type="{kind}"{named}>{text}</script>'


def home_head(language: Language) -> Head:
    """Of the home page, and of those that nobody should find by searching."""
    return Head(_HOME_TITLE.say(language), _HOME_DESCRIPTION.say(language))


def hospital_head(answer: Mapping[str, Any], language: Language, address: str) -> Head:
    """Of a hospital's page, from the answer that it shows first."""
    hospital = answer["hospital"]
    described = _HOSPITAL_DESCRIPTION.say(language, name=hospital["name"], address=hospital["address"])
    return Head(
        _HOSPITAL_TITLE.say(language, name=hospital["name"]),
        (described + hospital["introduction"])[:MOST_DESCRIBED],
        {
            **_hospital(hospital, address),
            "description": hospital["introduction"],
            "telephone": hospital["phone"],
            "department": [
                {"@type": "MedicalClinic", "name": leaf["name"], "url": f"{address}/departments/{leaf['code']}"}
                for group in hospital["departmentTree"]
                for leaf in _leaves(group)
            ],
        },
    )


def department_head(answer: Mapping[str, Any], language: Language, address: str) -> Head:
    """Of a department's page, with the doctors of its coming sessions."""
    hospital, department = answer["hospital"], answer["department"]
    names = {"hospital": hospital["name"], "name": department["name"]}
    sessions = [each for day in answer["bookableDays"]["nodes"] for each in day["schedules"] if each["doctorName"]]
    doctors = {each["doctorName"]: each for each in sessions}
    clinic = {"@type": "MedicalClinic", "name": department["name"], "url": address}
    return Head(
        _DEPARTMENT_TITLE.say(language, **names),
        (_DEPARTMENT_DESCRIPTION.say(language, **names) + department["introduction"])[:MOST_DESCRIBED],
        {
            **clinic,
            "parentOrganization": _hospital(hospital, address.partition("/departments/")[0]),
            "employee": [
                {
                    "@type": "Physician",
                    "name": each["doctorName"],
                    "jobTitle": each["doctorTitle"],
                    "knowsAbout": each["skill"],
                    "hospitalAffiliation": {"@type": "Hospital", "name": hospital["name"]},
                }
                for each in doctors.values()
            ],
        },
    )


def announcement_head(answer: Mapping[str, Any], _language: Language, address: str) -> Head:
    """Of an announcement's page, in the language that it is written in."""
    found = answer["announcement"]
    data = {
        "@type": "SpecialAnnouncement",
        "name": found["title"],
        "text": found["text"],
        "datePosted": found["publishedFrom"],
        "url": address,
    }
    return Head(found["title"], found["text"][:MOST_DESCRIBED], data)


def _hospital(hospital: Mapping[str, Any], address: str) -> dict[str, Any]:
    located = {"address": hospital["address"]} if hospital.get("address") else {}
    return {"@type": "Hospital", "name": hospital["name"], "url": address, **located}


def _leaves(department: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if department["isLeaf"]:
        return [department]
    return [leaf for child in department.get("children", ()) for leaf in _leaves(child)]
