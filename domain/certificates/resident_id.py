"""Resident identity numbers (GB 11643): six digits of a region, birth date, three of order, check character.

A county's code is not looked up: codes of abolished counties stay valid for life, and a code is given at registration,
so it may be younger than the person. The check character proves that a number was typed right, not whose it is.
"""

import re
from dataclasses import dataclass
from datetime import date

from datasources.sql.patient import Sex
from domain.certificates import faults
from domain.certificates.faults import CertificateFault

_FORM = re.compile(r"[0-9]{17}[0-9X]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_EARLIEST = date(1900, 1, 1)

PROVINCES = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83, 91),
    )
    for code in codes
)
"""GB/T 2260 provinces; 81, 82, 83 also stand in residence permits of Hong Kong, Macao and Taiwan people, and 91 in
numbers of permanent residents."""


@dataclass(frozen=True, slots=True, repr=False)
class ResidentId:
    """What a number that holds says of its bearer. No log shows it: it has no repr of its own."""

    number: str
    birth_date: date
    sex: Sex


def check_character(body: str) -> str:
    """The 18th character for the first 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(body[:17], _WEIGHTS, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def read_resident_id(number: str, today: date) -> ResidentId | CertificateFault:
    """The number, normalised before, or the first rule that it fails. `today` is the platform's date."""
    if not _FORM.fullmatch(number):
        return faults.RESIDENT_ID_FORM
    if number[:2] not in PROVINCES:
        return faults.PROVINCE
    born = _date(number[6:14])
    if born is None or not _EARLIEST <= born <= today:
        return faults.DATE
    if number[17] != check_character(number):
        return faults.CHECK_CHARACTER
    return ResidentId(number, born, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
