"""The table of skill that ships with the package: how each bundled scenario did when it was held to history, with the date and the commit of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

TABLE = Path(__file__).parent / "skill.csv"
COLUMNS = (
    "scenario", "variant", "network", "metric", "of", "horizon_months", "n_rows", "n_cuts", "wis", "rel_best", "best_naive", "rel_persistence", "inside_50", "inside_90",
    "log_error", "log_bias", "sign_right", "fitted", "held", "cuts", "lives", "prices", "errors_that_cancel", "why_none", "commit", "date",
)  # fmt: skip
"""As `twin.history.skill.skill_of` gives them, with how the scenario was cut; `why_none` where nothing could be scored."""


def read_table() -> pd.DataFrame:
    """The whole table; a scenario that could not be scored has one row with the reason. Empty where none ships."""
    if not TABLE.exists():
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.read_csv(TABLE, dtype={"scenario": str, "variant": str, "commit": str, "date": str, "cuts": str, "errors_that_cancel": str, "why_none": str})
    return table.assign(held=table["held"].eq(True) | table["held"].eq("True"))


def skill_of_scenario(name: str) -> pd.DataFrame:
    """The rows of one bundled scenario; empty where none was lived."""
    table = read_table()
    return table[table["scenario"] == name]
