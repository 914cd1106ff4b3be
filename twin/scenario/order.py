"""The order in which a file names things decides nothing: a run sees every mapping in the order of its keys; what stands in a list keeps its order."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


def in_order_of_names(value: T) -> T:
    """The same values, with every mapping in the order of its keys (names, dates or numbers), at any depth; what is in order already is the object itself."""
    found: Any = _sorted(value)
    return found  # type: ignore[no-any-return]


def _sorted(value: Any) -> Any:
    if isinstance(value, BaseModel):
        was = vars(value)
        changed = {name: now for name in type(value).model_fields if (now := _sorted(was[name])) is not was[name]}
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, dict):
        keys = sorted(value)
        ordered = {key: _sorted(value[key]) for key in keys}
        return value if keys == list(value) and all(ordered[key] is value[key] for key in keys) else ordered
    if isinstance(value, tuple):
        items = tuple(_sorted(each) for each in value)
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    return value
