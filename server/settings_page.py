"""Prints docs/settings.md from the settings themselves, so that the page cannot drift."""

from enum import StrEnum
from pathlib import Path

from pydantic.fields import FieldInfo

from server.settings import Settings

HEAD = """# Settings

Every setting is an environment variable, or a line of `.env` beside the Makefile; the environment wins.
The same names are used by `make up`, in containers and in tests. Written by `make settings`; a test compares.

| name | unset means | meaning |
|---|---|---|
"""


def settings_page() -> str:
    """The whole page."""
    return HEAD + "".join(
        f"| `{name.upper()}` | {_unset_meaning(field)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    )


def _unset_meaning(field: FieldInfo) -> str:
    default = field.get_default()
    if default is None:
        return "—"
    if isinstance(default, StrEnum | Path):
        default = str(default)
    if isinstance(default, bool):
        default = str(default).lower()
    return f"`{default}`"
