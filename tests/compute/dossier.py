"""The dossier's numeric checks by name: expected value and relative tolerance."""

from __future__ import annotations

import bulk
import pytest


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a reference table."""
    return bulk.rows_of(bulk.FACTS / "compute" / name)


def whole_rows(name: str) -> list[dict[str, str]]:
    """Rows of a whole table beside the checkout, for tests marked `bulk`."""
    return bulk.rows_of(bulk.BULK / "compute" / name)


_CHECKS = {row["name"]: (float(row["expected_value"]), float(row["relative_tolerance"])) for row in rows("dossier_checks.csv")}


def expected(name: str):
    """The value that a check must give, with its tolerance."""
    value, tolerance = _CHECKS[name]
    return pytest.approx(value, rel=tolerance, abs=6e-9)  # the table is rounded to eight decimals
