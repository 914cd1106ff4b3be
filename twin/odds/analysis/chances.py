"""The odds that a network survives, with the interval that fits how its lives were drawn (VERDICT 7).

*Luck* (replicates at fixed parameters) and *ignorance* (draws of what is not known) are never mixed. With D independent draws and
n replicates each, p̂_j = survivors/n, P̂ = mean p̂_j, s² = var p̂_j:

    n = 1:  Wilson on D          n > 1:  P̂ ± t(D−1)·s/√D, clipped to [0,1]; all p̂_j equal: Wilson on D
    sd between parameters:  τ̂ = sqrt(max(0, s² − mean[p̂_j(1−p̂_j)]/(n−1)))

Points of a Latin hypercube or a Sobol sequence are not independent: there the means of at least eight independently scrambled
blocks are, and the interval is t(m−1) over them. Under 20 runs only counts are stated. Runs without a verdict may be the extreme
ones: once they are more than one in a hundred, the odds are the range from "all of them died" to "all of them survived".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twin.arrays import Floats, Ints
from twin.odds.analysis.because import BecauseOfTaper, because_of_taper
from twin.odds.analysis.intervals import Z95, Interval, Method, percent_range, t_interval, wilson
from twin.odds.analysis.runs import blocks_of, lives_of, of_variant

FEWEST_RUNS = 20
MOST_WITHOUT_VERDICT_SHARE = 0.01
FEWEST_BLOCKS = 8


@dataclass(frozen=True, slots=True)
class Odds:
    """How many lives of one variant survive, and between which shares the probability lies."""

    variant: str
    n: int
    """Ended runs, those without a verdict too."""
    survivors: int
    n_failed: int
    n_not_judged: int
    """Runs that lived and have no verdict."""
    n_waiting: int
    parameters_fixed: bool
    n_draws: int
    n_blocks: int | None
    share_low: float | None
    """P̂ if all runs without a verdict died; equal to `share_high` where they are few enough to be left out. None: too few runs."""
    share_high: float | None
    interval: Interval | None
    """95 % interval; with many runs without a verdict its low end is that of `share_low`, its high end that of `share_high`."""
    between_draws_sd: float | None
    """τ̂: how far the probability itself differs between draws. None: one life a draw."""
    draws_above_half: int | None
    """Draws in which more than half of the lives survive. None: one life a draw."""
    luck_repeats: bool
    """A replicate stands in several draws: what its luck has in common in all of them is not in the interval."""
    because_of_taper: BecauseOfTaper | None = None
    """How many died because of the taper; None where no life was tried without it. Draws of scrambled designs count as independent there."""
    only_at_high_price: bool = False
    """The survivors are nearly all in the highest third of the price outside (`price.with_price`)."""

    @property
    def n_without_verdict(self) -> int:
        """Runs that failed or could not be judged."""
        return self.n_failed + self.n_not_judged

    @property
    def share(self) -> float | None:
        """P̂. None where there are too few runs, or too many without a verdict to name one number."""
        return self.share_low if self.share_low == self.share_high else None

    def sentence(self) -> str:
        """The odds in words: "41 of 50 lives survive: 69 to 90 % (parameters fixed)"."""
        said = f"{self.survivors} of {self.n:,} lives survive"
        lost = [f"{count} {what}" for count, what in ((self.n_failed, "failed"), (self.n_not_judged, "could not be judged")) if count]
        said += f", {' and '.join(lost)}" if lost else ""
        if self.interval is not None:
            said += f": {percent_range(self.interval.low, self.interval.high)}"
        if self.only_at_high_price:
            said += ", only where the price outside is high"
        return f"{said} ({'; '.join(self._circumstances())})"

    def _circumstances(self) -> list[str]:
        if self.parameters_fixed:
            said = ["parameters fixed"]
        else:
            each = self.n / self.n_draws
            said = [f"{self.n_draws:,} draws of what is not known"]
            if self.n_blocks is not None:
                said[0] += f" in {self.n_blocks} designs"
            if self.n > self.n_draws:
                said[0] += f", {each:.0f} lives each" if self.n % self.n_draws == 0 else f", {each:.1f} lives each on average"
            if self.draws_above_half is not None and self.interval is not None:
                said.append(f"more than half survive in {self.draws_above_half:,} of them")
        if self.interval is None and self.n < FEWEST_RUNS:
            said.append(f"fewer than {FEWEST_RUNS} lives make no odds")
        elif self.interval is None:
            said.append("too few have a verdict to state odds")
        elif self.share is None:
            said.append("the range holds whether all without a verdict died or survived")
        if self.luck_repeats:
            said.append("the same luck in several draws makes this too narrow")
        if self.n_waiting:
            said.append(f"{self.n_waiting:,} have not ended")
        return said


@dataclass(frozen=True, slots=True)
class _Estimate:
    share: float
    interval: Interval
    between_draws_sd: float | None
    draws_above_half: int | None


def odds(results: pd.DataFrame, *, blocks: Mapping[int, int] | None = None, z: float = Z95) -> Odds:
    """The odds of the one variant that `results` holds (its columns: `twin.odds.analysis.runs`).

    `blocks`: draw -> independently scrambled design, for points that are not independent. Raises ValueError with fewer than eight.
    """
    lives = lives_of(results)
    judged = lives.judged
    n, n_lost = lives.n, int((~judged).sum())
    block = None if blocks is None or lives.parameters_fixed else blocks_of(lives.draw, blocks)
    if block is not None and len(np.unique(block)) < FEWEST_BLOCKS:
        raise ValueError(f"{len(np.unique(block))} independently scrambled designs say too little of their spread: it takes at least {FEWEST_BLOCKS}")
    low = high = None
    interval = None
    if int(judged.sum()) >= FEWEST_RUNS:
        if n_lost / n > MOST_WITHOUT_VERDICT_SHARE:
            low, high = (estimate(np.where(judged, lives.survives, end), lives.draw, block, z=z) for end in (0.0, 1.0))
        else:
            kept = None if block is None else block[judged]
            low = high = estimate(lives.survives[judged], lives.draw[judged], kept, z=z)
        interval = Interval(low.interval.low, high.interval.high, low.interval.method)
    return Odds(
        variant=lives.variant,
        n=n,
        survivors=int(np.nansum(lives.survives)),
        n_failed=lives.n_failed,
        n_not_judged=n_lost - lives.n_failed,
        n_waiting=lives.n_waiting,
        parameters_fixed=lives.parameters_fixed,
        n_draws=len(np.unique(lives.draw)),
        n_blocks=None if block is None else len(np.unique(block)),
        share_low=None if low is None else low.share,
        share_high=None if high is None else high.share,
        interval=interval,
        between_draws_sd=None if low is None else low.between_draws_sd,
        draws_above_half=None if low is None else low.draws_above_half,
        because_of_taper=because_of_taper(results, lambda needed, draw: estimate(needed, draw, z=z).interval if len(needed) >= FEWEST_RUNS else None),
        luck_repeats=not lives.parameters_fixed and len(np.unique(lives.replicate)) < n,
    )


def odds_by_variant(results: pd.DataFrame, *, blocks: Mapping[int, int] | None = None) -> dict[str, Odds]:
    """Variant -> its odds, in the order of the table."""
    return {str(name): odds(of_variant(results, name), blocks=blocks) for name in results["variant"].unique()}


def estimate(survives: Floats, draw: Ints, block: Ints | None = None, *, z: float = Z95) -> _Estimate:
    """P̂ and its interval from runs that all have a verdict: by Wilson, over draws, or over the means of blocks."""
    _, of_draw = np.unique(draw, return_inverse=True)
    lives = np.bincount(of_draw)
    shares = np.bincount(of_draw, weights=survives) / lives
    n_draws = len(lives)
    if n_draws == 1:  # luck alone
        return _Estimate(float(shares[0]), wilson(float(survives.sum()), len(survives), z=z), None, None)
    between, above = None, None
    if lives.max() > 1:
        several = lives > 1
        noise = float(np.mean((shares * (1 - shares))[several] / (lives[several] - 1)))
        between = math.sqrt(max(0.0, float(shares.var(ddof=1)) - noise))
        above = int((shares > 0.5).sum())
    share = float(shares.mean())
    if block is not None:
        first = np.unique(of_draw, return_index=True)[1]
        _, of_block = np.unique(block[first], return_inverse=True)
        means = np.bincount(of_block, weights=shares) / np.bincount(of_block)
        share = float(means.mean())
        values, method = means, Method.BETWEEN_BLOCKS
    elif lives.max() == 1:
        return _Estimate(share, wilson(float(shares.sum()), n_draws, z=z), between, above)
    else:
        values, method = shares, Method.BETWEEN_DRAWS
    if np.ptp(values) == 0:
        return _Estimate(share, wilson(share * n_draws, n_draws, z=z), between, above)
    return _Estimate(share, t_interval(values, z=z, method=method, within=(0.0, 1.0)), between, above)
