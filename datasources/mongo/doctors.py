"""Reads of doctor documents by their keys. Pages of them are in `doctor_slices.py`."""

from collections.abc import Sequence

from datasources.mongo.documents import DoctorDocument
from datasources.mongo.stored import find_stored


class DoctorReads:
    """Questions about single doctors, one round trip for any number of them."""

    async def by_ids(self, ids: Sequence[str]) -> dict[str, DoctorDocument]:
        """Doctors by their keys."""
        found = await find_stored(DoctorDocument, {"_id": {"$in": ids}})
        return {doctor.id: doctor for doctor in found}
