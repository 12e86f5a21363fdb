"""Values as hospitals' systems send them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.booking.rule import PushedBookingRule, booking_rule_value
from domain.catalogue.loose_values import Code, LooseAmount, LooseDate, LooseInteger
from domain.catalogue.pushed import PushedHospital, PushedSchedule
from domain.catalogue.validation import read_item

INTEGER: TypeAdapter[int] = TypeAdapter(LooseInteger)
AMOUNT: TypeAdapter[Decimal] = TypeAdapter(LooseAmount)
DATE: TypeAdapter[date] = TypeAdapter(LooseDate)
CODE: TypeAdapter[str] = TypeAdapter(Code)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)


@given(st.integers(0, 9_999_999))
def test_an_amount_in_fen_is_the_same_however_it_is_sent(fen: int) -> None:
    amount = Decimal(fen) / 100
    assert AMOUNT.validate_python(str(amount)) == amount
    assert AMOUNT.validate_python(float(amount)) == amount
    assert AMOUNT.validate_python(f" {amount} ") == amount


@pytest.mark.parametrize(
    "value",
    [
        "9.675",
        9.675,
        "-1",
        -0.01,
        "100000",
        "1e9",
        "NaN",
        "Infinity",
        float("inf"),
        float("nan"),
        "",
        "一百",
        True,
        None,
        [],
    ],
)
def test_what_is_no_amount_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        AMOUNT.validate_python(value)


@given(st.integers(-999_999_999, 999_999_999))
def test_a_whole_number_is_the_same_as_text(number: int) -> None:
    assert INTEGER.validate_python(number) == INTEGER.validate_python(f" {number} ") == number


@pytest.mark.parametrize("value", ["3.5", 3.5, "", "x", True, None, 10**12, "1_000", float("inf"), "٣٣x"])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        INTEGER.validate_python(value)


@given(st.dates())
def test_a_date_is_read_in_its_customary_forms(day: date) -> None:
    for text in (day.isoformat(), day.isoformat().replace("-", "/"), day.isoformat().replace("-", "")):
        assert DATE.validate_python(text) == day


@pytest.mark.parametrize(
    "value", ["2026-02-29", "2026-13-01", "21.11.2026", "tomorrow", "", None, 20261301, 0, "2026111"]
)
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        DATE.validate_python(value)


@pytest.mark.parametrize(("value", "code"), [("1000_0", "1000_0"), (200040878, "200040878"), (" a.b-c ", "a.b-c")])
def test_a_code_may_be_a_number(value: object, code: str) -> None:
    assert CODE.validate_python(value) == code


@pytest.mark.parametrize("value", ["", "a:b", "a b", "科", "x" * 65, True, 1.5, None, "$ne", "../x", "a\nb"])
def test_what_is_no_code_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        CODE.validate_python(value)


@given(
    st.dictionaries(st.sampled_from(sorted(PushedSchedule.model_fields)) | st.text(max_size=8), ANYTHING, max_size=15)
)
def test_nothing_that_is_sent_as_a_session_is_more_than_refused(raw: dict[str, object]) -> None:
    item = read_item(PushedSchedule, raw)
    if isinstance(item, list):
        assert item
        assert all(problem.field is not None and problem.words for problem in item)
    else:
        assert 0 <= item.capacity <= 10_000


@given(
    st.dictionaries(st.sampled_from(sorted(PushedHospital.model_fields)) | st.text(max_size=8), ANYTHING, max_size=9)
)
def test_nothing_that_is_sent_as_a_hospital_is_more_than_refused(raw: dict[str, object]) -> None:
    assert read_item(PushedHospital, raw) != []


@given(st.text(max_size=400) | st.text(alphabet="{}[]()'\":,0 ", max_size=400))
def test_no_text_sent_as_a_rule_does_more_than_be_refused(text: str) -> None:
    problems = read_item(PushedHospital, {"name": "甲院", "booking_rule_text": text})
    if isinstance(problems, list):
        assert all(problem.field.startswith("bookingRule") for problem in problems)


@pytest.mark.parametrize(
    "text",
    [
        '{"cycle": 10, "releaseTime": "08:30", "rule": ["一"]}',
        "{'cycle': '10', 'releaseTime': '8:30', 'rule': ['一']}",
        "{'cycle': 10, 'releaseTime': '08:30:00', 'rule': ['一'], 'quitDay': None}",
        '{"cycle": "10", "releaseTime": "8：30", "rules": ["一"]}',
    ],
)
def test_a_rule_is_read_in_its_customary_forms(text: str) -> None:
    rule = PushedBookingRule.model_validate(booking_rule_value(text))
    assert (rule.cycle, rule.release_time, rule.stop_time, rule.rules) == (10, "08:30", "11:30", ["一"])
