"""Small factories: a hospital of its own for each test, and requests signed with its keys."""

import secrets
from datetime import UTC, datetime

from datasources.sealing import KeyRing
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from datasources.stores import Stores
from domain.integration.keys import IssuedKey, issue_key
from domain.integration.verification import SignedRequest
from htbooking_hospital import fresh_nonce, sign

RING = KeyRing.of(bytes(range(32)))
NOW = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)


async def new_hospital(stores: Stores) -> str:
    """The code of a hospital that no other test knows."""
    code = f"test-{secrets.token_hex(6)}"
    async with stores.sql.unit_of_work() as session:
        await HospitalAccounts(session).add(HospitalAccount(code=code, name="测试医院"))
    return code


async def new_key(stores: Stores, hospital_code: str | None = None, label: str = "") -> IssuedKey:
    """A live key, of a new hospital unless one is named."""
    hospital_code = hospital_code or await new_hospital(stores)
    async with stores.sql.unit_of_work() as session:
        return await issue_key(session, RING, hospital_code, label)


def signed_request(
    key: IssuedKey,
    *,
    secret: str | None = None,
    at: datetime = NOW,
    nonce: str | None = None,
    body: bytes = b'{"query":"{ __typename }"}',
) -> SignedRequest:
    """A POST to /graphql signed by the published client with the key's secret, or with another one."""
    authorization = sign(
        key.key_id,
        secret or key.secret.get_secret_value(),
        "POST",
        "/graphql",
        body,
        int(at.timestamp()),
        nonce or fresh_nonce(),
    )
    return SignedRequest(method="POST", target="/graphql", authorization=authorization, body=body)
