"""The tables that a scenario's values name: their content decides the run as much as the values do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from twin.scenario.csvfile import csv_there
from twin.scenario.table import bundled_series_dir


def tables_used(values: Any, *, base_dir: Path | None) -> dict[str, str]:
    """Name -> SHA-256 of every CSV beside the scenario or in the package that some text among the values is the name of."""
    found: dict[str, str] = {}
    for text in sorted(set(_texts(values))):
        path = csv_there(text, base_dir=base_dir, bundled=bundled_series_dir())
        if path is not None:  # else an ordinary word, or a table that the run itself will ask for and miss
            found[f"table {text}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _texts(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        if "-" in values or "_" in values or values.isalnum():
            yield values
    elif isinstance(values, Mapping):
        for item in values.values():
            yield from _texts(item)
    elif isinstance(values, list | tuple):
        for item in values:
            yield from _texts(item)
