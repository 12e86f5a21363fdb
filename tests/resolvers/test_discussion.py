"""The discussion area: writing, reading, reporting, and what moderators decide."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from datasources.sql.audit_entry import AuditCriteria, AuditReads
from datasources.sql.contribution import Contribution, ContributionState
from datasources.sql.contribution_reads import Written
from datasources.sql.contributions import Contributions
from domain.audit.actor import Actor
from domain.discussion import rules
from domain.discussion.erasure import erase_contributions
from domain.discussion.writing import write_post
from domain.global_id import node_reference
from domain.permissions import Role
from tests.browser import User
from tests.platform import Platform

POST = "id title body authorName isOwn state hiddenReason replyCount"
CREATE = f"""mutation ($input: CreatePostInput!) {{ createPost(input: $input) {{ __typename
  ... on PostCreated {{ post {{ {POST} }} }} ... on Problem {{ code message }}
  ... on InvalidInput {{ fields {{ field code }} }} ... on TooManyContributions {{ nextAt }} }} }}"""
REPLY = """mutation ($input: CreateReplyInput!) { createReply(input: $input) { __typename
  ... on ReplyCreated { reply { id postId body state } } ... on Problem { code } } }"""
DELETE = """mutation ($input: DeleteContributionInput!) { deleteContribution(input: $input) { __typename } }"""
REPORT = """mutation ($input: ReportContributionInput!) { reportContribution(input: $input) { __typename
  ... on Problem { code } } }"""
DECIDE = """mutation ($input: ModerateContributionInput!) { moderateContribution(input: $input) { __typename
  ... on ContributionModerated { contribution { state hiddenReason reports { reason } } }
  ... on InvalidInput { fields { field code } } } }"""
ONE = f"""query ($id: ID!) {{ post(id: $id) {{ {POST} }}
  replies(postId: $id, first: 2) {{ totalCount nodes {{ id body state authorName }} pageInfo {{ endCursor }} }} }}"""
QUEUE = """query ($state: ContributionState, $after: String) {
  moderationQueue(state: $state, first: 100, after: $after) { pageInfo { hasNextPage endCursor }
  nodes { id postId title body state reports { reason note } } } }"""


async def author(platform: Platform, *, trusted: bool = True) -> User:
    """Somebody known by real name; if trusted, a moderator has shown something of theirs before."""
    user = await platform.new_user(verified=True)
    if trusted:
        async with platform.stores.sql.unit_of_work() as session:
            row = Contribution(
                id=uuid4(),
                author_id=key_of(user),
                title="题",
                body="文",
                state=ContributionState.VISIBLE,
                created_at=platform.clock() - timedelta(days=9),
                decided_at=platform.clock(),
            )
            await Contributions(session).add(row)
    return user


def key_of(user: User) -> UUID:
    """The account's own key."""
    return UUID(node_reference(user.id).key)


async def create(user: User, title: str = "候补多久有号", body: str = "等了两天。") -> Any:
    """The answer to `createPost`."""
    return (await user.data(CREATE, {"input": {"title": title, "body": body}}))["createPost"]


async def posted(user: User, **words: str) -> str:
    """A new post's id."""
    return str((await create(user, **words))["post"]["id"])


async def reply(user: User, post: str, body: str = "谢谢") -> Any:
    """The answer to `createReply`."""
    return (await user.data(REPLY, {"input": {"postId": post, "body": body}}))["createReply"]


async def report(user: User, id: str, reason: str = "ABUSE", note: str = "") -> str:
    """The typename of the answer to `reportContribution`."""
    answer = await user.data(REPORT, {"input": {"id": id, "reason": reason, "note": note}})
    return str(answer["reportContribution"]["__typename"])


async def decide(platform: Platform, id: str, decision: str, reason: str = "") -> Any:
    """The answer to `moderateContribution`, by a reviewer."""
    staff = await platform.new_staff(Role.REVIEWER)
    input = {"id": id, "decision": decision, "reason": reason}
    return (await platform.data(DECIDE, {"input": input}, bearer=staff.token))["moderateContribution"]


