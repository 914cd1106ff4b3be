"""How demand comes and goes: growth of what could be sold, the price against the incumbent's, one step of adoption and churn, patience. Formulas only."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from twin.units import DAYS_PER_YEAR

Floats = NDArray[np.float64]
Amount = TypeVar("Amount", float, Floats)
LEAST_USD = 1e-12


def grown(share_per_year: float, start: date, today: date) -> float:
    """Potential today over that of `start`: (1 + growth) ^ years."""
    return float((1 + share_per_year) ** ((today - start).days / DAYS_PER_YEAR))


def willing_share(asked_usd: Amount, *, alternative_usd: float, elasticity: float) -> Amount:
    """Part of those who could buy that would at this price: (alternative / asked) ^ elasticity, all of them where the incumbent is dearer."""
    found: Amount = np.minimum((alternative_usd / np.maximum(asked_usd, LEAST_USD)) ** elasticity, 1)
    return found


def bought_share(asked_usd: Floats, *, alternative_usd: Floats, risk: float, elasticity: float, quality_discount: float) -> Floats:
    """Part of a market that buys here rather than from the incumbent: 1 / (1 + (asked (1 + discount risk) / alternative) ^ (2 elasticity))."""
    return np.asarray(1 / (1 + (asked_usd * (1 + quality_discount * risk) / alternative_usd) ** (2 * elasticity)))


def step(stock: Amount, room: Amount, *, adoption: Amount | float, churn: Amount | float) -> Amount:
    """Change of what is bought: the adopted part of the room that is left, less the part of the stock that leaves."""
    return adoption * room - churn * stock


class Patience:
    """How long a customer bears less than it asks for."""

    def __init__(self, limit_days: int) -> None:
        self.limit_days, self.bad_days = limit_days, 0

    def is_over(self, *, content: bool, days: int = 1) -> bool:
        """Whether it leaves, after so many more days of this."""
        self.bad_days = 0 if content else self.bad_days + days
        return self.bad_days > self.limit_days

    def renew(self) -> None:
        """A fresh start."""
        self.bad_days = 0
