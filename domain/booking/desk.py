"""What taking numbers works with, and what is asked of it."""

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from datasources.sealing import KeyRing
from datasources.stores import Stores
from domain.booking.gate import Gate
from domain.booking.policy import BookingPolicy
from domain.booking.session_texts import SessionTextReads


@dataclass(frozen=True, slots=True)
class BookingDesk:
    """What taking numbers works with; one per process."""

    stores: Stores
    ring: KeyRing
    policy: BookingPolicy
    gate: Gate = field(default_factory=Gate)
    texts: SessionTextReads = field(default_factory=SessionTextReads)


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """Who wants a number of which session, for whom."""

    user_id: UUID
    patient_id: UUID
    schedule_id: str
    idempotency_key: str
    expected_fee: Decimal | None = None
    """What the caller saw that it costs; None: whatever it costs."""

    @property
    def digest(self) -> bytes:
        """What must be equal in a call that repeats another."""
        whole = f"{self.patient_id}\0{self.schedule_id}\0{self.expected_fee}"
        return hashlib.sha256(whole.encode()).digest()
