"""A folder keeps objects whole or not at all, and its links allow exactly what they say."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from datasources.storage.local_folder import LocalFolder
from datasources.storage.object_store import Download, ObjectMissingError, ObjectTooLargeError
from datasources.storage.signed_links import LinkFault, LinkRefusedError, SignedLinks
from tests.datasources.storage.conftest import pieces, whole

KEY = "0a/0a6f0e5c-2f0b-4c55-9d5a-3d6a1b1f0c11"
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LINKS = SignedLinks(b"k" * 32)


@pytest.fixture
def folder(tmp_path: Path) -> LocalFolder:
    return LocalFolder(tmp_path / "private", "private", LINKS)


def files_below(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]


async def test_an_object_lives_and_dies(folder: LocalFolder) -> None:
    await folder.put(KEY, pieces(b"one ", b"two"), size=7, content_type="text/plain")
    facts = await folder.stat(KEY)
    assert facts is not None
    assert facts.size == 7
    assert await whole(folder.open(KEY)) == b"one two"
    await folder.delete(KEY)
    await folder.delete(KEY)
    assert await folder.stat(KEY) is None
    with pytest.raises(ObjectMissingError):
        await whole(folder.open(KEY))


async def test_half_an_object_leaves_nothing(folder: LocalFolder, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await folder.put(KEY, broken(), size=8, content_type="text/plain")
    with pytest.raises(ObjectTooLargeError):
        await folder.put(KEY, pieces(b"123", b"456"), size=5, content_type="text/plain")
    with pytest.raises(ObjectTooLargeError):
        await folder.put_once(KEY, pieces(b"123"), size=5)
    assert files_below(tmp_path) == []


async def test_what_a_killed_process_was_writing_is_dropped(folder: LocalFolder, tmp_path: Path) -> None:
    await folder.put(KEY, pieces(b"whole"), size=5, content_type="text/plain")
    (tmp_path / "private" / "drafts" / "left").write_bytes(b"half")
    assert await folder.drop_stale_drafts() == 0
    assert await folder.drop_stale_drafts(older_than_seconds=-1) == 1
    assert await whole(folder.open(KEY)) == b"whole"


async def test_an_upload_never_replaces_what_is_there(folder: LocalFolder) -> None:
    assert await folder.put_once(KEY, pieces(b"first"), size=5)
    assert not await folder.put_once(KEY, pieces(b"other"), size=5)
    assert await whole(folder.open(KEY)) == b"first"


@pytest.mark.parametrize("key", ["../../etc/passwd", "0a/../../x", "/etc/passwd", "0a/0a6f", "", "0a/" + "0" * 36])
async def test_no_key_leaves_the_folder(folder: LocalFolder, key: str) -> None:
    with pytest.raises(ValueError, match="not the key"):
        await whole(folder.open(key))
    with pytest.raises(ValueError, match="not the key"):
        folder.presign_get(key, Download("text/plain", "a.txt"), now=NOW, subject="u")


def test_a_link_holds_for_five_minutes_and_for_nothing_else(folder: LocalFolder) -> None:
    upload = folder.presign_put(KEY, content_type="image/png", size=4, now=NOW, subject="user-1")
    url = urlsplit(upload.url)
    query = parse_qsl(url.query)
    terms = LINKS.terms("PUT", url.path, query, now=NOW + timedelta(seconds=299))
    assert (terms["type"], terms["size"], terms["subject"]) == ("image/png", "4", "user-1")

    def fault(method: str, path: str, query: list[tuple[str, str]], after: int = 0) -> LinkFault:
        with pytest.raises(LinkRefusedError) as refused:
            LINKS.terms(method, path, query, now=NOW + timedelta(seconds=after))
        return refused.value.fault

    assert fault("PUT", url.path, query, after=300) is LinkFault.EXPIRED
    assert fault("GET", url.path, query) is LinkFault.ALTERED
    assert fault("PUT", url.path.replace("0a6f", "0a70"), query) is LinkFault.ALTERED
    assert fault("PUT", url.path.replace("private", "public"), query) is LinkFault.ALTERED
    assert fault("PUT", url.path, [*query, ("size", "5")]) is LinkFault.ALTERED
    assert fault("PUT", url.path, []) is LinkFault.ALTERED
    for name, _ in query:
        assert fault("PUT", url.path, [(n, v + "0" if n == name else v) for n, v in query]) is LinkFault.ALTERED
    with pytest.raises(LinkRefusedError):
        SignedLinks(b"o" * 32).terms("PUT", url.path, query, now=NOW)
