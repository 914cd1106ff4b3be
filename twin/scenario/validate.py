"""A resolved tree against its spec class: every pydantic error as a problem that names line, expectation and fix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from twin.errors import Problem
from twin.scenario.locate import Located, NothingFits, locate, meant, without_shells
from twin.scenario.merge import without_removed
from twin.scenario.model import SpecModel
from twin.scenario.nodes import Node, Path_, Spot, deepest, dotted, find, plain
from twin.scenario.sections.law_by_kind import why_not
from twin.scenario.shape import choices, fields, known_paths, models_at, slots_at, tag_values, takes_names
from twin.scenario.wording import expectation, found_words, nearest
from twin.units import stem

HOLD_PATHS = ("variants", "uncertain", "sources")
"""Sections whose keys are dotted paths, not names."""

OUT_OF_BOUNDS = frozenset(
    {
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
        "multiple_of",
        "too_short",
        "too_long",
        "string_too_short",
        "string_too_long",
    }
)
"""Pydantic's names of what lies outside of a field's bounds."""

_CHOICE = frozenset({"literal_error", "enum", "union_tag_invalid"})
_FROM_ANOTHER_LANGUAGE = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def problem_at(
    spot: Spot | None, code: str, message: str, path: Path_ | str, *, suggestion: str | None = None, top: str | None = None
) -> Problem:
    """A problem with the file, line and origin of a spot. `top` names the file that was asked for."""
    path = path if isinstance(path, str) else dotted(path)
    if spot is None:
        return Problem(code, message, file=top, path=path, suggestion=suggestion)
    origin = None
    if spot.variant is not None:
        origin = f'variant "{spot.variant}"'
    elif spot.source.role == "parent" and top is not None:
        origin = f"{spot.source.label}, which {top} extends"
    source_line = spot.source.line(spot.line) if spot.line is not None else None
    is_file = spot.source.role in ("file", "parent")
    return Problem(
        code,
        message,
        spot.source.label,
        spot.line if is_file else None,
        spot.column if is_file else None,
        path,
        source_line if is_file else None,
        suggestion,
        origin,
    )


def validate(tree: Node, spec: type[SpecModel], *, top: str) -> tuple[SpecModel | None, list[Problem]]:
    """The typed scenario, or all problems that its values have. Cross-field problems are asked for only when every field is valid."""
    tree = without_removed(tree)
    problems = list(_dotted_names(tree, top))
    try:
        model = spec.model_validate(as_input(tree), by_alias=True, by_name=False)
    except ValidationError as error:
        located = [locate(dict(entry), tree) for entry in error.errors(include_url=False)]
        known = {problem.path for problem in problems}
        found = (_as_problem(item, tree, spec, top) for item in without_shells(meant(located)))
        return None, problems + [problem for problem in found if problem.path not in known]
    return (None, problems) if problems else (model, [])


def as_input(tree: Node) -> Any:
    """The plain values that the spec class is given; a `null` inside a variant stays, because there it is a value."""
    data = plain(tree)
    variants = tree.child("variants")
    if variants is not None and isinstance(data, dict):
        data["variants"] = {key: _plain_with_null(below) for key, below in variants.entries.items()}
    return data


def _plain_with_null(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain_with_null(below) for key, below in node.value.items()}
    return plain(node)


def _dotted_names(tree: Node, top: str) -> Iterable[Problem]:
    for path, node in _named(tree, ()):
        if "." in path[-1]:
            shown = path[-1].replace(".", ": {", path[-1].count(".")) + ": ..." + "}" * path[-1].count(".")
            yield problem_at(
                node.named_at,
                "dotted_name",
                "a name holds no dot; dotted paths stand in variants, `uncertain` and `sources`.",
                path,
                suggestion=f"Write {shown}",
                top=top,
            )
        elif path[-1] in ("", "*"):
            yield problem_at(node.named_at, "bad_key", f'"{path[-1]}" cannot be a name.', path, top=top)


def _named(node: Node, path: Path_) -> Iterable[tuple[Path_, Node]]:
    for key, below in node.entries.items():
        inside = (*path, key.isoformat() if hasattr(key, "isoformat") else str(key))
        if len(inside) == 1 and inside[0] in HOLD_PATHS:
            continue
        yield inside, below
        yield from _named(below, inside)


def _as_problem(item: Located | NothingFits, tree: Node, spec: type[SpecModel], top: str) -> Problem:
    if isinstance(item, NothingFits):
        return _wrong_type(item.path, tree, spec, top)
    kind, path = item.type, item.path
    if item.about_key:
        node = find(tree, path)
        return problem_at(
            node.named_at if node else None,
            "wrong_type",
            f'expected {_key_words(path, tree, spec)} as the key; found "{path[-1]}".',
            path,
            top=top,
        )
    if kind == "extra_forbidden":
        return _unknown_field(path, tree, spec, top)
    if kind in ("missing", "union_tag_not_found"):
        if kind != "missing":
            path = (*path, str(item.error["ctx"]["discriminator"]).strip("'"))
        return _missing(path, tree, spec, top)
    if kind in _CHOICE:
        return _unknown_choice(item, tree, spec, top)
    if kind in ("value_error", "assertion_error"):
        return _own_words(path, str(item.error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, "), tree, top)
    return _wrong_type(path, tree, spec, top, code="out_of_range" if kind in OUT_OF_BOUNDS else "wrong_type", fallback=str(item.error["msg"]))


def _key_words(path: Path_, tree: Node, spec: type[SpecModel]) -> str:
    return "a date (YYYY-MM-DD)" if "date" in expectation(slots_at(spec, path[:-1], tree), path[:-1]) else "a whole number"


def _spot(tree: Node, path: Path_, *, key: bool = False) -> Spot | None:
    node, depth = deepest(tree, path)
    if depth < len(path) and node is tree:
        return None
    return node.named_at if key or depth < len(path) or isinstance(node.value, dict) else node.spot


def _wrong_type(path: Path_, tree: Node, spec: type[SpecModel], top: str, *, code: str = "wrong_type", fallback: str = "") -> Problem:
    node = find(tree, path)
    slots = slots_at(spec, path, tree)
    expected = expectation(slots, path) if slots else fallback
    if node is None:
        return problem_at(_spot(tree, path), code, f"expected {expected}.", path, top=top)
    if code == "out_of_range" and isinstance(node.value, dict | list | str):
        return problem_at(
            _spot(tree, path), code, f"{found_words(node)} is too short or too long: {fallback[0].lower()}{fallback[1:]}.", path, top=top
        )
    hint = _type_hint(node, expected)
    about = next((slot.description for slot in slots if slot.description), None)
    if hint is None and code == "out_of_range" and about is not None and not about.startswith("assumed"):
        hint = f"Meant is: {about}."
    return problem_at(_spot(tree, path), code, f"expected {expected}; found {found_words(node)}.", path, suggestion=hint, top=top)


def _type_hint(node: Node, expected: str) -> str | None:
    value = node.value
    if isinstance(value, str):
        if "true or false" in expected and value.lower() in _FROM_ANOTHER_LANGUAGE:
            return f"Write {_FROM_ANOTHER_LANGUAGE[value.lower()]}."
        percent = re.fullmatch(r"([\d.]+)\s*%", value)
        if percent and ("share" in expected or "probability" in expected):
            return f"Write {float(percent[1]) / 100:g}."
        if re.fullmatch(r"[-+]?[\d_]+(\.\d+)?([eE][-+]?\d+)?", value) and "number" in expected:
            return "Write the number without quotes."
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) and "a date" in expected:
            return "Write the date without quotes."
        if re.match(r"[-+]?\d", value) and "number" in expected:
            return "The unit stands in the name of the field: write the bare number."
    if isinstance(value, float) and "a whole number" in expected and value.is_integer():
        return f"Write {int(value)}."
    if isinstance(value, dict) and {str(key) for key in value} == {"low", "likely", "high"}:
        return "A range that is not known stands under `uncertain`, by the path; here stands the plain value."
    if isinstance(value, int | float) and not isinstance(value, bool) and expected.startswith("text"):
        return f'Quote it if it is text: "{value}".'
    return None


def _unknown_field(path: Path_, tree: Node, spec: type[SpecModel], top: str) -> Problem:
    name, owner = path[-1], path[:-1]
    keys = list(dict.fromkeys(key for model in models_at(spec, owner, tree) for key in fields(model)))
    where = f'"{dotted(owner)}"' if owner else "a scenario"
    node = find(tree, path)
    code, message, suggestion = "unknown_field", f'"{name}" is not a field of {where}.', None
    of_kinds = sorted({kind for model in models_at(spec, owner, tree) if name in fields(model) for kind in tag_values(model, "kind")})
    same_stem = [key for key in keys if stem(key) == stem(name) and key != name]
    close = nearest(name, keys)
    if of_kinds and name in keys:  # another arm of the union reads it
        suggestion = f"It belongs to kind: {' or '.join(of_kinds)}."
    elif same_stem:
        code = "wrong_unit"
        best = nearest(name, same_stem, cutoff=0.0) or same_stem[0]
        message = f'"{name}" is not a field of {where}; its unit is not the one that is read here.'
        suggestion = f'Did you mean "{best}" ({_unit_of(best, owner, tree, spec)})? Convert the value.'
    elif close is not None:
        suggestion = f'Did you mean "{close}"?'
    else:
        elsewhere = [known for known in known_paths(spec, tree) if known[-1] == name and known != path]
        if not elsewhere:
            word = nearest(name, {known[-1] for known in known_paths(spec, tree)}, cutoff=0.8)
            elsewhere = [known for known in known_paths(spec, tree) if word is not None and known[-1] == word]
        if elsewhere:
            suggestion = f'Did you mean "{dotted(max(elsewhere, key=lambda known: _shared(known, path)))}"?'
        elif keys:
            suggestion = f"Its fields are {', '.join(keys[:12])}{' and more' if len(keys) > 12 else ''}."
    if node is not None and node.named_at.source.role == "parent":
        suggestion = f"{suggestion or ''} It is inherited; `{name}: null` removes it.".strip()
    return problem_at(node.named_at if node is not None else None, code, message, path, suggestion=suggestion, top=top)


def _unit_of(key: str, owner: Path_, tree: Node, spec: type[SpecModel]) -> str:
    return expectation(slots_at(spec, (*owner, key), tree), (*owner, key))


def _shared(one: Path_, other: Path_) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return 10 * count - len(one)


def _missing(path: Path_, tree: Node, spec: type[SpecModel], top: str) -> Problem:
    slots = slots_at(spec, path, tree)
    owner = find(tree, path[:-1])
    about = next((slot.description for slot in slots if slot.description), None)
    where = f'"{dotted(path[:-1])}"' if path[:-1] else "a scenario"
    message = f'{where} needs "{path[-1]}": {expectation(slots, path)}' + (f" ({about})." if about else ".")
    spot = owner.named_at if owner is not None and path[:-1] else None
    suggestion = None
    if owner is not None:
        offered = {key for model in models_at(spec, path[:-1], tree) for key in fields(model)}
        strange = [str(key) for key in owner.entries if str(key) not in offered]
        near = nearest(path[-1], strange)
        suggestion = f'Rename "{near}".' if near and not takes_names(slots_at(spec, path[:-1], tree)) else None
    return problem_at(spot, "missing_field", message, path, suggestion=suggestion, top=top)


def _unknown_choice(item: Located, tree: Node, spec: type[SpecModel], top: str) -> Problem:
    path = item.path
    if item.type == "union_tag_invalid":
        path = (*path, str(item.error["ctx"]["discriminator"]).split("(")[0].strip("'"))
        if path[-1].startswith("_"):  # a discriminator function: the tag it read is `kind`
            path = (*item.path, "kind")
        offered = re.findall(r"'([^']*)'", str(item.error["ctx"]["expected_tags"]))
    else:
        offered = list(dict.fromkeys(str(choice) for slot in slots_at(spec, path, tree) for choice in choices(slot.annotation)))
    node = find(tree, path) or find(tree, item.path)
    if node is not None and path[0] == "regulation" and (why := why_not(plain(tree).get("network", {}).get("kind"), node.value)) is not None:
        said = f"a rule of kind {node.value} does nothing in this kind of network: {why}."
        return problem_at(_spot(tree, path), "no_effect_of_law", said, path, suggestion=f"It knows {', '.join(offered)}.", top=top)
    near = nearest(str(node.value), offered) if node is not None and isinstance(node.value, str) else None
    if not offered or node is None:
        return _wrong_type(path, tree, spec, top)
    hint = f'Did you mean "{near}"?' if near else _type_hint(node, "")
    choices_ = f"one of {', '.join(offered)}" if len(offered) > 1 else offered[0]
    return problem_at(
        _spot(tree, path), "unknown_choice", f"expected {choices_}; found {found_words(node)}.", path, suggestion=hint, top=top
    )


def _own_words(path: Path_, message: str, tree: Node, top: str) -> Problem:
    """A problem in the words of the spec class; it points at the entry that the words name, if they name one."""
    owner = find(tree, path)
    words = dict.fromkeys(re.findall(r"[a-z][a-z0-9_]*", message))
    candidates = [(word, entry) for word in words if owner is not None and (entry := owner.child(word)) is not None]
    named = min(candidates, key=lambda one: _distance(one[1].spot))[0] if candidates else None
    spot = _spot(tree, (*path, named), key=True) if named else _spot(tree, path, key=True)
    full = (*path, named) if named else path
    text = message if message.endswith((".", "!", "?")) else message + "."
    return problem_at(spot, "invalid_value", text, full, top=top)


def _distance(spot: Spot) -> int:
    """How far from the user's last word a value was written: variant, option, file, parent."""
    return 0 if spot.variant is not None else {"python": 0, "draw": 0, "option": 1, "file": 2, "parent": 3}[spot.source.role]


