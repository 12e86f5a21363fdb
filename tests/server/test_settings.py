"""The settings and the page that lists them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from server.settings import Mode, Settings
from server.settings_page import settings_page

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_lists_exactly_these_settings() -> None:
    assert PAGE.read_text() == settings_page(), "run `make settings`"


def test_production_names_every_secret_that_is_missing() -> None:
    with pytest.raises(ValidationError, match="ROOT_KEY, DATABASE_URL, MONGODB_URL, REDIS_URL"):
        Settings(mode=Mode.PRODUCTION)


def test_secrets_are_not_printed() -> None:
    settings = Settings.model_validate({"root_key": "the key", "database_url": "postgresql://u:the-password@h/d"})

    assert "the key" not in repr(settings)
    assert "the-password" not in repr(settings)
