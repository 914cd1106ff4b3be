"""What the scores of a backtest come to: relative skill by metric and horizon, coverage, and which stocks come out right by errors that cancel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twin.history import scores
from twin.history.asked import MONTHS
from twin.history.backtest import MODEL
from twin.history.naive import NAIVE

ALL = 0
"""In the column `horizon_months`: all horizons together."""
FLOWS_OF: Mapping[str, Sequence[str]] = {
    "raw_power_eib": ("onboarded_raw_pib_per_day", "renewed_raw_pib_per_day", "renewed_share"),
    "quality_power_eib": ("onboarded_raw_pib_per_day", "renewed_raw_pib_per_day", "renewed_share"),
    "burnt_tokens": ("burned_tokens_per_day",),
    "hotspots_onboarded": ("hotspots_onboarded_per_day",),
    "weave_tb": ("uploaded_tb_per_day",),
    "nodes_rewarded": ("wallets_left_per_day",),
    "nodes_online": ("nodes_joined_per_day", "nodes_left_per_day"),
}
"""Stock -> flows that make it, which are scored beside it."""
STOCK_RIGHT_LOG, FLOW_WRONG_LOG = 0.1, 0.3
"""A stock within a tenth on flows that are wrong by a third is right by errors that cancel (assumed)."""


@dataclass(frozen=True)
class Overall:
    """One line for a network, or for all."""

    n_series: int
    """Series that were forecast: those with an input held after the cut are not among them."""
    better_share: float
    """Of these, on how many the model beats the best naive forecast."""
    relative_wis: float
    """Geometric mean over series of WIS over that of the best naive."""
    inside_50: float
    inside_90: float
    n_rows: int


def skill_of(scored: pd.DataFrame) -> pd.DataFrame:
    """One row a metric and horizon (and one for all horizons, 0) from the scores of one network, or several.

    Columns: network, metric, of, horizon_months, n_rows, n_cuts, wis, `rel_<naive>` for each naive (WIS of the model over its WIS, on the rows that both forecast),
    best_naive (of the lowest mean WIS among those that forecast every row, with hindsight), rel_best, crps, inside_50, inside_90, log_error (mean |ln|), log_bias (mean ln, above
    zero: too much), sign_right, fitted (share of rows that the scenario's values were chosen on), held.
    """
    if scored.empty:
        return pd.DataFrame()
    found = [
        _row(network, metric, horizon, some)
        for (network, metric), rows in scored.groupby(["network", "metric"], sort=False)
        for horizon in (*MONTHS, ALL)
        if len(some := rows if horizon == ALL else rows[rows["horizon_months"] == horizon])
    ]
    return pd.DataFrame(found)


def _row(network: str, metric: str, horizon: int, rows: pd.DataFrame) -> dict[str, object]:
    wide = rows.set_index(["cut", "date", "start", "forecaster"])["wis"].unstack()
    ours = rows[rows["forecaster"] == MODEL]
    model = wide[MODEL].to_numpy(float)
    theirs = {name: wide[name].to_numpy(float) for name in NAIVE if name in wide}
    whole = {name: wis for name, wis in theirs.items() if np.isfinite(wis).all()}
    best = min(whole, key=lambda name: float(whole[name].mean())) if whole else ""
    return {
        "network": network, "metric": metric, "of": ours["of"].iloc[0], "horizon_months": horizon, "n_rows": len(ours), "n_cuts": int(ours["cut"].nunique()),
        "wis": scores.mean_of_known(model), **{f"rel_{name}": scores.skill(model, theirs[name]) if name in theirs else np.nan for name in NAIVE},
        "best_naive": best, "rel_best": scores.skill(model, whole[best]) if best else np.nan, "crps": scores.mean_of_known(ours["crps"]),
        "inside_50": scores.mean_of_known(ours["inside_50"]), "inside_90": scores.mean_of_known(ours["inside_90"]),
        "log_error": scores.mean_of_known(ours["log_ratio"].abs()), "log_bias": scores.mean_of_known(ours["log_ratio"]), "sign_right": scores.mean_of_known(ours["sign_right"]),
        "fitted": float(ours["fitted"].mean()), "held": bool(ours["held"].all()),
    }  # fmt: skip


def overall(skill: pd.DataFrame, scored: pd.DataFrame) -> Overall:
    """All series of a table of skill in one line; those whose input is held are left out."""
    if skill.empty:
        return Overall(0, float("nan"), float("nan"), float("nan"), float("nan"), 0)
    whole = skill[(skill["horizon_months"] == ALL) & ~skill["held"] & skill["rel_best"].notna()]
    ours = scored[(scored["forecaster"] == MODEL) & ~scored["held"]]
    ratios = whole["rel_best"].to_numpy(float)
    better = float((ratios < 1).mean()) if len(ratios) else float("nan")
    return Overall(len(whole), better, scores.geometric_mean(ratios.tolist()), scores.mean_of_known(ours["inside_50"]), scores.mean_of_known(ours["inside_90"]), len(ours))


def cancelling(scored: pd.DataFrame) -> Iterator[str]:
    """A sentence for each stock, cut by cut, that comes out right on flows that do not."""
    ours = scored[scored["forecaster"] == MODEL] if len(scored) else scored
    for cut, rows in ours.groupby("cut") if len(ours) else ():
        bias = rows.groupby("metric")["log_ratio"].mean()
        for stock, flows in FLOWS_OF.items():
            if stock not in bias or not abs(bias[stock]) < STOCK_RIGHT_LOG:
                continue
            wrong = [f"{flow} x {np.exp(bias[flow]):.2f}" for flow in flows if flow in bias and abs(bias[flow]) > FLOW_WRONG_LOG]
            if wrong:
                yield f"cut {cut:%Y-%m-%d}: {stock} comes out at x {np.exp(bias[stock]):.2f} on {', '.join(wrong)}: errors that cancel"
