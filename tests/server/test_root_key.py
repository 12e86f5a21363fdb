"""The root key is given, or in development made once."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretBytes, SecretStr

from datasources.sealing import KeyRing
from server.root_key import ROOT_KEY_BYTES, RootKeyError, key_ring, root_key
from server.settings import Mode, Settings

KEY = bytes(range(32))


def test_a_given_key_is_decoded(tmp_path: Path) -> None:
    given = SecretStr(base64.b64encode(KEY).decode())

    assert root_key(Settings(root_key=given, data_directory=tmp_path)) == KEY
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("not base64!", "ROOT_KEY is not base64"),
        (base64.b64encode(KEY[:16]).decode(), "ROOT_KEY has 16 bytes"),
        ("", "ROOT_KEY has 0 bytes"),
    ],
)
def test_a_wrong_key_is_refused_without_being_shown(given: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(RootKeyError, match=fault) as refusal:
        root_key(Settings(root_key=SecretStr(given), data_directory=tmp_path))

    assert not given or given not in str(refusal.value)


def test_development_makes_one_that_only_its_owner_reads(tmp_path: Path) -> None:
    settings = Settings(data_directory=tmp_path / "data")

    made = root_key(settings)

    assert len(made) == ROOT_KEY_BYTES
    assert root_key(settings) == made
    assert (tmp_path / "data" / "root.key").stat().st_mode & 0o077 == 0


def test_those_who_start_together_get_the_same(tmp_path: Path) -> None:
    settings = Settings(data_directory=tmp_path)
    with ThreadPoolExecutor(8) as starters:
        keys = set(starters.map(lambda _: root_key(settings), range(32)))

    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["root.key"]


def test_production_makes_none(tmp_path: Path) -> None:
    settings = Settings(data_directory=tmp_path).model_copy(update={"mode": Mode.PRODUCTION})

    with pytest.raises(RootKeyError, match="production needs ROOT_KEY"):
        root_key(settings)


def ring_of(tmp_path: Path, retired: str, key_id: int = 2) -> KeyRing:
    given = SecretStr(base64.b64encode(KEY).decode())
    settings = Settings(
        root_key=given, root_key_id=key_id, retired_root_keys=SecretStr(retired), data_directory=tmp_path
    )
    return key_ring(settings)


def test_a_ring_seals_with_the_root_key_and_opens_with_retired_ones(tmp_path: Path) -> None:
    older = bytes(range(1, 33))
    ring = ring_of(tmp_path, f" 1:{base64.b64encode(older).decode()} , ")

    assert repr(ring) == "KeyRing(ids=[1, 2], active=2)"
    sealed = KeyRing.of(older).seal("a.b", "1", SecretBytes(b"clear"))
    assert ring.open("a.b", "1", sealed).get_secret_value() == b"clear"


def test_without_retired_keys_the_ring_has_one(tmp_path: Path) -> None:
    assert repr(ring_of(tmp_path, "", 1)) == "KeyRing(ids=[1], active=1)"


@pytest.mark.parametrize(
    ("retired", "fault"),
    [
        ("AAAA", "is written number:base64"),
        ("x:AAAA", "is written number:base64"),
        ("70000:AAAA", "is written number:base64"),
        ("1:AAAA", "key 1 of RETIRED_ROOT_KEYS has 3 bytes"),
        ("1:!", "key 1 of RETIRED_ROOT_KEYS is not base64"),
        (f"2:{base64.b64encode(KEY).decode()}", "key 2 stands twice"),
    ],
)
def test_a_malformed_ring_is_refused_without_being_shown(retired: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(RootKeyError, match=fault) as refusal:
        ring_of(tmp_path, retired)

    assert base64.b64encode(KEY).decode() not in str(refusal.value)
