"""Spells in which a network's service or paid usage is gone (VERDICT 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from twin.outcomes.taper import trailing_mean
from twin.scenario.sections.judgement import VerdictSpec


class Side(StrEnum):
    """What gave way first: the service offered, or the usage paid for."""

    SUPPLY = "supply"
    DEMAND = "demand"


class Fate(StrEnum):
    """What a spell of low service or usage turned out to be."""

    COLLAPSED = "collapsed"
    RECOVERED = "recovered"
    CENSORED = "censored"


@dataclass(frozen=True, slots=True)
class Spell:
    """Days from `begins` up to, not including, `ends`, on which a series lay below the share of its own best year."""

    side: Side
    begins: date
    ends: date
    fate: Fate
    lowest_share: float
    """Smallest 28-day mean of the spell, as a share of the best year so far."""

    @property
    def n_days(self) -> int:
        """Length in days, as far as the run shows it."""
        return (self.ends - self.begins).days


def find_spells(
    series: ArrayLike, *, side: Side, start: date, starting_floor: float, spec: VerdictSpec, recover_by: date | None
) -> tuple[Spell, ...]:
    """The spells of one daily series that lasted 180 days, or that the end of the run cut short, in order of time.

    The 28-day mean is held against the running maximum of the 365-day mean; whole years only, so no spell starts in the first year.
    Days on which that maximum has not passed `starting_floor` (in the unit of the series) do not count: what never lived cannot die.
    A spell is recovered if the mean rises above half of the maximum before `recover_by` (the end of the judged year; None: the end of the run).
    """
    values = np.asarray(series, dtype=np.float64)
    n = len(values)
    year = spec.reference_days
    if n < year:
        return ()
    best = trailing_mean(values, year)
    best[: year - 1] = 0.0
    best = np.maximum.accumulate(best)
    level = trailing_mean(values, spec.collapse_mean_days)
    has_lived = (best > 0) & (best >= starting_floor)
    share = np.divide(level, best, out=np.ones(n), where=has_lived)
    low = has_lived & (share < spec.collapse_below_share)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], low.astype(np.int8), [0]])))
    last = n if recover_by is None else min(max((recover_by - start).days, 0), n)
    spells = []
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - first >= spec.collapse_days:
            fate = Fate.RECOVERED if bool((share[end:last] > spec.recovery_share).any()) else Fate.COLLAPSED
        elif end == n:
            fate = Fate.CENSORED
        else:
            continue
        spells.append(
            Spell(
                side=side,
                begins=start + timedelta(days=first),
                ends=start + timedelta(days=end),
                fate=fate,
                lowest_share=float(max(share[first:end].min(), 0.0)),
            )
        )
    return tuple(spells)


def first_collapse(spells: Iterable[Spell], *, until: date | None) -> Spell | None:
    """The earliest collapse that begins before `until` (None: any); on the same day supply goes first, since nothing can be sold without it."""
    collapsed = [spell for spell in spells if spell.fate is Fate.COLLAPSED and (until is None or spell.begins < until)]
    return min(collapsed, key=lambda spell: (spell.begins, spell.side is Side.DEMAND), default=None)
