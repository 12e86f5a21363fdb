"""How the graph writes moments: all of them with the platform's zone's offset, wherever they come from.

The database's come in UTC, computed ones in the zone in which they were computed; to a reader both are the same kind.
"""

import dataclasses
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from strawberry.schema.types.base_scalars import DateTimeDefinition


class _Answers:
    zone: tzinfo = ZoneInfo("Asia/Shanghai")


def answer_in(zone: tzinfo) -> None:
    """Write every moment in this zone from now on; one for the process, as there is one platform."""
    _Answers.zone = zone


def _written(moment: datetime) -> str:
    return moment.astimezone(_Answers.zone).isoformat()


MOMENT = dataclasses.replace(
    DateTimeDefinition,
    description="A moment by ISO 8601, answered with the offset of the platform's zone (`2026-11-20T10:15:00+08:00`); "
    "given with any offset.",
    serialize=_written,
)
