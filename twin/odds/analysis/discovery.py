"""Scenario discovery: the region of the drawn parameters in which the network dies, told in words.

A region is a range of some parameters. It is found by the patient rule induction method (Friedman and Fisher 1999, Stat. Comput.
9:123; for scenarios Bryant and Lempert 2010, Technol. Forecast. Soc. Change 77:34):

1. *Peeling*: from all lives, take off the twentieth at the low or the high end of the one parameter where the rest then dies most
   often, again and again. 2. Of all regions on that way, take the one whose border agrees best with dying (largest phi coefficient,
   the correlation of "lies inside" and "dies"). 3. *Pasting*: give back a slice at any end while phi grows. 4. Drop each end that
   chance could have chosen: if that many deaths among that many lives would come up with more than 1 % probability without it.

*Coverage* is the share of all deaths that lie inside, *density* the share inside that dies. Both are stated on lives that had no
part in the search; a region that does not die more often there than all lives do is not told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import bdtrc

from twin.arrays import Bools, Floats
from twin.odds.analysis.chances import FEWEST_RUNS
from twin.odds.analysis.intervals import Interval, percent, percent_range, wilson
from twin.odds.analysis.naming import name_of, unit_of, written
from twin.odds.analysis.runs import Status, lives_of

PEEL_SHARE = 0.05
"""Share of the lives inside that one peel takes off (Friedman and Fisher: 0.05 to 0.1)."""
SMALLEST_SHARE = 0.05
"""Share of all lives that a region holds at least (assumed)."""
BY_CHANCE = 0.01
"""Probability above which an end of a region is dropped (assumed; Bryant and Lempert use 0.05 for one end, many are tried here)."""
FEWEST_OF_EACH = 40
"""Deaths, and other lives, below which nothing is searched (assumed: half of them stay for the check)."""
GAINED = 1e-12


@dataclass(frozen=True, slots=True)
class End:
    """One parameter's range in a region, in its own unit; None: open."""

    path: str
    low: float | None = None
    high: float | None = None

    def holds(self, x: Floats) -> Bools:
        """Which values lie in it."""
        inside = np.ones(len(x), bool)
        if self.low is not None:
            inside &= x >= self.low
        if self.high is not None:
            inside &= x <= self.high
        return inside

    def words(self, labels: Mapping[str, str] | None = None) -> str:
        """ "holders' pot is below 2.1 million USD"."""
        name, unit = name_of(self.path, labels), unit_of(self.path)
        if self.low is None and self.high is not None:
            return f"{name} is below {written(self.high, unit)}"
        if self.high is None and self.low is not None:
            return f"{name} is above {written(self.low, unit)}"
        return f"{name} is between {written(self.low or 0.0, unit)} and {written(self.high or 0.0, unit)}"


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a region separates the lives that die, on one set of lives."""

    n: int
    n_inside: int
    deaths: int
    deaths_inside: int

    @property
    def density(self) -> float:
        """Share of the lives inside that die; NaN without any."""
        return self.deaths_inside / self.n_inside if self.n_inside else float("nan")

    @property
    def coverage(self) -> float:
        """Share of all deaths that lie inside; NaN without any."""
        return self.deaths_inside / self.deaths if self.deaths else float("nan")

    @property
    def density_interval(self) -> Interval | None:
        """Wilson's 95 % interval of the density."""
        return wilson(self.deaths_inside, self.n_inside) if self.n_inside else None


@dataclass(frozen=True, slots=True)
class Region:
    """Ranges of parameters in which the network dies."""

    ends: tuple[End, ...]
    searched: Fit
    """On the lives that the search saw."""
    held_out: Fit
    """On those that it did not see."""

    def words(self, labels: Mapping[str, str] | None = None) -> str:
        """ "does not survive in 84 % of lives where … and …"; the share is that of the lives held out."""
        inside = self.held_out.density_interval
        between = f" ({percent_range(inside.low, inside.high)})" if inside is not None else ""
        return (
            f"does not survive in {percent(self.held_out.density)} %{between} of lives where {' and '.join(end.words(labels) for end in self.ends)}; "
            f"{percent(self.held_out.coverage)} % of all such lives lie there"
        )


