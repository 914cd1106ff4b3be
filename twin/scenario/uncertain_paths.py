"""The paths under `uncertain`: which of them a draw sets, how a drawn number fits its field, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from twin.errors import Problem
from twin.scenario.locate import locate
from twin.scenario.merge import without_removed
from twin.scenario.model import SpecModel
from twin.scenario.nodes import Node, Path_, Source, Spot, dotted, find, key_text, put
from twin.scenario.overrides import Override
from twin.scenario.sections.uncertain import Distribution
from twin.scenario.shape import Slot, arms, slots_at, takes_names
from twin.scenario.uncertain import extremes
from twin.scenario.validate import OUT_OF_BOUNDS, as_input, problem_at
from twin.scenario.values import flatten
from twin.scenario.wording import expectation, nearest


def drawn_paths(model: SpecModel, tree: Node) -> dict[str, Distribution]:
    """Path -> distribution of every value that a draw sets. What a variant or an option says of a value is not drawn over: it is known there."""
    stated: Mapping[str, Distribution] = getattr(model, "uncertain", {})
    return {path: distribution for path, distribution in stated.items() if not _is_fixed(tree, tuple(path.split(".")))}


def _is_fixed(tree: Node, path: Path_) -> bool:
    node = find(tree, path)
    return node is not None and (node.spot.variant is not None or node.spot.source.role in ("option", "python"))


def as_overrides(values: Mapping[str, float], model: SpecModel, tree: Node, *, draw: int) -> list[Override]:
    """Drawn values as an override layer that says which draw it is; rounded where the field takes whole numbers only."""
    spot = Spot(Source(f"draw {draw}", "draw"))
    plain_values = flatten(model)
    made = []
    for name, value in values.items():
        path = tuple(name.split("."))
        made.append(Override(path, Node(_fitted(value, path, plain_values.get(path), model, tree), spot, spot)))
    return made


def ranges(model: SpecModel, tree: Node, *, top: str, of_variant: bool = False) -> list[Problem]:
    """What is wrong under `uncertain`: paths that hold no number, values that could be drawn and that the field would refuse.

    `of_variant`: only entries that a variant or a call from Python wrote; the others were asked about in the file itself.
    """
    section = tree.child("uncertain")
    stated: Mapping[str, Distribution] = getattr(model, "uncertain", {})
    if section is None:
        return []
    values = flatten(model)
    found = []
    for key, node in section.entries.items():
        name = key_text(key)
        path = tuple(name.split("."))
        where = ("uncertain", name)
        value = values.get(path)
        if of_variant and not is_own_word(node):
            continue
        if path == ("seed",):
            message = "the seed is luck, not a value that is not known: other seeds and replicates vary it."
            found.append(problem_at(node.named_at, "not_to_draw", message, where, suggestion="Remove it.", top=top))
        elif value is None or isinstance(value, bool) or not isinstance(value, int | float):
            found.append(_no_number(path, value, model, tree, node, values, where, top))
        elif beside := _needed_beside(path, value, model, tree):
            found.append(_alone(path, beside, values, node, where, top))
        elif name in stated:
            found += _refused_ends(stated[name], path, value, model, tree, node, where, top)
    return found


def is_own_word(node: Node) -> bool:
    """An entry that a variant or a call from Python wrote, not the file's own block."""
    return node.named_at.variant is not None or node.named_at.source.role == "python"


def _no_number(path: Path_, value: Any, model: SpecModel, tree: Node, node: Node, values: dict[Path_, Any], where: Path_, top: str) -> Problem:
    name = dotted(path)
    below = [dotted(known) for known, number in values.items() if known[: len(path)] == path and isinstance(number, int | float)]
    if below:
        return problem_at(
            node.named_at, "not_a_number", f"{name} is not one number.", where, suggestion=f"Did you mean {below[0]}?", top=top
        )
    if value is not None or find(tree, path) is not None:
        return problem_at(node.named_at, "not_a_number", f"{name} holds no number.", where, top=top)
    slots = _slots_without_value(path, model, tree, values)
    if slots and not any(arm in (int, float) for slot in slots for arm, _ in arms(slot.annotation)):
        return problem_at(node.named_at, "not_a_number", f"{name} holds no number.", where, top=top)
    if slots:
        hint = f"Give the plain value that a single run uses: {expectation(slots, path)}."
        return problem_at(node.named_at, "not_a_number", f"{name} has no value in this scenario.", where, suggestion=hint, top=top)
    numbers = [dotted(known) for known, number in values.items() if isinstance(number, int | float) and not isinstance(number, bool)]
    near = nearest(name, numbers)
    message = f"there is no {name} in this scenario."
    return problem_at(node.named_at, "unknown_path", message, where, suggestion=f"Did you mean {near}?" if near else None, top=top)


