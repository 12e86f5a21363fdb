"""Factories of what people write in the discussion area."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from datasources.sql.contribution import Contribution, ContributionState
from datasources.sql.contributions import Contributions
from domain.global_id import node_reference
from tests.resolvers.authorisation.rows import OWNER
from tests.resolvers.authorisation.world import Thing, World

# Before and behind whatever other tests write, so that it stands on the first page of its list.
FIRST_OF_POSTS = datetime(2100, 1, 1, tzinfo=UTC)
FIRST_TO_DECIDE = datetime(2000, 1, 1, tzinfo=UTC)


async def post(world: World) -> Thing:
    """Of the owner; everybody sees it."""
    return await _written(world, FIRST_OF_POSTS, ContributionState.VISIBLE)


async def pending_post(world: World) -> Thing:
    """Of the owner; no moderator has looked at it yet."""
    return await _written(world, FIRST_OF_POSTS, ContributionState.PENDING)


async def reply(world: World) -> Thing:
    """Of the owner, to the owner's post."""
    return await _written(world, FIRST_OF_POSTS, ContributionState.VISIBLE, post=str(world.things["Post"].value))


async def contribution(world: World) -> Thing:
    """Of the owner; waits for moderators."""
    return await _written(world, FIRST_TO_DECIDE, ContributionState.PENDING)


async def _written(world: World, at: datetime, state: ContributionState, post: str | None = None) -> Thing:
    id, author = uuid4(), UUID(node_reference(world.users[OWNER].id).key)
    async with world.platform.stores.sql.unit_of_work() as session:
        await Contributions(session).add(
            Contribution(
                id=id,
                post_id=None if post is None else UUID(post),
                author_id=author,
                title="" if post else "题",
                body="文",
                state=state,
                created_at=at,
            )
        )
    return Thing(str(id))
