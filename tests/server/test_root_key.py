"""The root key is given, or in development made once."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from server.root_key import ROOT_KEY_BYTES, RootKeyError, root_key
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
