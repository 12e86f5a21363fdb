"""A published notice of hospital A."""

from tests.resolvers.authorisation.rows import OWN_MANAGER
from tests.resolvers.authorisation.world import Thing, World

CREATE = """mutation { createAnnouncement(input: {texts: {kind: CLOSURE, titleZh: "停诊", textZh: "周一停诊"}}) {
  ... on AnnouncementCreated { announcement { id version } } } }"""
PUBLISH = """mutation {{ publishAnnouncement(input: {{id: "{id}", version: {version}}}) {{ __typename }} }}"""


async def announcement(world: World) -> Thing:
    """Of its second version, as publishing is a change."""
    made = (await world.answer(OWN_MANAGER, CREATE))["data"]["createAnnouncement"]["announcement"]
    published = await world.answer(OWN_MANAGER, PUBLISH.format_map(made))
    assert "AnnouncementPublished" in str(published), published
    return Thing(made["id"])