async def in_queue(platform: Platform, id: str, state: str | None = None) -> Any:
    """The contribution as the queue has it, whichever page it stands on; None if it is not there."""
    staff, after = await platform.new_staff(Role.REVIEWER), None
    while True:
        page = (await platform.data(QUEUE, {"state": state, "after": after}, bearer=staff.token))["moderationQueue"]
        found = [each for each in page["nodes"] if each["id"] == id]
        if found or not page["pageInfo"]["hasNextPage"]:
            return found[0] if found else None
        after = page["pageInfo"]["endCursor"]


async def test_a_known_authors_post_is_there_for_everybody_under_the_nickname_alone(platform: Platform) -> None:
    user = await author(platform)
    await user.data('mutation { updateProfile(input: {nickname: "小海豚"}) { __typename } }')
    answer = await create(user, title=" 候补  多久\n有号 ", body="等了两天。\r\n\r\n\r\n还在等。")
    assert answer["post"] | {"id": ""} == {
        "id": "",
        "title": "候补 多久 有号",
        "body": "等了两天。\n\n还在等。",
        "authorName": "小海豚",
        "isOwn": True,
        "state": "VISIBLE",
        "hiddenReason": None,
        "replyCount": 0,
    }
    seen = (await platform.data(ONE, {"id": answer["post"]["id"]}))["post"]
    assert seen == answer["post"] | {"isOwn": False}


async def test_the_first_words_of_an_author_and_ways_to_reach_somebody_wait_for_a_moderator(platform: Platform) -> None:
    new, known = await author(platform, trusted=False), await author(platform)
    for user, body in ((new, "大家好"), (known, "打 138 0000 1111")):
        post = (await create(user, body=body))["post"]
        assert post["state"] == "PENDING"
        assert (await platform.data(ONE, {"id": post["id"]}))["post"] is None
        assert (await user.data(ONE, {"id": post["id"]}))["post"]["state"] == "PENDING"
        assert (await in_queue(platform, post["id"]))["body"] == body
        assert (await reply(known, post["id"]))["code"] == "NOT_FOUND"
        shown = (await decide(platform, post["id"], "SHOW"))["contribution"]
        assert shown == {"state": "VISIBLE", "hiddenReason": None, "reports": []}
        assert (await platform.data(ONE, {"id": post["id"]}))["post"]["body"] == body
        assert await in_queue(platform, post["id"]) is None
    assert (await create(new, body="现在可以了"))["post"]["state"] == "VISIBLE"


async def test_who_is_not_known_by_real_name_writes_nothing(platform: Platform) -> None:
    user, post = await platform.new_user(), await posted(await author(platform))
    assert (await create(user))["code"] == "REAL_NAME_NEEDED"
    assert (await reply(user, post))["code"] == "REAL_NAME_NEEDED"


async def test_what_is_empty_or_too_long_is_refused(platform: Platform) -> None:
    user = await author(platform)
    answer = await create(user, title="\u200b", body="长" * (rules.LONGEST_POST + 1))
    assert answer["fields"] == [{"field": "title", "code": "MISSING"}, {"field": "body", "code": "TOO_LONG"}]


async def test_sent_twice_it_is_there_once_and_a_day_has_its_limit(platform: Platform) -> None:
    user = await author(platform)
    first = await posted(user)
    assert await posted(user) == first
    for number in range(1, rules.MOST_POSTS_A_DAY):
        await posted(user, title=f"第 {number} 个")
    refused = await create(user, title="又一个")
    assert refused["code"] == "TOO_MANY_CONTRIBUTIONS"
    assert (await reply(user, first))["__typename"] == "ReplyCreated"
    tomorrow = Actor("user", str(key_of(user)), platform.clock() + rules.DAY)
    assert isinstance(await write_post(platform.stores.sql, tomorrow, key_of(user), "又一个", "文"), Written)


async def test_replies_stand_in_the_order_of_time_and_count_once_visible(platform: Platform) -> None:
    user, post = await author(platform), await posted(await author(platform))
    for number in range(3):
        assert (await reply(user, post, f"第 {number} 条"))["reply"]["state"] == "VISIBLE"
        platform.clock.now += timedelta(minutes=1)
    waiting = (await reply(user, post, "加微信 abc"))["reply"]
    assert waiting["state"] == "PENDING"
    seen = await platform.data(ONE, {"id": post})
    assert [each["body"] for each in seen["replies"]["nodes"]] == ["第 0 条", "第 1 条"]
    assert (seen["post"]["replyCount"], seen["replies"]["totalCount"]) == (3, 3)
    assert (await user.data(ONE, {"id": post}))["replies"]["totalCount"] == 4
    rest = "query ($id: ID!, $after: String) { replies(postId: $id, after: $after) { nodes { body } } }"
    after = seen["replies"]["pageInfo"]["endCursor"]
    page = (await platform.data(rest, {"id": post, "after": after}))["replies"]
    assert page["nodes"] == [{"body": "第 2 条"}]


