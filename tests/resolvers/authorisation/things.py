"""A factory for every type of thing: called once for the world, and anew for each mutation that may change it."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import col, select

from datasources.hospitals.target import TargetPolicy
from datasources.hospitals.webhook_sender import WebhookSender
from datasources.sql.booking_ban import BookingBan
from datasources.sql.booking_order import LIVE, BookingOrder
from datasources.sql.data_export import DataExport, DataExports, ExportState
from datasources.sql.job_run import JobDefinition, JobRuns
from datasources.sql.notification import Notification
from datasources.sql.patient import Patient
from datasources.sql.stored_file import FileOwner, FilePurpose, FileState, OwnerKind, StoredFile, StoredFiles
from datasources.sql.user_account import UserAccount, Verification
from datasources.sql.verification_request import VerificationRequest
from datasources.sql.waitlist_entry import WaitlistEntry, WaitlistState
from domain.audit.actor import Actor
from domain.audit.watch import check_if_due
from domain.booking.order_states import OrderStep
from domain.booking.transitions import take_step
from domain.global_id import NodeKind, global_id, node_reference
from domain.hospitals.delivering import Postman, deliver_to
from domain.identity.accounts import Account, Origin
from domain.identity.sessions import start_session
from domain.language import Language
from domain.permissions import Role
from tests.booking import CREATE
from tests.pictures import png
from tests.resolvers.authorisation import discussion_things
from tests.resolvers.authorisation.announcement_things import announcement
from tests.resolvers.authorisation.broadcast_things import broadcast, message_template_version, outgoing_message
from tests.resolvers.authorisation.finance_things import finance_item, finance_payment, finance_refund, reconciled_day
from tests.resolvers.authorisation.onboarding_things import (
    approved_application,
    free_licence,
    hospital_account,
    hospital_application,
    integration_key,
    licence_in_use,
    rejected_application,
    staff_invitation,
)
from tests.resolvers.authorisation.rows import OWN_CLERK, OWN_MANAGER, OWN_SYSTEM, OWNER
from tests.resolvers.authorisation.sms_things import received_sms, sms_message
from tests.resolvers.authorisation.world import Thing, World
from tests.resolvers.test_catalogue_queries import RULE, session
from tests.resolvers.test_files import CONFIRM, ORIGIN, REQUEST
from tests.resolvers.test_patients import EVERYTHING, adult, resident_id
from tests.verifications import submitted

Factory = Callable[[World], Awaitable[Thing]]

CONSENT = 'mutation {{ giveConsent(input: {{kind: {kind}, version: "2026-11"}}) {{ __typename }} }}'
ADD_PATIENT = """mutation ($input: AddPatientInput!) { addPatient(input: $input) {
  __typename ... on PatientAdded { patient { id } } } }"""
GUARDIAN = {
    "name": "王小明",
    "certificateKind": "10",
    "certificateNumber": resident_id(date(1980, 5, 5)),
    "phone": "13700002222",
}


async def hospital(world: World) -> Thing:
    own = world.hospitals[OWN_SYSTEM]
    name = f"长春{own.code}医院"
    entry = {"name": name, "bookingRule": RULE, "regionCode": "110101", "level": "3A"}
    await world.platform.push(own, "upsertHospital", {"hospital": entry})
    names = {"hospital_code": own.code, "hospital_name": name}
    return Thing(global_id(NodeKind.HOSPITAL, own.code), keys=({"code": own.code},), names=names)


async def department(world: World) -> Thing:
    return await _pushed(world, "upsertDepartment", {"department": {"code": "11", "name": "心内科"}}, "code")


async def doctor(world: World) -> Thing:
    entry = {"code": "d", "name": "安二", "departmentCodes": ["11"]}
    return await _pushed(world, "upsertDoctor", {"doctor": entry}, "code")


async def schedule(world: World) -> Thing:
    return await _pushed(world, "upsertSchedule", {"schedule": session("s1", "2026-11-22")}, "externalId")


async def dict_item(world: World) -> Thing:
    item = (await world.platform.data('{ dictItem(code: "HospitalType") { id } }'))["dictItem"]
    return Thing(item["id"])


async def user(world: World) -> Thing:
    # Later ones are somebody else's: they get locked, and the owner has to go on.
    owner = await world.platform.new_user() if "User" in world.things else world.users[OWNER]
    return Thing(owner.id, clear={"phone": owner.phone}, names={"phone": owner.phone})


async def sign_in_session(world: World) -> Thing:
    account = Account.of_user(UUID(node_reference(world.users[OWNER].id).key))
    origin = Origin(world.platform.clock(), address=world.users[OWNER].browser.address)
    before = await _sessions(world)
    async with world.platform.stores.sql.unit_of_work() as sql:
        await start_session(sql, world.platform.ring, account, origin)
    [id] = await _sessions(world) - before
    return Thing(id, clear={"address": origin.address})


async def consent(world: World) -> Thing:
    await world.users[OWNER].data(CONSENT.format(kind="HEALTH_DATA"))
    return Thing("HEALTH_DATA", key="kind")


async def patient(world: World) -> Thing:
    owner = world.users[OWNER]
    await owner.data(CONSENT.format(kind="HEALTH_DATA"))
    child = resident_id(date(2015, 6, 1), 2 * world.next_number())
    given = adult(**EVERYTHING, guardian=GUARDIAN, certificateNumber=child)
    added = (await owner.data(ADD_PATIENT, {"input": given}))["addPatient"]
    assert added["__typename"] == "PatientAdded", added
    id = added["patient"]["id"]
    clear = {name: given[name] for name in ("name", "certificateNumber", "phone", "cardNumber", "address")}
    for part in ("emergencyContact", "guardian"):
        clear |= {f"{part}.{name}": text for name, text in given[part].items()}
    return Thing(id, clear=clear, names={"patient_key": node_reference(id).key})


async def staff(world: World) -> Thing:
    if "Staff" in world.things:
        fresh = await world.platform.new_staff(Role.HOSPITAL_CLERK, hospital=world.hospitals[OWN_SYSTEM])
        return Thing(fresh.id)
    clerk = world.staff[OWN_CLERK]
    return Thing(clerk.id, names={"sign_in_name": clerk.sign_in_name, "staff_key": str(clerk.key)})


async def audit_entry(world: World) -> Thing:
    return Thing(world.things["Patient"].names["patient_key"], key="subjectId")


async def audit_entry_of_a_hospital(world: World) -> Thing:
    return Thing(world.things["Staff"].names["staff_key"], key="subjectId")


async def audit_watch(world: World) -> Thing:
    await check_if_due(world.platform.stores.sql, world.platform.clock)
    return Thing("AuditWatch", key="__typename", absent=frozenset({"broken"}))


async def avatar(world: World) -> Thing:
    return await _file(world, "AVATAR")


async def identity_picture(world: World) -> Thing:
    # The other user too, so that nothing but the picture keeps them from handing it in.
    for user in world.users.values():
        await user.data(CONSENT.format(kind="IDENTITY_PICTURES"))
    return await _file(world, "IDENTITY_PICTURE")


async def handed_in_picture(world: World) -> Thing:
    return Thing((await submitted(world.platform, (await world.platform.new_user()).token))["frontFileId"])


async def verification_request(world: World) -> Thing:
    if "VerificationRequest" in world.things:
        # Later ones are somebody else's: an account has one at a time.
        return Thing((await submitted(world.platform, (await world.platform.new_user()).token))["id"])
    clear = {"name": "王小明", "certificateNumber": f"E{secrets.randbelow(10**8):08}"}
    request = await submitted(world.platform, world.users[OWNER].token, **clear)
    # When no other test hands in, so that it stands on the queue's first page.
    late = datetime(2031, 1, 1, tzinfo=UTC) + timedelta(seconds=secrets.randbelow(10**7))
    async with world.platform.stores.sql.unit_of_work() as sql:
        row = await sql.get(VerificationRequest, UUID(node_reference(request["id"]).key))
        assert row is not None
        row.submitted_at = late
    return Thing(request["id"], clear=clear, names={"submitted_at": late.isoformat()})


async def export_file(world: World) -> Thing:
    id, now = uuid4(), world.platform.clock()
    owner = FileOwner(OwnerKind.USER, UUID(node_reference(world.users[OWNER].id).key))
    async with world.platform.stores.sql.unit_of_work() as sql:
        await StoredFiles(sql).add(
            StoredFile(
                id=id,
                owner_kind=owner.kind,
                owner_id=owner.id,
                purpose=FilePurpose.EXPORT,
                state=FileState.READY,
                content_type="application/zip",
                size=1,
                created_at=now,
                ready_at=now,
            )
        )
    return Thing(global_id(NodeKind.FILE, id))


async def data_export(world: World) -> Thing:
    now = world.platform.clock()
    export = DataExport(
        id=uuid4(),
        user_id=UUID(node_reference(world.users[OWNER].id).key),
        state=ExportState.READY,
        requested_at=now,
        finished_at=now,
        # So late that no test's clock gets there.
        expires_at=now + timedelta(days=3650),
        file_id=UUID(node_reference(str(world.things["File/export"].value)).key),
    )
    async with world.platform.stores.sql.unit_of_work() as sql:
        await DataExports(sql).add(export)
    return Thing(str(export.id))


async def order(world: World) -> Thing:
    """Of the owner's patient, at hospital A; each in a session of its own, as nobody has two numbers of one."""
    await _end_spare_orders(world)
    owner, external_id = world.users[OWNER], f"o{world.next_number()}"
    async with world.platform.stores.sql.unit_of_work() as sql:
        account = await sql.get(UserAccount, UUID(node_reference(owner.id).key))
        assert account is not None
        before, account.verification = account.verification, Verification.VERIFIED
    day, half_day = ("2026-11-24", "PM") if "Order" in world.things else ("2026-11-23", "AM")
    opened = await _pushed(
        world, "upsertSchedule", {"schedule": session(external_id, day, halfDay=half_day)}, "externalId"
    )
    wanted = {"scheduleId": opened.value, "patientId": world.things["Patient"].value, "idempotencyKey": external_id}
    made = (await owner.data(CREATE, {"input": wanted}))["createOrder"]
    assert made["__typename"] == "OrderCreated", made
    async with world.platform.stores.sql.unit_of_work() as sql:
        account = await sql.get(UserAccount, UUID(node_reference(owner.id).key))
        assert account is not None
        account.verification = before
    clear = {"patientName": world.things["Patient"].clear["name"]}
    names = {"order_number": made["order"]["orderNumber"], "order_session": external_id}
    return Thing(made["order"]["id"], clear=clear, names=names)


