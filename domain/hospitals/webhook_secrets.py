"""The secrets that a webhook's calls are signed with: made here, shown once, kept sealed."""

import secrets
from datetime import datetime

from pydantic import SecretBytes, SecretStr

from datasources.sealing import KeyRing
from datasources.sql.hospital_webhook import HospitalWebhook

FIELD = "hospital_webhook.sealed_secret"
OLD_FIELD = "hospital_webhook.sealed_old_secret"
_PREFIX = "whs_"


def new_secret() -> SecretStr:
    """A secret that nobody has."""
    return SecretStr(_PREFIX + secrets.token_urlsafe(32))


def sealed(ring: KeyRing, hospital_code: str, secret: SecretStr) -> bytes:
    """The secret as its column keeps it."""
    return ring.seal(FIELD, hospital_code, SecretBytes(secret.get_secret_value().encode()))


def sealed_as_old(ring: KeyRing, webhook: HospitalWebhook) -> bytes:
    """The webhook's present secret as the column of the one before keeps it."""
    return ring.seal(OLD_FIELD, webhook.hospital_code, _present(ring, webhook))


def secrets_in_force(ring: KeyRing, webhook: HospitalWebhook, now: datetime) -> list[bytes]:
    """The present secret, and the one before while its time lasts."""
    found = [_present(ring, webhook)]
    if webhook.sealed_old_secret and webhook.old_secret_until and now < webhook.old_secret_until:
        found.append(ring.open(OLD_FIELD, webhook.hospital_code, webhook.sealed_old_secret))
    return [each.get_secret_value() for each in found]


def _present(ring: KeyRing, webhook: HospitalWebhook) -> SecretBytes:
    return ring.open(FIELD, webhook.hospital_code, webhook.sealed_secret)
