"""What share of what the rules say is emitted: 1 on every day until a policy decides otherwise. One for all emission of a run.

Whoever emits by rule multiplies by it (`on`) and says what the rules alone would emit (`emits`), so that a policy knows what a share would cost.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twin.arrays import Floats


class Steered:
    """The share by day of the run."""

    def __init__(self) -> None:
        self._by_day: Floats | None = None
        self._sources: list[Callable[[int], float]] = []

    def begin(self, n_days: int) -> None:
        """A policy of this run steers emission from now on."""
        self._by_day = np.ones(n_days)

    def set(self, day: int, share: float) -> None:
        """The share of a day, and of all days after it until it is set again."""
        assert self._by_day is not None
        self._by_day[day:] = share

    def on(self, day: int) -> float:
        """The share of a day."""
        return 1.0 if self._by_day is None else float(self._by_day[day])

    def of(self, by_rules: Floats, days: slice) -> Floats:
        """Amounts that the rules say of these days of the run, as they were or are to be paid."""
        return by_rules if self._by_day is None else by_rules * self._by_day[days]

    def emits(self, tokens: Callable[[int], float]) -> None:
        """One more source of emission: tokens a day that the rules alone say of a day."""
        self._sources.append(tokens)

    @property
    def exists(self) -> bool:
        """Whether anything emits by a rule that can be steered."""
        return bool(self._sources)

    def by_rules_tokens(self, day: int) -> float:
        """What the rules alone would emit on a day, all sources together; weekly mints by their day's part."""
        return sum(tokens(day) for tokens in self._sources)
