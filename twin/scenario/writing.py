"""A resolved scenario as a YAML text that stands alone: parents merged, variant and options applied, defaults left as defaults."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from twin.errors import InputError
from twin.scenario.citations import matches
from twin.scenario.nodes import Key, Node, key_text
from twin.scenario.scalars import write_scalar
from twin.scenario.upgrades import SCHEMA
from twin.scenario.values import flatten

if TYPE_CHECKING:
    from twin.scenario.holder import Scenario

_SHORT = 100
"""Longest mapping that is written in one line."""


def dump(scenario: Scenario) -> str:
    """The scenario as one YAML text without `extends`; loading it gives an equal scenario.

    Variants and citations that speak of entries which this scenario no longer has are left out.
    """
    tree = scenario._tree
    spot = tree.spot
    variants, sources = _kept(scenario)
    entries: dict[Key, Node] = {"schema": Node(SCHEMA, spot)}
    for key, node in tree.entries.items():
        if key not in ("schema", "extends", "seed", "variants", "sources"):
            entries[key] = node
        if key == "title":
            entries["seed"] = Node(scenario.seed, spot)
    entries.setdefault("seed", Node(scenario.seed, spot))
    for key, kept in (("variants", variants), ("sources", sources)):
        if kept:
            entries[key] = Node(kept, spot)
    return _block(replace(tree, value=entries), 0)


def _kept(scenario: Scenario) -> tuple[dict[Key, Node], dict[Key, Node]]:
    reached = list(flatten(scenario.spec))
    variants: dict[Key, Node] = {}
    section = scenario._tree.child("variants")
    for key, node in section.entries.items() if section is not None else ():
        try:
            changed = scenario.variant(key_text(key))
        except InputError:
            continue
        variants[key] = node
        reached += flatten(changed.spec)
    cited = scenario._tree.child("sources")
    sources: dict[Key, Node] = {
        key: node
        for key, node in (cited.entries.items() if cited is not None else ())
        if any(matches(key_text(key), path) for path in reached)
    }
    return variants, sources


def _block(node: Node, indent: int) -> str:
    lines = []
    for key, below in node.entries.items():
        head = " " * indent + write_scalar(key) + ":"
        flat = _flat(below)
        if below.entries and (indent == 0 or len(head) + len(flat) + 1 > _SHORT):
            lines.append(f"{head}\n{_block(below, indent + 2).rstrip()}")
        else:
            lines.append(f"{head} {flat}")
    return "\n".join(lines) + "\n"


def _flat(node: Node) -> str:
    if isinstance(node.value, dict):
        return "{" + ", ".join(f"{write_scalar(key)}: {_flat(below)}" for key, below in node.value.items()) + "}"
    if isinstance(node.value, list):
        return "[" + ", ".join(_flat(below) for below in node.value) + "]"
    assert isinstance(node.value, str | int | float | bool) or node.value is None or hasattr(node.value, "isoformat")
    return write_scalar(node.value)  # type: ignore[arg-type]