@dataclass(frozen=True, slots=True)
class Discovery:
    """The regions in which a network dies, the one that holds most first."""

    regions: tuple[Region, ...]
    n: int
    """Lives with a verdict, half of which the search saw."""
    deaths: int
    n_without_verdict: int
    reason: str | None
    """Why no region is told."""

    def sentence(self, labels: Mapping[str, str] | None = None) -> str:
        """The regions in words, held against all lives."""
        lost = f" {self.n_without_verdict:,} lives without a verdict are left out." if self.n_without_verdict else ""
        if self.reason is not None:
            return self.reason + lost
        told = "; it also ".join(region.words(labels) for region in self.regions)
        held = self.regions[0].held_out
        return f"The network {told}. Of all lives {percent(self.deaths / self.n)} % do not survive. Shares are those of {held.n:,} lives that had no part in the search.{lost}"


def discover(results: pd.DataFrame, paths: Sequence[str], *, dies: Bools | None = None, at_most: int = 2) -> Discovery:
    """Where in the drawn parameters `paths` (columns of `results`, one variant) the network dies, in at most so many regions.

    `dies`: by row of the ended runs; None: whatever does not survive. Every second draw is searched, the others are the check. A
    second region is searched among the lives outside of the first.
    """
    lives = lives_of(results)
    ended = results[results["status"].isin([Status.DONE, Status.FAILED])]
    judged = lives.judged
    died = (lives.survives[judged] == 0) if dies is None else np.asarray(dies, bool)[judged]
    x = ended[list(paths)].to_numpy(np.float64)[judged]
    n, deaths, lost = len(died), int(died.sum()), int((~judged).sum())
    if n < FEWEST_RUNS:
        return Discovery((), n, deaths, lost, f"Where it does not survive is not searched with fewer than {FEWEST_RUNS} lives that have a verdict.")
    if min(deaths, n - deaths) < FEWEST_OF_EACH:
        return Discovery((), n, deaths, lost, f"{deaths:,} of {n:,} lives do not survive; where is searched from {FEWEST_OF_EACH} of them and {FEWEST_OF_EACH} survivors on.")
    _, of_draw = np.unique(lives.draw[judged], return_inverse=True)
    seen = of_draw % 2 == 0 if of_draw.max() > 0 else np.zeros(n, bool)
    if not seen.any() or np.ptp(x, axis=0).max(initial=0.0) == 0:
        return Discovery((), n, deaths, lost, "The lives do not differ in their parameters: luck alone decides.")
    regions: list[Region] = []
    left = np.ones(n, bool)
    while len(regions) < at_most:
        ends = find_region(x[seen & left], died[seen & left], paths)
        if not ends:
            break
        inside = left & _inside(x, ends, paths)
        region = Region(ends, _fit(inside[seen], died[seen]), _fit(inside[~seen], died[~seen]))
        held = region.held_out.density_interval
        if held is None or held.low <= float(died[~seen & left].mean()):
            break
        regions.append(region)
        left &= ~inside
        if min(int(died[seen & left].sum()), int((~died[seen & left]).sum())) < FEWEST_OF_EACH // 2:
            break
    if not regions:
        return Discovery((), n, deaths, lost, f"There is no range of the drawn parameters in which clearly more lives do not survive than everywhere ({percent(deaths / n)} %).")
    return Discovery(tuple(regions), n, deaths, lost, None)


def find_region(x: Floats, died: Bools, paths: Sequence[str]) -> tuple[End, ...]:
    """The ends of the region, those that matter most first; empty where no range stands out. `x`: lives by parameters."""
    fewest = max(round(SMALLEST_SHARE * len(died)), 2)
    best: tuple[End, ...] = ()
    best_phi, inside = 0.0, np.ones(len(died), bool)
    ends: dict[int, End] = {}
    while True:
        peels = [(kept, j, end) for j, path in enumerate(paths) for kept, end in _peels(x[:, j], inside, ends.get(j, End(path))) if kept.sum() >= fewest]
        if not peels:
            break
        kept, j, end = max(peels, key=lambda peel: (died[peel[0]].mean(), peel[0].sum()))
        inside, ends = kept, {**ends, j: end}
        if (found := phi(inside, died)) > best_phi + GAINED:
            best, best_phi = tuple(ends.values()), found
    best = _paste(x, died, best, paths)
    return _without_chance(x, died, best, paths)


def phi(inside: Bools, died: Bools) -> float:
    """Correlation of lying inside and dying; 0 where one of them does not vary."""
    s, p = float(inside.mean()), float(died.mean())
    if s in (0.0, 1.0) or p in (0.0, 1.0):
        return 0.0
    return (float((inside & died).mean()) - s * p) / float(np.sqrt(s * (1 - s) * p * (1 - p)))


