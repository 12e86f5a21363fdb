"""The application without stores, and logging as it was before the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from starlette.applications import Starlette

from server.app import create_app
from server.settings import Settings

NOBODY_LISTENS = "127.0.0.1:1"


@pytest.fixture
def storeless(tmp_path: Path) -> Settings:
    """Settings whose stores are all down."""
    return Settings(
        data_directory=tmp_path,
        database_url=f"postgresql://nobody:secret@{NOBODY_LISTENS}/none",
        mongodb_url=f"mongodb://{NOBODY_LISTENS}/none",
        redis_url=f"redis://{NOBODY_LISTENS}/0",
    )


@pytest.fixture
def storeless_app(storeless: Settings, logging_as_before: None) -> Starlette:
    """The platform's own application while every store is down."""
    return create_app(storeless)


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Let this test log in its own way."""
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)
