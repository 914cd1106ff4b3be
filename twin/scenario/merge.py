"""How two trees become one: parents joined side by side, a child laid over them, a variant's values set at their paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from twin.scenario.nodes import Conflict, Key, Node, Path_, find, put, same, walk


def join(one: Node, other: Node) -> Node:
    """Two parents side by side: mappings merge, equal values are one value, anything else becomes a Conflict. Order does not matter."""
    if isinstance(one.value, dict) and isinstance(other.value, dict) and not _other_kind(one, other):
        entries: dict[Key, Node] = dict(one.value)
        for key, theirs in other.value.items():
            entries[key] = join(entries[key], theirs) if key in entries else theirs
        return replace(one, value=entries)
    nodes = (one.value.nodes if isinstance(one.value, Conflict) else (one,)) + (
        other.value.nodes if isinstance(other.value, Conflict) else (other,)
    )
    if all(same(nodes[0], node) for node in nodes[1:]):
        return one
    return replace(one, value=Conflict(nodes))


def overlay(base: Node, child: Node) -> Node:
    """A child over its parent: mappings merge, anything else replaces; `null` stays as the mark of a removed entry.

    A mapping that states another `kind` than the parent's replaces it as a whole: the numbers of one behaviour mean nothing to another.
    One of kind `constant_from` goes on from what it is laid over, which becomes its `before`.
    """
    if _goes_on_from(base, child):
        return replace(child, value={**child.entries, "before": replace(base, key_spot=child.key_spot)})
    if isinstance(base.value, dict) and isinstance(child.value, dict) and not _other_kind(base, child):
        entries: dict[Key, Node] = dict(base.value)
        for key, new in child.value.items():
            entries[key] = overlay(entries[key], new) if key in entries else new
        return replace(child, value=entries)
    return child


def overlay_variants(base: Node, child: Node) -> Node:
    """Variants of a child over those of its parent: their paths merge, the value at a path replaces (there `null` is a value)."""
    entries: dict[Key, Node] = dict(base.entries)
    for name, new in child.entries.items():
        old = entries.get(name)
        merged = isinstance(new.value, dict) and old is not None and isinstance(old.value, dict)
        entries[name] = replace(new, value={**old.entries, **new.entries}) if merged and old is not None else new
    return replace(child, value=entries)


def overlay_ranges(base: Node, child: Node) -> Node:
    """What a child says under `uncertain` over its parent's: paths merge, the distribution at a path replaces as a whole."""
    return replace(child, value={**base.entries, **child.entries})


def set_at(tree: Node, path: Path_, new: Node) -> Node:
    """The tree with `new` at `path`. A mapping merges into the one that stands there; a table by date and all else replaces; null removes."""
    old = find(tree, path)
    if old is not None and old.entries and new.entries and not is_dated(new):
        laid = overlay_ranges(old, new) if path == ("uncertain",) else overlay(old, new)
        new = replace(laid, key_spot=new.key_spot)
    return put(tree, path, new)


def is_dated(node: Node) -> bool:
    """A table by date: every key is a day."""
    return bool(node.entries) and all(isinstance(key, date) for key in node.entries)


def without_removed(document: Node) -> Node:
    """A document without the entries that say null; inside a variant null is a value and stays."""
    entries: dict[Key, Node] = {}
    for key, below in document.entries.items():
        if key == "variants" and below.entries:
            entries[key] = replace(below, value={name: variant for name, variant in below.entries.items() if not variant.is_removal})
        elif not below.is_removal:
            entries[key] = _pruned(below)
    return replace(document, value=entries)


def _pruned(node: Node) -> Node:
    if isinstance(node.value, dict):
        return replace(node, value={key: _pruned(below) for key, below in node.value.items() if not below.is_removal})
    if isinstance(node.value, list):
        return replace(node, value=[_pruned(below) for below in node.value])
    return node


def removals(node: Node) -> Iterator[tuple[Path_, Node]]:
    """Every entry that says null, with its path."""
    return ((path, below) for path, below in walk(node) if below.is_removal)


def conflicts(node: Node) -> Iterator[tuple[Path_, Conflict]]:
    """Every place where parents disagree and nobody has settled it."""
    return ((path, below.value) for path, below in walk(node) if isinstance(below.value, Conflict))


def _other_kind(base: Node, child: Node) -> bool:
    old, new = base.child("kind"), child.child("kind")
    return old is not None and new is not None and isinstance(old.value, str) and isinstance(new.value, str) and old.value != new.value


def _goes_on_from(base: Node, child: Node) -> bool:
    new = child.child("kind")
    return new is not None and new.value == "constant_from" and _other_kind(base, child) and not {"before", "series"} & child.entries.keys()
