"""Messages of payment providers: every one that came, believed or not, and what became of it. Rows are only added."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class NoticeFate(StrEnum):
    """What became of a believed notice. One that is not believed bears the reason instead (NotifyReason)."""

    APPLIED = "APPLIED"
    REPEATED = "REPEATED"
    """The same message had been applied."""


class PaymentNotice(SQLModel, table=True):
    """One delivery. The body is not kept: it names the payer. Its digest tells whether two are the same."""

    __tablename__ = "payment_notice"
    __table_args__ = (
        Index(
            "payment_notice_applied_once",
            "channel",
            "notice_id",
            unique=True,
            postgresql_where=text("fate = 'APPLIED'"),
        ),
        Index("payment_notice_latest", "received_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    channel: str
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    notice_id: str | None = Field(default=None)
    fate: str
    trade_number: str | None = Field(default=None)
    refund_number: str | None = Field(default=None)
    detail: str = Field(default="")
