"""The portal in tests: a hospital to look at, and people who are signed in."""

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.async_api import expect

from datasources.cache.login_codes import EVERYBODY_KEY
from datasources.sql.announcement import Announcement, AnnouncementKind, Announcements
from domain.global_id import NodeKind, global_id
from domain.payments.desk import PaymentDesk
from server.websocket.protocol import CloseCode
from server.websocket.sockets import Sockets
from tests.booking import RULE, Booker, OpenSession, booked, new_bookers, new_session
from tests.browser import Browser
from tests.e2e.visit import Visit
from tests.platform import Hospital, Platform

DEPARTMENT = "1001"
# Without syllables that could be read otherwise, so that a name's pinyin is known.
SYLLABLES = {"安": "an", "北": "bei", "东": "dong", "方": "fang", "海": "hai", "康": "kang", "明": "ming", "宁": "ning"}


@dataclass(frozen=True)
class Site:
    """The platform as a browser finds it."""

    origin: str
    platform: Platform
    desk: PaymentDesk
    """The worker's way to the sandbox's providers: no worker runs here."""
    sockets: Sockets

    def cut_lines(self) -> None:
        """Close every WebSocket, as a server that dies does."""
        for socket in self.sockets:
            socket.close(CloseCode.GOING_AWAY, "cut")


@dataclass(frozen=True)
class Place:
    """A hospital with a department and a session of Dr 张晨's."""

    name: str
    pinyin: str
    session: OpenSession
    date: date

    @property
    def hospital(self) -> Hospital:
        """The hospital, which can push."""
        return self.session.hospital

    @property
    def path(self) -> str:
        """The hospital's page."""
        return f"/hospitals/{self.hospital.code}"

    async def sell_one(self, site: Site) -> Booker:
        """Somebody else takes a number of the session."""
        platform = site.platform
        [booker] = await new_bookers(platform.stores, platform.ring, 1, now=datetime.now(UTC))
        await booked(platform, booker, self.session)
        return booker


async def new_place(site: Site, *, capacity: int = 2, fee: str = "0", **session: str) -> Place:
    """A hospital that no other test knows, whose session is three days from now."""
    platform = site.platform
    given = [secrets.choice(sorted(SYLLABLES)) for _ in range(6)]
    name = "".join(given) + "医院"
    day = datetime.now(platform.booking_policy.zone).date() + timedelta(days=3)
    hospital = await platform.new_hospital(
        name=name, bookingRule=RULE, address="长春市某路1号", introduction="为测试而设的医院。", route="地铁1号线"
    )
    departments = [
        {"code": "10", "name": "内科"},
        {"code": DEPARTMENT, "name": "心内科", "parentCode": "10", "address": "门诊楼3层"},
    ]
    for department in departments:
        pushed = await platform.push(hospital, "upsertDepartment", {"department": department})
        assert pushed["__typename"] == "DepartmentUpserted", pushed
    entry = {
        "departmentCode": DEPARTMENT,
        "date": day.isoformat(),
        "doctorName": "张晨",
        "capacity": capacity,
        "fee": fee,
    }
    opened = await new_session(platform, hospital, **(entry | session))
    return Place(name, "".join(SYLLABLES[each] for each in given), opened, day)


async def announced(site: Site, hospital: str) -> str:
    """A notice of the hospital's; its id."""
    now = datetime.now(UTC)
    row = Announcement(
        id=uuid4(),
        hospital_code=hospital,
        kind=AnnouncementKind.CLOSURE,
        title_zh="周六门诊停诊",
        text_zh="因设备检修，周六上午门诊停诊。\n请改约其他日期。",
        title_en="No sessions on Saturday",
        text_en="The equipment is being looked after.\nPlease choose another day.",
        published_from=now,
        created_at=now,
        updated_at=now,
    )
    async with site.platform.stores.sql.unit_of_work() as session:
        await Announcements(session).add(row)
    return global_id(NodeKind.ANNOUNCEMENT, row.id)


async def in_language(site: Site, visit: Visit, language: str) -> None:
    """Choose a language as the portal remembers it."""
    await visit.page.context.add_cookies([{"name": "htb_language", "value": language, "url": site.origin}])


async def signed_in(site: Site, visit: Visit, phone: str) -> None:
    """Fill in the dialog that is open: the phone, then the code that it was sent."""
    await site.platform.stores.redis.delete(EVERYBODY_KEY)
    dialog = visit.page.get_by_role("dialog")
    await dialog.get_by_label("Mobile number").fill(phone.removeprefix("+86"))
    await dialog.get_by_role("button", name="Send code").click()
    code = dialog.get_by_label("Code", exact=True)
    await expect(code).to_be_visible()
    await code.fill(await site.platform.new_browser().code_of(phone))
    await dialog.get_by_role("button", name="Sign in", exact=True).click()
    await expect(dialog).to_have_count(0)


async def remembered(site: Site, visit: Visit, browser: Browser) -> None:
    """The tab takes over what somebody's browser remembers: its refresh cookie, and that there is one."""
    origin = urlsplit(site.origin)
    await visit.page.context.add_cookies(
        [
            {
                "name": cookie.name,
                "value": cookie.value or "",
                "domain": origin.hostname or "",
                "path": cookie.path,
                "httpOnly": True,
            }
            for cookie in browser.http.cookies.jar
        ]
    )
    await visit.page.context.add_init_script("localStorage.setItem('htb.signed-in', '1')")