def _peels(x: Floats, inside: Bools, end: End) -> list[tuple[Bools, End]]:
    """Both ways to take the outermost twentieth of one parameter off; the border lies halfway to the last one that is taken."""
    values = np.sort(x[inside])
    count = max(int(PEEL_SHARE * len(values)), 1)
    found = []
    if len(values) > count and values[0] < values[-1]:
        first = values[count] if values[count] > values[0] else values[values > values[0]][0]
        low = (first + values[values < first][-1]) / 2
        last = values[-1 - count] if values[-1 - count] < values[-1] else values[values < values[-1]][-1]
        high = (last + values[values > last][0]) / 2
        found = [(inside & (x >= low), replace(end, low=float(low))), (inside & (x <= high), replace(end, high=float(high)))]
    return found


def _paste(x: Floats, died: Bools, ends: tuple[End, ...], paths: Sequence[str]) -> tuple[End, ...]:
    """The region with slices given back at its ends, as long as phi grows."""
    grown = True
    while grown and ends:
        grown = False
        inside = _inside(x, ends, paths)
        now = phi(inside, died)
        count = max(int(PEEL_SHARE * inside.sum()), 1)
        for i, end in enumerate(ends):
            column = x[:, list(paths).index(end.path)]
            others = _inside(x, (*ends[:i], *ends[i + 1 :]), paths)
            for wider in _wider(column[others], end, count):
                trial = _closed((*ends[:i], wider, *ends[i + 1 :]))
                if phi(_inside(x, trial, paths), died) > now + GAINED:
                    ends, grown = trial, True
                    break
            if grown:
                break
    return ends


def _wider(x: Floats, end: End, count: int) -> list[End]:
    """The end with `count` more lives below its low end, and above its high end."""
    found = []
    if end.low is not None:
        below = np.sort(x[x < end.low])[::-1]
        found.append(replace(end, low=float((below[count - 1] + below[count]) / 2) if len(below) > count else None))
    if end.high is not None:
        above = np.sort(x[x > end.high])
        found.append(replace(end, high=float((above[count - 1] + above[count]) / 2) if len(above) > count else None))
    return found


def _without_chance(x: Floats, died: Bools, ends: tuple[End, ...], paths: Sequence[str]) -> tuple[End, ...]:
    """The region without the ends that chance could have chosen, the least certain one first; what is left in order of its probability by chance."""
    while True:
        half = [(i, side) for i, end in enumerate(ends) for side in ("low", "high") if getattr(end, side) is not None]
        by_chance = {(i, side): _by_chance(x, died, ends, i, side, paths) for i, side in half}
        if not by_chance:
            return ()
        (i, side), worst = max(by_chance.items(), key=lambda item: item[1])
        if worst <= BY_CHANCE:
            surest = {i: min(p for (k, _), p in by_chance.items() if k == i) for i in range(len(ends))}
            return tuple(ends[k] for k in sorted(surest, key=lambda k: surest[k]))
        ends = _closed((*ends[:i], _opened(ends[i], side), *ends[i + 1 :]))


def _by_chance(x: Floats, died: Bools, ends: tuple[End, ...], i: int, side: str, paths: Sequence[str]) -> float:
    """Probability of at least as many deaths among as many lives, if they died as often as where this end is open."""
    inside = _inside(x, ends, paths)
    opened = _inside(x, (*ends[:i], _opened(ends[i], side), *ends[i + 1 :]), paths)
    n, deaths, p = int(inside.sum()), int((inside & died).sum()), float(died[opened].mean())
    return 1.0 if deaths == 0 or p >= 1 else float(bdtrc(deaths - 1, n, p))


def _closed(ends: Sequence[End]) -> tuple[End, ...]:
    """Without the parameters that are open at both ends."""
    return tuple(end for end in ends if end.low is not None or end.high is not None)


def _opened(end: End, side: str) -> End:
    return replace(end, low=None) if side == "low" else replace(end, high=None)


def _inside(x: Floats, ends: Sequence[End], paths: Sequence[str]) -> Bools:
    """Which lives lie in all of the ranges."""
    inside = np.ones(len(x), bool)
    for end in ends:
        inside &= end.holds(x[:, list(paths).index(end.path)])
    return inside


def _fit(inside: Bools, died: Bools) -> Fit:
    return Fit(len(died), int(inside.sum()), int(died.sum()), int((inside & died).sum()))
