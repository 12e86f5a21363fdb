"""What callers give in a form that a type of the graph leaves open."""

from datetime import datetime
from uuid import UUID

from resolvers.context import RequestContext


def given_moment(context: RequestContext, moment: datetime | None) -> datetime | None:
    """The moment; one without an offset is meant in the platform's zone."""
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=context.zone)


def given_uuid(id: str) -> UUID | None:
    """The id; None if it is none."""
    try:
        return UUID(id)
    except ValueError:
        return None
