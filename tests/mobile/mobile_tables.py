"""Tables of reference values for mobile networks."""

from __future__ import annotations

import csv
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "mobile"
SHARED = ROOT.parent / "shared" / "data"


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a table without its comment lines."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))
