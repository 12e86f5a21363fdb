"""The slot ledger: what can be sold of each schedule. Truth about numbers, states and fees of sessions.

A schedule's texts (doctor, skill, notices) live in MongoDB under the same key; nothing here is copied from there.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    Numeric,
    func,
    text,
)
from sqlmodel import Field, SQLModel

from datasources.keys import schedule_key as schedule_key


class HalfDay(StrEnum):
    """Which half of the day a session is in."""

    AM = "AM"
    PM = "PM"


class ScheduleStatus(StrEnum):
    """What the hospital allows with a session."""

    BOOKABLE = "BOOKABLE"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class SlotLedger(SQLModel, table=True):
    """One row per schedule.

    `taken` counts the orders that hold a number and the waitlist's offers; `withheld` counts numbers the hospital gave
    out through its own channels; `waiting` counts people on the waitlist, whose turn comes before everybody else's.
    Numbers are issued upwards from 1; a returned number goes to `returned_numbers` and is sold again. `last_number` is
    the one issued last.
    """

    __tablename__ = "slot_ledger"
    __table_args__ = (
        CheckConstraint(
            "taken >= 0 AND withheld >= 0 AND taken + withheld <= capacity", name="slot_ledger_not_oversold"
        ),
        CheckConstraint("next_number - 1 - cardinality(returned_numbers) = taken", name="slot_ledger_numbers_add_up"),
        CheckConstraint("waiting >= 0", name="slot_ledger_waiting"),
        CheckConstraint("half_day IN ('AM', 'PM')", name="slot_ledger_half_day"),
        CheckConstraint("status IN ('BOOKABLE', 'CLOSED', 'WITHDRAWN')", name="slot_ledger_status"),
        CheckConstraint("fee >= 0", name="slot_ledger_fee"),
        Index("slot_ledger_department_day", "hospital_code", "department_code", "visit_date", "half_day"),
        # Without `taken`: an index that knew it would make each number that is taken dearer.
        Index("slot_ledger_withdrawn", "visit_date", "schedule_id", postgresql_where=text("status = 'WITHDRAWN'")),
    )

    schedule_id: str = Field(primary_key=True)
    hospital_code: str = Field(foreign_key="hospital_account.code")
    department_code: str
    external_id: str
    visit_date: date
    half_day: str
    status: str = Field(default=ScheduleStatus.BOOKABLE)
    fee: Decimal = Field(sa_column=Column(Numeric(10, 2), nullable=False))
    capacity: int
    withheld: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    taken: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    waiting: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_number: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    next_number: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    returned_numbers: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(Integer), nullable=False, server_default=text("'{}'"))
    )
    revision: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    updated_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )

    @property
    def remaining(self) -> int:
        """Numbers that anybody can still take: those left after the waitlist's turn."""
        return max(self.capacity - self.withheld - self.taken - self.waiting, 0)
