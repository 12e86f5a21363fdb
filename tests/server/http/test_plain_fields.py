"""The short way of the executor: whatever a record holds, the answer is the one that Strawberry's executor gives."""

import asyncio
import datetime as dt
import inspect
from collections.abc import Awaitable
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, Executor, parse
from graphql.execution.collect_fields import FieldDetails
from strawberry.permission import BasePermission
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.binding import of, on
from server.http.execution import core_schema
from server.http.executor import PlainFieldsExecutor
from server.http.plain_fields import plain_field


@strawberry.enum
class Colour(StrEnum):
    RED = "r"
    GREEN = "g"


@strawberry.enum
class Size(Enum):
    SMALL = 1
    LARGE = 2


class Never(BasePermission):
    message = "not for you"

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        return False


@strawberry.type
class Record:
    text: str
    text_or_null: str | None
    number: int
    number_or_null: int | None
    share: float
    flag: bool
    key: strawberry.ID
    day: dt.date
    moment: dt.datetime
    price: Decimal
    colour: Colour
    size: Size | None
    words: list[str]
    shouted: str = strawberry.field(resolver=of(lambda record: record.text.upper()))
    of_context: str = strawberry.field(resolver=on(lambda context, record: f"{context} {record.text}"))
    secret: str | None = strawberry.field(permission_classes=[Never])

    @strawberry.field
    def repeated(self, times: int = 2) -> str:
        return self.text * times

    @strawberry.field
    def inner(self) -> "Record | None":
        return self.__dict__.get("inside")

    @classmethod
    def is_type_of(cls, value: object, info: Any) -> bool:
        return isinstance(value, Row)


class Row:
    """What a store answers: any attributes."""

    def __init__(self, **values: Any) -> None:
        self.__dict__ = {**GOOD, **values}


GOOD: dict[str, Any] = {
    "text": "书",
    "text_or_null": None,
    "number": 7,
    "number_or_null": None,
    "share": 0.5,
    "flag": True,
    "key": "k1",
    "day": dt.date(2026, 2, 28),
    "moment": dt.datetime(2026, 2, 28, 8, 30, tzinfo=dt.UTC),
    "price": Decimal("4.50"),
    "colour": Colour.GREEN,
    "size": Size.LARGE,
    "words": ["a", "b"],
    "secret": "hidden",
}


async def _later() -> str:
    await asyncio.sleep(0)
    return "later"


@strawberry.type
class Query:
    @strawberry.field
    def row(self, info: strawberry.Info) -> Record | None:
        return info.root_value[0]  # type: ignore[no-any-return]

    @strawberry.field
    def rows(self, info: strawberry.Info) -> list[Record]:
        return info.root_value  # type: ignore[no-any-return]

    @strawberry.field
    def rows_or_null(self, info: strawberry.Info) -> list[Record | None]:
        return info.root_value  # type: ignore[no-any-return]

    @strawberry.field
    async def rows_later(self, info: strawberry.Info) -> list[Record]:
        return info.root_value  # type: ignore[no-any-return]


