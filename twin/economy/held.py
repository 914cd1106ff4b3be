"""The taper as a mechanism: off, what is scheduled for operators goes on from the taper's first day T0 at the mean of the days before it (VERDICT 8).

`Scheduled` is a subsidy that follows from dates alone, `Remembered` one that depends on the state of the network: it keeps what the rules paid before T0.
The mean is over as many days as the scenario's `taper.mean_days` says, as far as the run reaches back. What is paid beyond the rules is counterfactual.
A policy that steers emission (`Steered`) is a part of the rules: its share is in what they say of a day, and in the mean that is held, and decides nothing while it is held.
"""

from __future__ import annotations

import numpy as np

from twin.arrays import Floats
from twin.economy.steered import Steered


class Fading:
    """Whether a subsidy fades as its rules say; one for all subsidies of a run."""

    def __init__(self, begins_day: int | None, *, mean_days: int) -> None:
        """`begins_day` is T0 as a day of the run; None: it does not lie in it."""
        self.begins_day, self.mean_days = begins_day, mean_days
        self.on = True
        self.steered = Steered()
        """What share of all that is emitted by rule a policy lets through."""

    def switch(self, on: bool) -> None:
        """Whether it fades from now on."""
        self.on = on

    def is_held(self, day: int) -> bool:
        """Whether the level of T0 is paid on a day."""
        return not self.on and self.begins_day is not None and day >= self.begins_day

    def before(self) -> slice:
        """Days of the run before T0 over which the mean is taken; the first day where there is none."""
        end = max(self.begins_day or 0, 1)
        return slice(max(end - self.mean_days, 0), end)


class Scheduled:
    """An amount a day that follows from dates alone."""

    def __init__(self, by_rules: Floats, fading: Fading) -> None:
        """`by_rules` is the amount by day of the run."""
        self._by_rules, self._fading = by_rules, fading
        fading.steered.emits(lambda day: float(by_rules[day]))

    @property
    def level(self) -> float:
        """Held from T0 on."""
        before = self._fading.before()
        return float(self._fading.steered.of(self._by_rules[before], before).mean())

    def by_rules(self, day: int) -> float:
        """What the rules say of a day, a policy's share among them."""
        return float(self._by_rules[day]) * self._fading.steered.on(day)

    def on(self, day: int) -> float:
        """What is paid on a day."""
        return self.level if self._fading.is_held(day) else self.by_rules(day)

    def beyond_share(self, day: int) -> float:
        """Part of it that the rules would not pay."""
        return beyond_share(self.on(day), self.by_rules(day))


class Remembered:
    """An amount a period that depends on the state of the network: asked once each period, in order."""

    def __init__(self, fading: Fading, *, otherwise: float | None = None) -> None:
        """`otherwise` is held where nothing was paid before T0 that could be remembered; None: then the rules go on."""
        self._fading, self._otherwise = fading, otherwise
        self._before: list[float] = []

    @property
    def level(self) -> float | None:
        """Mean of what was paid before T0; None where nobody knows."""
        return float(np.mean(self._before)) if self._before else self._otherwise

    def on(self, day: int, by_rules: float) -> float:
        """What is paid on a day for which the rules say `by_rules`; of the days before T0 they are remembered."""
        begins, days = self._fading.begins_day, self._fading.before()
        if begins is not None and days.start <= day < begins:
            self._before.append(by_rules)
        held = self.held(day)
        return by_rules if held is None else held

    def held(self, day: int) -> float | None:
        """What is paid on a day whatever the rules say; None where they are followed."""
        return self.level if self._fading.is_held(day) else None


def beyond_share(paid: float, by_rules: float) -> float:
    """Part of an amount that the rules would not pay."""
    return max(1 - by_rules / paid, 0.0) if paid > 0 else 0.0
