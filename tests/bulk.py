"""Bulk data beside the checkout, and the short tables of facts that ship with the tests.

What a test needs of the world stands in `tests/data`. Comparisons with the whole files carry the mark `bulk`: they run where `../shared/data` is there,
and are told in one line where it is not.
"""

from __future__ import annotations

import csv
from pathlib import Path

FACTS = Path(__file__).parent / "data"
SHARED = Path(__file__).parents[2] / "shared"
BULK = SHARED / "data"


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a table without its comment lines."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))
