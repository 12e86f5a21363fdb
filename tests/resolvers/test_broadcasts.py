"""Broadcasts are sent once per key, within one's own reach, and paused, resumed and cancelled."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from datasources.sql.audit_entry import AuditCriteria, AuditReads
from domain.global_id import node_reference
from domain.messages.broadcasts.walking import walk_due
from domain.messages.relay import relay_due
from domain.permissions import Role
from tests.booked import POLICY
from tests.booking import OpenSession, booked, new_bookers, new_session
from tests.domain.messages.people import desk_of, notifications_of
from tests.platform import Platform

FIELDS = "id audience hospitalCode state planned written told dropped failed texted titleZh bySms authorHospitalCode"
PROBLEM = "... on Problem { code } ... on InvalidInput { fields { field code message } }"
SEND = f"""mutation ($input: SendBroadcastInput!) {{ sendBroadcast(input: $input) {{ __typename {PROBLEM}
  ... on BroadcastSent {{ broadcast {{ {FIELDS} }} }} }} }}"""
PREVIEW = f"""query ($input: BroadcastInput!) {{ broadcastPreview(input: $input) {{ __typename {PROBLEM}
  ... on BroadcastPreview {{ receivers readings {{ language title body sms smsParts }} }} }} }}"""
ONE = f"query ($id: ID!) {{ broadcast(id: $id) {{ {FIELDS} }} }}"


def change(what: str) -> str:
    """Pausing, resuming or cancelling."""
    return f"""mutation ($id: ID!) {{ {what}Broadcast(input: {{id: $id}}) {{ __typename {PROBLEM}
  ... on BroadcastChanged {{ broadcast {{ {FIELDS} }} }} }} }}"""


TEXTS = {"titleZh": "入口调整", "bodyZh": "请由东门进入。"}
HOLDERS = {"audience": {"kind": "HOLDERS"}, **TEXTS}


async def call(platform: Platform, token: str, query: str, **variables: Any) -> Any:
    """The one field of the answer."""
    (answer,) = (await platform.data(query, variables, bearer=token)).values()
    return answer


async def send(platform: Platform, token: str, broadcast: dict[str, Any], key: str = "k") -> Any:
    """The answer to `sendBroadcast`."""
    return await call(platform, token, SEND, input={"idempotencyKey": key, "broadcast": broadcast})


async def managed(platform: Platform) -> tuple[OpenSession, str]:
    """A session, and the token of its hospital's manager."""
    session = await new_session(platform, fee="0")
    return session, (await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=session.hospital)).token


async def test_a_hospital_tells_the_holders_of_a_session_and_sees_how_far_it_is(platform: Platform) -> None:
    session, token = await managed(platform)
    elsewhere = await new_session(platform, session.hospital, fee="0", halfDay="PM")
    bookers = await new_bookers(platform.stores, platform.ring, 3)
    for booker, where in zip(bookers, (session, session, elsewhere), strict=True):
        await booked(platform, booker, where)
    chosen = {"kind": "HOLDERS", "externalId": session.external_id, "firstDate": "2026-11-25"}
    broadcast = {**HOLDERS, "audience": chosen}

    preview = await call(platform, token, PREVIEW, input=broadcast)
    assert preview["receivers"] == 2
    assert preview["readings"][0] == {
        "language": "CHINESE",
        "title": "入口调整",
        "body": "长春测试医院：请由东门进入。",
        "sms": "【HTBooking】长春测试医院：请由东门进入。",
        "smsParts": 1,
    }
    nobody = {**broadcast, "audience": {**chosen, "firstDate": "2026-11-26"}}
    assert (await call(platform, token, PREVIEW, input=nobody))["receivers"] == 0

    sent = (await send(platform, token, broadcast))["broadcast"]
    again = (await send(platform, token, broadcast))["broadcast"]
    other = await send(platform, token, nobody)
    assert (again["id"], other["__typename"]) == (sent["id"], "IdempotencyKeyReused")
    await walk_due(platform.stores.sql, platform.clock, only=UUID(sent["id"]))
    standing = await call(platform, token, ONE, id=sent["id"])
    assert (standing["state"], standing["planned"], standing["written"]) == ("RUNNING", 2, 2)
    while (await call(platform, token, ONE, id=sent["id"]))["state"] != "DONE":
        await relay_due(desk_of(platform.stores), platform.clock())
        await walk_due(platform.stores.sql, platform.clock, only=UUID(sent["id"]))
    standing = await call(platform, token, ONE, id=sent["id"])
    assert (standing["told"], standing["failed"], standing["texted"]) == (2, 0, 0)
    told = [
        [each for each in await notifications_of(platform.stores, booker.user_key) if each.kind == "HOSPITAL_NOTICE"]
        for booker in bookers
    ]
    assert [len(each) for each in told] == [1, 1, 0]


