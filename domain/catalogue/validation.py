"""Turns what pydantic says of an item into problems with the field's graph name and words for people."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.language import Words
from domain.problems import FieldProblem, ItemProblem, ProblemCode

Pushed = TypeVar("Pushed", bound=BaseModel)

_KINDS: Mapping[str, tuple[ProblemCode, Words]] = {
    "missing": (ProblemCode.MISSING, Words("必填。", "This is required.")),
    "extra_forbidden": (ProblemCode.MALFORMED, Words("没有这个字段。", "There is no such field.")),
    "string_too_short": (
        ProblemCode.MISSING,
        Words("至少 {min_length} 个字。", "The least length is {min_length}."),
    ),
    "string_too_long": (
        ProblemCode.TOO_LONG,
        Words("最多 {max_length} 个字。", "The greatest length is {max_length} characters."),
    ),
    "too_long": (ProblemCode.TOO_LONG, Words("最多 {max_length} 项。", "At most {max_length} entries fit.")),
    "greater_than_equal": (ProblemCode.OUT_OF_RANGE, Words("不能小于 {ge}。", "It cannot be below {ge}.")),
    "less_than_equal": (ProblemCode.OUT_OF_RANGE, Words("不能大于 {le}。", "It cannot be above {le}.")),
    "whole_number": (
        ProblemCode.MALFORMED,
        Words('须为整数，例如 33 或 "33"。', 'Send a whole number, such as 33 or "33".'),
    ),
    "amount": (
        ProblemCode.MALFORMED,
        Words(
            '须为 0 至 99999.99 元、最多两位小数的金额，例如 "9.67"。',
            'Send an amount from 0 to 99999.99 with at most two decimals, such as "9.67".',
        ),
    ),
    "calendar_date": (
        ProblemCode.MALFORMED,
        Words("须为真实日期，例如 2026-11-21。", "Send a real date, such as 2026-11-21."),
    ),
    "time_of_day": (
        ProblemCode.MALFORMED,
        Words("须为 24 小时制时间，例如 08:30。", "Send a time of the 24-hour clock, such as 08:30."),
    ),
    "catalogue_code": (
        ProblemCode.MALFORMED,
        Words(
            "编码须为 1 至 64 位字母、数字、点、连字符或下划线。",
            "A code has 1 to 64 letters, digits, dots, hyphens or underscores.",
        ),
    ),
    "text": (ProblemCode.MALFORMED, Words("须为文本。", "Send text.")),
    "control_characters": (
        ProblemCode.MALFORMED,
        Words("含有控制字符，请去掉。", "It holds control characters; remove them."),
    ),
    "half_day": (
        ProblemCode.MALFORMED,
        Words("须为 AM 或 PM（旧系统的 0、1 亦可）。", "Send AM or PM (0 and 1 of older systems will do)."),
    ),
    "schedule_status": (
        ProblemCode.MALFORMED,
        Words(
            "须为 BOOKABLE、CLOSED、WITHDRAWN（旧系统的 1、0、-1 亦可）。",
            "Send BOOKABLE, CLOSED or WITHDRAWN (1, 0 and -1 of older systems will do).",
        ),
    ),
    "hospital_level": (
        ProblemCode.UNKNOWN_REFERENCE,
        Words(
            "不是医院等级；可用的值见字典 HospitalType，例如 3A。",
            "This is no hospital level; the dictionary HospitalType lists them, for example 3A.",
        ),
    ),
    "region_code": (
        ProblemCode.MALFORMED,
        Words(
            "须为 GB/T 2260 的两位、四位或六位行政区划代码，例如 110101。",
            "Send a GB/T 2260 region code of 2, 4 or 6 digits, such as 110101.",
        ),
    ),
    "logo": (
        ProblemCode.MALFORMED,
        Words("须为 PNG、JPEG、WebP 或 GIF 图片的 Base64。", "Send a PNG, JPEG, WebP or GIF picture in Base64."),
    ),
    "logo_size": (ProblemCode.TOO_LONG, Words("图片最大 512 KB。", "A picture may have at most 512 KB.")),
    "booking_rule_text": (
        ProblemCode.MALFORMED,
        Words("须为预约规则对象，或其 JSON 文本。", "Send a booking rule as an object, or as its JSON text."),
    ),
    "slices_in_order": (
        ProblemCode.MALFORMED,
        Words("各时段须按开始时间先后给出，不得重复。", "Send slices in the order of their times, each time once."),
    ),
    "available_above_capacity": (
        ProblemCode.OUT_OF_RANGE,
        Words("available 不能大于 capacity。", "available cannot be above capacity."),
    ),
}
_OTHERWISE = (ProblemCode.MALFORMED, Words("格式不正确。", "This is malformed."))

_WHOLE_ITEM_FIELDS = {"available_above_capacity": "available"}


def read_item(model: type[Pushed], raw: Mapping[str, object]) -> Pushed | list[FieldProblem]:
    """The item as its model, or everything that is wrong with it."""
    try:
        return model.model_validate(dict(raw))
    except ValidationError as error:
        return [_field_problem(detail) for detail in error.errors(include_url=False, include_input=False)]


def read_items(
    model: type[Pushed], raws: Sequence[Mapping[str, object]]
) -> tuple[dict[int, Pushed], list[ItemProblem]]:
    """The items that can be read by their index, and the problems of those that cannot."""
    items: dict[int, Pushed] = {}
    problems: list[ItemProblem] = []
    for index, raw in enumerate(raws):
        item = read_item(model, raw)
        if isinstance(item, list):
            problems += [ItemProblem(index, problem) for problem in item]
        else:
            items[index] = item
    return items, problems


def _field_problem(detail: Any) -> FieldProblem:
    code, words = _KINDS.get(detail["type"], _OTHERWISE)
    location = [part for part in detail["loc"] if not (isinstance(part, str) and "[" in part)]
    field = ".".join(_graph_name(str(part)) for part in location)
    return FieldProblem(field or _WHOLE_ITEM_FIELDS.get(detail["type"], ""), code, words, detail.get("ctx", {}))


def _graph_name(python_name: str) -> str:
    head, *rest = python_name.split("_")
    return head + "".join(part.capitalize() for part in rest)
