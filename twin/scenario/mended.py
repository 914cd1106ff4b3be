"""What a scenario would be without the entries that are wrong, so that what else is wrong is told at once. Nothing is ever run from it."""

from __future__ import annotations

from dataclasses import replace

from twin.scenario.model import SpecModel
from twin.scenario.nodes import Node, Path_, deepest, key_text, put
from twin.scenario.shape import slots_at
from twin.scenario.validate import validate

MOST_TURNS = 12
"""Entries that are left out can make others wrong; after so many turns it is given up."""


def mended(tree: Node, spec: type[SpecModel], *, top: str) -> tuple[SpecModel, list[Path_]] | None:
    """The scenario with amounts moved within their bounds and other wrong entries left out, and the paths of these; None where that does not do."""
    tree = replace(tree, value={key: node for key, node in tree.entries.items() if key not in ("variants", "uncertain")})
    touched: list[Path_] = []
    for _ in range(MOST_TURNS):
        model, problems = validate(tree, spec, top=top)
        if model is not None:
            return model, touched
        for problem in problems:
            path = tuple(problem.path.split("."))
            node, depth = deepest(tree, path)
            if depth == len(path) and problem.code == "out_of_range" and (amount := _within(tree, spec, path, node.value)) is not None:
                tree = put(tree, path, replace(node, value=amount))
            elif depth > 0:
                tree = _without(tree, path[:depth])
            else:
                return None
            touched.append(path[:depth])
    return None


def _within(tree: Node, spec: type[SpecModel], path: Path_, value: object) -> float | None:
    """The bound that an amount lies beyond; None where there is none that it may equal."""
    if not isinstance(value, int | float):
        return None
    for slot in slots_at(spec, path, tree):
        for bound in (*slot.bounds, *(slot.field.metadata if slot.field is not None else ())):
            least, most, above = (getattr(bound, name, None) for name in ("ge", "le", "gt"))
            if least is not None and value < least:
                return least  # type: ignore[no-any-return]
            if most is not None and value > most:
                return most  # type: ignore[no-any-return]
            if above is not None and value <= above:
                return above + 1  # type: ignore[no-any-return]
    return None


def _without(node: Node, path: Path_) -> Node:
    kept = {key: _without(below, path[1:]) if key_text(key) == path[0] else below for key, below in node.entries.items() if len(path) > 1 or key_text(key) != path[0]}
    return replace(node, value=kept)
