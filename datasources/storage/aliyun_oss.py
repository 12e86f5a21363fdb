"""Objects in a bucket of Aliyun OSS, by its own SDK with version 4 signatures.

https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4
"""

import asyncio
import base64
import hashlib
import logging
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from datasources.storage.circuit_breaker import CircuitBreaker
from datasources.storage.object_store import (
    CHUNK_BYTES,
    LINK_SECONDS,
    Download,
    ObjectFacts,
    ObjectMissingError,
    ObjectStorageDownError,
    ObjectTooLargeError,
    SignedUpload,
    checked_key,
    content_disposition,
)

THREADS = 8
TIMEOUT_SECONDS = 10
"""To connect, and between two pieces of an answer."""
TRIES = 3
FIRST_PAUSE_SECONDS = 0.2
IN_MEMORY_BYTES = 8 * 1024 * 1024

_ENCRYPTED = {"x-oss-server-side-encryption": "AES256"}


@dataclass(frozen=True, slots=True)
class OssAccount:
    """Where the buckets are, and the key to them."""

    endpoint: str
    region: str
    access_key_id: SecretStr
    access_key_secret: SecretStr


class OssBucket:
    """An ObjectStore of one bucket. Each object is encrypted by the service as well."""

    def __init__(self, account: OssAccount, bucket: str, *, breaker: CircuitBreaker | None = None) -> None:
        # Only here: whoever keeps files in a folder is spared a third of a second at each start.
        import oss2  # type: ignore[import-untyped]

        logging.getLogger("oss2").setLevel(logging.WARNING)  # it logs what it signs
        self._errors = oss2.exceptions
        self._bucket = oss2.Bucket(
            oss2.AuthV4(account.access_key_id.get_secret_value(), account.access_key_secret.get_secret_value()),
            account.endpoint,
            bucket,
            region=account.region,
            connect_timeout=TIMEOUT_SECONDS,
            # Its CRC-64 crawls where no compiler built its extension; Content-MD5 guards the way there instead.
            enable_crc=False,
        )
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="oss")
        self._breaker = breaker or CircuitBreaker()

    async def put(self, key: str, content: AsyncIterator[bytes], *, size: int, content_type: str) -> None:
        """Gathered first, beyond some megabytes on disk, so that it can be sent again when the network fails."""
        digest = hashlib.md5(usedforsecurity=False)
        with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as gathered:
            written = 0
            async for chunk in content:
                written += len(chunk)
                if written > size:
                    raise ObjectTooLargeError
                digest.update(chunk)
                gathered.write(chunk)
            headers = {
                "Content-Type": content_type,
                "Content-MD5": base64.b64encode(digest.digest()).decode(),
                **_ENCRYPTED,
            }

            def send() -> None:
                gathered.seek(0)
                self._bucket.put_object(checked_key(key), gathered, headers=headers)

            await self._call(send)

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """The object's bytes."""
        answer = await self._call(lambda: self._bucket.get_object(checked_key(key)), missing=None)
        if answer is None:
            raise ObjectMissingError(key)
        try:
            while chunk := await self._call(lambda: answer.read(CHUNK_BYTES), tries=1):
                yield chunk
        finally:
            answer.resp.response.close()

    async def stat(self, key: str) -> ObjectFacts | None:
        """Its size and content type."""
        answer = await self._call(lambda: self._bucket.head_object(checked_key(key)), missing=None)
        return None if answer is None else ObjectFacts(answer.content_length, answer.content_type or "")

    async def delete(self, key: str) -> None:
        """Remove the object."""
        await self._call(lambda: self._bucket.delete_object(checked_key(key)))

    def presign_get(self, key: str, download: Download, *, now: datetime, subject: str) -> str:
        """A link to the bucket itself."""
        parameters = {
            "response-content-disposition": content_disposition(download),
            "response-content-type": download.content_type,
            "response-cache-control": "private, no-store",
        }
        url: str = self._bucket.sign_url("GET", checked_key(key), LINK_SECONDS, params=parameters, slash_safe=True)
        return url

    def presign_put(self, key: str, *, content_type: str, size: int, now: datetime, subject: str) -> SignedUpload:
        """A link to the bucket itself. The signature covers the length; the service refuses a second upload."""
        headers = {"Content-Type": content_type, "x-oss-forbid-overwrite": "true", **_ENCRYPTED}
        url = self._bucket.sign_url(
            "PUT",
            checked_key(key),
            LINK_SECONDS,
            headers={**headers, "Content-Length": str(size)},
            slash_safe=True,
            additional_headers={"content-length"},
        )
        return SignedUpload(url, headers, now + timedelta(seconds=LINK_SECONDS))

    async def close(self) -> None:
        """Let go of the threads."""
        await asyncio.to_thread(self._threads.shutdown)

    async def _call(self, ask: Callable[[], Any], *, missing: Any = ..., tries: int = TRIES) -> Any:
        """Ask the service in a thread. A 404 answers `missing` if that is given. Raises ObjectStorageDownError."""
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, tries + 1):
            if not self._breaker.lets_through():
                raise ObjectStorageDownError("the object storage has just failed several times; not asked again yet")
            try:
                answer = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
            except self._errors.NotFound as error:
                self._breaker.succeeded()
                if missing is ...:
                    raise ObjectStorageDownError(f"the object storage answered 404 {error.code}") from error
                return missing
            except (self._errors.OssError, OSError) as error:
                self._breaker.failed()
                # Below 0: no answer came. An OSError is an answer that broke off.
                status = getattr(error, "status", -1)
                if attempt == tries or 0 <= status < 500:
                    code = getattr(error, "code", "") or "nothing"
                    raise ObjectStorageDownError(f"the object storage answered {status} {code}") from error
            else:
                self._breaker.succeeded()
                return answer
            await asyncio.sleep(pause)
            pause *= 2
        raise AssertionError("unreachable: the last attempt answers or raises")
