"""The whole application, as the resolvers' tests have it; keys and nonces of the payment sandbox, as its tests have."""

from tests.resolvers.conftest import _application, platform
from tests.server.sandbox_payments.conftest import folder, keys_folder, nonces

__all__ = ["_application", "folder", "keys_folder", "nonces", "platform"]
