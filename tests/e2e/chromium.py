"""The system's Chromium. Playwright's own download is never used."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ADVICE = "On Debian and Ubuntu: apt-get install --no-install-recommends chromium"


def chromium() -> str | None:
    """Where it is; None if there is none."""
    return next((path for path in map(shutil.which, NAMES) if path is not None), None)