async def test_several_reports_take_it_out_of_sight_until_a_moderator_has_looked(platform: Platform) -> None:
    writer = await author(platform)
    post = await posted(writer)
    assert await report(writer, post) == "NotFound", "one's own is deleted, not reported"
    readers = [await platform.new_user() for _ in range(rules.REPORTS_THAT_WITHHOLD)]
    for reader in readers[:-1]:
        assert [await report(reader, post, note="骂人") for _ in range(2)] == ["ContributionReported"] * 2
    assert (await platform.data(ONE, {"id": post}))["post"] is not None
    waiting = await in_queue(platform, post)
    assert waiting["reports"] == [{"reason": "ABUSE", "note": "骂人"}] * (rules.REPORTS_THAT_WITHHOLD - 1)
    await report(readers[-1], post)
    assert (await platform.data(ONE, {"id": post}))["post"] is None
    await decide(platform, post, "SHOW")
    assert (await platform.data(ONE, {"id": post}))["post"] is not None
    assert await in_queue(platform, post) is None


async def test_hiding_needs_a_reason_that_its_author_reads_and_the_log_keeps(platform: Platform) -> None:
    user = await author(platform)
    post = await posted(user)
    assert (await decide(platform, post, "HIDE", " "))["fields"] == [{"field": "reason", "code": "MISSING"}]
    assert (await decide(platform, post, "HIDE", "与就医无关"))["contribution"]["state"] == "HIDDEN"
    assert (await platform.data(ONE, {"id": post}))["post"] is None
    assert (await user.data(ONE, {"id": post}))["post"]["hiddenReason"] == "与就医无关"
    assert await in_queue(platform, post) is None
    assert (await in_queue(platform, post, "HIDDEN"))["id"] == post
    async with platform.stores.sql.read() as session:
        [entry] = await AuditReads(session).page(AuditCriteria(subject_kind="contribution", subject_id=post), None, 10)
    assert (entry.action, entry.detail) == ("CONTRIBUTION_HIDDEN", {"reason": "与就医无关"})


async def test_what_its_author_deletes_is_gone_with_the_replies_to_it(platform: Platform) -> None:
    user, other = await author(platform), await author(platform)
    post = await posted(user)
    await reply(other, post)
    for who, became in ((other, "NotFound"), (user, "ContributionDeleted"), (user, "NotFound")):
        answer = await who.data(DELETE, {"input": {"id": post}})
        assert answer["deleteContribution"]["__typename"] == became
    for reader in (user, other):
        seen = await reader.data(ONE, {"id": post})
        assert (seen["post"], seen["replies"]["totalCount"]) == (None, 0)
    assert (await decide(platform, post, "SHOW"))["__typename"] == "NotFound"
    async with platform.stores.sql.read() as session:
        row = await Contributions(session).get(UUID(post))
    assert row is not None
    assert (row.title, row.body) == ("", "")


async def test_an_erased_accounts_words_and_reports_are_gone(platform: Platform) -> None:
    user, other = await author(platform), await author(platform)
    own, others = await posted(user), await posted(other)
    await report(user, others)
    for _ in range(2):
        async with platform.stores.sql.unit_of_work() as session:
            await erase_contributions(session, key_of(user), platform.clock())
    assert (await platform.data(ONE, {"id": own}))["post"] is None
    assert await in_queue(platform, others) is None
    async with platform.stores.sql.read() as session:
        assert await Contributions(session).all_of(key_of(user)) == []


async def test_what_is_no_id_leads_nowhere(platform: Platform) -> None:
    user = await author(platform)
    seen = await user.data(ONE, {"id": "x"})
    assert (seen["post"], seen["replies"]["totalCount"]) == (None, 0)
    assert (await reply(user, "x"))["code"] == "NOT_FOUND"
    assert await report(user, "x") == "NotFound"
