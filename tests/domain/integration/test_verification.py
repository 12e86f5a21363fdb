"""A signed request is accepted once, from its own hospital; everything else is refused with its own code."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from redis.asyncio import Redis

from datasources.faults import Store, unavailable_store
from datasources.sql.database import Database
from datasources.sql.integration_key import IntegrationKeys
from datasources.stores import Stores
from domain.callers import HospitalSystem
from domain.integration.keys import IssuedKey, revoke_key
from domain.integration.verification import SignedRequest, Verifier
from domain.language import Language
from domain.refusals import Refusal, RefusalCode
from htbooking_hospital import fresh_nonce
from tests.domain.integration.hospitals import NOW, RING, new_key, signed_request


def now() -> datetime:
    return NOW


@pytest.fixture
async def verifier(stores: Stores) -> AsyncIterator[Verifier]:
    verifier = Verifier(stores, RING, clock=now)
    yield verifier
    await verifier.last_uses.settle()


async def code_of(verifier: Verifier, request: SignedRequest) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        await verifier.prove(request)
    assert caught.value.say(Language.CHINESE) != caught.value.say(Language.ENGLISH)
    return caught.value.code


async def test_a_signed_request_proves_its_hospital(stores: Stores, verifier: Verifier) -> None:
    key = await new_key(stores)
    assert await verifier.prove(signed_request(key)) == HospitalSystem(key.hospital_code, key.key_id)


async def test_both_live_keys_prove_the_same_hospital(stores: Stores, verifier: Verifier) -> None:
    first = await new_key(stores)
    second = await new_key(stores, first.hospital_code)
    for key in (first, second):
        assert (await verifier.prove(signed_request(key))).hospital_code == first.hospital_code


async def test_a_recorded_request_is_refused_the_second_time(stores: Stores, verifier: Verifier) -> None:
    request = signed_request(await new_key(stores))
    await verifier.prove(request)
    assert await code_of(verifier, request) is RefusalCode.NONCE_REPLAYED
    another_process = Verifier(stores, RING, clock=now)
    assert await code_of(another_process, request) is RefusalCode.NONCE_REPLAYED


async def test_of_one_request_sent_many_times_at_once_one_is_accepted(stores: Stores, verifier: Verifier) -> None:
    request = signed_request(await new_key(stores))
    outcomes = await asyncio.gather(*(verifier.prove(request) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(outcome, HospitalSystem) for outcome in outcomes) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refusal)} == {RefusalCode.NONCE_REPLAYED}


async def test_a_nonce_used_before_is_refused_for_another_request(stores: Stores, verifier: Verifier) -> None:
    key, nonce = await new_key(stores), fresh_nonce()
    await verifier.prove(signed_request(key, nonce=nonce))
    assert await code_of(verifier, signed_request(key, nonce=nonce, body=b"{}")) is RefusalCode.NONCE_REPLAYED


@pytest.mark.parametrize("changed", [{"body": b"{}"}, {"target": "/graphql?a=1"}, {"method": "GET"}])
async def test_a_changed_request_is_refused(stores: Stores, verifier: Verifier, changed: dict[str, object]) -> None:
    request = replace(signed_request(await new_key(stores)), **changed)  # type: ignore[arg-type]
    assert await code_of(verifier, request) is RefusalCode.SIGNATURE_WRONG


async def test_a_strangers_attempt_does_not_use_the_nonce_up(stores: Stores, verifier: Verifier) -> None:
    key, nonce = await new_key(stores), fresh_nonce()
    forged = signed_request(key, secret="guessed", nonce=nonce)
    assert await code_of(verifier, forged) is RefusalCode.SIGNATURE_WRONG
    await verifier.prove(signed_request(key, nonce=nonce))


async def test_another_hospitals_secret_does_not_sign_for_this_one(stores: Stores, verifier: Verifier) -> None:
    mine, theirs = await new_key(stores), await new_key(stores)
    request = signed_request(mine, secret=theirs.secret.get_secret_value())
    assert await code_of(verifier, request) is RefusalCode.SIGNATURE_WRONG


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_a_timestamp_out_of_the_window_is_refused(stores: Stores, verifier: Verifier, seconds: int) -> None:
    request = signed_request(await new_key(stores), at=NOW + timedelta(seconds=seconds))
    assert await code_of(verifier, request) is RefusalCode.SIGNATURE_EXPIRED


@pytest.mark.parametrize("secret", [None, "\0" * 43, "\0" * 32])
async def test_an_unknown_key_is_refused_whatever_signed_it(
    stores: Stores, verifier: Verifier, secret: str | None
) -> None:
    stranger = replace(await new_key(stores), key_id="hk_nobody")
    assert await code_of(verifier, signed_request(stranger, secret=secret)) is RefusalCode.KEY_UNKNOWN


async def test_a_revoked_key_is_told_to_its_holder_only(stores: Stores, verifier: Verifier) -> None:
    key = await new_key(stores)
    async with stores.sql.unit_of_work() as session:
        await revoke_key(session, key.key_id, NOW)
    assert await code_of(verifier, signed_request(key)) is RefusalCode.KEY_REVOKED
    assert await code_of(verifier, signed_request(key, secret="guessed")) is RefusalCode.SIGNATURE_WRONG


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("Bearer token", RefusalCode.UNAUTHENTICATED),
        ("", RefusalCode.UNAUTHENTICATED),
        ("HTB1-HMAC-SHA256 Credential=hk_1", RefusalCode.SIGNATURE_MALFORMED),
    ],
)
async def test_a_header_that_is_no_proof_is_refused(verifier: Verifier, authorization: str, code: RefusalCode) -> None:
    assert await code_of(verifier, SignedRequest("POST", "/graphql", authorization, b"")) is code


async def test_a_proved_use_is_noted_and_a_refused_one_is_not(stores: Stores, verifier: Verifier) -> None:
    used, attacked = await new_key(stores), await new_key(stores)
    await verifier.prove(signed_request(used))
    await code_of(verifier, signed_request(attacked, secret="guessed"))
    await verifier.last_uses.settle()
    assert await last_use(stores, used) == NOW
    assert await last_use(stores, attacked) is None


async def last_use(stores: Stores, key: IssuedKey) -> datetime | None:
    async with stores.sql.read() as session:
        row = await IntegrationKeys(session).get(key.key_id)
    assert row is not None
    return row.last_used_at


async def test_without_redis_a_good_signature_is_not_accepted(stores: Stores) -> None:
    key = await new_key(stores)
    nowhere: Redis = Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)
    verifier = Verifier(replace(stores, redis=nowhere), RING, clock=now)
    with pytest.raises(Exception, match="connecting") as caught:
        await verifier.prove(signed_request(key))
    assert unavailable_store(caught.value) is Store.REDIS
    await verifier.last_uses.settle()
    assert await last_use(stores, key) is None
    await nowhere.aclose()


async def test_without_postgresql_a_good_signature_is_not_accepted(stores: Stores) -> None:
    key = await new_key(stores)
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing", pool_size=1)
    verifier = Verifier(replace(stores, sql=nowhere), RING, clock=now)
    with pytest.raises(OSError, match="onnect") as caught:
        await verifier.prove(signed_request(key))
    assert unavailable_store(caught.value) is Store.POSTGRESQL
    await nowhere.close()
