"""The island of island.yaml: changed, settled, lived through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kept
from kept import Kept

from twin.scenario import Scenario, load

ISLAND = Path(__file__).with_name("island.yaml")


def island(**changes: Any) -> Scenario:
    """The island, with values changed by dotted path (two underscores stand for a dot)."""
    return load(ISLAND, sets=[f"{name.replace('__', '.')}={value}" for name, value in changes.items()])


def lived(days: int | None = None, **changes: Any) -> tuple[Any, Kept]:
    """The island after so many days (default: all), and what was written down."""
    return kept.lived(island(**changes), None if days is None else days - 1)
