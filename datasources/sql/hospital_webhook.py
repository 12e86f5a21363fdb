"""Hospitals' webhooks, and each event's way to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.hospital_event import HospitalEventRow

_WITH_WORK = text("""
    SELECT w.hospital_code FROM hospital_webhook w
     WHERE (w.leased_until IS NULL OR w.leased_until <= :now) AND (w.resume_at IS NULL OR w.resume_at <= :now)
       AND (EXISTS (SELECT FROM hospital_event e WHERE e.hospital_code = w.hospital_code AND e.sequence IS NULL)
            OR EXISTS (SELECT FROM hospital_event e
                        WHERE e.hospital_code = w.hospital_code AND e.sequence > w.queued_sequence)
            OR EXISTS (SELECT FROM webhook_delivery d
                        WHERE d.hospital_code = w.hospital_code AND d.state = 'WAITING' AND d.next_at <= :now))
     ORDER BY w.hospital_code LIMIT :most
""")
_QUEUE = text("""
    INSERT INTO webhook_delivery (id, hospital_code, sequence, event_id, order_id, state, attempts, next_at, dies_at)
    SELECT gen_random_uuid(), e.hospital_code, e.sequence, e.id, e.order_id, 'WAITING', 0, :now, :dies_at
      FROM hospital_event e
     WHERE e.hospital_code = :hospital AND e.sequence > :after AND e.sequence <= :last
     ORDER BY e.sequence
    ON CONFLICT DO NOTHING
""")
# What happened to one order comes in order; what waits for one order keeps no other back.
_DUE = text("""
    SELECT d.id FROM webhook_delivery d
     WHERE d.hospital_code = :hospital AND d.state = 'WAITING' AND d.next_at <= :now
       AND NOT EXISTS (SELECT FROM webhook_delivery e
                        WHERE e.hospital_code = d.hospital_code AND e.order_id = d.order_id AND e.state = 'WAITING'
                          AND e.sequence < d.sequence)
     ORDER BY d.sequence LIMIT :most
""")


class DeliveryState(StrEnum):
    """How far an event is on its way to a webhook."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"


class HospitalWebhook(SQLModel, table=True):
    """Where a hospital wants to be told of its events."""

    __tablename__ = "hospital_webhook"

    hospital_code: str = Field(primary_key=True, foreign_key="hospital_account.code")
    url: str
    sealed_secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed_old_secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    old_secret_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """Until then calls are signed with the secret before this one as well."""
    queued_sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    """Events up to this one have their delivery."""
    leased_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """Until then one worker is at it."""
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often in a row the hospital took nothing."""
    resume_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    last_delivered_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    last_failed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    last_fault: str = Field(default="", sa_column_kwargs={"server_default": ""})
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class WebhookDelivery(SQLModel, table=True):
    """One event on its way. It goes with its event."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("state IN ('WAITING', 'DELIVERED', 'DEAD')", name="webhook_delivery_state"),
        Index("webhook_delivery_once", "hospital_code", "sequence", unique=True),
        Index("webhook_delivery_due", "hospital_code", "next_at", postgresql_where=text("state = 'WAITING'")),
        Index("webhook_delivery_of_order", "order_id", "sequence", postgresql_where=text("state = 'WAITING'")),
        Index("webhook_delivery_of_event", "event_id"),
    )

    id: UUID = Field(primary_key=True)
    hospital_code: str
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    event_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("hospital_event.id", ondelete="CASCADE"), nullable=False)
    )
    order_id: UUID
    state: str
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    next_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    dies_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """After that it is not tried again unless somebody asks for it."""
    last_status: int | None = Field(default=None)
    last_fault: str = Field(default="", sa_column_kwargs={"server_default": ""})
    settled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class HospitalWebhooks:
    """Reads and changes webhooks inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, hospital_code: str, *, for_change: bool = False) -> HospitalWebhook | None:
        """The hospital's webhook."""
        query = select(HospitalWebhook).where(col(HospitalWebhook.hospital_code) == hospital_code)
        if for_change:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.exec(query)).one_or_none()

    async def add(self, webhook: HospitalWebhook) -> bool:
        """Store a new one; False if another call was faster."""
        added = await (await self._session.connection()).execute(
            insert(HospitalWebhook)
            .values(webhook.model_dump())
            .on_conflict_do_nothing()
            .returning(col(HospitalWebhook.hospital_code))
        )
        return added.one_or_none() is not None

    async def change(self, hospital_code: str, values: Mapping[str, Any]) -> None:
        """Change the webhook."""
        await self._session.exec(
            update(HospitalWebhook).where(col(HospitalWebhook.hospital_code) == hospital_code).values(**values)
        )

    async def remove(self, hospital_code: str, url: str) -> bool:
        """Remove the webhook, if this is its URL, with what waits for it; whether it was there."""
        connection = await self._session.connection()
        removed = await connection.execute(
            text("DELETE FROM hospital_webhook WHERE hospital_code = :code AND url = :url RETURNING 1"),
            {"code": hospital_code, "url": url},
        )
        if removed.one_or_none() is None:
            return False
        await connection.execute(
            text("DELETE FROM webhook_delivery WHERE hospital_code = :code"), {"code": hospital_code}
        )
        return True

    async def with_work(self, now: datetime, most: int) -> list[str]:
        """Hospitals to whose webhook something is to be delivered now, and at which no worker is."""
        found = await (await self._session.connection()).execute(_WITH_WORK, {"now": now, "most": most})
        return [row[0] for row in found]

    async def lease(self, hospital_code: str, now: datetime, until: datetime) -> HospitalWebhook | None:
        """The webhook, which is this worker's alone until then; None if another is at it."""
        leased = await self._session.exec(
            update(HospitalWebhook)
            .where(
                col(HospitalWebhook.hospital_code) == hospital_code,
                (col(HospitalWebhook.leased_until).is_(None)) | (col(HospitalWebhook.leased_until) <= now),
            )
            .values(leased_until=until)
            .returning(HospitalWebhook)
        )
        return leased.scalar_one_or_none()

    async def release(self, hospital_code: str, until: datetime) -> None:
        """Give a lease back. One that ran out and is another worker's now stays that worker's."""
        await self._session.exec(
            update(HospitalWebhook)
            .where(col(HospitalWebhook.hospital_code) == hospital_code, col(HospitalWebhook.leased_until) == until)
            .values(leased_until=None)
        )


