"""Tables of results with a known answer, for the tests of the analyses."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

T0, HORIZON = date(2026, 1, 1), date(2030, 1, 1)


def results(survives, *, variant: str = "base", draw=None, replicate=None, failed=(), **columns) -> pd.DataFrame:
    """One row per life; `survives` holds True or False, `failed` the rows that failed, `columns` whatever else stands in the table."""
    lives = np.asarray(survives, bool)
    n = len(lives)
    status, outcome = np.full(n, "done", object), np.where(lives, "niche", "collapsed").astype(object)
    status[list(failed)] = "failed"
    outcome[list(failed)] = None
    table = pd.DataFrame({
        "variant": variant,
        "draw": pd.array([pd.NA] * n if draw is None else draw, dtype="Int64"),
        "replicate": np.arange(n) if replicate is None else replicate,
        "status": status,
        "outcome": outcome,
        "taper_begins": pd.Timestamp(T0),
        "collapse_date": pd.NaT,
        "horizon": pd.Timestamp(HORIZON),
        "cause": pd.array([pd.NA] * n, dtype="string"),
    })
    return table.assign(**columns)
