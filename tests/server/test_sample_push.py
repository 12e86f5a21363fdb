"""`make sample`: from a folder to a hospital that can be browsed, with nothing prepared."""

import base64
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from datasources.sql.hospital_account import HospitalAccounts
from datasources.stores import Stores
from domain.integration.keys import list_keys
from server.app import create_app
from server.embedded.data_lock import Endpoints, held_lock
from server.root_key import root_key
from server.sample_push import SampleError, push_sample
from server.settings import Settings
from tests.domain.integration.hospitals import new_hospital, new_key
from tests.server.http.front_door import listening


@pytest.fixture
async def running(settings: Settings, stores: Stores, endpoints: Endpoints, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings of a platform that runs."""
    key = SecretStr(base64.b64encode(root_key(settings)).decode())
    settings = settings.model_copy(update={"data_directory": tmp_path / "data", "root_key": key})
    with held_lock(settings.data_directory) as lock:
        async with listening(create_app(settings), lifespan=True) as origin:
            lock.announce(url=origin, endpoints=endpoints)
            yield settings


def export(folder: Path, code: str) -> Path:
    """The smallest export there is."""
    folder.mkdir(exist_ok=True)
    (folder / "hospital.json").write_text(json.dumps({"hoscode": code, "hosname": "芦苇医院"}), "utf-8")
    (folder / "department.json").write_text("[]")
    (folder / "schedule.json").write_text("[]")
    return folder


async def test_a_folder_becomes_a_hospital_and_its_key_is_gone_after(
    running: Settings, stores: Stores, tmp_path: Path
) -> None:
    code = f"sample_{secrets.token_hex(4)}"
    for _ in range(3):
        assert await push_sample(running, export(tmp_path / "export", code)) == 0
    async with stores.sql.read() as session:
        account = await HospitalAccounts(session).get(code)
        keys = await list_keys(session, code)
    assert account is not None
    assert len(keys) == 3
    assert all(key.revoked_at for key in keys)


async def test_what_stands_in_the_way_is_told(running: Settings, stores: Stores, tmp_path: Path) -> None:
    with pytest.raises(SampleError, match="can't be read: No such file"):
        await push_sample(running, tmp_path / "nowhere")
    folder = export(tmp_path / "export", "x")
    (folder / "hospital.json").write_text("[]")
    with pytest.raises(SampleError, match="with hoscode and hosname"):
        await push_sample(running, folder)
    code = await new_hospital(stores)
    await new_key(stores, code)
    await new_key(stores, code)
    with pytest.raises(SampleError, match="Revoke one first"):
        await push_sample(running, export(folder, code))


async def test_nothing_runs(settings: Settings, tmp_path: Path) -> None:
    idle = settings.model_copy(update={"data_directory": tmp_path})
    with pytest.raises(SampleError, match="make up"):
        await push_sample(idle, export(tmp_path / "export", "x"))