def _slots_without_value(path: Path_, model: SpecModel, tree: Node, values: dict[Path_, Any]) -> list[Slot]:
    """The slots of a field that this scenario leaves empty; none where the path passes a name that is not there."""
    for depth in range(len(path)):
        is_there = any(known[: depth + 1] == path[: depth + 1] for known in values)
        if not is_there and takes_names(slots_at(type(model), path[:depth], tree)):
            return []
    return slots_at(type(model), path, tree)


def _needed_beside(path: Path_, value: float, model: SpecModel, tree: Node) -> list[str]:
    """Names beside a value that the scenario would have to state were the value stated: the whole section they belong to is left to its default."""
    if len(path) < 2 or find(tree, path) is not None:
        return []
    changed = put(tree, path, Node(value, tree.spot))
    try:
        type(model).model_validate(as_input(without_removed(changed)), by_alias=True, by_name=False)
    except ValidationError as error:
        missing = [locate(dict(each), changed).path for each in error.errors(include_url=False) if each["type"] == "missing"]
        return sorted({key_text(at[-1]) for at in missing if at[:-1] == path[:-1] and at != path})
    return []


def _alone(path: Path_, beside: list[str], values: dict[Path_, Any], node: Node, where: Path_, top: str) -> Problem:
    section = path[:-1]
    plain = {key_text(known[-1]): number for known, number in values.items() if known[:-1] == section and number is not None}
    message = f"{dotted(path)} cannot be drawn alone: it needs {', '.join(beside)} beside it, and this scenario leaves the whole of {dotted(section)} to its default."
    hint = f"State it: {dotted(section)}: {{{', '.join(f'{name}: {number:g}' if isinstance(number, float) else f'{name}: {number}' for name, number in plain.items())}}}."
    return problem_at(node.named_at, "needs_beside", message, where, suggestion=hint, top=top)


def _refused_ends(
    distribution: Distribution, path: Path_, value: float, model: SpecModel, tree: Node, node: Node, where: Path_, top: str
) -> list[Problem]:
    found = []
    for place, end in extremes(distribution).items():
        why = _refusal(_fitted(end, path, value, model, tree), path, model, tree)
        if why is None:
            continue
        is_open = place[-1] == "open"
        said = None if is_open else find(node, place)
        message = f"{dotted(path)} cannot be {end:.6g}" + (f", which a {distribution.kind} like this can draw" if is_open else "") + f": {why}"
        hint = f"Give `{place[0]}`, where it is cut." if is_open else None
        full = where if is_open else (*where, *place)
        found.append(problem_at(said.spot if said else node.named_at, "out_of_range", message, full, suggestion=hint, top=top))
    return found


def _refusal(number: float, path: Path_, model: SpecModel, tree: Node) -> str | None:
    """Why the scenario would not take `number` at `path`, all else as it is; None if it would."""
    changed = put(tree, path, Node(number, tree.spot))
    try:
        type(model).model_validate(as_input(without_removed(changed)), by_alias=True, by_name=False)
    except ValidationError as error:
        about = [each for each in error.errors(include_url=False) if path[: len(at := locate(dict(each), changed).path)] == at]
        if not about:  # something else is wrong, which is told apart
            return None
        first = about[0]
        if first["type"] in OUT_OF_BOUNDS:
            return f"expected {expectation(slots_at(type(model), path, tree), path)}."
        words = str(first["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
        return words if words.endswith(".") else words + "."
    return None


def _fitted(number: float, path: Path_, value: Any, model: SpecModel, tree: Node) -> float:
    """The number as the field takes it: whole where the field allows whole numbers only."""
    kinds = {arm for slot in slots_at(type(model), path, tree) for arm, _ in arms(slot.annotation)} & {int, float}
    whole = kinds == {int} if kinds else isinstance(value, int)
    return round(number) if whole else float(number)
