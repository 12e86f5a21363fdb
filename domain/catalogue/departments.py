"""Pushing and removing departments: the tree stays a tree."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.keys import department_key
from datasources.mongo.catalogue_writes import DocumentChange, DocumentKind
from datasources.mongo.departments import DepartmentReads
from datasources.mongo.documents import DepartmentDocument
from datasources.sql.slot_ledger_pushes import SlotLedgerPushes
from domain.catalogue.push import Plan, PushPlan, PushRequest
from domain.catalogue.pushed import PushedDepartment
from domain.catalogue.references import not_found, unknown_department, without_refused, without_repeats
from domain.catalogue.validation import read_items
from domain.language import Words
from domain.pinyin import initials_of, pinyin_of
from domain.problems import FieldProblem, ItemProblem, ProblemCode

_CYCLE = Words("上级科室绕回了自身：{path}。", "The parents lead back to the department itself: {path}.")
_HAS_CHILDREN = Words(
    "还有 {count} 个下级科室；请先移除它们，或与它们一起移除。",
    "{count} departments stand below it; remove them first, or together with it.",
)
_HAS_SESSIONS = Words(
    "今天起还有 {count} 个排班；请先停诊或移除它们。",
    "It has {count} sessions from today on; withdraw or remove them first.",
)


async def plan_upsert(session: AsyncSession, request: PushRequest) -> PushPlan:
    """Departments to put. A parent may stand in the same batch, before or behind its children."""
    plan = PushPlan()
    items, problems = read_items(PushedDepartment, request.items)
    plan.problems += problems
    items = without_repeats(items, "code", plan.problems, "code")
    existing = await _existing(request.hospital_code)
    items = _in_a_tree(items, existing, plan)

    parents = {code: department.parent_code for code, department in existing.items()}
    parents |= {item.code: item.parent_code for item in items.values()}
    has_children = {parent for parent in parents.values() if parent is not None}
    next_position = 1 + max((department.position for department in existing.values()), default=-1)
    for order, item in enumerate(items.values()):
        known = existing.get(item.code)
        plan.created += known is None
        plan.replaced += known is not None
        position = item.position if item.position is not None else known.position if known else next_position + order
        plan.documents.append(
            _change(request.hospital_code, item, position=position, is_leaf=item.code not in has_children)
        )
    pushed = {item.code for item in items.values()}
    plan.documents += _leaf_corrections(existing, pushed, has_children)
    return plan


def plan_remove(zone: ZoneInfo) -> Plan:
    """Departments to remove, unless something still hangs on them. `zone` says which day is today."""

    async def plan_removal(session: AsyncSession, request: PushRequest) -> PushPlan:
        plan = PushPlan()
        codes = {index: str(item["code"]) for index, item in enumerate(request.items)}
        codes = without_repeats(codes, "", plan.problems, "code")
        existing = await _existing(request.hospital_code)
        plan.problems += [not_found(index, code) for index, code in codes.items() if code not in existing]
        removed = set(codes.values())
        for index, code in codes.items():
            children = [item for item in existing.values() if item.parent_code == code and item.code not in removed]
            if children:
                plan.problems.append(_still_in_use(index, _HAS_CHILDREN, len(children)))
        codes = without_refused(codes, plan.problems)

        async def change(session: AsyncSession, revision: int) -> None:
            today = request.now.astimezone(zone).date()
            used = await SlotLedgerPushes(session).sessions_from(request.hospital_code, list(codes.values()), today)
            plan.problems.extend(
                _still_in_use(index, _HAS_SESSIONS, used[code]) for index, code in codes.items() if code in used
            )
            gone = set(without_refused(codes, plan.problems).values())
            plan.removed = len(gone)
            plan.documents = [
                DocumentChange(kind=DocumentKind.DEPARTMENT, id=department_key(request.hospital_code, code))
                for code in sorted(gone)
            ]
            left = [department for department in existing.values() if department.code not in gone]
            has_children = {department.parent_code for department in left if department.parent_code is not None}
            plan.documents += _leaf_corrections(existing, gone, has_children)

        plan.change = change
        return plan

    return plan_removal


async def _existing(hospital_code: str) -> dict[str, DepartmentDocument]:
    found = await DepartmentReads().of_hospitals([hospital_code])
    return {department.code: department for department in found[hospital_code]}


def _in_a_tree(
    items: Mapping[int, PushedDepartment], existing: Mapping[str, DepartmentDocument], plan: PushPlan
) -> dict[int, PushedDepartment]:
    """The items whose parents exist and lead to a root. A refused parent refuses the new ones below it, too."""
    kept = dict(items)
    while True:
        parents = {code: department.parent_code for code, department in existing.items()}
        parents |= {item.code: item.parent_code for item in kept.values()}
        found: list[ItemProblem] = []
        for index, item in kept.items():
            if item.parent_code is not None and item.parent_code not in parents:
                found.append(unknown_department(index, "parentCode", item.parent_code))
            elif path := _cycle(item.code, parents):
                problem = FieldProblem("parentCode", ProblemCode.CYCLE, _CYCLE, {"path": " → ".join(path)})
                found.append(ItemProblem(index, problem))
        if not found:
            return kept
        plan.problems += found
        kept = without_refused(kept, found)


def _cycle(code: str, parents: Mapping[str, str | None]) -> list[str]:
    """The way from this code back to itself, or nothing when its parents lead to a root (or into another's cycle)."""
    path = [code]
    above = parents.get(code)
    while above is not None and above not in path:
        path.append(above)
        above = parents.get(above)
    return [*path, code] if above == code else []


def _change(hospital_code: str, item: PushedDepartment, *, position: int, is_leaf: bool) -> DocumentChange:
    document: dict[str, Any] = {
        "hospital_code": hospital_code,
        "code": item.code,
        "parent_code": item.parent_code,
        "name": item.name,
        "pinyin": pinyin_of(item.name),
        "initials": initials_of(item.name),
        "introduction": item.introduction,
        "address": item.address,
        "position": position,
        "is_leaf": is_leaf,
    }
    return DocumentChange(kind=DocumentKind.DEPARTMENT, id=department_key(hospital_code, item.code), document=document)


def _leaf_corrections(
    existing: Mapping[str, DepartmentDocument], changed: set[str], has_children: set[str]
) -> list[DocumentChange]:
    """Departments outside the push that gained their first child or lost their last."""
    corrections: list[DocumentChange] = []
    for department in existing.values():
        is_leaf = department.code not in has_children
        if department.code not in changed and department.is_leaf != is_leaf:
            kept = department.model_dump(exclude={"id", "revision", "revision_id", "updated_at"}) | {"is_leaf": is_leaf}
            corrections.append(DocumentChange(kind=DocumentKind.DEPARTMENT, id=department.id, document=kept))
    return corrections


def _still_in_use(index: int, words: Words, count: int) -> ItemProblem:
    return ItemProblem(index, FieldProblem("code", ProblemCode.STILL_IN_USE, words, {"count": count}))
