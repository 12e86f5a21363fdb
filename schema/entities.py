"""`_entities`: what a federation router asks of this graph about things it knows by their keys."""

import inspect
from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry import Info
from strawberry.federation.schema import FederationAny
from strawberry.federation.schema_directives import Key
from strawberry.types.base import StrawberryObjectDefinition

from domain.language import Words
from domain.refusals import Refusal, RefusalCode

MAX_REPRESENTATIONS = 1_000

_TOO_MANY = Words(
    "一次最多 {most} 个 representation，收到 {count} 个。",
    "At most {most} representations fit in one call; {count} came.",
)
_NOT_AN_ENTITY = Words(
    "第 {index} 个 representation 的 __typename “{type}”不是本图的实体。",
    "Representation {index} has the __typename “{type}”, which is no entity of this graph.",
)
_NO_KEY = Words(
    "第 {index} 个 representation（{type}）缺少键；可用的键：{keys}。",
    "Representation {index} ({type}) carries no whole key; its keys are: {keys}.",
)


class FederatedSchema(strawberry.federation.Schema):
    """Finds entities by exactly the keys they declare; anything else in a representation is named as a bad request."""

    def entities_resolver(self, info: Info, representations: list[FederationAny]) -> list[FederationAny]:
        """Every entity in its place, null where there is none; found through the loaders, so in one batch."""
        if len(representations) > MAX_REPRESENTATIONS:
            raise Refusal(RefusalCode.BAD_REQUEST, _TOO_MANY, most=MAX_REPRESENTATIONS, count=len(representations))
        references = [self._reference(index, each) for index, each in enumerate(representations)]
        return [entity.resolve_reference(info=info, **key) for entity, key in references]

    def _reference(self, index: int, representation: object) -> tuple[Any, dict[str, str]]:
        """The entity's type and the key it is asked by, under the names its `resolve_reference` has for them."""
        given = representation if isinstance(representation, Mapping) else {}
        type_name = str(given.get("__typename", ""))[:80]
        definition = self._entity(type_name)
        if definition is None:
            raise Refusal(RefusalCode.BAD_REQUEST, _NOT_AN_ENTITY, index=index, type=type_name)
        keys = [str(each.fields).split() for each in definition.directives or () if isinstance(each, Key)]
        for key in keys:
            values = [given.get(name) for name in key]
            if all(isinstance(value, str | int) and not isinstance(value, bool) for value in values):
                return definition.origin, {name: str(value) for name, value in zip(key, values, strict=True)}
        named = ", ".join("{" + " ".join(key) + "}" for key in keys)
        raise Refusal(RefusalCode.BAD_REQUEST, _NO_KEY, index=index, type=type_name, keys=named)

    def _entity(self, type_name: str) -> StrawberryObjectDefinition | None:
        known = self.schema_converter.type_map.get(type_name)
        definition = getattr(known, "definition", None)
        if not isinstance(definition, StrawberryObjectDefinition):
            return None
        return definition if inspect.ismethod(getattr(definition.origin, "resolve_reference", None)) else None
