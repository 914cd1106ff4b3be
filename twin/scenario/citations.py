"""Who says so: the citation of a value, by the longest path that matches."""

from __future__ import annotations

from collections.abc import Mapping

from twin.scenario.nodes import Node, Path_


def matches(pattern: str, path: Path_) -> bool:
    """A pattern covers a path that begins like it; `*` stands for one whole segment, alone for everything."""
    if pattern == "*":
        return True
    parts = pattern.split(".")
    return len(parts) <= len(path) and all(part in ("*", segment) for part, segment in zip(parts, path, strict=False))


def may_meet(pattern: str, path: Path_) -> bool:
    """A pattern and a path agree as far as both go: it may speak of something at, above or below."""
    return all(part in ("*", segment) for part, segment in zip(pattern.split("."), path, strict=False))


def is_pattern(pattern: str) -> bool:
    """Every star in it stands for a whole segment."""
    return all(part == "*" or "*" not in part for part in pattern.split("."))


def weight(pattern: str) -> tuple[int, int]:
    """How closely a pattern speaks: number of segments, then how many of them are named; the star alone is last."""
    parts = pattern.split(".")
    return (0, 0) if pattern == "*" else (len(parts), sum(part != "*" for part in parts))


def citation(
    path: Path_,
    *,
    file: str | None,
    sources: Mapping[str, Mapping[str, Node]],
    ancestry: Mapping[str, tuple[str, ...]],
    default: str | None = None,
) -> str | None:
    """The citation for a value that stands in `file` (None: a default, described by `default`), or None if nobody says.

    A file speaks for its own values and for those of the files it extends, never for those of the files that extend it.
    The longest pattern wins; between equals, the file in which the value stands. A default's own description beats the star alone.
    """
    best: tuple[tuple[int, int], bool, str] | None = None
    for label, patterns in sources.items():
        if file is not None and file not in ancestry.get(label, (label,)):
            continue
        for pattern, node in patterns.items():
            if matches(pattern, path) and isinstance(node.value, str):
                candidate = (weight(pattern), label == file, node.value)
                if best is None or candidate[:2] > best[:2]:
                    best = candidate
    if default is not None and (best is None or best[0] == (0, 0)):
        return default
    return best[2] if best is not None else None
