"""The subsidy that operators were really paid: what stands for a schedule where emission follows the state of the network (VERDICT 3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.state import Today


class PaidSubsidy:
    """Tokens a day: emission that no customer backs and that keeps no promise to one, and grants; dollars of grants count at the token's fixed reference price, so that no price moves them."""

    def __init__(self, n_days: int, *, mean_days: int, reference_price_usd: float) -> None:
        self.by_day = np.zeros(n_days)
        """Tokens of each day of the run so far."""
        self._mean_days, self._reference_price_usd = mean_days, reference_price_usd

    def add(self, day: int, today: Today) -> float:
        """Takes the day in, and returns the mean over the days there are, at most `mean_days`, tokens a day."""
        subsidy_usd = max(today.operator_emission_usd - today.promised_emission_usd, 0.0) * (1 - today.backed_share)
        price = today.pay_price_usd or today.price_usd
        emitted = subsidy_usd / price if price > 0 else 0.0
        self.by_day[day] = emitted + today.operator_grant_usd / self._reference_price_usd
        days: NDArray[np.float64] = self.by_day[max(day - self._mean_days + 1, 0) : day + 1]
        return float(sum(days.tolist())) / len(days)
