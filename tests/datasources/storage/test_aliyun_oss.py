"""OSS is spoken to as its documents say: signed by version 4, with links that allow one thing for five minutes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from datasources.storage.aliyun_oss import OssBucket
from datasources.storage.circuit_breaker import FAILURES_TO_OPEN, CircuitBreaker
from datasources.storage.object_store import (
    Download,
    ObjectMissingError,
    ObjectStorageDownError,
    ObjectTooLargeError,
    new_object_key,
)
from tests.datasources.storage.conftest import RunningOss, pieces, whole

KEY = "0a/0a6f0e5c-2f0b-4c55-9d5a-3d6a1b1f0c11"
DOWNLOAD = Download("image/jpeg", "licence-1.jpg")


@pytest.fixture
async def bucket(oss: RunningOss) -> AsyncIterator[OssBucket]:
    bucket = OssBucket(oss.account(), "private-files")
    yield bucket
    await bucket.close()


async def test_an_object_lives_and_dies(oss: RunningOss, bucket: OssBucket) -> None:
    await bucket.put(KEY, pieces(b"one ", b"two"), size=7, content_type="text/plain")

    stored = oss.server.objects[f"private-files/{KEY}"]
    assert (stored.content, stored.content_type, stored.encryption) == (b"one two", "text/plain", "AES256")
    facts = await bucket.stat(KEY)
    assert facts is not None
    assert (facts.size, facts.content_type) == (7, "text/plain")
    assert await whole(bucket.open(KEY)) == b"one two"

    await bucket.delete(KEY)
    assert await bucket.stat(KEY) is None
    with pytest.raises(ObjectMissingError):
        await whole(bucket.open(KEY))
    await bucket.delete(KEY)


async def test_no_more_is_stored_than_was_announced(oss: RunningOss, bucket: OssBucket) -> None:
    with pytest.raises(ObjectTooLargeError):
        await bucket.put(KEY, pieces(b"12345", b"6"), size=5, content_type="text/plain")
    assert oss.server.objects == {}


async def test_a_link_downloads_what_it_names(bucket: OssBucket) -> None:
    await bucket.put(KEY, pieces(b"picture"), size=7, content_type="image/jpeg")
    link = bucket.presign_get(KEY, DOWNLOAD, now=datetime.now(UTC), subject="u")
    async with httpx.AsyncClient() as http:
        answer = await http.get(link)
        assert (answer.status_code, answer.content) == (200, b"picture")
        assert answer.headers["content-disposition"] == 'attachment; filename="licence-1.jpg"'
        for altered in (link.replace("0a6f0e5c", "0a6f0e5d"), link.replace("licence-1", "licence-2")):
            assert (await http.get(altered)).status_code == 403


async def test_a_link_takes_one_upload_of_its_type_and_size(oss: RunningOss, bucket: OssBucket) -> None:
    upload = bucket.presign_put(KEY, content_type="image/png", size=4, now=datetime.now(UTC), subject="u")
    async with httpx.AsyncClient() as http:
        other_type = {**upload.headers, "Content-Type": "text/html"}
        assert (await http.put(upload.url, content=b"1234", headers=other_type)).status_code == 403
        assert (await http.put(upload.url, content=b"12345", headers=upload.headers)).status_code == 403
        assert (await http.get(upload.url, headers=upload.headers)).status_code == 403
        assert oss.server.objects == {}
        assert (await http.put(upload.url, content=b"1234", headers=upload.headers)).status_code == 200
        assert (await http.put(upload.url, content=b"5678", headers=upload.headers)).status_code == 409
    assert oss.server.objects[f"private-files/{KEY}"].content == b"1234"


async def test_an_expired_link_is_worth_nothing(bucket: OssBucket) -> None:
    await bucket.put(KEY, pieces(b"picture"), size=7, content_type="image/jpeg")
    link = bucket._bucket.sign_url("GET", KEY, -1, slash_safe=True)
    async with httpx.AsyncClient() as http:
        assert (await http.get(link)).status_code == 403


async def test_several_objects_are_deleted_at_once(oss: RunningOss, bucket: OssBucket) -> None:
    keys = [new_object_key() for _ in range(3)]
    for key in keys:
        await bucket.put(key, pieces(b"x"), size=1, content_type="text/plain")
    await asyncio.to_thread(bucket._bucket.batch_delete_objects, keys[:2])
    assert set(oss.server.objects) == {f"private-files/{keys[2]}"}


@pytest.mark.parametrize(("secret", "region"), [("another-secret", None), ("the-secret", "cn-hangzhou")])
async def test_a_wrong_secret_or_region_is_a_fault(oss: RunningOss, secret: str, region: str | None) -> None:
    bucket = OssBucket(oss.account(secret, region), "private-files")
    with pytest.raises(ObjectStorageDownError) as failure:
        await bucket.put(KEY, pieces(b"x"), size=1, content_type="text/plain")
    assert "secret" not in str(failure.value)
    await bucket.close()


async def test_a_passing_fault_is_tried_again(oss: RunningOss, bucket: OssBucket) -> None:
    oss.server.failing = 2
    await bucket.put(KEY, pieces(b"x"), size=1, content_type="text/plain")
    assert oss.server.requests == 3


async def test_after_several_faults_nobody_waits_any_longer(oss: RunningOss) -> None:
    now = 0.0
    bucket = OssBucket(oss.account(), "private-files", breaker=CircuitBreaker(clock=lambda: now))
    oss.server.failing = FAILURES_TO_OPEN
    for _ in range(3):
        with pytest.raises(ObjectStorageDownError):
            await bucket.stat(KEY)
    assert oss.server.requests == FAILURES_TO_OPEN

    now = 60.0
    assert await bucket.stat(KEY) is None
    assert await bucket.stat(KEY) is None
    await bucket.close()


async def test_a_service_that_is_not_there_is_a_fault(oss: RunningOss) -> None:
    account = oss.account()
    bucket = OssBucket(
        type(account)("http://127.0.0.1:1", account.region, account.access_key_id, account.access_key_secret),
        "private-files",
    )
    with pytest.raises(ObjectStorageDownError):
        await bucket.stat(KEY)
    await bucket.close()


@pytest.mark.parametrize("key", ["../../etc/passwd", "0a/../../x", "0b/0a6f0e5c-2f0b-4c55-9d5a-3d6a1b1f0c11", ""])
async def test_only_keys_of_its_own_making_are_used(bucket: OssBucket, key: str) -> None:
    with pytest.raises(ValueError, match="not the key"):
        await bucket.delete(key)
