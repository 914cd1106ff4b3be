"""Burned tokens that are minted again, up to a cap that does not halve."""

from __future__ import annotations

from datetime import date

from twin.scenario.model import value_on
from twin.scenario.sections.token import NetEmissionSpec


class NetEmission:
    """Memory of past burns; `step` once a day.

    HIP-20: `net = min(burned, cap)`; since March 2025 the burn is averaged first, `T[t] = (n-1)/n T[t-1] + 1/n burn[t]` with n = 7 days.
    """

    def __init__(self, spec: NetEmissionSpec | None) -> None:
        self._spec = spec
        self.smoothed_burn_tokens = 0.0

    def cap_tokens(self, day: date) -> float:
        """Most tokens that may be minted again on `day`; 0 where the rule does not exist yet."""
        return value_on(self._spec.cap_tokens_per_day, day, 0.0) if self._spec else 0.0

    def step(self, day: date, *, burned_tokens: float) -> float:
        """Take in the day's burn and return the tokens minted again that day."""
        if self._spec is None or day < min(self._spec.cap_tokens_per_day):
            return 0.0
        memory_days = value_on(self._spec.smoothing_days, day, 1)
        self.smoothed_burn_tokens += (burned_tokens - self.smoothed_burn_tokens) / memory_days
        return min(self.smoothed_burn_tokens, self.cap_tokens(day))
