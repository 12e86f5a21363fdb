"""The demo's discussion is there once, and readable."""

from datetime import UTC, datetime

from datasources.sql.contribution_reads import ContributionReads
from datasources.stores import Stores
from server.demo_discussion import demo_discussion

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
TITLE = "候补排到第二位，一般多久有号？"


async def test_the_demos_posts_are_written_once(stores: Stores) -> None:
    for _ in range(2):
        await demo_discussion(stores.sql, NOW)
    async with stores.sql.read() as session:
        reads = ContributionReads(session)
        [post] = [each for each in await reads.posts(None, 10_000) if each.title == TITLE]
        replies = await reads.replies(None, post.id, 10)
    assert (post.nickname, post.reply_count) == ("小海豚", 2)
    assert [each.nickname for each in replies] == ["晨跑的老李", "青禾"]
    assert [each for each in replies if each.created_at >= NOW] == []
