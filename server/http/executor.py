"""Strawberry's executor with a short way for plain fields."""

from collections.abc import Awaitable, Iterable
from typing import Any

from graphql import GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo, get_nullable_type, is_object_type
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from server.http.plain_fields import Selection, selection_of


class PlainFieldsExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation. What the short way can't do, it leaves to the methods that it overrides."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._selections: dict[int, Selection] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> Any:
        """Read the plain fields of an object, execute its others."""
        selection = self._selection(parent_type, grouped_field_set)
        values = selection.values_of(source_value) if selection.plain else None
        if values is None:
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        if not selection.others:
            return values
        others: Any = super().execute_fields(parent_type, source_value, path, selection.others, position_context)
        return _join_later(selection, values, others) if self.is_awaitable(others) else selection.joined(values, others)

    def complete_iterable_value(
        self,
        item_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,
    ) -> Any:
        """Read a list of objects of which only plain fields are selected; complete any other list."""
        if isinstance(items, list | tuple):
            records = self._plain_records(item_type, field_details_list, info, items)
            if records is not None:
                return records
        return super().complete_iterable_value(item_type, field_details_list, info, path, items, position_context)

    def _plain_records(
        self,
        item_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        items: list[Any] | tuple[Any, ...],
    ) -> list[dict[str, Any]] | None:
        record_type = get_nullable_type(item_type)
        if not is_object_type(record_type) or any(details.node.directives for details in field_details_list):
            return None
        fields, deferred, _ = self.collect_subfields(record_type, field_details_list)
        selection = self._selection(record_type, fields)
        if selection.others or deferred:
            return None
        records = []
        for item in items:
            if record_type.is_type_of is not None and record_type.is_type_of(item, info) is not True:
                return None
            values = selection.values_of(item)
            if values is None:
                return None
            records.append(values)
        return records

    def _selection(self, parent_type: GraphQLObjectType, fields: GroupedFieldSet) -> Selection:
        """Divided once for each set of fields. The selection keeps the set, and with it its id, alive."""
        selection = self._selections.get(id(fields))
        if selection is None:
            selection = selection_of(self.schema, parent_type, fields)
            self._selections[id(fields)] = selection
        return selection


async def _join_later(
    selection: Selection, values: dict[str, Any], others: Awaitable[dict[str, Any]]
) -> dict[str, Any]:
    return selection.joined(values, await others)
