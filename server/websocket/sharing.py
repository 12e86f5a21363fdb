"""Which subscribers are served by one execution: those whose events are bound to be the same bytes."""

from hashlib import sha256
from typing import NamedTuple

import orjson
from graphql import FieldNode, GraphQLSchema, TypeInfo, TypeInfoVisitor, Visitor, visit
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from domain.callers import VISITOR, Caller
from domain.language import Language
from schema.sharing import SHARING, Sharing
from server.http.documents import Document, Operation
from server.http.parameters import Parameters

MOST_KNOWN = 2_000

_BREADTH = [Sharing.NOBODY, Sharing.CALLER, Sharing.EVERYBODY]


class StreamKey(NamedTuple):
    """Subscriptions with equal keys get the same events. `caller` is whom they are executed for."""

    query: str
    operation_name: str | None
    variables: bytes
    language: Language
    caller: Caller


class SharedSubscriptions:
    """Finds the key that an operation can be shared under."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: dict[bytes, Sharing] = {}

    def key(
        self, document: Document, operation: Operation, parameters: Parameters, caller: Caller, language: Language
    ) -> StreamKey | None:
        """The key, or None when the operation is for its subscriber alone."""
        sharing = self._of(document, parameters.query)
        if sharing is Sharing.NOBODY:
            return None
        variables = orjson.dumps(parameters.variables, option=orjson.OPT_SORT_KEYS)
        whom = VISITOR if sharing is Sharing.EVERYBODY else caller
        return StreamKey(parameters.query, operation.name, variables, language, whom)

    def _of(self, document: Document, query: str) -> Sharing:
        # By a digest, because texts can be long and are kept elsewhere.
        digest = sha256(query.encode()).digest()
        sharing = self._known.get(digest)
        if sharing is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            sharing = self._known[digest] = self._narrowest(document)
        return sharing

    def _narrowest(self, document: Document) -> Sharing:
        """As the document's subscription fields declare; not among strangers if it selects a guarded field anywhere."""
        info = TypeInfo(self._schema)
        fields = _Fields(info, self._schema)
        visit(document.node, TypeInfoVisitor(info, fields))
        return min(fields.declared, key=_BREADTH.index, default=Sharing.NOBODY)


class _Fields(Visitor):
    """What the fields of a document say about sharing it."""

    def __init__(self, info: TypeInfo, schema: GraphQLSchema) -> None:
        super().__init__()
        self._info = info
        self._schema = schema
        self.declared: list[Sharing] = []

    def enter_field(self, _node: FieldNode, *_: object) -> None:
        definition = self._info.get_field_def()
        extensions = {} if definition is None else definition.extensions
        field: StrawberryField | None = extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if self._info.get_parent_type() is self._schema.subscription_type:
            self.declared.append(Sharing.NOBODY if field is None else field.metadata.get(SHARING, Sharing.NOBODY))
        if field is not None and field.permission_classes:
            self.declared.append(Sharing.CALLER)
