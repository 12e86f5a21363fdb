"""The announcements that a development installation begins with."""

import json
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid5

from datasources.sql.announcement import Announcement, Announcements
from datasources.sql.database import Database
from datasources.sql.hospital_account import HospitalAccounts

_OURS = UUID("6f2d7a3e-5f0c-4a6f-9a53-0d1f7f4c9b21")  # what the names of the demo's announcements are unique in


async def demo_announcements(database: Database, now: datetime) -> int:
    """Publish those of them that were never there; how many. What was changed or withdrawn since stays so."""
    entries: list[dict[str, Any]] = json.loads((files("server.demo") / "data" / "announcements.json").read_bytes())
    added = 0
    async with database.unit_of_work() as session:
        for place, entry in enumerate(entries):
            code = entry.get("hospital_code")
            if code is None or await HospitalAccounts(session).get(code) is not None:
                # The first of the list is the latest.
                announcement = _announcement(entry, now - timedelta(minutes=place))
                added += await Announcements(session).add(announcement)
    return added


def _announcement(entry: dict[str, Any], begin: datetime) -> Announcement:
    days = entry.get("days")
    return Announcement(
        id=uuid5(_OURS, entry["name"]),
        hospital_code=entry.get("hospital_code"),
        kind=entry["kind"],
        title_zh=entry["title_zh"],
        text_zh=entry["text_zh"],
        title_en=entry.get("title_en", ""),
        text_en=entry.get("text_en", ""),
        pinned=entry.get("pinned", False),
        published_from=begin,
        published_until=None if days is None else begin + timedelta(days=days),
        created_at=begin,
        updated_at=begin,
    )
