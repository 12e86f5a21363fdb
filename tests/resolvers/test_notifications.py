"""One's own notifications: listed, counted, marked as read, watched; and how one wants to be told."""

from contextlib import aclosing
from typing import Any
from uuid import UUID, uuid4

from datasources.sql.notification import Notification, Notifications
from domain.global_id import NodeKind, global_id, node_reference
from domain.language import Language
from domain.live.changes import note_notification_change
from domain.live.own_notifications import watch_own_notifications
from tests.browser import User
from tests.platform import Platform

LIST = """query ($unread: Boolean!, $after: String) { myNotificationsState { unreadCount }
  myNotifications(unreadOnly: $unread, first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor }
  nodes { id kind title body subjectKind subjectId readAt } } }"""
MARK = """mutation ($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) {
  __typename ... on NotificationsRead { markedCount unreadCount } ... on InvalidInput { fields { field code } } } }"""
SETTINGS = "{ myMessageSettings { language kinds { kind sms canChoose } } }"
CHANGE = """mutation ($input: ChangeMessageSettingsInput!) { changeMessageSettings(input: $input) {
  __typename ... on MessageSettingsChanged { settings { language kinds { kind sms } } }
  ... on InvalidInput { fields { field code } } } }"""


def key_of(user: User) -> UUID:
    """The account's own key."""
    return UUID(node_reference(user.id).key)


async def tell(platform: Platform, recipient: UUID, *, order: UUID | None = None) -> str:
    """Have somebody told something in the app; its id."""
    row = Notification(
        id=uuid4(),
        message_id=uuid4(),
        recipient_kind="user",
        recipient_id=recipient,
        kind="ORDER_BOOKED" if order else "NOTICE",
        texts={Language.CHINESE: {"title": "题", "body": "文"}, Language.ENGLISH: {"title": "title", "body": "text"}},
        subject_kind="order" if order else "",
        subject_id=str(order) if order else "",
        created_at=platform.clock(),
    )
    async with platform.stores.sql.unit_of_work() as session:
        await Notifications(session).add([row])
        note_notification_change(session, recipient)
    return str(row.id)


async def listed(user: User, **variables: Any) -> Any:
    """The first page of the caller's notifications."""
    return await user.data(LIST, {"unread": False} | variables)


async def mark(user: User, **input: Any) -> Any:
    """The answer to `markNotificationsRead`."""
    return (await user.data(MARK, {"input": input}))["markNotificationsRead"]


async def test_notifications_are_listed_page_by_page_and_counted(platform: Platform) -> None:
    user, order = await platform.new_user(), uuid4()
    for _ in range(2):
        await tell(platform, key_of(user))
    await tell(platform, key_of(user), order=order)

    page = await listed(user)
    more = (await listed(user, after=page["myNotifications"]["pageInfo"]["endCursor"]))["myNotifications"]

    assert page["myNotificationsState"]["unreadCount"] == 3
    assert (page["myNotifications"]["totalCount"], len(page["myNotifications"]["nodes"])) == (3, 2)
    assert (len(more["nodes"]), more["pageInfo"]["hasNextPage"]) == (1, False)
    every = page["myNotifications"]["nodes"] + more["nodes"]
    assert {(each["title"], each["body"]) for each in every} in ({("题", "文")}, {("title", "text")})
    assert [each["subjectId"] for each in every if each["subjectKind"]] == [global_id(NodeKind.ORDER, order)]


async def test_marking_some_and_then_all(platform: Platform) -> None:
    user = await platform.new_user()
    ids = [await tell(platform, key_of(user)) for _ in range(3)]

    assert await mark(user, ids=[ids[0]]) == {"__typename": "NotificationsRead", "markedCount": 1, "unreadCount": 2}
    assert (await mark(user, ids=[ids[0]]))["markedCount"] == 0
    assert (await listed(user, unread=True))["myNotifications"]["totalCount"] == 2
    assert await mark(user, all=True) == {"__typename": "NotificationsRead", "markedCount": 2, "unreadCount": 0}


async def test_nobody_reads_or_marks_somebody_elses(platform: Platform) -> None:
    owner, other = await platform.new_user(), await platform.new_user()
    id = await tell(platform, key_of(owner))

    assert (await mark(other, ids=[id]))["markedCount"] == 0
    assert (await mark(other, all=True))["markedCount"] == 0
    assert (await listed(other))["myNotifications"]["totalCount"] == 0
    assert (await listed(owner))["myNotificationsState"]["unreadCount"] == 1


async def test_what_to_mark_is_said_one_way(platform: Platform) -> None:
    user = await platform.new_user()

    wrong: list[dict[str, Any]] = [{}, {"ids": [str(uuid4())], "all": True}, {"ids": []}, {"ids": [str(uuid4())] * 101}]
    for input in wrong:
        assert (await mark(user, **input))["__typename"] == "InvalidInput"


async def test_a_watcher_hears_of_each_and_of_what_was_read(platform: Platform) -> None:
    user = await platform.new_user()
    key = key_of(user)

    async with aclosing(watch_own_notifications(platform.stores, key, platform.clock)) as states:
        assert (await anext(states)).unread_count == 0
        id = await tell(platform, key)
        told = await anext(states)
        assert (told.unread_count, [str(each.id) for each in told.latest]) == (1, [id])
        await mark(user, all=True)
        assert (await anext(states)).unread_count == 0


async def test_text_messages_are_chosen_by_kind_and_language(platform: Platform) -> None:
    user = await platform.new_user()
    before = (await user.data(SETTINGS))["myMessageSettings"]
    kinds = {each["kind"]: each for each in before["kinds"]}
    assert before["language"] == "CHINESE"
    assert kinds["REMINDER_SAME_DAY"] == {"kind": "REMINDER_SAME_DAY", "sms": True, "canChoose": True}
    assert kinds["SESSION_WITHDRAWN"] == {"kind": "SESSION_WITHDRAWN", "sms": True, "canChoose": False}

    input = {"language": "ENGLISH", "sms": [{"kind": "REMINDER_SAME_DAY", "wanted": False}]}
    changed = (await user.data(CHANGE, {"input": input}))["changeMessageSettings"]["settings"]

    assert changed["language"] == "ENGLISH"
    assert {each["kind"] for each in changed["kinds"] if not each["sms"]} >= {"REMINDER_SAME_DAY"}
    other = (await (await platform.new_user()).data(SETTINGS))["myMessageSettings"]
    assert other == before


async def test_what_people_must_know_cannot_be_declined(platform: Platform) -> None:
    user = await platform.new_user()

    input = {"sms": [{"kind": "SESSION_WITHDRAWN", "wanted": False}]}
    answer = (await user.data(CHANGE, {"input": input}))["changeMessageSettings"]

    assert answer == {"__typename": "InvalidInput", "fields": [{"field": "sms", "code": "OUT_OF_RANGE"}]}
