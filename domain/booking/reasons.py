"""Why an order was ended by somebody else than its patient, as codes; and people's own words about it."""

from enum import StrEnum

LONGEST_NOTE = 200


class EndReason(StrEnum):
    """Who or what ended an order. What the patient ends, or lets lapse, bears the step's name instead."""

    SESSION_WITHDRAWN = "SESSION_WITHDRAWN"
    BY_HOSPITAL = "BY_HOSPITAL"
    BY_PLATFORM = "BY_PLATFORM"
    HOSPITAL_SILENT = "HOSPITAL_SILENT"
    ACCOUNT_DELETED = "ACCOUNT_DELETED"


def plain_note(text: str) -> str:
    """Somebody's own words on one line, without what can't be seen, cut to LONGEST_NOTE characters."""
    seen = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(seen.split())[:LONGEST_NOTE]
