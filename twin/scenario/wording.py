"""What a place in a scenario expects, in words; and the nearest name that exists."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from twin.scenario.nodes import Node, Path_
from twin.scenario.shape import Slot, arms, choices, fields, models, tag_values
from twin.units import unit_of_path


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known word most like `word`, or None if none is like it."""
    found = difflib.get_close_matches(word, sorted(set(known)), n=1, cutoff=cutoff)
    return found[0] if found else None


def found_words(node: Node) -> str:
    """What stands at a node, for the end of a message: `text "nine"`, `-3`, `a mapping`, `a date`."""
    value = node.value
    if isinstance(value, dict):
        return "a table by date" if value and all(isinstance(key, date) for key in value) else "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f'text "{value if len(value) <= 40 else value[:37] + "..."}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f"the date {value}"
    return str(value)


def expectation(slots: Sequence[Slot], path: Path_) -> str:
    """What may stand at a path, with unit and bounds: `a number of months, greater than 0`."""
    kinds = [tag_values(model, "kind") for slot in slots for model in models(slot.annotation)]
    of_many_kinds = len(kinds) > 3 and all(kinds)
    phrases = [f"a mapping of kind {', '.join(kind for tags in kinds for kind in sorted(tags))}"] if of_many_kinds else []
    for slot in slots:
        for arm, extra in arms(slot.annotation):
            if of_many_kinds and isinstance(arm, type) and issubclass(arm, BaseModel):
                continue
            phrase = _of_arm(arm, (*slot.bounds, *extra), path)
            if phrase is not None:
                phrases.append(phrase)
    offered = list(dict.fromkeys(choice for slot in slots for choice in choices(slot.annotation)))
    if offered:
        words = ", ".join(str(choice).lower() if isinstance(choice, bool) else str(choice) for choice in offered)
        phrases.append(words if len(offered) == 1 else f"one of {words}")
    return " or ".join(dict.fromkeys(phrases)) or "something else"


def _of_arm(arm: Any, bounds: tuple[Any, ...], path: Path_) -> str | None:
    if arm is bool:
        return "true or false"
    if arm is int or arm is float:
        return number_words(path, bounds, whole=arm is int)
    if arm is str:
        return "text"
    if arm is date:
        return "a date (YYYY-MM-DD)"
    if arm is Any:
        return "anything"
    if isinstance(arm, type) and issubclass(arm, BaseModel):
        keys = list(fields(arm))
        return "a mapping with " + ", ".join(keys[:6]) + (" and more" if len(keys) > 6 else "")
    origin, inside = get_origin(arm), get_args(arm)
    if origin is dict:
        return "a table by date" if inside and inside[0] is date else "a mapping of names"
    if origin in (list, tuple, set, frozenset):
        return f"a list of {len(inside)} values" if origin is tuple and Ellipsis not in inside else "a list"
    return None


def number_words(path: Path_, bounds: Iterable[Any], *, whole: bool) -> str:
    """A number with its unit, read from the name, and its bounds."""
    unit = unit_of_path(path)
    noun = "a whole number" if whole else "a number"
    if unit is not None and unit.startswith("a share"):
        noun, unit = "a share", unit.removeprefix("a share from 0 to 1").strip()
    elif unit is not None and unit.startswith("probability"):
        noun, unit = "a probability", unit.removeprefix("probability from 0 to 1").strip()
    elif unit is not None:
        noun = f"{noun} of"
    words = f"{noun} {unit}" if unit else noun
    limits = {name: value for bound in bounds for name in ("gt", "ge", "lt", "le") if (value := getattr(bound, name, None)) is not None}
    if limits.get("ge") is not None and limits.get("le") is not None:
        return (
            f"{words}, from {limits['ge']:g} to {limits['le']:g}"
            if not noun.startswith("a share") or limits != {"ge": 0, "le": 1}
            else f"{words} from 0 to 1"
        )
    parts = [
        f"{phrase} {limits[name]:g}"
        for name, phrase in (("gt", "greater than"), ("ge", "at least"), ("lt", "less than"), ("le", "at most"))
        if name in limits
    ]
    return ", ".join([words, " and ".join(parts)]) if parts else words
