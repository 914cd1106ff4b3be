"""The version of the grammar that a file is written in, and what was renamed since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from twin.errors import Problem
from twin.scenario.nodes import Key, Node, Path_, dotted, find
from twin.scenario.validate import problem_at

SCHEMA = 1
"""The version that this package reads and writes."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """A field that a later version of the grammar calls otherwise."""

    old: Path_
    new: Path_
    why: str


UPGRADES: dict[int, tuple[Renamed, ...]] = {}
"""What changed from each version to the next. Version 1 is the first, so there is nothing to upgrade from yet."""


def check_schema(text: Node, *, top: str) -> tuple[Node, list[str], list[Problem]]:
    """The tree in the present grammar, a note for each change made to it, and what is wrong with its `schema` line."""
    node = text.child("schema")
    if node is None:
        first = replace(text.spot, line=1, column=1)
        return (
            text,
            [],
            [
                problem_at(
                    first,
                    "missing_schema",
                    "a scenario begins with the version of its grammar.",
                    "schema",
                    suggestion=f"Write schema: {SCHEMA} first.",
                    top=top,
                )
            ],
        )
    version = node.value
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return (
            text,
            [],
            [
                problem_at(
                    node.spot,
                    "wrong_type",
                    f"expected the version of the grammar, {SCHEMA}.",
                    "schema",
                    suggestion=f"Write schema: {SCHEMA}.",
                    top=top,
                )
            ],
        )
    if version > SCHEMA:
        message = (
            f"this file is written in grammar {version}; this version of depin-twin reads grammar 1 to {SCHEMA}."
            if SCHEMA > 1
            else f"this file is written in grammar {version}; this version of depin-twin reads grammar {SCHEMA}."
        )
        return (
            text,
            [],
            [
                problem_at(
                    node.spot,
                    "newer_schema",
                    message,
                    "schema",
                    suggestion=f"Update depin-twin to a version that reads schema {version}.",
                    top=top,
                )
            ],
        )
    problems = []
    if next(iter(text.entries)) != "schema":
        problems.append(
            problem_at(
                node.named_at,
                "schema_not_first",
                "`schema` stands first in a scenario.",
                "schema",
                suggestion="Move the line to the top.",
                top=top,
            )
        )
    text = with_words_of_today(with_kind_of_price(text))
    notes: list[str] = []
    for step in range(version, SCHEMA):
        for change in UPGRADES.get(step, ()):
            text, made = _rename(text, change)
            if made:
                notes.append(f"{text.spot.source.label}: {dotted(change.old)} is now {dotted(change.new)} ({change.why})")
    if version < SCHEMA:
        text = _with(text, ("schema",), replace(node, value=SCHEMA))
        notes.append(f"{text.spot.source.label}: read as grammar {SCHEMA}, written in {version}")
    return text, notes, problems


def with_kind_of_price(text: Node) -> Node:
    """A price that says `series` and no kind is a `replay_fixed`, in `token:` and in every variant: files from before it had a name still load."""
    tokens, variants = text.child("token"), text.child("variants")
    if tokens is not None and tokens.entries:
        text = _with(text, ("token",), _each(tokens, lambda token: _each(token, _kinded, only="price")))
    if variants is not None and variants.entries:
        text = _with(text, ("variants",), _each(variants, _with_kinds_at_paths))
    return text


NODES_THAT_WERE_BOXES = {
    "adversaries": {"boxes": "nodes", "entry_cost_usd_per_box": "entry_cost_usd_per_node", "buys_boxes": "buys_nodes"},
    "hardware": {"boxes_per_consignment": "nodes_per_consignment", "boxes_per_crew_per_day": "nodes_per_crew_per_day"},
}
"""By section: fields that said box before every kind called its nodes by its own noun."""


def with_words_of_today(text: Node) -> Node:
    """Fields that said box are read as nodes, in their section and at dotted paths of variants and of `uncertain`: files from before still load."""
    for section, names in NODES_THAT_WERE_BOXES.items():
        for place in (section, "variants", "uncertain"):
            if (below := text.child(place)) is not None:
                text = _with(text, (place,), _renamed_below(below, names, section, (place,) if place == section else ()))
    return text


def _renamed_below(node: Node, names: dict[str, str], section: str, path: Path_) -> Node:
    """The tree with fields of that section renamed wherever they stand two levels or more below it (what stands right below it is a user's own name)."""
    if not node.entries:
        return node
    entries: dict[Key, Node] = {}
    for key, below in node.entries.items():
        head, dot, last = str(key).rpartition(".")
        here = (*path, *str(key).split(".")) if path or str(key).startswith(f"{section}.") else ()
        entries[f"{head}{dot}{names[last]}" if len(here) > 2 and last in names else key] = _renamed_below(below, names, section, here)
    return replace(node, value=entries)


def _with_kinds_at_paths(variant: Node) -> Node:
    """The same for the dotted paths of a variant."""
    paths = [path for path in variant.entries if str(path).count(".") == 2 and str(path).startswith("token.") and str(path).endswith(".price")]
    for path in paths:
        variant = _each(variant, _kinded, only=path)
    return variant


def _each(node: Node, change: Callable[[Node], Node], *, only: Key | None = None) -> Node:
    """The mapping with `change` at each of its mappings, or at the one named `only`."""
    return replace(
        node, value={key: change(below) if below.entries and only in (None, key) else below for key, below in node.entries.items()}
    ) if node.entries else node


def _kinded(price: Node) -> Node:
    if "series" not in price.entries or "kind" in price.entries:
        return price
    return replace(price, value={"kind": replace(price, value="replay_fixed"), **price.entries})


def _rename(tree: Node, change: Renamed) -> tuple[Node, bool]:
    moved = find(tree, change.old)
    if moved is None or find(tree, change.new) is not None:
        return tree, False
    return _with(_without(tree, change.old), change.new, moved), True


def _with(node: Node, path: Path_, new: Node) -> Node:
    entries: dict[Key, Node] = dict(node.entries)
    entries[path[0]] = new if len(path) == 1 else _with(entries.get(path[0], Node({}, new.spot, new.key_spot)), path[1:], new)
    return replace(node, value=entries)


def _without(node: Node, path: Path_) -> Node:
    entries: dict[Key, Node] = dict(node.entries)
    if len(path) == 1:
        entries.pop(path[0])
    else:
        left = _without(entries.pop(path[0]), path[1:])
        if left.entries:  # a mapping whose last entry has moved goes with it
            entries[path[0]] = left
    return replace(node, value=entries)
