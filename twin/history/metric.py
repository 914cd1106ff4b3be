"""One metric: what is counted, in which unit, and which columns of `network_daily` answer to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Terms = tuple[tuple[str, float], ...]
"""Columns of `network_daily`, each with the factor that it enters a sum with."""


@dataclass(frozen=True)
class Metric:
    """A quantity of a network as it can be observed. One word, one definition: what was onboarded, is active, was rewarded or is registered are four metrics."""

    name: str
    """With the unit where it is not a plain count: `raw_power_eib`."""
    unit: str
    title: str
    of: Literal["stock", "flow", "share"]
    """A stock is read on a day, or is the mean of its days over a window; a flow is a mean a day over the window; a share is one sum over another of the same window."""
    definition: str
    tracks: Literal["behaviour", "protocol", "outside"]
    """`behaviour`: what people do; `protocol`: what the rules compute from it; `outside`: what a scenario is given (prices of the world, a series that it replays)."""
    terms: Terms = ()
    """What is added up of a day's row."""
    over: Terms = ()
    """Of a share: what `terms` are held against."""
    adds_up: bool = False
    """A stock that is the sum of `terms` since the first day of the run: right only for a run that begins when there was nothing."""

    given: str = ""
    """Of what no column tells: the path of a series that the scenario is given; `*` stands for every entry, which are added up."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of `network_daily` that it is read from."""
        return tuple(dict.fromkeys(name for name, _ in (*self.terms, *self.over)))
