"""The world that the matrix is tried on, made once."""

import pytest

from tests.platform import Platform
from tests.resolvers.authorisation.things import FACTORIES
from tests.resolvers.authorisation.world import World, inhabited


@pytest.fixture(scope="session")
async def _world(_application: Platform) -> World:
    await _application.stores.catalogue.bind()
    world = await inhabited(_application)
    for name, factory in FACTORIES.items():
        world.things[name] = await factory(world)
    return world


@pytest.fixture
async def world(_world: World, platform: Platform) -> World:
    """The world, at 10:00 of an ordinary day."""
    assert _world.platform is platform
    return _world
