"""The application without stores, and logging as it was before the test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog
from starlette.applications import Starlette

from datasources.mongo.documents import DOCUMENTS
from server.app import create_app
from server.settings import Settings

NOBODY_LISTENS = "127.0.0.1:1"


@pytest.fixture(scope="module")
def storeless(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose stores are all down."""
    return Settings(
        data_directory=tmp_path_factory.mktemp("data"),
        database_url=f"postgresql://nobody:secret@{NOBODY_LISTENS}/none",
        mongodb_url=f"mongodb://{NOBODY_LISTENS}/none",
        redis_url=f"redis://{NOBODY_LISTENS}/0",
    )


@pytest.fixture(scope="module")
def storeless_app(storeless: Settings) -> Iterator[Starlette]:
    """The platform's own application while every store is down."""
    for document in DOCUMENTS:
        # As in a process whose MongoDB never answered, whatever other tests have read.
        document._document_settings = None
    with _logging_restored():
        yield create_app(storeless)


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Let this test log in its own way."""
    with _logging_restored():
        yield


@contextmanager
def _logging_restored() -> Iterator[None]:
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)
