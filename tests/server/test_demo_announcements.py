"""The demo's announcements are there once, and stay as editors left them."""

from datetime import UTC, datetime

from sqlmodel import select

from datasources.sql.announcement import Announcement, AnnouncementKind
from datasources.sql.hospital_account import HospitalAccount
from datasources.stores import Stores
from domain.announcements.entry import AnnouncementTexts, clean_texts
from server.demo_announcements import demo_announcements

NOW = datetime(2025, 11, 20, 2, tzinfo=UTC)  # before any other test's
TITLE = "实名预约，谨防号贩子"


async def test_they_are_added_once_and_a_withdrawn_one_stays_withdrawn(stores: Stores) -> None:
    async with stores.sql.unit_of_work() as session:
        if await session.get(HospitalAccount, "pumch") is None:
            session.add(HospitalAccount(code="pumch", name="北京协和医院"))
    await demo_announcements(stores.sql, NOW)
    async with stores.sql.unit_of_work() as session:
        [one] = await session.exec(select(Announcement).where(Announcement.title_zh == TITLE))
        one.withdrawn_at = NOW

    assert await demo_announcements(stores.sql, NOW) == 0
    async with stores.sql.read() as session:
        rows = (await session.exec(select(Announcement).where(Announcement.created_at <= NOW))).all()
    assert [row.withdrawn_at for row in rows if row.title_zh == TITLE] == [NOW]
    assert {row.hospital_code for row in rows} >= {None, "pumch"}
    for row in rows:
        texts = AnnouncementTexts(
            AnnouncementKind(row.kind), row.title_zh, row.text_zh, row.title_en, row.text_en, row.pinned
        )
        assert clean_texts(texts) == texts, "an editor can save each as it stands"
