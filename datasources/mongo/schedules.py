"""Reads of schedule documents: the texts that belong to a ledger row."""

from collections.abc import Sequence

from beanie.operators import In

from datasources.mongo.documents import ScheduleDocument
from datasources.mongo.one_round_trip import WHOLE_ANSWER


class ScheduleReads:
    """Questions about schedules' texts, one round trip each."""

    async def by_ids(self, ids: Sequence[str]) -> dict[str, ScheduleDocument]:
        """Texts by schedule key."""
        found = await ScheduleDocument.find(In(ScheduleDocument.id, ids), batch_size=WHOLE_ANSWER).to_list()
        return {schedule.id: schedule for schedule in found}
