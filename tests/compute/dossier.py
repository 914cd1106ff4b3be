"""The dossier's numeric checks by name: expected value and relative tolerance."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data" / "compute"
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "compute"


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a reference table."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


_CHECKS = {row["name"]: (float(row["expected_value"]), float(row["relative_tolerance"])) for row in rows("dossier_checks.csv")}


def expected(name: str):
    """The value that a check must give, with its tolerance."""
    value, tolerance = _CHECKS[name]
    return pytest.approx(value, rel=tolerance, abs=6e-9)  # the table is rounded to eight decimals


def shared_rows(name: str) -> list[dict[str, str]]:
    """Rows of a table beside the checkout; skips the test where it is absent."""
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"the data folder beside the checkout has no {name}")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
