"""One moment is written one way, wherever it came from and whichever way it is answered."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
import strawberry
from graphql import GraphQLScalarType
from strawberry.schema.config import StrawberryConfig

from schema.graph import graph
from schema.moments import MOMENT, answer_in

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENTS = [
    datetime(2026, 11, 20, 2, 15, tzinfo=UTC),
    datetime(2026, 11, 20, 10, 15, tzinfo=SHANGHAI),
    datetime(2026, 11, 20, 2, 15, tzinfo=timezone(timedelta())),
    datetime(2026, 11, 19, 21, 15, tzinfo=timezone(-timedelta(hours=5))),
]


@pytest.fixture
def elsewhere() -> Iterator[None]:
    """A platform of another zone."""
    answer_in(ZoneInfo("Asia/Urumqi"))
    yield
    answer_in(SHANGHAI)


@strawberry.type
class Query:
    @strawberry.field
    def moments(self) -> list[datetime]:
        return MOMENTS

    @strawberry.field
    def same(self, moment: datetime) -> bool:
        return moment == MOMENTS[0]


SMALL = strawberry.Schema(Query, config=StrawberryConfig(scalar_map={datetime: MOMENT}))


def answered(query: str) -> dict[str, object]:
    result = SMALL.execute_sync(query)
    assert result.errors is None
    assert result.data is not None
    return result.data


def test_a_moment_has_the_platforms_offset_whatever_its_own() -> None:
    assert answered("{ moments }") == {"moments": ["2026-11-20T10:15:00+08:00"] * len(MOMENTS)}


@pytest.mark.usefixtures("elsewhere")
def test_the_zone_is_the_platforms() -> None:
    assert answered("{ moments }") == {"moments": ["2026-11-20T08:15:00+06:00"] * len(MOMENTS)}


@pytest.mark.parametrize("given", ["2026-11-20T02:15:00Z", "2026-11-20T10:15:00+08:00", "2026-11-19T21:15:00-05:00"])
def test_a_moment_is_given_with_any_offset(given: str) -> None:
    assert answered(f'{{ same(moment: "{given}") }}') == {"same": True}


def test_the_graph_writes_all_of_its_moments_so() -> None:
    scalar = graph._schema.type_map["DateTime"]
    assert isinstance(scalar, GraphQLScalarType)
    assert {scalar.serialize(moment) for moment in MOMENTS} == {"2026-11-20T10:15:00+08:00"}
