"""Administrators see the outbox, masked, and retry what was given up; what is long over is forgotten."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import select

from datasources.sql.notification import Notification
from datasources.sql.outgoing_message import OutgoingMessage, OutgoingState
from datasources.sql.staff_account import StaffAccount
from domain.global_id import NodeKind, global_id
from domain.messages.outbox import MessageRetention, forget_old_messages
from domain.messages.relay import relay_due
from domain.messages.telling import ToStaff, tell_many
from domain.permissions import Role
from tests.domain.messages.people import (
    LONG_AGO,
    desk_of,
    new_staff,
    new_user,
    notifications_of,
    outbox_of,
    reminder,
    tell_long_ago,
)
from tests.platform import Platform

LIST = """query ($filter: OutgoingMessageFilter!, $after: String, $first: Int! = 20) {
  outgoingMessages(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { id kind receiverKind receiver state attempts reason inApp bySms nextAt } } }"""
RETRY = """mutation ($id: ID!) { retryMessage(input: {id: $id}) { __typename ... on Problem { code }
  ... on MessageRetried { message { state attempts reason } } } }"""


async def listed(platform: Platform, token: str, filter: dict[str, Any], **paging: Any) -> Any:
    """Messages that meet the filter."""
    return (await platform.data(LIST, {"filter": filter, **paging}, bearer=token))["outgoingMessages"]


async def administrator(platform: Platform) -> str:
    """The token of one."""
    return (await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)).token


async def given_up(platform: Platform, user: UUID) -> str:
    """A message to this account of which the relay has had enough; its id."""
    await tell_long_ago(platform.stores, reminder(user))
    async with platform.stores.sql.unit_of_work() as session:
        (row,) = (await session.exec(select(OutgoingMessage).where(OutgoingMessage.user_id == user))).all()
        row.state, row.next_at, row.finished_at = OutgoingState.FAILED, None, LONG_AGO
        row.attempts, row.reason = 6, "KeyError"
    return str(row.id)


async def test_messages_are_found_by_receiver_kind_state_and_time_and_are_masked(platform: Platform) -> None:
    token, user = await administrator(platform), await new_user(platform.stores, ring=platform.ring)
    account = global_id(NodeKind.USER, user)
    await tell_long_ago(platform.stores, *(reminder(user) for _ in range(3)))
    await relay_due(desk_of(platform.stores, platform.ring), LONG_AGO)

    page = await listed(platform, token, {"userId": account}, first=2)
    rest = await listed(platform, token, {"userId": account}, after=page["pageInfo"]["endCursor"])

    assert (page["totalCount"], len(page["nodes"]), len(rest["nodes"])) == (3, 2, 1)
    first = page["nodes"][0]
    assert (first["kind"], first["receiverKind"], first["state"]) == ("REMINDER_DAY_BEFORE", "USER", "TOLD")
    assert (first["inApp"], first["bySms"], first["attempts"]) == ("TOLD", "QUEUED", 1)
    assert first["receiver"].count("*") >= 4
    day = {"createdFrom": LONG_AGO.isoformat(), "createdBefore": (LONG_AGO + timedelta(seconds=1)).isoformat()}
    assert (await listed(platform, token, {"userId": account, **day}))["totalCount"] == 3
    assert (await listed(platform, token, {"userId": account, "state": "FAILED"}))["totalCount"] == 0
    assert (await listed(platform, token, {"userId": account, "kind": "NO_SHOW"}))["totalCount"] == 0
    assert (await listed(platform, token, {"broadcastId": "nonsense"}))["totalCount"] == 0


async def test_staff_are_named_masked(platform: Platform) -> None:
    token, staff = await administrator(platform), await new_staff(platform.stores)
    # A moment that no other test has.
    at = LONG_AGO - timedelta(days=1, microseconds=secrets.randbelow(10**10))
    async with platform.stores.sql.unit_of_work() as session:
        account = await session.get(StaffAccount, staff)
        assert account is not None
        account.name = "王小明"
        await tell_many(session, [reminder(ToStaff(staff))], at)
    window = {"createdFrom": at.isoformat(), "createdBefore": (at + timedelta(microseconds=1)).isoformat()}
    (found,) = (await listed(platform, token, window))["nodes"]
    assert (found["receiverKind"], found["receiver"]) == ("STAFF", "王*明")


async def test_one_that_was_given_up_is_told_when_somebody_says_so(platform: Platform) -> None:
    token, user = await administrator(platform), await new_user(platform.stores)
    id = await given_up(platform, user)

    retried = (await platform.data(RETRY, {"id": id}, bearer=token))["retryMessage"]
    twice = (await platform.data(RETRY, {"id": id}, bearer=token))["retryMessage"]
    nowhere = (await platform.data(RETRY, {"id": str(uuid4())}, bearer=token))["retryMessage"]

    assert retried["message"] == {"state": "WAITING", "attempts": 0, "reason": "KeyError"}
    assert (twice["code"], nowhere["__typename"]) == ("MESSAGE_NOT_FAILED", "NotFound")
    while not await notifications_of(platform.stores, user):
        await relay_due(desk_of(platform.stores), platform.clock())
    (message,) = await outbox_of(platform.stores, user)
    assert (message.state, message.reason) == ("TOLD", "")


async def test_what_is_long_over_is_forgotten_and_what_waits_is_not(platform: Platform) -> None:
    stores, over, waiting = platform.stores, await new_user(platform.stores), await new_user(platform.stores)
    await given_up(platform, over)
    await tell_long_ago(stores, reminder(waiting, not_before=LONG_AGO + timedelta(days=36500)))
    async with stores.sql.unit_of_work() as session:
        texts = {"zh-CN": {"title": "t", "body": "b"}, "en": {"title": "t", "body": "b"}}
        for age in (0, 40):
            session.add(
                Notification(
                    id=uuid4(),
                    message_id=uuid4(),
                    recipient_kind="user",
                    recipient_id=over,
                    kind="NOTICE",
                    texts=texts,
                    subject_kind="",
                    subject_id="",
                    created_at=LONG_AGO - timedelta(days=age),
                )
            )
    kept = MessageRetention(timedelta(days=1), timedelta(days=35), timedelta(days=3650))

    while await forget_old_messages(stores.sql, kept, LONG_AGO + timedelta(days=2)):
        pass

    assert await outbox_of(stores, over) == []
    assert len(await outbox_of(stores, waiting)) == 1
    assert len(await notifications_of(stores, over)) == 1