async def hospital_event(world: World) -> Thing:
    """The first that hospital A was told."""
    log = await world.answer(OWN_SYSTEM, "{ hospitalEventLog(first: 1) { nodes { cursor } } }")
    return Thing(log["data"]["hospitalEventLog"]["nodes"][0]["cursor"], key="cursor")


async def hospital_statistics(world: World) -> Thing:
    return Thing(world.hospitals[OWN_SYSTEM].code, key="hospitalCode")


async def session_withdrawal(world: World) -> Thing:
    """Of the order's session, whose id no other hospital has."""
    return Thing(world.things["Order"].names["order_session"], key="externalId")


async def hospital_webhook(world: World) -> Thing:
    """Hospital A's, at a port where nobody listens; made before the first order."""
    url = f"http://127.0.0.1:9/{secrets.token_hex(4)}"
    call = f'mutation {{ setWebhook(input: {{url: "{url}"}}) {{ __typename }} }}'
    assert "WebhookSet" in str(await world.answer(OWN_MANAGER, call))
    return Thing(url, key="url")


async def webhook_delivery(world: World) -> Thing:
    """Of hospital A's first event, tried once."""
    platform = world.platform
    sender = WebhookSender(TargetPolicy(https_only=False, private_allowed=True))
    postman = Postman(platform.stores.sql, platform.ring, sender, platform.clock)
    assert await deliver_to(postman, world.hospitals[OWN_SYSTEM].code) == 0
    return Thing(1, key="sequence")


