"""What the point of low return reads of a life: its daily series and its row of the results."""

from __future__ import annotations

import numpy as np
import pandas as pd

from twin.odds.analysis.low_return import FEWEST_OF_EACH, DailyLife, LowReturn
from twin.odds.analysis.runs import survives
from twin.outcomes.classes import Outcome

PAY = ("operator_customer_usd", "operator_emission_usd", "operator_grant_usd")
"""What operators are paid a day, USD; a kind without one of them has no such column. Owners' own use is not in it: it has no daily series."""


def is_read(row: pd.Series) -> bool:
    """Whether a life says anything of it: it was judged, and has a T0."""
    return row["outcome"] not in ("", Outcome.NOT_JUDGED.value) and bool(pd.notna(row["taper_begins"]))


def daily_life(days: pd.DataFrame, row: pd.Series) -> DailyLife:
    """A life's `network_daily` by date and its row of the results. The fee share of pay is NaN on days without pay; S or Q without a value counts as 0."""
    first = days.index[0]
    pay = sum((days[name].fillna(0.0) for name in PAY if name in days), pd.Series(0.0, index=days.index))
    fees = days["operator_fee_funded_usd"].fillna(0.0) if "operator_fee_funded_usd" in days else pd.Series(0.0, index=days.index)
    died = row["outcome"] == Outcome.COLLAPSED.value and bool(pd.notna(row["collapse_date"]))
    return DailyLife(
        draw=None if pd.isna(row["draw"]) else int(row["draw"]),
        replicate=int(row["replicate"]),
        survives=Outcome(row["outcome"]).survives,
        collapse_day=(pd.Timestamp(row["collapse_date"]) - first).days if died else None,
        taper_day=(pd.Timestamp(row["taper_begins"]) - first).days,
        service=np.nan_to_num(days["service_share"].to_numpy(np.float64)),
        usage=np.nan_to_num(days["usage_constant_usd"].to_numpy(np.float64)),
        fee_share=fees.div(pay.where(pay > 0)).clip(0.0, 1.0).to_numpy(np.float64),
    )


def too_few(rows: pd.DataFrame) -> LowReturn | None:
    """Why there are too few lives of a variant, told from its results alone; None where there are enough."""
    collapses, survivals = _counts(rows)
    if min(collapses, survivals) >= FEWEST_OF_EACH:
        return None
    return not_computed(rows, f"The point of low return takes {FEWEST_OF_EACH} collapses and {FEWEST_OF_EACH} survivals; there are {collapses} and {survivals}.")


def not_computed(rows: pd.DataFrame, reason: str) -> LowReturn:
    """A point of low return that is not computed, with the reason."""
    return LowReturn(len(rows), *_counts(rows), {}, {}, None, None, (0, 0), (0, 0), reason)


def _counts(rows: pd.DataFrame) -> tuple[int, int]:
    """Lives that collapse on a known day, and lives that survive."""
    collapses = (rows["outcome"] == Outcome.COLLAPSED.value) & rows["collapse_date"].notna()
    return int(collapses.sum()), int((survives(rows) == 1).sum())
