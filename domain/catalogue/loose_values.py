"""Values as hospitals' systems send them: numbers as text, unpadded dates, stray spaces. Nonsense is refused."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_INTEGER = re.compile(r"^[+-]?\d{1,9}$")
_DATE = re.compile(
    r"^(?P<year>\d{4})(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})|(?P<monthday>\d{4}))$"
)
_CODE = re.compile(r"^[A-Za-z0-9_.\-]{1,64}$")
# Control characters other than line feed and tab have no place in a text that people read.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _integer(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("whole_number", "not a whole number")
    if isinstance(value, int) and abs(value) <= 999_999_999:
        return value
    if isinstance(value, float) and value.is_integer():
        return _integer(int(value))
    if isinstance(value, str) and _INTEGER.match(value.strip()):
        return int(value.strip())
    raise PydanticCustomError("whole_number", "not a whole number")


def _amount(value: object) -> object:
    """A fee with at most two decimals. A float is read by its shortest form, so 9.67 stays 9.67."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise PydanticCustomError("amount", "not an amount")
    try:
        amount = Decimal(str(value).strip())
        rounded = amount.quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise PydanticCustomError("amount", "not an amount") from error
    if rounded != amount or not Decimal(0) <= amount <= Decimal("99999.99"):
        raise PydanticCustomError("amount", "not an amount")
    return rounded


def _date(value: object) -> object:
    if isinstance(value, date):
        return value
    text = str(value).strip() if isinstance(value, str | int) else ""
    match = _DATE.match(text)
    if match is None:
        raise PydanticCustomError("calendar_date", "not a date")
    packed = match["monthday"] or ""
    try:
        return date(int(match["year"]), int(match["month"] or packed[:2]), int(match["day"] or packed[2:]))
    except ValueError as error:
        raise PydanticCustomError("calendar_date", "not a date") from error


def _code(value: object) -> object:
    """A code given as a number is the number's digits; letter case counts."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _CODE.match(text):
        raise PydanticCustomError("catalogue_code", "not a code")
    return text


def _line(value: object) -> object:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise PydanticCustomError("text", "not text")
    if _CONTROL.search(value):
        raise PydanticCustomError("control_characters", "holds control characters")
    return value.strip()


LooseInteger = Annotated[int, BeforeValidator(_integer)]
LooseAmount = Annotated[Decimal, BeforeValidator(_amount)]
LooseDate = Annotated[date, BeforeValidator(_date)]
Code = Annotated[str, BeforeValidator(_code)]
LINE = BeforeValidator(_line)
"""Text without control characters and stray spaces; null is empty."""
