"""Pushing, withdrawing and removing sessions: the ledger decides, the texts follow."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.keys import doctor_key, schedule_key
from datasources.mongo.catalogue_writes import DocumentChange, DocumentKind
from datasources.mongo.doctors import DoctorReads
from datasources.mongo.documents import DoctorDocument
from datasources.sql.order_sweeps import OrderSweeps
from datasources.sql.session_change import SessionAsPushed, SessionChanges
from datasources.sql.slot_ledger import ScheduleStatus, SlotLedger
from datasources.sql.slot_ledger_pushes import SlotLedgerPushes
from domain.booking.waitlist.ending import end_waits
from domain.booking.waitlist.rules import WaitlistEnd
from domain.catalogue.doctors import known_departments
from domain.catalogue.push import Plan, PushPlan, PushRequest
from domain.catalogue.pushed import PushedSchedule
from domain.catalogue.references import (
    not_found,
    unknown_department,
    unknown_doctor,
    without_refused,
    without_repeats,
)
from domain.catalogue.validation import read_items
from domain.language import Words
from domain.live.changes import SlotChange, note_slot_changes
from domain.problems import FieldProblem, ItemProblem, ProblemCode

FURTHEST_DAYS_AHEAD = 366

_PAST = Words("日期 {date} 已过；今天是 {today}。", "The date {date} has passed; today is {today}.")
_TOO_FAR = Words(
    "日期 {date} 太远；最远可到 {furthest}。", "The date {date} is too far ahead; {furthest} is the furthest."
)
_BELOW_SOLD = Words(
    "已售出 {taken} 个号，不能降到 {capacity}；请停诊，或至少保留 {taken}。",
    "{taken} numbers are sold, so it cannot go down to {capacity}; withdraw the session or keep at least {taken}.",
)
_MOVED = Words(
    "已售出 {taken} 个号，不能改科室、日期或上下午；请停诊后另排。",
    "{taken} numbers are sold, so department, date and half-day are fixed; withdraw it and push a new session.",
)
_STILL_HELD = Words(
    "该场已停诊，原有预约仍在取消中；请稍后再推送。",
    "The session is withdrawn and its orders are still being cancelled; push it again in a moment.",
)
_WAS_SOLD = Words(
    "曾售出号源，只能停诊，不能移除。", "Numbers of it were sold, so it can be withdrawn but not removed."
)


def plan_upsert(zone: ZoneInfo) -> Plan:
    """Sessions to put. `zone` says which dates have passed."""

    async def plan_pushed(session: AsyncSession, request: PushRequest) -> PushPlan:
        plan = PushPlan()
        items, problems = read_items(PushedSchedule, request.items)
        plan.problems += problems
        items = without_repeats(items, "external_id", plan.problems, "externalId")
        today = request.now.astimezone(zone).date()
        plan.problems += [
            problem for index, item in items.items() if (problem := _date_problem(index, item.date, today))
        ]
        departments = await known_departments(request.hospital_code, {item.department_code for item in items.values()})
        doctors = await _doctors(request.hospital_code, items.values())
        for index, item in items.items():
            if item.department_code not in departments:
                plan.problems.append(unknown_department(index, "departmentCode", item.department_code))
            if item.doctor_code is not None and item.doctor_code not in doctors:
                plan.problems.append(unknown_doctor(index, item.doctor_code))
        acceptable = without_refused(items, plan.problems)

        async def change(session: AsyncSession, revision: int) -> None:
            ledger = SlotLedgerPushes(session)
            keys = {index: schedule_key(request.hospital_code, item.external_id) for index, item in acceptable.items()}
            rows = await ledger.lock(list(keys.values()))
            for index, item in acceptable.items():
                plan.problems.extend(_ledger_problems(index, item, rows.get(keys[index])))
            plan.problems += await _still_held(session, keys, acceptable, rows)
            taken = without_refused(acceptable, plan.problems)
            if plan.problems and request.all_or_nothing:
                return
            await end_waits(session, _moved(keys, taken, rows), WaitlistEnd.SESSION_MOVED, request.now)
            await ledger.upsert(
                request.hospital_code,
                revision,
                [_row(request.hospital_code, item, rows.get(keys[index])) for index, item in taken.items()],
            )
            sold = {keys[index]: item for index, item in taken.items() if _is_sold(rows.get(keys[index]))}
            if sold:
                as_pushed = {key: _as_pushed(item, doctors.get(item.doctor_code or "")) for key, item in sold.items()}
                await SessionChanges(session).note(as_pushed, request.now)
            note_slot_changes(session, _places(request.hospital_code, keys, taken, rows))
            plan.replaced = sum(keys[index] in rows for index in taken)
            plan.created = len(taken) - plan.replaced
            plan.documents = [
                _text_change(request.hospital_code, item, doctors.get(item.doctor_code or ""))
                for item in taken.values()
            ]

        plan.change = change
        return plan

    return plan_pushed


async def plan_withdraw(session: AsyncSession, request: PushRequest) -> PushPlan:
    """Sessions to withdraw (停诊)."""
    return _plan_by_code(request, remove=False)


async def plan_remove(session: AsyncSession, request: PushRequest) -> PushPlan:
    """Sessions to remove; only those of which no number was ever sold."""
    return _plan_by_code(request, remove=True)


def _plan_by_code(request: PushRequest, *, remove: bool) -> PushPlan:
    plan = PushPlan()
    codes = {index: str(item["code"]) for index, item in enumerate(request.items)}
    codes = without_repeats(codes, "", plan.problems, "code")

    async def change(session: AsyncSession, revision: int) -> None:
        ledger = SlotLedgerPushes(session)
        keys = {index: schedule_key(request.hospital_code, code) for index, code in codes.items()}
        rows = await ledger.lock(list(keys.values()))
        for index, key in keys.items():
            if key not in rows:
                plan.problems.append(not_found(index, codes[index]))
            elif remove and rows[key].next_number > 1:
                plan.problems.append(ItemProblem(index, FieldProblem("code", ProblemCode.HAS_ORDERS, _WAS_SOLD)))
        chosen = list(without_refused(keys, plan.problems).values())
        if remove:
            await end_waits(session, [rows[key] for key in chosen], WaitlistEnd.SESSION_REMOVED, request.now)
            await ledger.remove(chosen)
            plan.removed = len(chosen)
            plan.documents = [DocumentChange(kind=DocumentKind.SCHEDULE, id=key) for key in chosen]
        else:
            await ledger.withdraw(chosen, revision)
            plan.replaced = len(chosen)
        note_slot_changes(session, [_place(rows[key]) for key in chosen])

    plan.change = change
    return plan


def _places(
    hospital_code: str, keys: Mapping[int, str], items: Mapping[int, PushedSchedule], rows: Mapping[str, SlotLedger]
) -> list[SlotChange]:
    """Where the sessions are now, and where those were that this push found."""
    now = [SlotChange(hospital_code, item.department_code, item.date, keys[index]) for index, item in items.items()]
    return now + [_place(rows[keys[index]]) for index in items if keys[index] in rows]


def _moved(
    keys: Mapping[int, str], items: Mapping[int, PushedSchedule], rows: Mapping[str, SlotLedger]
) -> list[SlotLedger]:
    """Sessions that get another department, date or half-day: whoever waits for one wanted it as it was."""
    found = [(item, rows[keys[index]]) for index, item in items.items() if keys[index] in rows]
    return [row for item, row in found if _is_moved(item, row)]


def _is_moved(item: PushedSchedule, row: SlotLedger) -> bool:
    return (item.department_code, item.date, item.half_day) != (row.department_code, row.visit_date, row.half_day)


def _place(row: SlotLedger) -> SlotChange:
    return SlotChange(row.hospital_code, row.department_code, row.visit_date, row.schedule_id)


async def _doctors(hospital_code: str, items: Iterable[PushedSchedule]) -> dict[str, DoctorDocument]:
    codes = {item.doctor_code for item in items if item.doctor_code is not None}
    if not codes:
        return {}
    found = await DoctorReads().by_ids([doctor_key(hospital_code, code) for code in codes])
    return {doctor.code: doctor for doctor in found.values()}


def _date_problem(index: int, day: date, today: date) -> ItemProblem | None:
    furthest = today + timedelta(days=FURTHEST_DAYS_AHEAD)
    if day < today:
        values = {"date": day.isoformat(), "today": today.isoformat()}
        return ItemProblem(index, FieldProblem("date", ProblemCode.OUT_OF_RANGE, _PAST, values))
    if day > furthest:
        values = {"date": day.isoformat(), "furthest": furthest.isoformat()}
        return ItemProblem(index, FieldProblem("date", ProblemCode.OUT_OF_RANGE, _TOO_FAR, values))
    return None


def _ledger_problems(index: int, item: PushedSchedule, row: SlotLedger | None) -> list[ItemProblem]:
    if row is None or row.taken == 0:
        return []
    problems: list[ItemProblem] = []
    if item.capacity < row.taken:
        values = {"taken": row.taken, "capacity": item.capacity}
        problem = FieldProblem("capacity", ProblemCode.CAPACITY_BELOW_SOLD, _BELOW_SOLD, values)
        problems.append(ItemProblem(index, problem))
    if _is_moved(item, row):
        problem = FieldProblem("date", ProblemCode.HAS_ORDERS, _MOVED, {"taken": row.taken})
        problems.append(ItemProblem(index, problem))
    return problems


async def _still_held(
    session: AsyncSession, keys: Mapping[int, str], items: Mapping[int, PushedSchedule], rows: Mapping[str, SlotLedger]
) -> list[ItemProblem]:
    """Withdrawn sessions that would be withdrawn no more although their orders have not all been cancelled yet."""
    back = {
        index: keys[index]
        for index, item in items.items()
        if keys[index] in rows
        and rows[keys[index]].status == ScheduleStatus.WITHDRAWN
        and item.status != ScheduleStatus.WITHDRAWN
    }
    held = await OrderSweeps(session).held(list(back.values())) if back else set()
    problem = FieldProblem("status", ProblemCode.HAS_ORDERS, _STILL_HELD)
    return [ItemProblem(index, problem) for index, key in back.items() if key in held]


def _is_sold(row: SlotLedger | None) -> bool:
    return row is not None and row.taken > 0


def _as_pushed(item: PushedSchedule, doctor: DoctorDocument | None) -> SessionAsPushed:
    """What orders keep of it."""
    return SessionAsPushed(
        item.doctor_name or (doctor.name if doctor else ""),
        item.doctor_title or (doctor.title if doctor else ""),
        [(each.starts_at, each.numbers) for each in item.slices],
    )


def _row(hospital_code: str, item: PushedSchedule, row: SlotLedger | None) -> SlotLedger:
    taken = row.taken if row else 0
    # What the hospital counts as gone, beyond what was sold here, it gave out through its own channels.
    withheld = 0 if item.available is None else max(0, item.capacity - item.available - taken)
    return SlotLedger(
        schedule_id=schedule_key(hospital_code, item.external_id),
        hospital_code=hospital_code,
        department_code=item.department_code,
        external_id=item.external_id,
        visit_date=item.date,
        half_day=item.half_day,
        status=item.status,
        fee=item.fee,
        capacity=item.capacity,
        withheld=withheld,
    )


def _text_change(hospital_code: str, item: PushedSchedule, doctor: DoctorDocument | None) -> DocumentChange:
    there = _as_pushed(item, doctor)
    return DocumentChange(
        kind=DocumentKind.SCHEDULE,
        id=schedule_key(hospital_code, item.external_id),
        document={
            "hospital_code": hospital_code,
            "external_id": item.external_id,
            "doctor_code": item.doctor_code,
            "doctor_name": there.doctor,
            "doctor_title": there.title,
            "skill": item.skill or (doctor.skill if doctor else ""),
            "notice": item.notice,
            "fetch_address": item.fetch_address,
            "slices": there.slices,
        },
    )
