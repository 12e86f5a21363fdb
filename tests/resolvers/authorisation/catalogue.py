"""Hospitals and what they offer, and the dictionary: open to everybody."""

from tests.resolvers.authorisation.rows import EVERYBODY, Open, Row, Way

TYPES: dict[str, Row] = {
    "Hospital": Open(
        clear="id code name regionName address introduction route phone logoUrl",
        parts="bookingRule",
        leads_to="level region withdrawnSessions departmentTree departments doctors",
    ),
    "BookingRule": Open(clear="cycle releaseTime stopTime quitDay quitTime rules"),
    "Department": Open(
        clear="id hospitalCode code name introduction address isLeaf",
        leads_to="hospital parent children bookableDays schedules doctors",
    ),
    "Doctor": Open(clear="id hospitalCode code name title skill introduction", leads_to="hospital departments"),
    "BookableDay": Open(
        clear="date state capacity remaining sessionCount withdrawnCount opensAt closesAt",
        leads_to="department schedules",
    ),
    "Schedule": Open(
        clear="id hospitalCode departmentCode externalId date halfDay status state capacity remaining doctorName"
        " doctorTitle skill notice fetchAddress",
        parts="fee",
        leads_to="doctor hospital department",
    ),
    "Money": Open(clear="amount currency"),
    "DictItem": Open(clear="id name value dictCode", leads_to="parent children"),
    "DictEntry": Open(clear="value name"),
    "ConsentText": Open(clear="kind version"),
    "PageInfo": Open(clear="hasNextPage hasPreviousPage startCursor endCursor"),
    "_Service": Open(clear="sdl"),
}

LISTS = {
    "HospitalConnection": "Query.hospitals",
    "DepartmentConnection": "Hospital.departments",
    "DoctorConnection": "Query.doctors Hospital.doctors Department.doctors",
    "BookableDayConnection": "Query.bookableDays Department.bookableDays",
}

BY_ID = {
    "Hospital": EVERYBODY,
    "Department": EVERYBODY,
    "Doctor": EVERYBODY,
    "Schedule": EVERYBODY,
    "DictItem": EVERYBODY,
}

WAYS = [
    Way('hospitals(text: "{hospital_name}")', "Hospital", EVERYBODY),
    Way('hospital(code: "{hospital_code}")', "Hospital", EVERYBODY),
    Way('department(hospitalCode: "{hospital_code}", code: "11")', "Department", EVERYBODY),
    Way('doctor(hospitalCode: "{hospital_code}", code: "d")', "Doctor", EVERYBODY),
    Way('doctors(hospitalCode: "{hospital_code}")', "Doctor", EVERYBODY),
    Way('bookableDays(hospitalCode: "{hospital_code}", departmentCode: "11")', "BookableDay", EVERYBODY),
    Way('schedules(hospitalCode: "{hospital_code}", departmentCode: "11", date: "2026-11-22")', "Schedule", EVERYBODY),
    Way('schedule(hospitalCode: "{hospital_code}", externalId: "s1")', "Schedule", EVERYBODY),
    Way("dictRoots", "DictItem", EVERYBODY),
    Way('dictItem(code: "HospitalType")', "DictItem", EVERYBODY),
    Way('dictTree(code: "HospitalType") {{ parent … }}', "DictItem", EVERYBODY),
    Way('dictMap(code: "HospitalType")', "DictEntry", EVERYBODY),
    Way("consentTexts", "ConsentText", EVERYBODY),
    Way("_service", "_Service", EVERYBODY),
]

SAME_FOR_ALL = ['regionFullName(code: "110101")']
"""Queries of a single value."""
