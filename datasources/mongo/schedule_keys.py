"""Which sessions have texts, without the texts: for comparing the catalogue with the ledger."""

from collections.abc import Sequence
from typing import NamedTuple

from datasources.mongo.documents import ScheduleDocument


class TextKey(NamedTuple):
    """A session's text, by its key, its hospital and the push that wrote it."""

    schedule_id: str
    hospital_code: str
    revision: int


class ScheduleKeys:
    """Questions about which texts there are, one round trip each."""

    async def present(self, schedule_ids: Sequence[str]) -> set[TextKey]:
        """The texts that these sessions have."""
        return set(await self._keys({"_id": {"$in": list(schedule_ids)}}))

    async def behind(self, schedule_id: str, most: int) -> list[TextKey]:
        """The next texts in the order of their keys."""
        return await self._keys({"_id": {"$gt": schedule_id}}, most)

    async def delete(self, key: TextKey) -> bool:
        """Delete a text unless another push has written it anew; whether it was deleted."""
        gone = await ScheduleDocument.get_pymongo_collection().delete_one(
            {"_id": key.schedule_id, "revision": key.revision}
        )
        return gone.deleted_count == 1

    async def _keys(self, condition: dict[str, object], most: int = 0) -> list[TextKey]:
        cursor = ScheduleDocument.get_pymongo_collection().find(
            condition, {"hospital_code": 1, "revision": 1}, limit=most, batch_size=10_000
        )
        rows = await cursor.sort([("_id", 1)]).to_list()
        return [TextKey(row["_id"], row["hospital_code"], row.get("revision", 0)) for row in rows]
