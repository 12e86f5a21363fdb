"""The graph: one federated schema."""

from datetime import datetime

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.announcement import AnnouncementQuery
from schema.announcement_editing import AnnouncementEditingQuery, AnnouncementMutation
from schema.audit import AuditQuery
from schema.booking_bans import BookingBanMutation, BookingBanQuery
from schema.booking_invariant import BookingInvariantQuery
from schema.broadcast import BroadcastQuery
from schema.broadcast_mutations import BroadcastMutation
from schema.catalogue_mutations import CatalogueMutation
from schema.check_in import CheckInMutation
from schema.consent import ConsentMutation, ConsentQuery
from schema.data_export import DataExportMutation, DataExportQuery
from schema.discussion import DiscussionMutation, DiscussionQuery
from schema.entities import FederatedSchema
from schema.file import FileQuery
from schema.file_mutations import FileMutation
from schema.finance import FinanceQuery
from schema.finance_mutations import FinanceMutation
from schema.hospital_account import HospitalAccountMutation, HospitalAccountQuery
from schema.hospital_application import HospitalApplicationQuery
from schema.hospital_application_mutations import HospitalApplicationMutation
from schema.hospital_event import HospitalEventQuery, HospitalEventSubscription
from schema.hospital_figures import HospitalFiguresQuery
from schema.hospital_order_export import HospitalOrderExportMutation
from schema.hospital_orders import HospitalOrderMutation
from schema.integration_key import IntegrationKeyMutation, IntegrationKeyQuery
from schema.job import JobMutation, JobQuery
from schema.live_orders import OrderSubscription
from schema.live_slots import SlotSubscription
from schema.message_template import MessageTemplateMutation, MessageTemplateQuery
from schema.moderation import ModerationMutation, ModerationQuery
from schema.moments import MOMENT
from schema.notification import NotificationMutation, NotificationQuery, NotificationSubscription
from schema.order import OrderQuery
from schema.order_changes import OrderChangeMutation
from schema.order_mutations import BookingMutation, BookingQuery
from schema.outbox import OutboxMutation, OutboxQuery
from schema.own_account import OwnAccountMutation, OwnAccountQuery
from schema.patient import PatientQuery
from schema.patient_mutations import PatientMutation
from schema.patient_reveal import RevealMutation
from schema.payment import PaymentQuery
from schema.payment_mutations import PaymentMutation
from schema.push_inputs import PUSHED_VALUE, PushedValue
from schema.query import Query as PublicQuery
from schema.queue import QueueMutation, QueueQuery, QueueSubscription
from schema.received_sms import ReceivedSmsQuery
from schema.sign_in import SignInMutation
from schema.sms_line import SmsLineMutation, SmsLineSubscription
from schema.sms_operation_mutations import SmsOperationsMutation
from schema.sms_operations import SmsOperationsQuery
from schema.staff import StaffMutation, StaffQuery
from schema.staff_invitation import StaffInvitationMutation, StaffInvitationQuery
from schema.staff_sign_in import StaffSignInMutation, StaffSignInQuery
from schema.user_administration import UserAdministrationMutation, UserAdministrationQuery
from schema.verification import VerificationQuery
from schema.verification_mutations import VerificationMutation
from schema.waitlist import WaitlistQuery, WaitlistSubscription
from schema.waitlist_mutations import WaitlistMutation
from schema.webhook import WebhookMutation, WebhookQuery
from schema.wechat import WeChatMutation, WeChatSubscription


@strawberry.type(description="What can be read.")
class Query(
    PublicQuery,
    OwnAccountQuery,
    StaffSignInQuery,
    StaffQuery,
    AuditQuery,
    UserAdministrationQuery,
    PatientQuery,
    ConsentQuery,
    FileQuery,
    DataExportQuery,
    VerificationQuery,
    OrderQuery,
    BookingQuery,
    PaymentQuery,
    FinanceQuery,
    BookingBanQuery,
    QueueQuery,
    BookingInvariantQuery,
    SmsOperationsQuery,
    HospitalEventQuery,
    WebhookQuery,
    HospitalFiguresQuery,
    WaitlistQuery,
    NotificationQuery,
    JobQuery,
    AnnouncementQuery,
    AnnouncementEditingQuery,
    DiscussionQuery,
    ModerationQuery,
    HospitalApplicationQuery,
    StaffInvitationQuery,
    IntegrationKeyQuery,
    HospitalAccountQuery,
    BroadcastQuery,
    MessageTemplateQuery,
    OutboxQuery,
    ReceivedSmsQuery,
):
    pass


@strawberry.type(description="What can be changed.")
class Mutation(
    CatalogueMutation,
    StaffSignInMutation,
    StaffMutation,
    UserAdministrationMutation,
    PatientMutation,
    RevealMutation,
    ConsentMutation,
    SignInMutation,
    WeChatMutation,
    OwnAccountMutation,
    FileMutation,
    DataExportMutation,
    VerificationMutation,
    BookingMutation,
    OrderChangeMutation,
    PaymentMutation,
    FinanceMutation,
    BookingBanMutation,
    CheckInMutation,
    QueueMutation,
    SmsLineMutation,
    SmsOperationsMutation,
    WaitlistMutation,
    NotificationMutation,
    JobMutation,
    WebhookMutation,
    HospitalOrderMutation,
    AnnouncementMutation,
    DiscussionMutation,
    ModerationMutation,
    HospitalApplicationMutation,
    StaffInvitationMutation,
    IntegrationKeyMutation,
    HospitalAccountMutation,
    HospitalOrderExportMutation,
    BroadcastMutation,
    MessageTemplateMutation,
    OutboxMutation,
):
    pass


@strawberry.type(description="What can be watched.")
class Subscription(
    WeChatSubscription,
    SlotSubscription,
    QueueSubscription,
    WaitlistSubscription,
    OrderSubscription,
    SmsLineSubscription,
    HospitalEventSubscription,
    NotificationSubscription,
):
    pass


graph = FederatedSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    federation_version="2.11",
    config=StrawberryConfig(scalar_map={PushedValue: PUSHED_VALUE, datetime: MOMENT}),
)
