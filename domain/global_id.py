"""Opaque ids that name any node of the graph."""

import base64
import binascii
from enum import StrEnum
from typing import NamedTuple

from domain.language import Words
from domain.refusals import Refusal, RefusalCode


class NodeKind(StrEnum):
    """Types that have global ids. `node(id:)` finds those of them that everybody may see."""

    HOSPITAL = "Hospital"
    DEPARTMENT = "Department"
    DOCTOR = "Doctor"
    SCHEDULE = "Schedule"
    DICT_ITEM = "DictItem"
    FILE = "File"
    STAFF = "Staff"
    USER = "User"
    PATIENT = "Patient"
    ORDER = "Order"
    VERIFICATION_REQUEST = "VerificationRequest"
    WAITLIST_ENTRY = "WaitlistEntry"
    ANNOUNCEMENT = "Announcement"


class NodeReference(NamedTuple):
    """What a global id names: a type and the key within it."""

    kind: NodeKind
    key: str


_BAD_ID = Words(
    "“{id}”不是本平台的 id。请原样使用查询返回的 id。",
    "“{id}” is not an id of this platform. Use ids exactly as a query returned them.",
)


def global_id(kind: NodeKind, key: object) -> str:
    """The id under which clients know this node."""
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("=")


def node_reference(id: str) -> NodeReference:
    """What this id names. Refused (BAD_ID) when it was not made by `global_id`."""
    try:
        text = base64.b64decode(id + "=" * (-len(id) % 4), altchars=b"-_", validate=True).decode()
        kind, separator, key = text.partition(":")
        if separator and key:
            return NodeReference(NodeKind(kind), key)
    except (binascii.Error, ValueError) as error:
        raise Refusal(RefusalCode.BAD_ID, _BAD_ID, id=id[:80]) from error
    raise Refusal(RefusalCode.BAD_ID, _BAD_ID, id=id[:80])