async def _job(world: World) -> Thing:
    name = "job_of_the_world"
    async with world.platform.stores.sql.unit_of_work() as sql:
        now = world.platform.clock()
        row = JobDefinition(name=name, description="d", at_seconds=[0], longest_seconds=60, seen_at=now)
        await JobRuns(sql).define([row])
        await JobRuns(sql).beat(name, now)
    return Thing(name, key="name")


async def notification(world: World) -> Thing:
    owner, row = UUID(node_reference(world.users[OWNER].id).key), uuid4()
    texts = {str(language): {"title": "t", "body": "b"} for language in Language}
    async with world.platform.stores.sql.unit_of_work() as sql:
        sql.add(
            Notification(
                id=row,
                message_id=uuid4(),
                recipient_kind="user",
                recipient_id=owner,
                kind="NOTICE",
                texts=texts,
                subject_kind="",
                subject_id="",
                created_at=datetime.now(UTC),
            )
        )
    return Thing(str(row))


async def booking_ban(world: World) -> Thing:
    """Of the owner's patient; over, so that the patient can be booked for."""
    id, now = uuid4(), world.platform.clock()
    async with world.platform.stores.sql.unit_of_work() as sql:
        patient = await sql.get(Patient, UUID(world.things["Patient"].names["patient_key"]))
        assert patient is not None
        sql.add(
            BookingBan(
                id=id,
                person=patient.certificate_index,
                patient_id=patient.id,
                year=2026,
                no_shows=world.next_number(),
                since=now - timedelta(days=100),
                until=now - timedelta(days=10),
            )
        )
    return Thing(str(id))


