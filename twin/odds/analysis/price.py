"""Whether a verdict lives off the price: odds in the lowest, middle and highest third of what the price owes to the world outside.

The price itself is an outcome of the network, so lives are sorted by its exogenous part in the judged year J (mood and new money at
the reference's flows; VERDICT 7). The other half of the answer is the variant `flat_price`: `paired_odds(results, "flat_price", ...)`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from twin.odds.analysis.chances import Odds, odds
from twin.odds.analysis.intervals import percent, percent_range
from twin.odds.analysis.naming import written
from twin.odds.analysis.runs import Status, lives_of

THIRDS = ("lowest", "middle", "highest")
NEARLY_ALL = 0.9
"""Share of the survivors that lie in one third when that third is said to hold nearly all of them (assumed)."""
FEWEST_SURVIVORS = 5
"""Survivors below which it is not said where they lie (assumed)."""


@dataclass(frozen=True, slots=True)
class Third:
    """Odds of the lives whose price outside lies between two values."""

    name: str
    low: float
    high: float
    odds: Odds


@dataclass(frozen=True, slots=True)
class PriceThirds:
    """Odds by thirds of the exogenous price."""

    thirds: tuple[Third, ...]
    n_without_price: int
    """Lives that are in no third: failed, or without a price in J."""
    unit: str
    reason: str | None
    """Why there are no thirds."""

    @property
    def lives_only_at_the_top(self) -> bool:
        """More than half survive in the highest third and at most half in each of the others, by intervals that stand apart; or nearly all survivors lie there."""
        if self.reason is not None:
            return False
        lowest, middle, highest = (third.odds.survivors / third.odds.n for third in self.thirds)
        survivors = [third.odds.survivors for third in self.thirds]
        below, middle_range, top = (third.odds.interval for third in self.thirds)
        apart = below is not None and middle_range is not None and top is not None and top.low > max(below.high, middle_range.high)
        return (apart and highest > 0.5 and max(lowest, middle) <= 0.5) or (sum(survivors) >= FEWEST_SURVIVORS and survivors[2] >= NEARLY_ALL * sum(survivors))

    def sentence(self) -> str:
        """Odds in each third, and whether the network lives only where the price is high."""
        if self.reason is not None:
            return self.reason
        parts = []
        for third in self.thirds:
            between = f", {percent_range(third.odds.interval.low, third.odds.interval.high)}" if third.odds.interval else ""
            parts.append(f"{percent(third.odds.survivors / third.odds.n)} % of {third.odds.n} in the {third.name} third{between}")
        start = "Lives only where the price outside is high" if self.lives_only_at_the_top else "By the price outside"
        last = self.thirds[-1]
        return f"{start}: {'; '.join(parts)} (highest: from {written(last.low, self.unit)})."


def price_thirds(results: pd.DataFrame, column: str, *, unit: str = "USD") -> PriceThirds:
    """Odds by thirds of `column`, the exogenous part of the price in J, of one variant. Equal prices stay in one third.

    Points of scrambled designs are taken as independent: in a third of them the blocks are no longer even, and the interval is rather too wide.
    """
    lives_of(results)  # refuses what is no table of one variant
    price = results[column].to_numpy(np.float64, na_value=np.nan)
    priced = results[~np.isnan(price)]
    price = price[~np.isnan(price)]
    edges = np.quantile(price, [1 / 3, 2 / 3]) if len(price) else np.zeros(2)
    third = np.searchsorted(edges, price, side="left")
    missing = len(results) - len(priced)
    if len(np.unique(third)) < len(THIRDS):
        return PriceThirds((), missing, unit, "The price outside is the same in most lives: there are no thirds.")
    found = tuple(
        Third(name, float(price[third == i].min()), float(price[third == i].max()), odds(priced[third == i])) for i, name in enumerate(THIRDS)
    )
    return PriceThirds(found, missing, unit, None)


def with_price(found: Odds, results: pd.DataFrame, column: str = "price_luck") -> Odds:
    """The same odds, which say so where the network lives only in the highest third of the price outside. `results` are those of the one variant."""
    if column not in results.columns:
        return found
    done = results[results["status"] == Status.DONE]
    return replace(found, only_at_high_price=price_thirds(done, column).lives_only_at_the_top) if len(done) else found


def odds_within_price_range(results: pd.DataFrame, *, flag: str = "price_out_of_range") -> tuple[Odds, Odds | None]:
    """(odds of all lives, odds without those whose price left the scenario's range); the second is None where none did, or all."""
    outside = results[flag].fillna(False).to_numpy(bool)
    kept = results[~outside]
    return odds(results), odds(kept) if 0 < len(kept) < len(results) else None
