"""A few posts and replies of invented people, so that the discussion area of a new development machine isn't empty."""

import json
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from datasources.sql.contribution import Contribution, ContributionState
from datasources.sql.contributions import Contributions
from datasources.sql.database import Database
from datasources.sql.user_account import UserAccount, UserAccounts, UserStatus, Verification

_POSTS = Path(__file__).parent / "demo" / "data" / "discussion.json"
_NAMESPACE = uuid.UUID("5a3f6f0e-8f0f-4d5e-9d0a-6b1b6e5c2a11")


async def demo_discussion(database: Database, now: datetime) -> None:
    """Write them once. What people did with them since stays."""
    posts = json.loads(_POSTS.read_text())
    async with database.unit_of_work() as session:
        contributions = Contributions(session)
        if await contributions.get(_id(posts[0]["title"])) is not None:
            return
        names = sorted({post["by"] for post in posts} | {each["by"] for post in posts for each in post["replies"]})
        for name in names:
            # Nobody signs in to these: they have no phone.
            if await UserAccounts(session).get(_id(name)) is None:
                session.add(
                    UserAccount(
                        id=_id(name),
                        nickname=name,
                        status=UserStatus.ACTIVE,
                        verification=Verification.VERIFIED,
                        created_at=now,
                    )
                )
        await session.flush()
        for days, post in enumerate(posts, start=1):
            at = now - timedelta(days=days, hours=days)
            written = _written(post["by"], post["title"], post["title"], post["body"], at, now)
            await contributions.add(written)
            for hours, reply in enumerate(post["replies"], start=1):
                later = at + timedelta(hours=hours, minutes=7)
                row = _written(reply["by"], f"{post['title']}/{hours}", "", reply["body"], later, now)
                row.post_id = written.id
                await contributions.add(row)


def _written(by: str, key: str, title: str, body: str, at: datetime, now: datetime) -> Contribution:
    return Contribution(
        id=_id(key),
        author_id=_id(by),
        title=title,
        body=body,
        state=ContributionState.VISIBLE,
        created_at=at,
        decided_at=now,
    )


def _id(key: str) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, key)