async def test_a_hospital_writes_to_its_own_holders_alone(platform: Platform) -> None:
    session, token = await managed(platform)
    other, stranger = await managed(platform)
    for audience, field in (
        ({"kind": "EVERYONE"}, "audience.kind"),
        ({"kind": "USER", "userId": (await platform.new_user()).id}, "audience.kind"),
        ({"kind": "HOLDERS", "hospitalCode": other.hospital.code}, "audience.hospitalCode"),
    ):
        refused = await send(platform, token, {**HOLDERS, "audience": audience})
        assert [each["field"] for each in refused["fields"]] == [field]
    sent = (await send(platform, token, HOLDERS))["broadcast"]
    assert (sent["hospitalCode"], sent["authorHospitalCode"]) == (session.hospital.code, session.hospital.code)
    assert await call(platform, stranger, ONE, id=sent["id"]) is None
    for what in ("pause", "resume", "cancel"):
        assert (await call(platform, stranger, change(what), id=sent["id"]))["__typename"] == "NotFound"


async def test_pausing_holds_it_back_and_cancelling_ends_it(platform: Platform) -> None:
    session, token = await managed(platform)
    await booked(platform, (await new_bookers(platform.stores, platform.ring, 1))[0], session)
    later = (platform.clock() + timedelta(hours=1)).isoformat()
    sent = (await send(platform, token, {**HOLDERS, "notBefore": later}))["broadcast"]
    id, sql = UUID(sent["id"]), platform.stores.sql
    await walk_due(sql, platform.clock, only=id)
    assert (await call(platform, token, ONE, id=sent["id"]))["state"] == "WAITING"

    assert (await call(platform, token, change("pause"), id=sent["id"]))["broadcast"]["state"] == "PAUSED"
    platform.clock.now += timedelta(hours=2)
    token = (await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=session.hospital)).token
    await walk_due(sql, platform.clock, only=id)
    assert (await call(platform, token, ONE, id=sent["id"]))["written"] == 0
    await call(platform, token, change("resume"), id=sent["id"])
    await walk_due(sql, platform.clock, only=id)
    cancelled = (await call(platform, token, change("cancel"), id=sent["id"]))["broadcast"]
    assert (cancelled["state"], cancelled["written"], cancelled["dropped"]) == ("CANCELLED", 1, 1)
    refused = await call(platform, token, change("resume"), id=sent["id"])
    assert (refused["__typename"], refused["code"]) == ("NotAllowed", "BROADCAST_NOT_SO")
    async with sql.read() as session_:
        entries = await AuditReads(session_).page(AuditCriteria(subject_id=sent["id"]), None, 10)
    actions = ["BROADCAST_CANCELLED", "BROADCAST_RESUMED", "BROADCAST_PAUSED", "BROADCAST_SENT"]
    assert [entry.action for entry in entries] == actions


async def test_an_administrator_writes_to_one_account_and_bad_input_is_named(platform: Platform) -> None:
    token = (await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)).token
    user = await platform.new_user()
    to_user = {"audience": {"kind": "USER", "userId": user.id}, **TEXTS}
    sent = (await send(platform, token, to_user))["broadcast"]
    await walk_due(platform.stores.sql, platform.clock, only=UUID(sent["id"]))
    while (await call(platform, token, ONE, id=sent["id"]))["told"] != 1:
        await relay_due(desk_of(platform.stores), platform.clock())
        await walk_due(platform.stores.sql, platform.clock, only=UUID(sent["id"]))
    (notification,) = await notifications_of(platform.stores, UUID(node_reference(user.id).key))
    assert notification.kind == "NOTICE"

    now = platform.clock().astimezone(POLICY.zone)
    for wrong, field in (
        ({"titleZh": "题" * 41}, "titleZh"),
        ({"bodyZh": " "}, "bodyZh"),
        ({"titleEn": "Entrance"}, "bodyEn"),
        ({"bodyZh": "长" * 300, "bySms": True}, "bodyZh"),
        ({"notBefore": (now + timedelta(days=91)).isoformat()}, "notBefore"),
        ({"notBefore": "9999-12-31T23:59:59"}, "notBefore"),
        ({"uselessAfter": now.isoformat()}, "uselessAfter"),
        ({"audience": {"kind": "USER"}}, "audience.userId"),
        ({"audience": {"kind": "HOLDERS", "hospitalCode": "nowhere"}}, "audience.hospitalCode"),
        ({"audience": {"kind": "EVERYONE", "departmentCode": "11"}}, "audience.departmentCode"),
    ):
        refused = await send(platform, token, {**to_user, **wrong}, key="other")
        assert [each["field"] for each in refused["fields"]] == [field], wrong
        assert (await call(platform, token, PREVIEW, input={**to_user, **wrong}))["fields"] == refused["fields"]


async def test_a_hospital_sends_so_many_within_a_day_and_no_more(platform: Platform) -> None:
    _, token = await managed(platform)
    later = {**HOLDERS, "notBefore": (platform.clock() + timedelta(days=60)).isoformat()}
    answers = [await send(platform, token, later, key=f"k{number}") for number in range(21)]
    assert {each["__typename"] for each in answers[:20]} == {"BroadcastSent"}
    assert answers[20]["code"] == "TOO_MANY_BROADCASTS"
    assert (await send(platform, token, later, key="k3"))["broadcast"]["id"] == answers[3]["broadcast"]["id"]
