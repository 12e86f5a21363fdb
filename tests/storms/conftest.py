"""The whole application, as the resolvers' tests have it."""

from tests.resolvers.conftest import _application, platform

__all__ = ["_application", "platform"]
