"""A hospital's own figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from datasources.sql.hospital_figures import Figures, HospitalFigures, Withdrawal
from domain.language import Words
from domain.money import Money
from domain.refusals import Refusal, RefusalCode
from resolvers.check_in import receiving_hospital
from resolvers.context import RequestContext

MOST_DAYS = 92
MOST_SESSIONS = 100

_BAD_SPAN = Words("起止日期须按先后给出，至多 {most} 天。", "Give the first day and the last, at most {most} days.")
_TOO_MANY = Words("一次至多 {most} 个排班，收到 {count} 个。", "At most {most} sessions fit in one call; {count} came.")


@dataclass(frozen=True, slots=True)
class Statistics:
    """What became of a hospital's orders."""

    hospital_code: str
    total: Figures
    days: Sequence[Figures]
    departments: Sequence[Figures]


async def statistics(context: RequestContext, first: date, last: date, department_code: str | None) -> Statistics:
    """Figures of visits of these dates, both included, at the caller's hospital."""
    hospital_code = receiving_hospital(context)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Refusal(RefusalCode.BAD_REQUEST, _BAD_SPAN, most=MOST_DAYS)
    async with context.stores.sql.read() as session:
        found = await HospitalFigures(session).between(hospital_code, first, last, department_code)
    return Statistics(
        hospital_code,
        next(each for each in found if each.date is None and each.department_code is None),
        [each for each in found if each.date is not None],
        [each for each in found if each.department_code is not None],
    )


async def withdrawals(context: RequestContext, external_ids: Sequence[str]) -> list[Withdrawal]:
    """How far the withdrawals of these sessions of the caller's hospital are."""
    hospital_code = receiving_hospital(context)
    if len(external_ids) > MOST_SESSIONS:
        raise Refusal(RefusalCode.BAD_REQUEST, _TOO_MANY, most=MOST_SESSIONS, count=len(external_ids))
    async with context.stores.sql.read() as session:
        return await HospitalFigures(session).withdrawals(hospital_code, external_ids)


def revenue(figures: Figures) -> Money:
    """What was received and is not to be given back."""
    return Money(figures.revenue)
