"""Documents made ready to run: parsed, measured, validated and priced; kept for the next request with the same text."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    parse,
    specified_rules,
    validate,
    value_from_ast_untyped,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from domain.language import Words
from domain.refusals import Refusal, RefusalCode
from server.http import limits
from server.http.cost import Price, Pricing
from server.http.limits import Limits
from server.http.shape import measure

MAX_VALIDATION_ERRORS = 20
# Fragments can make a cost of a thousand digits; beyond what JSON can hold exactly, the figure says nothing more.
UNCOUNTABLE = 2**53 - 1
# An AST with its locations takes about 95 bytes for each character of a usual query (tracemalloc, Python 3.11).
BYTES_PER_CHARACTER = 100

_UNKNOWN_OPERATION = Words(
    "文档里没有名为 {name} 的操作。现有：{known}。",
    "The document has no operation named {name}. It has: {known}.",
)
_NAMELESS_OPERATION = Words(
    "文档含多个操作，请用 operationName 指明一个：{known}。",
    "The document has several operations; say by operationName which one to run: {known}.",
)
_NO_OPERATION = Words("文档里没有操作，只有片段。", "The document has no operation, only fragments.")
_TOO_MANY_COMMENTS = "more than {limit} comments"


class DocumentRefused(Exception):  # noqa: N818 - an answer, not a fault
    """The document doesn't parse or isn't valid: all that is wrong with it, in GraphQL's own words."""

    def __init__(self, code: RefusalCode, errors: list[GraphQLError]) -> None:
        self.code = code
        self.errors = errors
        super().__init__("; ".join(error.message for error in errors))


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document."""

    name: str | None
    kind: OperationType
    price: Price
    defaults: Mapping[str, object]
    """What its variables are when the request doesn't give them, where the operation says so."""

    def cost(self, variables: Mapping[str, object]) -> int:
        """The greatest number of fields in its answer, at most UNCOUNTABLE."""
        cost = self.price.fixed if self.price.settled else self.price.total({**self.defaults, **variables})
        return min(cost, UNCOUNTABLE)


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document."""

    node: DocumentNode
    operations: tuple[Operation, ...]

    def operation(self, name: str | None) -> Operation:
        """The operation of this name, or the only one. Refused (BAD_REQUEST) when that names none."""
        if name is None and len(self.operations) == 1:
            return self.operations[0]
        known = "、".join(operation.name or "" for operation in self.operations)
        if name is None:
            raise Refusal(RefusalCode.BAD_REQUEST, _NAMELESS_OPERATION, known=known)
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise Refusal(RefusalCode.BAD_REQUEST, _UNKNOWN_OPERATION, name=name[:80], known=known)


class Documents:
    """The documents of one schema. The least recently used are forgotten first; those refused are never kept."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        *,
        introspection: bool,
        most: int = 2_000,
        most_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._hide_suggestions = not introspection
        self._rules = [
            *specified_rules,
            MaybeNullValidationRule,
            OneOfInputValidationRule,
            *([] if introspection else [NoSchemaIntrospectionCustomRule]),
        ]
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._ready: OrderedDict[str, Document] = OrderedDict()

    def __len__(self) -> int:
        return len(self._ready)

    def get(self, text: str) -> Document:
        """The document of this text. Raises Refusal when it exceeds a limit, DocumentRefused when it isn't valid."""
        document = self._ready.get(text)
        if document is not None:
            self._ready.move_to_end(text)
            return document
        document = self._prepare(text)
        self._keep(text, document)
        return document

    def _keep(self, text: str, document: Document) -> None:
        self._ready[text] = document
        self._bytes += len(text) * BYTES_PER_CHARACTER
        while len(self._ready) > self._most or (self._bytes > self._most_bytes and self._ready):
            forgotten, _ = self._ready.popitem(last=False)
            self._bytes -= len(forgotten) * BYTES_PER_CHARACTER

    def _prepare(self, text: str) -> Document:
        node = self._parse(text)
        shape = measure(node)
        if shape.depth > self._limits.depth:
            raise limits.query_too_deep(shape.depth, self._limits.depth)
        if shape.aliases > self._limits.aliases:
            raise limits.too_many_aliases(shape.aliases, self._limits.aliases)
        errors = validate(
            self._schema,
            node,
            self._rules,
            max_errors=MAX_VALIDATION_ERRORS,
            hide_suggestions=self._hide_suggestions,
        )
        if errors:
            raise DocumentRefused(RefusalCode.GRAPHQL_VALIDATION_FAILED, errors)
        pricing = Pricing(self._schema, node)
        operations = tuple(
            self._operation(definition, pricing)
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        )
        if not operations:
            raise Refusal(RefusalCode.BAD_REQUEST, _NO_OPERATION)
        return Document(node, operations)

    def _parse(self, text: str) -> DocumentNode:
        most = self._limits.tokens
        try:
            return parse(text, max_lexical_tokens=most, max_comments=most)
        except GraphQLSyntaxError as error:
            if f"more than {most} tokens" in error.message or _TOO_MANY_COMMENTS.format(limit=most) in error.message:
                raise limits.query_too_long(most) from error
            raise DocumentRefused(RefusalCode.GRAPHQL_PARSE_FAILED, [error]) from error

    def _operation(self, definition: OperationDefinitionNode, pricing: Pricing) -> Operation:
        root = self._schema.get_root_type(definition.operation)
        if root is None:
            raise TypeError(f"a valid document has no {definition.operation.value} where the schema has none")
        defaults = {
            variable.variable.name.value: value_from_ast_untyped(variable.default_value)
            for variable in definition.variable_definitions or ()
            if variable.default_value is not None
        }
        return Operation(
            name=definition.name.value if definition.name else None,
            kind=definition.operation,
            price=pricing.of(definition.selection_set, root),
            defaults={name: value for name, value in defaults.items() if value is not Undefined},
        )
