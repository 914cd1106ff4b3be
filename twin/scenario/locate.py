"""From a pydantic error to the node that caused it: union tags dropped, the arm that was meant chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twin.scenario.nodes import Node, Path_, key_text

_ARM_DOES_NOT_FIT = 1000
_ABOUT_THE_VALUE = frozenset(
    {"greater_than", "greater_than_equal", "less_than", "less_than_equal", "value_error", "assertion_error", "missing", "extra_forbidden"}
)


@dataclass(frozen=True, slots=True)
class Located:
    """One error with the path it speaks of. `sites` are the unions passed on the way: (path of the union, arm tried)."""

    error: dict[str, Any]
    path: Path_
    sites: tuple[tuple[Path_, str], ...]
    about_key: bool = False

    @property
    def type(self) -> str:
        """Pydantic's name of the error."""
        return str(self.error["type"])


@dataclass(frozen=True, slots=True)
class NothingFits:
    """No arm of a union takes what stands at a path."""

    path: Path_
    arms: tuple[Located, ...]


def locate(error: dict[str, Any], tree: Node) -> Located:
    """The error with its path in the tree. Parts of the location that are no keys there are tags of union arms."""
    loc = list(error["loc"])
    about_key = bool(loc) and loc[-1] == "[key]"
    if about_key:
        loc.pop()
    _, path, sites = _align(tree, loc, (), (), missing=error["type"] == "missing")
    return Located(error, path, sites, about_key)


def _align(
    node: Node | None, loc: Sequence[Any], path: Path_, sites: tuple[tuple[Path_, str], ...], *, missing: bool
) -> tuple[tuple[int, int], Path_, tuple[tuple[Path_, str], ...]]:
    """The reading of a location with fewest tags, as (cost, path, sites); cost is (last part unread, parts read as tags)."""
    if not loc:
        return (0, len(sites)), path, sites
    head, rest = loc[0], loc[1:]
    readings = []
    step = _step(node, head)
    if step is not None:
        segment, below = step
        readings.append(_align(below, rest, (*path, segment), sites, missing=missing))
    elif missing and not rest and node is not None and isinstance(node.value, dict):
        readings.append(((0, len(sites)), (*path, str(head)), sites))
    (unread, n_tags), tag_path, tag_sites = _align(node, rest, path, (*sites, (path, str(head))), missing=missing)
    readings.append(((max(unread, 0 if rest else 1), n_tags), tag_path, tag_sites))
    return min(readings, key=lambda reading: reading[0])


def _step(node: Node | None, part: Any) -> tuple[str, Node] | None:
    if node is None:
        return None
    if isinstance(node.value, list) and isinstance(part, int) and 0 <= part < len(node.value):
        return str(part), node.value[part]
    for key, below in node.entries.items():
        if key == part or repr(key) == part or key_text(key) == str(part):
            return key_text(key), below
    return None


def meant(errors: Sequence[Located]) -> list[Located | NothingFits]:
    """The errors that help: of each union only the arm that comes nearest to what was written."""
    return _meant(errors, 0)


def without_shells(errors: Sequence[Located | NothingFits]) -> list[Located | NothingFits]:
    """The errors without those that call a list or a mapping too short because what stands in it is wrong, of which another error tells."""
    paths = [error.path for error in errors]
    return [error for error in errors if not (isinstance(error, Located) and error.type == "too_short" and any(path[: len(error.path)] == error.path != path for path in paths))]


def _meant(errors: Sequence[Located], depth: int) -> list[Located | NothingFits]:
    kept: list[Located | NothingFits] = [error for error in errors if len(error.sites) <= depth]
    unions: dict[tuple[tuple[Path_, str], ...], dict[str, list[Located]]] = {}
    for error in errors:
        if len(error.sites) > depth:
            passed, (site, arm) = error.sites[:depth], error.sites[depth]
            unions.setdefault((*passed, (site, "")), {}).setdefault(arm, []).append(error)
    for key, tried in unions.items():
        site = key[-1][0]
        best = min(tried, key=lambda arm: _misfit(tried[arm], site))
        if len(tried) > 1 and _misfit(tried[best], site) >= _ARM_DOES_NOT_FIT:
            kept.append(NothingFits(site, tuple(error for errors_of_arm in tried.values() for error in errors_of_arm)))
        else:
            kept += _meant(tried[best], depth + 1)
    return kept


def _misfit(errors: Sequence[Located], site: Path_) -> int:
    return sum(_ARM_DOES_NOT_FIT if error.path == site and error.type not in _ABOUT_THE_VALUE else 1 for error in errors)
