"""What every job is given."""

from dataclasses import dataclass, field
from datetime import timedelta

from datasources.hospitals.webhook_sender import WebhookSender
from datasources.sealing import KeyRing
from datasources.storage.file_storage import FileStorage
from datasources.stores import Stores
from domain.booking.policy import BookingPolicy
from domain.clock import Clock
from domain.messages.outbox import MessageRetention
from domain.payments.desk import PaymentDesk
from domain.sms.desk import SmsDesk


@dataclass(frozen=True, slots=True)
class JobTools:
    """What a job works with."""

    stores: Stores
    ring: KeyRing
    files: FileStorage
    clock: Clock
    booking: BookingPolicy
    verification_pictures_kept: timedelta
    """How long the pictures of a real-name verification are kept after its decision."""
    payments: PaymentDesk | None = None
    """None: nobody is asked about money."""
    texts: SmsDesk | None = None
    """None: nothing sends text messages."""
    unused_pictures_kept: timedelta = timedelta(hours=24)
    """How long an identity picture is kept that was uploaded and not handed in."""
    rejected_applications_kept: timedelta = timedelta(days=180)
    """How long a hospital's rejected application may be corrected."""
    message_retention: MessageRetention = field(default_factory=MessageRetention)
    webhooks: WebhookSender = field(default_factory=WebhookSender)
