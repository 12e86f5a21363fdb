"""The whole table, put together from its areas."""

from tests.resolvers.authorisation import (
    announcements,
    booking,
    broadcasts,
    catalogue,
    discussion,
    files,
    finance,
    messages,
    onboarding,
    order_changes,
    payments,
    people,
    queue,
    sms,
    staff,
    told,
    verification,
    waitlist,
)
from tests.resolvers.authorisation.rows import Open, Owned, Part, Row, Told, Way


def _joined(areas: list[dict[str, Row]]) -> dict[str, Row]:
    whole: dict[str, Row] = {}
    for area in areas:
        twice = sorted(whole.keys() & area.keys())
        assert not twice, f"two rows for {twice}: each type has exactly one"
        whole |= area
    return whole


TYPES = _joined(
    [
        announcements.TYPES,
        booking.TYPES,
        broadcasts.TYPES,
        catalogue.TYPES,
        discussion.TYPES,
        order_changes.TYPES,
        payments.TYPES,
        people.TYPES,
        queue.TYPES,
        sms.TYPES,
        staff.TYPES,
        files.TYPES,
        finance.TYPES,
        messages.TYPES,
        onboarding.TYPES,
        told.TYPES,
        verification.TYPES,
        waitlist.TYPES,
    ]
)
LISTS = {
    **announcements.LISTS,
    **broadcasts.LISTS,
    **finance.LISTS,
    **messages.LISTS,
    **onboarding.LISTS,
    **booking.LISTS,
    **catalogue.LISTS,
    **discussion.LISTS,
    **people.LISTS,
    **staff.LISTS,
    **files.LISTS,
    **verification.LISTS,
    **sms.LISTS,
}
"""Connections, and the places that lead to each; their edges follow."""
BY_ID = {
    **announcements.BY_ID,
    **booking.BY_ID,
    **catalogue.BY_ID,
    **people.BY_ID,
    **staff.BY_ID,
    **files.BY_ID,
    **verification.BY_ID,
    **waitlist.BY_ID,
}
"""Who sees each thing by its global id or its key: `node`, `nodes`, `_entities`. A name is `Type` or `Type/which`."""
WAYS: list[Way] = [
    *announcements.WAYS,
    *broadcasts.WAYS,
    *booking.WAYS,
    *catalogue.WAYS,
    *discussion.WAYS,
    *order_changes.WAYS,
    *people.WAYS,
    *queue.WAYS,
    *sms.WAYS,
    *staff.WAYS,
    *files.WAYS,
    *finance.WAYS,
    *messages.WAYS,
    *onboarding.WAYS,
    *verification.WAYS,
    *waitlist.WAYS,
]
SAME_FOR_ALL = catalogue.SAME_FOR_ALL + payments.SAME_FOR_ALL


def row_of(type_name: str) -> Row | None:
    """The row of a type; those of connections and edges are made from LISTS."""
    if type_name in TYPES:
        return TYPES[type_name]
    if type_name in LISTS:
        return Owned(clear="totalCount", leads_to="nodes edges pageInfo", at=LISTS[type_name])
    connection = type_name.removesuffix("Edge") + "Connection"
    if type_name.endswith("Edge") and connection in LISTS:
        return Part(clear="cursor", leads_to="node", at=f"{connection}.edges")
    return None


__all__ = ["BY_ID", "LISTS", "SAME_FOR_ALL", "TYPES", "WAYS", "Open", "Owned", "Part", "Told", "row_of"]
