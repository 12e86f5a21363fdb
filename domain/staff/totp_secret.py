"""An account's TOTP secret, which is stored sealed to its row."""

from uuid import UUID

from pydantic import SecretBytes

from datasources.sealing import KeyRing
from datasources.sql.staff_account import StaffAccount

SEALED_FIELD = "staff_account.sealed_totp_secret"


def seal_secret(ring: KeyRing, id: UUID, secret: bytes) -> bytes:
    """What is stored of it."""
    return ring.seal(SEALED_FIELD, str(id), SecretBytes(secret))


def open_secret(ring: KeyRing, account: StaffAccount) -> bytes:
    """The secret of an account that has one. Raises SealError."""
    if account.sealed_totp_secret is None:
        raise ValueError(f"the staff account {account.id} has no TOTP secret")
    return ring.open(SEALED_FIELD, str(account.id), account.sealed_totp_secret).get_secret_value()
