"""Reads of schedule documents: the texts that belong to a ledger row."""

from collections.abc import Sequence

from datasources.mongo.documents import ScheduleDocument
from datasources.mongo.stored import find_stored


class ScheduleReads:
    """Questions about schedules' texts, one round trip each."""

    async def by_ids(self, ids: Sequence[str]) -> dict[str, ScheduleDocument]:
        """Texts by schedule key."""
        found = await find_stored(ScheduleDocument, {"_id": {"$in": ids}})
        return {schedule.id: schedule for schedule in found}
