"""The subsidy that operators were really paid: what stands for a schedule where emission follows the state of the network (VERDICT 3)."""

from __future__ import annotations

from collections import deque

from twin.state import Today


class PaidSubsidy:
    """Trailing mean of tokens a day: emission that no customer backs and that keeps no promise to one, and grants; dollars of grants count at the token's fixed reference price, so that no price moves them."""

    def __init__(self, *, mean_days: int, reference_price_usd: float) -> None:
        self._days: deque[float] = deque(maxlen=mean_days)
        self._reference_price_usd = reference_price_usd

    def add(self, today: Today) -> float:
        """Takes the day in, and returns the mean over the days there are, at most `mean_days`, tokens a day."""
        subsidy_usd = max(today.operator_emission_usd - today.promised_emission_usd, 0.0) * (1 - today.backed_share)
        emitted = subsidy_usd / today.price_usd if today.price_usd > 0 else 0.0
        self._days.append(emitted + today.operator_grant_usd / self._reference_price_usd)
        return sum(self._days) / len(self._days)
