"""Values set by path: variants, `--set a.b=1`, and dictionaries from Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from twin.errors import InputError, Problem
from twin.scenario.made import MADE
from twin.scenario.merge import is_dated, set_at
from twin.scenario.model import SpecModel
from twin.scenario.nodes import Key, Node, Path_, Source, Spot, dotted, find, key_text, planted, respot
from twin.scenario.shape import known_paths, models, slots_at, takes_dates_as_keys, takes_names
from twin.scenario.validate import problem_at
from twin.scenario.wording import nearest
from twin.scenario.yamltext import read_text

NOT_TO_SET = ("schema", "extends", "variants", "sources")


@dataclass(frozen=True, slots=True)
class Override:
    """One path and its new value; `null` removes."""

    path: Path_
    node: Node


def from_options(sets: Iterable[str]) -> tuple[list[Override], list[Problem]]:
    """`a.b=1` as overrides, in order; the value follows the scalar rules of a scenario, and may be `{...}` or `[...]`."""
    made, problems = [], []
    for text in sets:
        label = f"--set {text}"
        name, equals, value = text.partition("=")
        spot = Spot(Source(label, "option"))
        path = tuple(name.strip().split("."))
        if not equals or not all(path):
            problems.append(
                Problem(
                    "bad_set", "expected a dotted path, an equals sign and a value: --set operators.hobbyists.sells_share=0.5", file=label
                )
            )
            continue
        try:
            node = read_text(f"value: {value}" if "\n" not in value else value, Source(label, "option")).child("value")
        except InputError as error:
            problems += [replace(problem, line=None, column=None, path=dotted(path)) for problem in error.problems]
            continue
        if node is None:
            problems.append(Problem("bad_set", "a value stands in one line.", file=label))
            continue
        made.append(Override(path, _moved(node, spot)))
    return made, problems


def swallowed(options: Sequence[Override]) -> list[Problem]:
    """`set_in_vain`, a warning for each option whose branch a later one takes away or replaces whole; of two for the same path the last wins, which needs no word."""
    found = []
    for row, one in enumerate(options):
        later = (
            other for other in options[row + 1 :]
            if len(other.path) < len(one.path) and one.path[: len(other.path)] == other.path and (not other.node.entries or is_dated(other.node))
        )  # fmt: skip
        if (last := next(later, None)) is not None:
            message = f"{last.node.spot.source.label} comes later and takes this away with all of {dotted(last.path)}: it changes nothing, and nobody looks at its value."
            found.append(problem_at(one.node.spot, "set_in_vain", message, one.path, suggestion="Leave it out, or give it after the other."))
    return found


def _moved(node: Node, spot: Spot) -> Node:
    value = node.value
    if isinstance(value, dict):
        value = {key: _moved(below, spot) for key, below in value.items()}
    elif isinstance(value, list):
        value = [_moved(below, spot) for below in value]
    return Node(value, spot, spot)


def from_python(values: Mapping[str, Any], *, label: str) -> list[Override]:
    """A dictionary of dotted paths as overrides. Raises InputError for what a scenario cannot hold."""
    spot = Spot(Source(f'variant "{label}"', "python"))
    made, problems = [], []
    for name, value in values.items():
        try:
            made.append(Override(tuple(str(name).split(".")), replace(planted(value, spot), key_spot=spot)))
        except TypeError as error:
            problems.append(Problem("wrong_type", f"{error}.", file=spot.source.label, path=str(name)))
    if problems:
        raise InputError(problems)
    return made


def of_variant(tree: Node, name: str, *, top: str) -> tuple[list[Override], list[Problem]]:
    """The paths and values of a variant that stands in the tree."""
    section = tree.child("variants")
    node = section.child(name) if section is not None else None
    if section is None or node is None:
        known = [key_text(key) for key in section.entries] if section is not None else []
        near = nearest(name, [*known, *MADE])
        hint = f'Did you mean "{near}"?' if near else f"There are {', '.join(known)}." if known else "It has none."
        return [], [Problem("unknown_variant", f'there is no variant "{name}".', file=top, path="variants", suggestion=hint)]
    if not isinstance(node.value, dict):
        return [], [problem_at(node.spot, "wrong_type", "expected dotted paths with new values.", ("variants", name), top=top)]
    spot = Spot(node.spot.source, variant=name)
    return [Override(tuple(key_text(key).split(".")), respot(below, spot)) for key, below in node.entries.items()], []


def applied(tree: Node, overrides: Iterable[Override], spec: type[SpecModel], *, top: str) -> tuple[Node, list[Problem]]:
    """The tree with every override in its place, and the paths that lead nowhere."""
    problems = []
    for override in overrides:
        wrong = _wrong_path(tree, override, spec, top)
        if wrong is not None:
            problems.append(wrong)
        elif override.node.is_removal:
            tree = without(tree, override.path)
        else:
            tree = set_at(tree, override.path, override.node)
    return tree, problems


def without(tree: Node, path: Path_) -> Node:
    """The tree without the entry at `path`, and without the ranges under `uncertain` that spoke of it."""
    tree = _cut(tree, path)
    section = tree.child("uncertain")
    if section is None:
        return tree
    kept: dict[Key, Node] = {key: below for key, below in section.entries.items() if tuple(key_text(key).split("."))[: len(path)] != path}
    entries: dict[Key, Node] = dict(tree.entries)
    entries["uncertain"] = replace(section, value=kept)
    return replace(tree, value=entries)


def _cut(node: Node, path: Path_) -> Node:
    entries: dict[Key, Node] = {}
    for key, below in node.entries.items():
        if key_text(key) != path[0]:
            entries[key] = below
        elif len(path) > 1:
            entries[key] = _cut(below, path[1:])
    return replace(node, value=entries)


def _wrong_path(tree: Node, override: Override, spec: type[SpecModel], top: str) -> Problem | None:
    path, spot = override.path, override.node.named_at
    shown = dotted(path)
    if not all(path) or path[0] in NOT_TO_SET:
        return problem_at(spot, "unknown_path", f'"{shown}" is no path of a value that can be set.', shown, top=top)
    if override.node.is_removal and find(tree, path) is None:
        message = f'null removes an entry, and there is no "{shown}".'
        return problem_at(spot, "unknown_path", message, shown, suggestion=_near(path, tree, spec), top=top)
    for depth in range(1, len(path) + 1):
        here = path[:depth]
        owner = find(tree, here[:-1])
        if owner is not None and isinstance(owner.value, list):
            message = f'"{dotted(here[:-1])}" is a list; it is set as a whole.'
            return problem_at(spot, "unknown_path", message, shown, top=top)
        if find(tree, here) is not None:
            continue
        owners = slots_at(spec, here[:-1], tree)
        in_model = bool(slots_at(spec, here, tree)) and not takes_names(owners)
        adds_entry = depth == len(path) and takes_names(owners)
        adds_day = adds_entry or any(takes_dates_as_keys(owner) for owner in owners)
        has_field = any(path[depth - 1] in model.model_fields for owner in owners for model in models(owner.annotation))
        if not (in_model or has_field or adds_entry or adds_day):
            message = (
                f'there is no "{shown}" in this scenario; "{dotted(here)}" is where it ends.'
                if depth < len(path)
                else f'there is no "{shown}" in this scenario.'
            )
            return problem_at(spot, "unknown_path", message, shown, suggestion=_near(path, tree, spec), top=top)
    return None


def _near(path: Path_, tree: Node, spec: type[SpecModel]) -> str | None:
    if path[0] == "uncertain":  # its keys are dotted paths themselves, so no path leads into one
        return "What is not known is set as a whole: uncertain={PATH: {kind: uniform, low: 1, high: 2}}."
    near = nearest(dotted(path), [dotted(known) for known in known_paths(spec, tree)])
    return f'Did you mean "{near}"?' if near is not None else None
