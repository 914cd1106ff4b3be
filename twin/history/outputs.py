"""What a backtest leaves on the disk: tidy tables, and one document that says how they came about."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from twin import __version__
from twin.errors import StoreError
from twin.history.backtest import Backtest, why_fitted
from twin.history.cuts import beyond
from twin.history.skill import cancelling, overall, skill_of

LIVES = "lives"
DOCUMENT = "backtest.json"


def folder_of(out: Path, scenario: str) -> Path:
    """Where a scenario's backtests stand below `out`; a label with separators becomes one name."""
    return out / "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in scenario)


def document(done: Backtest, skill: pd.DataFrame) -> dict[str, Any]:
    """How a backtest came about and what it says, as JSON takes it: dates as text, what is not known as null."""
    asked = done.asked
    said = {
        "scenario": asked.scenario.name, "network": asked.network, "seed": asked.scenario.seed, "hash": asked.scenario.hash, "version": __version__,
        "prices": asked.prices, "lives": asked.lives, "draws_of_uncertain": asked.drawn, "horizon_days": asked.horizon_days,
        "cuts": [{"on": at.on, "inputs": [{"path": each.path, "what": each.what.value, "after": each.after.value, "told_until": each.until} for each in at.inputs]} for at in asked.cuts],
        "overall": asdict(overall(skill, done.scores)), "skill": skill.to_dict("records"),
        "errors_that_cancel": list(cancelling(done.scores)), "outside_goes_on_by_the_file": sorted({said for at in asked.cuts if (last := asked.last_day(at)) for said in beyond(at.scenario, last)}),
        "fitted": list(why_fitted(asked.scenario.name)), "failures": list(done.failures),
    }  # fmt: skip
    plain = _plain(said)
    assert isinstance(plain, dict)
    return plain


def write(done: Backtest, folder: Path) -> Path:
    """Writes `scores.csv`, `skill.csv`, `history.csv`, `quantiles.parquet` and `backtest.json` into a folder and returns it. Raises StoreError where the disk takes no more."""
    skill = skill_of(done.scores)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in (("scores", done.scores), ("skill", skill), ("history", done.history)):
            table.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%d", float_format="%.6g", lineterminator="\n")
        done.quantiles.to_parquet(folder / "quantiles.parquet", index=False)
        (folder / DOCUMENT).write_text(json.dumps(document(done, skill), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{folder}: the backtest could not be written ({error.strerror or error}); its lives are kept.") from error
    return folder


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(below) for below in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
