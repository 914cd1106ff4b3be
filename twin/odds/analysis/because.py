"""How often the taper was needed for a death: lives that died, lived once more from T0 on with the subsidy held at its level of that day (VERDICT 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twin.arrays import Floats, Ints
from twin.odds.analysis.intervals import Interval, percent_range
from twin.odds.analysis.runs import Status
from twin.outcomes.classes import Outcome

COLUMN = "without_taper_outcome"


@dataclass(frozen=True, slots=True)
class BecauseOfTaper:
    """Of the lives of one variant that died (never started, or collapsed): in how many the same luck lives on if the subsidy is held from T0 on."""

    n_dead: int
    n_tried: int
    """Of these, lives whose fork at T0 could be made and judged."""
    n_needed: int
    """Of these, lives that do not die without the taper."""
    interval: Interval | None
    """Of the share needed, 95 %; None with fewer than 20 tried."""

    def sentence(self) -> str:
        """In how many deaths the taper was needed, and between which shares that lies."""
        if not self.n_dead:
            return "No life died, so none died of the taper."
        if not self.n_tried:
            return f"Of the {self.n_dead:,} lives that died none could be lived without the taper."
        untried = f" ({self.n_dead - self.n_tried:,} more died and could not be tried)" if self.n_tried < self.n_dead else ""
        between = f": {percent_range(self.interval.low, self.interval.high)} of deaths are because of the taper" if self.interval is not None else ""
        return f"Of {self.n_tried:,} lives that died{untried}, {self.n_needed:,} would not have without the taper (same luck, subsidy held from T0 on){between}."


def because_of_taper(results: pd.DataFrame, interval_of: Callable[[Floats, Ints], Interval | None]) -> BecauseOfTaper | None:
    """Counted over the results of one variant; None where no life made the fork. `interval_of` has the interval of a share from values of 0 or 1 and their draws."""
    if COLUMN not in results.columns:
        return None
    without = results[COLUMN].fillna("").astype(str).to_numpy(object)
    if not (without != "").any():
        return None
    dead = (results["status"] == Status.DONE).to_numpy(bool) & results["outcome"].isin([Outcome.NEVER_STARTED, Outcome.COLLAPSED]).to_numpy(bool)
    tried = dead & (without != "") & (without != Outcome.NOT_JUDGED.value)
    needed = np.array([Outcome(each).is_alive for each in without[tried]], np.float64)
    draw = results["draw"].fillna(-1).to_numpy(np.int64)[tried]
    return BecauseOfTaper(int(dead.sum()), len(needed), int(needed.sum()), interval_of(needed, draw))
