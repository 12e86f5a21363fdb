"""The shape of a document, measured before it is validated: how deep it nests and how often it repeats itself.

Validation itself can be made slow by a hostile document, so these limits come first. Both walks are linear in the
document: each fragment is measured once, wherever it is spread, and a cycle adds nothing (validation names it).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    SelectionSetNode,
)

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Shape:
    """What one document measures."""

    depth: int
    """Deepest nesting of fields, fragments expanded; what lies below `__schema` and `__type` does not count."""
    aliases: int
    """Aliases, and fields with selections that repeat a name already standing beside them."""


@dataclass(slots=True)
class _Definition:
    """One operation or fragment by itself."""

    depth: int = 0
    aliases: int = 0
    spreads: list[tuple[str, int]] = field(default_factory=list)
    """Fragments spread in it, each with the number of fields around the spread."""


def measure(document: DocumentNode) -> Shape:
    """The shape of a parsed document. Fragments that nothing spreads are measured too."""
    fragments: dict[str, _Definition] = {}
    operations: list[_Definition] = []
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = _measure_alone(definition)
        elif isinstance(definition, ExecutableDefinitionNode):
            operations.append(_measure_alone(definition))
    depths = _fragment_depths(fragments)
    everything = [*operations, *fragments.values()]
    return Shape(
        depth=max((_expanded_depth(each, depths) for each in everything), default=0),
        aliases=sum(each.aliases for each in everything),
    )


def _measure_alone(definition: ExecutableDefinitionNode) -> _Definition:
    measured = _Definition()
    stack: list[tuple[SelectionSetNode, int]] = [(definition.selection_set, 0)]
    while stack:
        selections, around = stack.pop()
        beside: set[str] = set()
        for selection in selections.selections:
            if isinstance(selection, FragmentSpreadNode):
                measured.spreads.append((selection.name.value, around))
                continue
            below: SelectionSetNode | None = selection.selection_set  # type: ignore[attr-defined]
            level = around
            if isinstance(selection, FieldNode):
                name = selection.name.value
                level += 1
                measured.depth = max(measured.depth, level)
                if selection.alias is not None or (below is not None and name in beside):
                    measured.aliases += 1
                beside.add(name)
                if name in INTROSPECTION_FIELDS:
                    continue
            if below is not None:
                stack.append((below, level))
    return measured


def _fragment_depths(fragments: dict[str, _Definition]) -> dict[str, int]:
    """The expanded depth of each fragment, by a walk without recursion: a chain may be as long as the document."""
    depths: dict[str, int] = {}
    for root in fragments:
        if root in depths:
            continue
        path = [(root, iter(fragments[root].spreads))]
        on_path = {root}
        while path:
            name, spreads = path[-1]
            deeper = next(
                (
                    spread
                    for spread, _ in spreads
                    if spread in fragments and spread not in depths and spread not in on_path
                ),
                None,
            )
            if deeper is not None:
                path.append((deeper, iter(fragments[deeper].spreads)))
                on_path.add(deeper)
            else:
                path.pop()
                on_path.remove(name)
                depths[name] = _expanded_depth(fragments[name], depths)
    return depths


def _expanded_depth(definition: _Definition, depths: dict[str, int]) -> int:
    through_spreads: Iterable[int] = (around + depths.get(name, 0) for name, around in definition.spreads)
    return max(definition.depth, *through_spreads) if definition.spreads else definition.depth
