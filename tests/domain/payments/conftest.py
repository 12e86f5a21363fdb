"""Keys and nonces of the payment sandbox, as its own tests have them."""

from tests.server.sandbox_payments.conftest import folder, keys_folder, nonces

__all__ = ["folder", "keys_folder", "nonces"]
