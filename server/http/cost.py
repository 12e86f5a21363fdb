"""What an operation may cost, counted before it runs.

The figure is the greatest number of fields that the answer can hold: each field counts 1, and what stands below a list
counts once for each of its items. The schema says how long a list can be:

- a connection field: its `first` or `last`, at most `MAX_PAGE_SIZE`, which paging holds everybody to;
- a list with an argument `first`, `last` or `limit`: that argument;
- a list for which a list must be given (`nodes(ids:)`, `_entities(representations:)`): the given list's length;
- any other list: `DEFAULT_LIST_SIZE`, or `list_size` in the field's Strawberry metadata.

`cost` in a field's metadata is its own price instead of 1. `@skip` and `@include` are not looked at, and every branch
of a union counts. `__typename` is free; `__schema` and `__type` have flat prices: validation bounds what is below them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from domain.paging import MAX_PAGE_SIZE
from server.http.list_size import DEFAULT_LIST_SIZE, ListSize, list_size_of

FLAT_PRICES = {"__typename": 0, "__type": 200, "__schema": 2000}


@dataclass(slots=True)
class Price:
    """What a selection set costs: figures where the document fixes them, the rest as parts that wait for variables."""

    fixed: int = 0
    """Counted once for each object that the set is selected on."""
    per_item: int = 0
    """Counted once for each item of the connection that the set is selected on."""
    waiting: "list[_WaitingField]" = field(default_factory=list)
    waiting_spreads: "list[Price]" = field(default_factory=list)

    @property
    def settled(self) -> bool:
        """Whether no variable can change it."""
        return not self.waiting and not self.waiting_spreads

    def total(self, variables: Mapping[str, object]) -> int:
        """The cost of an operation of this price."""
        return self.fixed if self.settled else self.settle(variables, {})[0]

    def settle(self, variables: Mapping[str, object], known: dict[int, tuple[int, int]]) -> tuple[int, int]:
        """`fixed` and `per_item` under these variables.

        `known` holds what was settled before, by identity: a fragment is walked once however often it is spread.
        """
        if (before := known.get(id(self))) is not None:
            return before
        fixed, per_item = self.fixed, self.per_item
        for part in self.waiting:
            below_fixed, below_per_item = part.below.settle(variables, known)
            if part.is_items:
                per_item += below_fixed
            elif part.is_connection:
                size = min(part.size.under(variables), MAX_PAGE_SIZE)
                fixed += below_fixed + size * below_per_item
            else:
                fixed += part.size.under(variables) * below_fixed
        for spread in self.waiting_spreads:
            spread_fixed, spread_per_item = spread.settle(variables, known)
            fixed += spread_fixed
            per_item += spread_per_item
        known[id(self)] = fixed, per_item
        return fixed, per_item


@dataclass(frozen=True, slots=True)
class _WaitingField:
    """A field whose cost depends on a variable, in its own size or further below."""

    below: Price
    size: ListSize
    is_connection: bool
    is_items: bool


_ONE = ListSize(1)


class Pricing:
    """The prices of one validated document's selection sets. Each fragment is priced once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._definitions = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._fragments: dict[str, Price] = {}

    def of(self, selections: SelectionSetNode, parent: GraphQLCompositeType) -> Price:
        """The price of these selections on an object of this type."""
        price = Price()
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                self._add_field(price, selection, parent)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                self._add_spread(
                    price,
                    self.of(selection.selection_set, self._type(condition.name.value) if condition else parent),
                )
            elif isinstance(selection, FragmentSpreadNode):
                self._add_spread(price, self._fragment(selection.name.value))
        return price

    def _type(self, name: str) -> GraphQLCompositeType:
        found = self._schema.type_map[name]
        if not is_composite_type(found):
            raise TypeError(f"{name} has no fields; the document was not validated")
        return found

    def _fragment(self, name: str) -> Price:
        price = self._fragments.get(name)
        if price is None:
            definition = self._definitions[name]
            price = self.of(definition.selection_set, self._type(definition.type_condition.name.value))
            self._fragments[name] = price
        return price

    @staticmethod
    def _add_spread(price: Price, spread: Price) -> None:
        if spread.settled:
            price.fixed += spread.fixed
            price.per_item += spread.per_item
        else:
            price.waiting_spreads.append(spread)

    def _add_field(self, price: Price, node: FieldNode, parent: GraphQLCompositeType) -> None:
        name = node.name.value
        flat = FLAT_PRICES.get(name)
        if flat is not None:
            price.fixed += flat
            return
        definition = _fields(parent)[name]
        metadata = _metadata(definition)
        price.fixed += _figure(metadata, "cost", 1)
        if node.selection_set is None:
            return
        named = get_named_type(definition.type)
        below = self.of(node.selection_set, self._type(named.name))
        is_list = is_list_type(get_nullable_type(definition.type))
        is_connection = not is_list and named.name.endswith("Connection")
        size = list_size_of(node, definition) if is_list or is_connection else _ONE
        is_items = is_list and size is None and _is_connection(parent)
        if size is None:
            size = ListSize(_figure(metadata, "list_size", DEFAULT_LIST_SIZE))
        if below.settled and size.settled:
            known = size.under({})
            if is_items:
                price.per_item += below.fixed
            elif is_connection:
                price.fixed += below.fixed + min(known, MAX_PAGE_SIZE) * below.per_item
            else:
                price.fixed += known * below.fixed
        else:
            price.waiting.append(_WaitingField(below, size, is_connection, is_items))


def _fields(parent: GraphQLCompositeType) -> dict[str, GraphQLField]:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        fields: dict[str, GraphQLField] = parent.fields
        return fields
    raise TypeError(f"{parent} has no fields of its own; the document was not validated")


def _is_connection(parent: GraphQLCompositeType) -> bool:
    return parent.name.endswith("Connection")


def _metadata(definition: GraphQLField) -> Mapping[object, object]:
    declared = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    metadata: Mapping[object, object] = getattr(declared, "metadata", {})
    return metadata


def _figure(metadata: Mapping[object, object], key: str, otherwise: int) -> int:
    figure = metadata.get(key, otherwise)
    if not isinstance(figure, int):
        raise TypeError(f"metadata {key!r} of a field must be a whole number, not {figure!r}")
    return figure
