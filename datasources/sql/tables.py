"""Every table: importing this module fills the metadata that migrations are compared with."""

from sqlmodel import SQLModel

from datasources.sql.announcement import Announcement
from datasources.sql.audit_check import AuditCheck
from datasources.sql.audit_entry import AuditEntry
from datasources.sql.booking_ban import BookingBan
from datasources.sql.booking_order import BookingOrder
from datasources.sql.broadcast import Broadcast
from datasources.sql.catalogue_push import CataloguePush
from datasources.sql.consent import Consent
from datasources.sql.contribution import Contribution, ContributionReport
from datasources.sql.data_export import DataExport
from datasources.sql.dictionary import DictItem
from datasources.sql.finance_item import FinanceItem, ReconciledDay
from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.hospital_application import HospitalApplication
from datasources.sql.hospital_event import HospitalEventHead, HospitalEventRow
from datasources.sql.hospital_webhook import HospitalWebhook, WebhookDelivery
from datasources.sql.idempotency_record import IdempotencyRecord
from datasources.sql.integration_key import IntegrationKey
from datasources.sql.invariant_run import InvariantFinding, InvariantRun
from datasources.sql.job_run import JobDefinition, JobRun, WorkerBeat
from datasources.sql.key_canary import KeyCanary
from datasources.sql.key_rotation import KeyRotation
from datasources.sql.legacy_key import LegacyKey
from datasources.sql.message_choice import MessageChoice, MessageLanguage
from datasources.sql.message_template import MessageTemplate, MessageTemplateVersion
from datasources.sql.notification import Notification
from datasources.sql.order_event import OrderEventRow
from datasources.sql.outgoing_message import OutgoingMessage
from datasources.sql.patient import Patient
from datasources.sql.payment import Payment
from datasources.sql.payment_notice import PaymentNotice
from datasources.sql.queue_entry import QueueEntry
from datasources.sql.refund import RefundRow
from datasources.sql.sign_in_session import SignInSession
from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.sms_message import SmsAttempt, SmsMessage
from datasources.sql.sms_phone import SmsPhone, SmsProviderHealth
from datasources.sql.sms_received import SmsOptOut, SmsReceived
from datasources.sql.staff_account import StaffAccount
from datasources.sql.staff_invitation import StaffInvitation
from datasources.sql.stored_file import StoredFile
from datasources.sql.user_account import UserAccount
from datasources.sql.verification_request import VerificationRequest
from datasources.sql.waitlist_entry import WaitlistEntry

TABLES = (
    Announcement,
    AuditCheck,
    AuditEntry,
    BookingBan,
    BookingOrder,
    Broadcast,
    CataloguePush,
    Consent,
    Contribution,
    ContributionReport,
    DataExport,
    DictItem,
    FinanceItem,
    HospitalAccount,
    HospitalApplication,
    HospitalEventHead,
    HospitalEventRow,
    HospitalWebhook,
    IdempotencyRecord,
    IntegrationKey,
    InvariantFinding,
    InvariantRun,
    JobDefinition,
    JobRun,
    KeyCanary,
    KeyRotation,
    LegacyKey,
    MessageChoice,
    MessageLanguage,
    MessageTemplate,
    MessageTemplateVersion,
    Notification,
    OrderEventRow,
    OutgoingMessage,
    Patient,
    Payment,
    PaymentNotice,
    QueueEntry,
    ReconciledDay,
    RefundRow,
    SignInSession,
    SlotLedger,
    SmsAttempt,
    SmsMessage,
    SmsOptOut,
    SmsPhone,
    SmsProviderHealth,
    SmsReceived,
    StaffAccount,
    StaffInvitation,
    StoredFile,
    UserAccount,
    VerificationRequest,
    WaitlistEntry,
    WebhookDelivery,
    WorkerBeat,
)
METADATA = SQLModel.metadata
