"""What an item of a push points to must exist; what it names twice is refused."""

from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

from domain.language import Words
from domain.problems import FieldProblem, ItemProblem, ProblemCode

Item = TypeVar("Item")

_UNKNOWN_DEPARTMENT = Words(
    "科室“{code}”不存在；请先推送该科室。", "There is no department “{code}”; push the department first."
)
_UNKNOWN_DOCTOR = Words("医生“{code}”不存在；请先推送该医生。", "There is no doctor “{code}”; push the doctor first.")
_DUPLICATE = Words("与第 {other} 项重复（从 0 数起）。", "This repeats item {other} (counted from 0).")
_NOT_FOUND = Words("没有这一项：“{code}”。", "There is nothing with the code “{code}”.")


def without_repeats(
    items: Mapping[int, Item], key: str, problems: list[ItemProblem], graph_field: str
) -> dict[int, Item]:
    """The items whose key is new in the batch; repeats become problems that name the first."""
    first: dict[Hashable, int] = {}
    kept: dict[int, Item] = {}
    for index, item in items.items():
        value: Hashable = getattr(item, key) if key else item
        if value in first:
            values = {"other": first[value]}
            problems.append(ItemProblem(index, FieldProblem(graph_field, ProblemCode.DUPLICATE, _DUPLICATE, values)))
        else:
            first[value] = index
            kept[index] = item
    return kept


def unknown_department(index: int, graph_field: str, code: str) -> ItemProblem:
    """A department code that names nothing."""
    problem = FieldProblem(graph_field, ProblemCode.UNKNOWN_REFERENCE, _UNKNOWN_DEPARTMENT, {"code": code})
    return ItemProblem(index, problem)


def unknown_doctor(index: int, code: str) -> ItemProblem:
    """A doctor code that names nothing."""
    return ItemProblem(
        index, FieldProblem("doctorCode", ProblemCode.UNKNOWN_REFERENCE, _UNKNOWN_DOCTOR, {"code": code})
    )


def not_found(index: int, code: str) -> ItemProblem:
    """A code to remove or withdraw that names nothing."""
    return ItemProblem(index, FieldProblem("code", ProblemCode.NOT_FOUND, _NOT_FOUND, {"code": code}))


def without_refused(items: Mapping[int, Item], problems: Collection[ItemProblem]) -> dict[int, Item]:
    """The items that have no problem."""
    refused = {each.index for each in problems}
    return {index: item for index, item in items.items() if index not in refused}