async def waitlist_entry(world: World) -> Thing:
    """Of the owner's patient; it became the order."""
    id, order_id = uuid4(), UUID(node_reference(str(world.things["Order"].value)).key)
    async with world.platform.stores.sql.unit_of_work() as sql:
        order = await sql.get(BookingOrder, order_id)
        assert order is not None
        sql.add(
            WaitlistEntry(
                id=id,
                user_id=order.user_id,
                patient_id=order.patient_id,
                masked_patient_name=order.masked_patient_name,
                schedule_id=order.schedule_id,
                state=WaitlistState.ACCEPTED,
                number=order.number,
                order_id=order.id,
                joined_at=world.platform.clock(),
                offered_at=world.platform.clock(),
                ended_at=world.platform.clock(),
            )
        )
    clear = {"patientName": world.things["Patient"].clear["name"]}
    return Thing(global_id(NodeKind.WAITLIST_ENTRY, id), clear=clear)


async def _end_spare_orders(world: World) -> None:
    """End all but the first: nobody has many numbers at a time."""
    kept = world.things["Order"].value if "Order" in world.things else None
    owner = UUID(node_reference(world.users[OWNER].id).key)
    async with world.platform.stores.sql.unit_of_work() as sql:
        orders = await sql.exec(
            select(BookingOrder).where(BookingOrder.user_id == owner, col(BookingOrder.state).in_(LIVE))
        )
        for order in list(orders):
            if global_id(NodeKind.ORDER, order.id) != kept:
                await take_step(sql, order, OrderStep.WITHDRAW, Actor.system("test", world.platform.clock()))


def _always(key: str, value: object, *, absent: frozenset[str] = frozenset()) -> Factory:
    async def there(_world: World) -> Thing:
        return Thing(value, key=key, absent=absent)

    return there


