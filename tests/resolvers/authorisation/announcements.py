"""Announcements: what is published is everybody's to read, the rest their editors'."""

from domain.permissions import Permission
from tests.resolvers.authorisation.rows import (
    EVERYBODY,
    OWN_MANAGER,
    Names,
    Open,
    Owned,
    Row,
    Told,
    Way,
    platform_staff,
)

EDITORS = platform_staff(Permission.EDIT_ANNOUNCEMENTS) | {OWN_MANAGER}

TYPES: dict[str, Row] = {
    "Announcement": Open(
        clear="id kind title text language pinned publishedFrom publishedUntil updatedAt", leads_to="hospital"
    ),
    "AnnouncementEntry": Owned(
        clear="id hospitalCode kind titleZh textZh titleEn textEn pinned publishedFrom publishedUntil withdrawnAt"
        " version createdAt updatedAt",
        relative="state",
        at="AnnouncementEntryConnection.nodes AnnouncementEntryEdge.node AnnouncementCreated.announcement"
        " AnnouncementEdited.announcement AnnouncementPublished.announcement AnnouncementWithdrawn.announcement",
    ),
    "AnnouncementCreated": Told(leads_to="announcement"),
    "AnnouncementEdited": Told(leads_to="announcement"),
    "AnnouncementPublished": Told(leads_to="announcement"),
    "AnnouncementWithdrawn": Told(leads_to="announcement"),
}

LISTS = {
    "AnnouncementConnection": "Query.announcements",
    "AnnouncementEntryConnection": "Query.managedAnnouncements",
}

BY_ID = {"Announcement": EVERYBODY}

WAYS = [
    Way('announcements(hospitalCode: "{hospital_code}")', "Announcement", EVERYBODY),
    Way('announcement(id: "{Announcement}")', "Announcement", EVERYBODY),
    Way('managedAnnouncements(hospitalCode: "{hospital_code}")', "AnnouncementEntry", EDITORS),
]

_TEXTS = 'texts: {{kind: GENERAL, titleZh: "题", textZh: "文"}}'

INPUTS = {
    "createAnnouncement.hospitalCode": Names(
        "Hospital", EDITORS, f'hospitalCode: "{{hospital_code}}", {_TEXTS}', otherwise="InvalidInput"
    ),
    "editAnnouncement.id": Names("AnnouncementEntry", EDITORS, f'id: "{{id}}", version: 2, {_TEXTS}'),
    "publishAnnouncement.id": Names("AnnouncementEntry", EDITORS, 'id: "{id}", version: 2'),
    "withdrawAnnouncement.id": Names("AnnouncementEntry", EDITORS, 'id: "{id}"'),
}
