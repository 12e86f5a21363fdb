"""The front door knows a visitor from a hospital's system, and refuses what it can't prove."""

from datetime import datetime

import pytest

from datasources.stores import Stores
from domain.callers import VISITOR, HospitalSystem
from domain.refusals import Refusal, RefusalCode
from server.authentication import Authentication
from server.http.request_facts import Authenticator, RequestFacts
from tests.domain.integration.hospitals import NOW, RING, new_key, signed_request


def now() -> datetime:
    return NOW


def facts(authorization: str | None, body: bytes = b"") -> RequestFacts:
    return RequestFacts(
        method="POST", target="/graphql", authorization=authorization, body=body, client_address="127.0.0.1"
    )


async def test_no_authorization_is_a_visitor(stores: Stores) -> None:
    authenticate: Authenticator = Authentication(stores, RING, clock=now)
    assert await authenticate(facts(None)) is VISITOR


async def test_a_signed_request_is_its_hospitals_system(stores: Stores) -> None:
    authentication = Authentication(stores, RING, clock=now)
    key = await new_key(stores)
    request = signed_request(key)
    assert await authentication(facts(request.authorization, request.body)) == HospitalSystem(
        key.hospital_code, key.key_id
    )
    await authentication.close()


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", RefusalCode.UNAUTHENTICATED),
        ("Bearer abc", RefusalCode.TOKEN_INVALID),
        ("Basic aGs6aGs=", RefusalCode.UNAUTHENTICATED),
        ("HTB1-HMAC-SHA256", RefusalCode.SIGNATURE_MALFORMED),
    ],
)
async def test_a_proof_that_does_not_hold_is_no_visitor(stores: Stores, authorization: str, code: RefusalCode) -> None:
    authentication = Authentication(stores, RING, clock=now)
    with pytest.raises(Refusal) as caught:
        await authentication(facts(authorization))
    assert caught.value.code is code
