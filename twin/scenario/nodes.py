"""A scenario before it has types: a tree of values that remember where they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

Scalar = str | int | float | bool | date | None
Key = str | int | date
Path_ = tuple[str, ...]
"""A place inside a scenario, segment by segment; written with dots between."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where values were read from: a file, one `--set`, a call from Python, or a draw of what is not known."""

    label: str
    role: Literal["file", "parent", "option", "python", "draw"]
    path: Path | None = None
    lines: tuple[str, ...] = ()

    def line(self, number: int) -> str | None:
        """The text of one line, counted from 1; None where there is no such line."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is written: a source, line and column counted from 1, and the variant it belongs to, if any."""

    source: Source
    line: int | None = None
    column: int | None = None
    variant: str | None = None

    def describe(self) -> str:
        """The spot in words: `file.yaml:12`, `parent networks/x.yaml:30`, `variant licensed (file.yaml:90)`, `--set a=1`, `draw 3`."""
        where = self.source.label if self.line is None or self.source.role in ("option", "python", "draw") else f"{self.source.label}:{self.line}"
        if self.variant is not None:
            return f"variant {self.variant} ({where})"
        return f"parent {where}" if self.source.role == "parent" else where


@dataclass(frozen=True, slots=True)
class Conflict:
    """Values that two or more parents give to the same place and that nobody has settled."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One value with its spots: where the value stands, and where its key stands."""

    value: Scalar | list[Node] | dict[Key, Node] | Conflict
    spot: Spot
    key_spot: Spot | None = None

    @property
    def entries(self) -> dict[Key, Node]:
        """The entries of a mapping; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def is_removal(self) -> bool:
        """It says `null`: an inherited entry is to go."""
        return self.value is None

    @property
    def named_at(self) -> Spot:
        """The key's spot where there is a key, else the value's."""
        return self.key_spot or self.spot

    def child(self, segment: str) -> Node | None:
        """The entry whose key reads like `segment`, or the list item of that index, or None."""
        if isinstance(self.value, list):
            return self.value[int(segment)] if segment.isdigit() and int(segment) < len(self.value) else None
        for key, node in self.entries.items():
            if key_text(key) == segment:
                return node
        return None


def key_text(key: Key) -> str:
    """A key as a segment of a path; dates as YYYY-MM-DD."""
    return key.isoformat() if isinstance(key, date) else str(key)


def dotted(path: Path_) -> str:
    """`("a", "b")` as `a.b`."""
    return ".".join(path)


def find(node: Node, path: Path_) -> Node | None:
    """The node at `path`, or None."""
    for segment in path:
        below = node.child(segment)
        if below is None:
            return None
        node = below
    return node


def deepest(node: Node, path: Path_) -> tuple[Node, int]:
    """The last node that exists on the way along `path`, and how many segments led to it."""
    for depth, segment in enumerate(path):
        below = node.child(segment)
        if below is None:
            return node, depth
        node = below
    return node, len(path)


def put(node: Node, path: Path_, new: Node) -> Node:
    """A copy of the tree with `new` at `path`; whatever stood there is replaced, mappings on the way are made."""
    if not path:
        return replace(new, key_spot=new.key_spot or node.key_spot)
    entries = dict(node.entries)
    segment = path[0]
    key: Key = next((key for key in entries if key_text(key) == segment), key_of_text(segment))
    below = entries.get(key)
    if below is None or not isinstance(below.value, dict):
        below = Node({}, new.spot, new.key_spot) if len(path) > 1 else Node(None, new.spot, new.key_spot)
    entries[key] = put(below, path[1:], new)
    return replace(node, value=entries)


def key_of_text(segment: str) -> Key:
    """A segment of a path as a key: a date if it reads as one."""
    try:
        return date.fromisoformat(segment) if len(segment) == 10 else segment
    except ValueError:
        return segment


def walk(node: Node, path: Path_ = ()) -> Iterator[tuple[Path_, Node]]:
    """Every node of the tree with its path, parents before children; list items carry their index from 0."""
    yield path, node
    if isinstance(node.value, dict):
        for key, below in node.value.items():
            yield from walk(below, (*path, key_text(key)))
    elif isinstance(node.value, list):
        for index, below in enumerate(node.value):
            yield from walk(below, (*path, str(index)))


def plain(node: Node) -> Any:
    """The tree as plain Python values, without removed entries; a conflict reads as its first value."""
    if isinstance(node.value, Conflict):
        return plain(node.value.nodes[0])
    if isinstance(node.value, dict):
        return {key: plain(below) for key, below in node.value.items() if not below.is_removal}
    if isinstance(node.value, list):
        return [plain(below) for below in node.value]
    return node.value


def planted(value: Any, spot: Spot) -> Node:
    """A tree for a plain Python value, all of it said to stand at `spot`. Raises TypeError for what YAML cannot hold."""
    if isinstance(value, Mapping):
        entries: dict[Key, Node] = {}
        for key, below in value.items():
            if isinstance(key, bool) or not isinstance(key, str | int | date):
                raise TypeError(f"a key must be text, a whole number or a date, not {type(key).__name__}")
            entries[key] = replace(planted(below, spot), key_spot=spot)
        return Node(entries, spot)
    if isinstance(value, list | tuple):
        return Node([planted(below, spot) for below in value], spot)
    if isinstance(value, datetime):
        raise TypeError("a date must have no time of day")
    if value is None or isinstance(value, str | bool | int | float | date):
        return Node(value, spot)
    if hasattr(value, "model_dump"):
        return planted(value.model_dump(by_alias=True, exclude_unset=True), spot)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a NumPy scalar
        return planted(value.item(), spot)
    raise TypeError(f"a scenario cannot hold a {type(value).__name__}")


def respot(node: Node, spot: Spot) -> Node:
    """The same tree, every value said to be set at `spot`'s variant, keeping lines."""

    def move(old: Spot | None) -> Spot | None:
        return None if old is None else replace(old, variant=spot.variant)

    value = node.value
    if isinstance(value, dict):
        value = {key: respot(below, spot) for key, below in value.items()}
    elif isinstance(value, list):
        value = [respot(below, spot) for below in value]
    return Node(value, replace(node.spot, variant=spot.variant), move(node.key_spot))


def same(one: Node, other: Node) -> bool:
    """Both trees hold the same values of the same types, wherever they were written."""
    return bool(_typed(one) == _typed(other))


def _typed(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key_text(key): _typed(below) for key, below in node.value.items()}
    if isinstance(node.value, list):
        return [_typed(below) for below in node.value]
    if isinstance(node.value, Conflict):
        return object()
    is_number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
    return ("number" if is_number else type(node.value).__name__, node.value)