FACTORIES: Mapping[str, Factory] = {
    "Hospital": hospital,
    "Department": department,
    "Doctor": doctor,
    "Schedule": schedule,
    "BookableDay": _always("date", "2026-11-22"),
    "DictItem": dict_item,
    "DictEntry": _always("value", "3A"),
    "ConsentText": _always("kind", "HEALTH_DATA"),
    "BookingInvariantReport": _always("__typename", "BookingInvariantReport"),
    "SmsOperations": _always("__typename", "SmsOperations"),
    "SmsMessageEntry": sms_message,
    "ReceivedSms": received_sms,
    "QueueDisplay": _always("departmentCode", "11"),
    "_Service": _always("__typename", "_Service"),
    "User": user,
    "SignInSession": sign_in_session,
    "Consent": consent,
    "Patient": patient,
    "HospitalWebhook": hospital_webhook,
    "Order": order,
    "HospitalStatistics": hospital_statistics,
    "SessionWithdrawal": session_withdrawal,
    "HospitalEvent": hospital_event,
    "WebhookDelivery": webhook_delivery,
    "HospitalEvent/of a webhook": hospital_event,
    "WaitlistEntry": waitlist_entry,
    "BookingBan": booking_ban,
    "Notification": notification,
    "Job": _job,
    "Worker": _job,
    "NotificationsState": _always("__typename", "NotificationsState"),
    "MessageSettings": _always("__typename", "MessageSettings"),
    "Post": discussion_things.post,
    "Post/pending": discussion_things.pending_post,
    "Reply": discussion_things.reply,
    "Contribution": discussion_things.contribution,
    "FinancePayment": finance_payment,
    "FinanceRefund": finance_refund,
    "FinanceItem": finance_item,
    "FinanceTotal": _always("__typename", "FinanceTotal"),
    "ReconciledDay": reconciled_day,
    "Announcement": announcement,
    "AnnouncementEntry": announcement,
    "Broadcast": broadcast,
    "MessageTemplate": _always("kind", "NEW_DEVICE"),
    "MessageTemplateVersion": message_template_version,
    "OutgoingMessage": outgoing_message,
    "Staff": staff,
    "AuditEntry": audit_entry,
    "AuditEntry/of a hospital": audit_entry_of_a_hospital,
    "AuditWatch": audit_watch,
    "AuditCheck": _always("firstNumber", 1, absent=frozenset({"broken"})),
    "File/avatar": avatar,
    "File/identity picture": identity_picture,
    "File/handed in": handed_in_picture,
    "VerificationRequest": verification_request,
    "MyVerification": _always("state", "PENDING"),
    "File/export": export_file,
    "DataExport": data_export,
    "HospitalApplication": hospital_application,
    "HospitalApplication/rejected": rejected_application,
    "HospitalApplication/approved": approved_application,
    "HospitalApplicationReceipt": _always("__typename", "HospitalApplicationReceipt"),
    "File/licence": free_licence,
    "File/licence in use": licence_in_use,
    "StaffInvitation": staff_invitation,
    "HospitalAccount": hospital_account,
    "IntegrationKey": integration_key,
    "StaffInvitationPreview": _always("__typename", "StaffInvitationPreview"),
    "FileLink": _always("__typename", "FileLink"),
}
"""In the order in which they are made."""


async def _sessions(world: World) -> set[str]:
    return {each["id"] for each in (await world.users[OWNER].data("{ mySessions { id } }"))["mySessions"]}


async def _pushed(world: World, mutation: str, entry: dict[str, Any], key: str) -> Thing:
    own = world.hospitals[OWN_SYSTEM]
    pushed = await world.platform.push(own, mutation, entry)
    [(type_name, given)] = entry.items()
    kind = NodeKind(type_name.capitalize())
    assert pushed["__typename"] == f"{kind}Upserted", pushed
    keys = {"hospitalCode": own.code, key: given[key]}
    found = await world.platform.data(f'{{ {type_name}(hospitalCode: "{own.code}", {key}: "{given[key]}") {{ id }} }}')
    return Thing(found[type_name]["id"], keys=(keys,))


async def _file(world: World, purpose: str) -> Thing:
    owner, content = world.users[OWNER], png()
    asked = {"purpose": purpose, "contentType": "image/png", "size": len(content)}
    ticket = (await owner.data(REQUEST, {"input": asked}))["requestUpload"]
    assert ticket["__typename"] == "UploadTicket", ticket
    headers = {each["name"]: each["value"] for each in ticket["headers"]}
    put = await world.platform.http.put(ORIGIN + ticket["url"], content=content, headers=headers)
    assert put.status_code == 201, put.text
    confirmed = (await owner.data(CONFIRM, {"id": ticket["fileId"]}))["confirmUpload"]
    assert confirmed["file"]["state"] == "READY", confirmed
    return Thing(ticket["fileId"])
