"""The values of a typed scenario by path, defaults included."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from twin.scenario.nodes import Path_, key_text
from twin.scenario.shape import key_of

NOT_VALUES = ("schema", "title", "description", "variants", "uncertain", "sources", "record")
"""Sections that say nothing about the network itself."""


def flatten(model: BaseModel, *, skip: tuple[str, ...] = NOT_VALUES) -> dict[Path_, Any]:
    """Path -> value of every leaf: numbers, texts, dates, lists; what is None or empty is left out."""
    found: dict[Path_, Any] = {}
    for name, field in type(model).model_fields.items():
        key = key_of(name, field)
        if key not in skip:
            _gather(getattr(model, name), (key,), found)
    return found


def _gather(value: Any, path: Path_, found: dict[Path_, Any]) -> None:
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            _gather(getattr(value, name), (*path, key_of(name, field)), found)
    elif isinstance(value, dict):
        for key, below in value.items():
            _gather(below, (*path, key_text(key) if isinstance(key, str | int | date) else str(key)), found)
    elif value is not None:
        found[path] = value
