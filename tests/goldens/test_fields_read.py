"""Every field of a scenario is read by somebody: each is asked for in one of the golden worlds of its kind, or excused here with a reason.

Reading is counted while a world is built and lived, not while the file is loaded, checked or hashed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import BaseModel
from worlds import WORLDS

from twin.build import build
from twin.cutoff import kept_after_cutoff
from twin.scenario.model import SpecModel

ABOUT_THE_FILE = {"schema_version", "title", "description", "sources", "variants", "uncertain", "seed"}
"""Read where a scenario is loaded, drawn and described."""

EXCUSED: dict[str, str] = {}
"""`Class.field` -> why no golden world reads it."""


@contextmanager
def counted_reads() -> Iterator[set[str]]:
    """`Class.field` of every attribute of a spec that is asked for inside."""
    read: set[str] = set()
    plain = BaseModel.__getattribute__ if "__getattribute__" in vars(BaseModel) else object.__getattribute__

    def watching(self: SpecModel, name: str) -> Any:
        if not name.startswith("_"):
            read.add(f"{type(self).__name__}.{name}")
        return plain(self, name)

    SpecModel.__getattribute__ = watching  # type: ignore[method-assign,assignment]
    try:
        yield read
    finally:
        del SpecModel.__getattribute__


def fields_under(value: Any, found: set[str]) -> set[str]:
    """`Class.field` of every field of every section that a scenario has."""
    if isinstance(value, SpecModel):
        for name in type(value).model_fields:
            found.add(f"{type(value).__name__}.{name}")
            fields_under(getattr(value, name), found)
    elif isinstance(value, dict):
        for each in value.values():
            fields_under(each, found)
    elif isinstance(value, list | tuple):
        for each in value:
            fields_under(each, found)
    return found


@pytest.mark.slow
def test_every_field_is_read_or_excused() -> None:
    there: set[str] = set()
    read: set[str] = set()
    for world in WORLDS.values():
        scenario = world.scenario()
        fields_under(scenario.spec, there)
        assert scenario.reference and scenario.hash  # the reference variant is read from the file once, and not counted
        with counted_reads() as now:
            made = build(scenario)
            made.addressable_usd_per_day()
            made.about()
            kept_after_cutoff(made, scenario)
        read |= now
    unread = {name for name in there - read if name.split(".")[1] not in ABOUT_THE_FILE}
    assert sorted(unread - set(EXCUSED)) == []
    assert sorted(set(EXCUSED) - unread) == [], "excused, and read after all"