def own_problems(model: SpecModel, tree: Node, *, top: str, but_root: bool = False) -> list[Problem]:
    """What the spec classes themselves have to say once every field is valid (`problems()`), with line marks; `but_root` leaves out what holds across sections."""
    found: list[Problem] = []
    for path, piece in _pieces(model, ()):
        asked = [each for name in ("problems", "shared_problems") if callable(each := getattr(piece, name, None))]
        if but_root and not path:
            continue
        for where, code, message, suggestion in (problem for each in asked for problem in each()):
            below = tuple(where.split(".")) if isinstance(where, str) and where else tuple(where)
            full = (*path, *below)
            found.append(problem_at(_spot(tree, full), code, message, full, suggestion=suggestion, top=top))
    return found


def _pieces(value: Any, path: Path_) -> Iterable[tuple[Path_, SpecModel]]:
    if isinstance(value, SpecModel):
        yield path, value
        for name, field in type(value).model_fields.items():
            key = field.alias or name
            yield from _pieces(getattr(value, name), (*path, key))
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _pieces(below, (*path, key.isoformat() if hasattr(key, "isoformat") else str(key)))


def unique(problems: Iterable[Problem]) -> list[Problem]:
    """The problems in the order of file and line, each once; one that also stands without a variant is kept without it."""
    kept: dict[tuple[Any, ...], Problem] = {}
    for problem in problems:
        key = (problem.file, problem.line, problem.column, problem.code, problem.path)
        if key not in kept or (kept[key].origin is not None and problem.origin is None):
            kept[key] = problem
    order = {file: rank for rank, file in enumerate(dict.fromkeys(str(problem.file) for problem in kept.values()))}
    return sorted(kept.values(), key=lambda problem: (order[str(problem.file)], problem.line or 0, problem.column or 0))


_UNREAD = frozenset({"ambiguous_scalar", "no_number", "bad_date", "empty_value", "tag"})


def without_echoes(problems: Iterable[Problem]) -> list[Problem]:
    """The problems without those that a word which could not be read only makes appear: its entry seems to be missing."""
    problems = list(problems)
    unread = {problem.path for problem in problems if problem.code in _UNREAD and problem.path}
    return [problem for problem in problems if problem.code != "missing_field" or problem.path not in unread]


def with_origin(problem: Problem, origin: str) -> Problem:
    """The problem, said to be set by `origin` if it says nothing else yet."""
    return problem if problem.origin is not None else replace(problem, origin=origin)
