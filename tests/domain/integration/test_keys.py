"""Keys are issued once, at most two live per hospital, and revoked for good."""

import asyncio
from datetime import timedelta

import pytest

from datasources.sql.integration_key import IntegrationKeys
from datasources.stores import Stores
from domain.integration.keys import (
    LONGEST_LABEL,
    SEALED_FIELD,
    HospitalNotFound,
    IssuedKey,
    KeyNotFound,
    LabelTooLong,
    Revocation,
    TooManyLiveKeys,
    issue_key,
    list_keys,
    revoke_key,
)
from domain.language import Language
from tests.domain.integration.hospitals import NOW, RING, new_hospital, new_key


async def revoked(stores: Stores, key_id: str) -> Revocation:
    async with stores.sql.unit_of_work() as session:
        return await revoke_key(session, key_id, NOW)


async def test_a_key_is_stored_sealed_and_opens_to_what_was_shown(stores: Stores) -> None:
    key = await new_key(stores)
    async with stores.sql.read() as session:
        row = await IntegrationKeys(session).get(key.key_id)
    assert row is not None
    shown = key.secret.get_secret_value()
    assert len(shown) == 43
    assert shown.encode() not in row.sealed_secret
    assert RING.open(SEALED_FIELD, key.key_id, row.sealed_secret).get_secret_value() == shown.encode()
    assert shown not in repr(key)


async def test_two_keys_differ_in_id_and_secret(stores: Stores) -> None:
    hospital = await new_hospital(stores)
    first, second = await new_key(stores, hospital), await new_key(stores, hospital)
    assert first.key_id != second.key_id
    assert first.secret != second.secret


async def test_a_third_live_key_is_refused_until_one_is_revoked(stores: Stores) -> None:
    hospital = await new_hospital(stores)
    first, second = await new_key(stores, hospital), await new_key(stores, hospital)
    with pytest.raises(TooManyLiveKeys) as caught:
        await new_key(stores, hospital)
    assert caught.value.key_ids == [first.key_id, second.key_id]
    assert first.key_id in caught.value.say(Language.CHINESE)
    await revoked(stores, first.key_id)
    third = await new_key(stores, hospital)
    async with stores.sql.read() as session:
        assert await IntegrationKeys(session).live_ids(hospital) == [second.key_id, third.key_id]


async def test_of_many_issued_at_once_two_are_made(stores: Stores) -> None:
    hospital = await new_hospital(stores)
    outcomes = await asyncio.gather(*(new_key(stores, hospital) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, IssuedKey) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, TooManyLiveKeys) for outcome in outcomes) == 6


async def test_a_hospital_that_is_not_there_gets_no_key(stores: Stores) -> None:
    with pytest.raises(HospitalNotFound, match="no hospital with the code nowhere"):
        await new_key(stores, "nowhere")


async def test_a_label_has_a_greatest_length(stores: Stores) -> None:
    hospital = await new_hospital(stores)
    await new_key(stores, hospital, "  " + "字" * LONGEST_LABEL + "  ")
    with pytest.raises(LabelTooLong, match=f"has {LONGEST_LABEL + 1} characters"):
        await new_key(stores, hospital, "字" * (LONGEST_LABEL + 1))


async def test_a_unit_of_work_that_fails_leaves_no_key(stores: Stores) -> None:
    hospital = await new_hospital(stores)
    with pytest.raises(RuntimeError):  # noqa: PT012 - the failure comes after the issue
        async with stores.sql.unit_of_work() as session:
            await issue_key(session, RING, hospital)
            raise RuntimeError
    async with stores.sql.read() as session:
        assert await list_keys(session, hospital) == []


async def test_revoking_twice_keeps_the_first_time(stores: Stores) -> None:
    key = await new_key(stores)
    assert await revoked(stores, key.key_id) == Revocation(key.key_id, NOW, by_this_call=True)
    async with stores.sql.unit_of_work() as session:
        again = await revoke_key(session, key.key_id, NOW + timedelta(days=1))
    assert again == Revocation(key.key_id, NOW, by_this_call=False)


async def test_an_unknown_key_is_not_revoked(stores: Stores) -> None:
    with pytest.raises(KeyNotFound, match="no key with the id hk_nobody"):
        await revoked(stores, "hk_nobody")


async def test_a_list_shows_one_hospitals_keys_or_all_and_no_secret(stores: Stores) -> None:
    mine, other = await new_key(stores, label=" HIS "), await new_key(stores)
    await revoked(stores, mine.key_id)
    async with stores.sql.read() as session:
        (summary,) = await list_keys(session, mine.hospital_code)
        everybody = {key.key_id for key in await list_keys(session)}
    assert (summary.key_id, summary.label, summary.revoked_at) == (mine.key_id, "HIS", NOW)
    assert summary.last_used_at is None
    assert {mine.key_id, other.key_id} <= everybody
    assert mine.secret.get_secret_value() not in repr(summary)
