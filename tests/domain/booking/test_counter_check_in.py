"""Checking in at the hospital: what identifies an order there, and what another hospital's counter learns."""

from datetime import datetime

import pytest
from sqlalchemy import text

from datasources.sql.booking_order import OrderState
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.check_in import CheckedIn, CheckInClosed, CheckInNotOpen, NotPaid
from domain.booking.check_in_code import check_in_code
from domain.booking.counter_check_in import (
    MISSES_OF_A_PERSON,
    Counter,
    PatientCheckedIn,
    TooManyMisses,
    check_in_by_certificate,
    check_in_by_code,
)
from domain.certificates.kinds import Certificate
from domain.problems import InvalidInput, NotFound
from tests.booked import POLICY, RING, Session, at, new_session
from tests.verifications import new_resident_id


def counter(
    session: Session, clock: str | datetime = "08:00", *, kind: str = "hospital_system", id: str | None = None
) -> Counter:
    now = at(clock) if isinstance(clock, str) else clock
    actor = Actor(kind, id or f"hk_{session.hospital_code}", now, session.hospital_code)
    return Counter(session.stores, RING, POLICY, session.hospital_code, actor)


async def audited(session: Session) -> list[tuple[str, str, dict[str, str]]]:
    async with session.stores.sql.read() as read:
        found = await (await read.connection()).execute(
            text("SELECT result, subject_kind, detail FROM audit_entry WHERE hospital_code = :code ORDER BY id"),
            {"code": session.hospital_code},
        )
        return [(row.result, row.subject_kind, row.detail) for row in found]


async def test_by_its_qr_code(stores: Stores) -> None:
    session = await new_session(stores)
    order = await session.book()
    code = check_in_code(RING, order.id, at("12:00"))
    for _ in range(2):
        answer = await check_in_by_code(counter(session), f" {code}\n")
        assert isinstance(answer, CheckedIn)
        assert answer.order.number == 1
    assert await audited(session) == [("DONE", "order", {"by": "code"})]


async def test_by_its_number_as_people_type_it(stores: Stores) -> None:
    session = await new_session(stores)
    order = await session.book()
    typed = " ".join(order.order_number[at : at + 4] for at in range(0, 16, 4))
    assert isinstance(await check_in_by_code(counter(session), typed), CheckedIn)


async def test_a_code_holds_up_to_its_last_second(stores: Stores) -> None:
    session = await new_session(stores)
    order = await session.book()
    code = check_in_code(RING, order.id, at("12:00"))
    assert await check_in_by_code(counter(session, "12:00:01"), code) == CheckInClosed(at("12:00"))
    assert isinstance(await check_in_by_code(counter(session, "12:00:00"), code), CheckedIn)


async def test_a_forged_code_is_not_found(stores: Stores) -> None:
    session = await new_session(stores)
    order = await session.book()
    code = check_in_code(RING, order.id, at("12:00"))
    for forged in (code[:-1] + ("A" if code[-1] != "A" else "B"), "HTC1.", "x" * 5_000, "' OR 1=1"):
        assert await check_in_by_code(counter(session), forged) == NotFound()
    assert (await session.order(order.id)).state == OrderState.PAID


async def test_another_hospitals_counter_does_nothing_and_learns_nothing(stores: Stores) -> None:
    session, other = await new_session(stores), await new_session(stores)
    card = Certificate("10", new_resident_id())
    order = await session.book(certificate=card)
    code = check_in_code(RING, order.id, at("12:00"))
    assert await check_in_by_code(counter(other), code) == NotFound()
    assert await check_in_by_code(counter(other), order.order_number) == NotFound()
    assert await check_in_by_certificate(counter(other), "10", card.number) == NotFound()
    assert (await session.order(order.id)).state == OrderState.PAID
    # What was looked for is not in the log.
    assert await audited(other) == [
        ("NOT_FOUND", "hospital", {"by": "order_number"}),
        ("NOT_FOUND", "hospital", {"by": "certificate"}),
    ]


@pytest.mark.parametrize("kind", ["10", "20"])
async def test_by_the_patients_card_every_visit_of_the_day(stores: Stores, kind: str) -> None:
    morning = await new_session(stores)
    afternoon = await new_session(stores, half_day="PM", hospital_code=morning.hospital_code)
    tomorrow = await new_session(
        stores, visit_date=at("00:00").date().replace(day=21), hospital_code=morning.hospital_code
    )
    card = Certificate(kind, new_resident_id())
    orders = [await each.book(certificate=card) for each in (afternoon, morning, tomorrow)]
    await morning.book()
    for _ in range(2):
        answer = await check_in_by_certificate(counter(morning), "10", card.number.lower())
        assert isinstance(answer, PatientCheckedIn)
        assert [visit.order.id for visit in answer.visits] == [orders[1].id, orders[0].id]
    assert (await tomorrow.order(orders[2].id)).state == OrderState.PAID


async def test_by_card_why_nothing_can_be_checked_in(stores: Stores) -> None:
    session = await new_session(stores)
    card = Certificate("10", new_resident_id())
    await session.book(OrderState.AWAITING_PAYMENT, certificate=card)
    assert isinstance(await check_in_by_certificate(counter(session), "10", card.number), NotPaid)
    early = Certificate("10", new_resident_id())
    await session.book(certificate=early)
    assert await check_in_by_certificate(counter(session, "06:59:59"), "10", early.number) == CheckInNotOpen(
        at("07:00")
    )
    malformed = await check_in_by_certificate(counter(session), "10", "123")
    assert isinstance(malformed, InvalidInput)
    assert [problem.field for problem in malformed.fields] == ["certificateNumber"]


async def test_misses_are_limited_and_hits_are_not(stores: Stores) -> None:
    session = await new_session(stores)
    card = Certificate("10", new_resident_id())
    await session.book(certificate=card)
    clerk = counter(session, kind="staff", id=session.hospital_code)
    for _ in range(MISSES_OF_A_PERSON - 1):
        assert await check_in_by_certificate(clerk, "10", new_resident_id()) == NotFound()
    for _ in range(3):
        assert isinstance(await check_in_by_certificate(clerk, "10", card.number), PatientCheckedIn)
    assert await check_in_by_code(clerk, "2611200000000000") == NotFound()
    for attempt in (check_in_by_certificate(clerk, "10", card.number), check_in_by_code(clerk, "2611200000000001")):
        refused = await attempt
        assert isinstance(refused, TooManyMisses)
        assert 0 < refused.retry_after_seconds <= 600
    # The hospital's own system, and other people, go on.
    assert isinstance(await check_in_by_certificate(counter(session), "10", card.number), PatientCheckedIn)