class WebhookDeliveries:
    """Reads and changes deliveries inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def queue(self, hospital_code: str, after: int, last: int, now: datetime, dies_at: datetime) -> None:
        """Give each event of these numbers its delivery."""
        await (await self._session.connection()).execute(
            _QUEUE, {"hospital": hospital_code, "after": after, "last": last, "now": now, "dies_at": dies_at}
        )

    async def due(
        self, hospital_code: str, now: datetime, most: int
    ) -> Sequence[tuple[WebhookDelivery, HospitalEventRow]]:
        """What is to be delivered now, with its event; of each order the first alone."""
        connection = await self._session.connection()
        ids = [row[0] for row in await connection.execute(_DUE, {"hospital": hospital_code, "now": now, "most": most})]
        found = await self._session.exec(
            select(WebhookDelivery, HospitalEventRow)
            .join(HospitalEventRow, col(HospitalEventRow.id) == col(WebhookDelivery.event_id))
            .where(col(WebhookDelivery.id).in_(ids))
            .order_by(col(WebhookDelivery.sequence))
        )
        return found.all()

    async def settle(self, id: UUID, values: Mapping[str, Any]) -> None:
        """Note what came of a try, if the delivery still waits."""
        await self._session.exec(
            update(WebhookDelivery)
            .where(col(WebhookDelivery.id) == id, col(WebhookDelivery.state) == DeliveryState.WAITING)
            .values(**values)
        )

    async def replay(
        self, hospital_code: str, sequences: Sequence[int] | None, now: datetime, dies_at: datetime
    ) -> int:
        """Let dead deliveries wait again, these or all; how many."""
        query = update(WebhookDelivery).where(
            col(WebhookDelivery.hospital_code) == hospital_code, col(WebhookDelivery.state) == DeliveryState.DEAD
        )
        if sequences is not None:
            query = query.where(col(WebhookDelivery.sequence).in_(sequences))
        values = {"state": "WAITING", "attempts": 0, "next_at": now, "dies_at": dies_at, "settled_at": None}
        replayed = await self._session.exec(query.values(**values).execution_options(synchronize_session=False))
        return int(replayed.rowcount)

    async def page(
        self, hospital_code: str, state: DeliveryState | None, behind: int | None, limit: int
    ) -> Sequence[tuple[WebhookDelivery, HospitalEventRow]]:
        """The hospital's deliveries with their events, the latest event first."""
        query = (
            select(WebhookDelivery, HospitalEventRow)
            .join(HospitalEventRow, col(HospitalEventRow.id) == col(WebhookDelivery.event_id))
            .where(col(WebhookDelivery.hospital_code) == hospital_code)
            .order_by(col(WebhookDelivery.sequence).desc())
            .limit(limit)
        )
        if state is not None:
            query = query.where(col(WebhookDelivery.state) == state)
        if behind is not None:
            query = query.where(col(WebhookDelivery.sequence) < behind)
        return (await self._session.exec(query)).all()

    async def count(self, hospital_code: str, state: DeliveryState | None) -> int:
        """How many there are."""
        query = select(func.count()).where(col(WebhookDelivery.hospital_code) == hospital_code)
        if state is not None:
            query = query.where(col(WebhookDelivery.state) == state)
        return (await self._session.exec(query)).one()