SCHEMA = strawberry.Schema(Query)
PLAIN = "text textOrNull number numberOrNull share flag key day moment price colour size shouted"
QUERIES = {
    "one": f"{{ row {{ {PLAIN} }} }}",
    "list": f"{{ rows {{ {PLAIN} }} rowsOrNull {{ {PLAIN} }} }}",
    "mixed": "{ rowsOrNull { number words text ofContext again: text repeated(times: 3) __typename inner { text } } }",
    "later": f"{{ rowsLater {{ {PLAIN} inner {{ {PLAIN} }} }} rowsOrNull {{ colour }} }}",
    "fragments": (
        "{ rows { ...A number @skip(if: true) ... @include(if: true) { flag } } } fragment A on Record { text }"
    ),
    "refused": "{ rowsOrNull { text secret } }",
}
RECORDS: dict[str, list[Any]] = {
    "good": [Row(), Row(text_or_null="t", number_or_null=-1, size=None, inside=Row(text="in"))],
    "none": [],
    "null": [None],
    "null text": [Row(), Row(text=None), Row()],
    "missing attribute": [object()],
    "another type": [{"text": "t"}],
    "text of another type": [Row(text=5), Row(text_or_null=1.5), Row(key=9), Row(text=["x"])],
    "number that is text": [Row(number="12"), Row(number="x")],
    "number that is a flag": [Row(number=True, flag=1)],
    "number too large": [Row(number=2**31), Row(number_or_null=-(2**31) - 1), Row(number=2**31 - 1)],
    "share that is no number": [Row(share=float("nan")), Row(share=3), Row(share=float("inf"))],
    "enum by its value": [Row(colour="r"), Row(colour="RED"), Row(colour="blue"), Row(size=1), Row(size=Colour.RED)],
    "date that is a moment": [Row(day=GOOD["moment"]), Row(day="2026-02-28"), Row(moment=GOOD["day"])],
    "price of another type": [Row(price=4.5), Row(price="4.50"), Row(price=None)],
    "an error as a value": [Row(text=ValueError("broken")), Row(text_or_null=ValueError("broken"))],
    "subclass of text": [Row(text=Colour.RED)],
}


async def run(executor_class: type[Executor[Any]], query: str, root: list[Any]) -> ExecutionResult:
    executor = executor_class.build(core_schema(SCHEMA), parse(query), root, context_value="context")
    assert isinstance(executor, Executor)
    result = executor.execute_operation()
    if inspect.isawaitable(result):
        result = await result
    assert isinstance(result, ExecutionResult)
    return result


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("records", RECORDS.values(), ids=RECORDS)
async def test_the_answer_is_that_of_strawberrys_executor(query: str, records: list[Any]) -> None:
    expected = await run(StrawberryGraphQLCoreExecutionContext, query, records)
    found = await run(PlainFieldsExecutor, query, records)
    assert found.data == expected.data
    assert [error.formatted for error in found.errors or []] == [error.formatted for error in expected.errors or []]
    assert list_of_keys(found.data) == list_of_keys(expected.data)


def list_of_keys(data: Any) -> Any:
    """The order of all fields."""
    if isinstance(data, dict):
        return [(name, list_of_keys(value)) for name, value in data.items()]
    return [list_of_keys(value) for value in data] if isinstance(data, list) else None


async def test_an_attribute_that_must_be_awaited_is_awaited() -> None:
    result = await run(PlainFieldsExecutor, "{ rows { number text } }", [Row(text=_later())])
    assert result == ExecutionResult({"rows": [{"number": 7, "text": "later"}]}, None)


async def test_a_generator_is_read_once() -> None:
    result = await run(PlainFieldsExecutor, "{ rows { text } }", iter([Row(), Row(text=None)]))  # type: ignore[arg-type]
    assert result.data is None
    assert [error.path for error in result.errors or []] == [["rows", 1, "text"]]


async def test_plain_fields_are_not_left_to_the_executor(monkeypatch: pytest.MonkeyPatch) -> None:
    executed: list[str] = []
    execute_field = PlainFieldsExecutor.execute_field

    def noting(self: Any, parent: Any, source: Any, details: list[FieldDetails], *others: Any) -> Awaitable[Any] | Any:
        executed.append(details[0].node.name.value)
        return execute_field(self, parent, source, details, *others)

    monkeypatch.setattr(PlainFieldsExecutor, "execute_field", noting)
    await run(PlainFieldsExecutor, f"{{ row {{ {PLAIN} words }} rows {{ {PLAIN} }} }}", [Row(), Row()])
    assert executed == ["row", "words", "rows"]


@pytest.mark.parametrize("name", ["words", "ofContext", "secret", "repeated", "inner"])
def test_a_field_that_needs_more_than_its_record_is_not_plain(name: str) -> None:
    [record_type] = [each for each in core_schema(SCHEMA).type_map.values() if each.name == "Record"]
    assert plain_field(record_type.fields[name]) is None  # type: ignore[attr-defined]
