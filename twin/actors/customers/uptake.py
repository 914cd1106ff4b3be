"""How demand comes and goes: growth of what could be sold, the price against the incumbent's, trust, one step of adoption and churn, patience. No luck, no dates."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from twin.units import DAYS_PER_YEAR

Floats = NDArray[np.float64]
Amount = TypeVar("Amount", float, Floats)
Share = float | NDArray[Any]
LEAST_USD = 1e-12


def grown(share_per_year: float, start: date, today: date) -> float:
    """Potential today over that of `start`: (1 + growth) ^ years."""
    return float((1 + share_per_year) ** ((today - start).days / DAYS_PER_YEAR))


def taken_share(asked_usd: Amount, *, alternative_usd: Share, elasticity: float, stated_at_usd: float = 0.0) -> Amount:
    """Part of those who could buy that buys here at this price rather than from the incumbent of the place, at most 1.

    s(asked) / s(stated at), with s(p) = 1 / (1 + (p / alternative) ^ (2 elasticity)): half at the incumbent's price. `stated_at_usd` is the price at which
    the potential was stated; 0: it is all who would take it for nothing. An infinite alternative: there is no incumbent.
    """
    alternative = np.maximum(alternative_usd, LEAST_USD)
    asked, stated_at = ((usd / alternative) ** (2 * elasticity) for usd in (asked_usd, stated_at_usd))
    found: Any = np.minimum((1 + stated_at) / (1 + asked), 1)
    return found  # type: ignore[no-any-return]


class Trust:
    """In which of the last months each place was served as promised."""

    def __init__(self, n: int, *, months: int = 12, opening_share: float = 0.0) -> None:
        """`opening_share` of the months before the first day counts as served."""
        self._served = np.full((months, n), opening_share, np.float32)
        self._known = np.full(n, months if opening_share > 0 else 0, np.int32)
        """Months since a place was first served, at most all."""
        self._row = 0

    def note(self, served: NDArray[Any]) -> None:
        """One more month; how far each place was served in it, 0 to 1."""
        months = len(self._served)
        self._served[self._row] = served
        self._row = (self._row + 1) % months
        self._known = np.where((self._known > 0) | (np.asarray(served) > 0), np.minimum(self._known + 1, months), 0)

    @property
    def earned(self) -> Floats:
        """Share of all those months: what newcomers go by."""
        return np.asarray(self._served.mean(axis=0), np.float64)

    @property
    def kept(self) -> Floats:
        """Share of the months since a place was first served: what those who stay go by; 1 where it never was."""
        return self.earned_and_kept[1]

    @property
    def earned_and_kept(self) -> tuple[Floats, Floats]:
        """Both, for the price of one."""
        earned = self.earned
        return earned, np.where(self._known > 0, earned * len(self._served) / np.maximum(self._known, 1), 1.0)


def change(
    stock: Amount, potential: Amount, *, quality: Share, price: Share, trust: tuple[Share, Share], adoption: Share,
    content_hazard: float, unserved_hazard: float,
) -> Amount:  # fmt: skip
    """What is bought more, or less, after one review; quality, price and trust are shares of 0 to 1, and both ways answer to all three.

    adoption x quality x price x trust earned x room left - (1 - exp(-hazard)) x stock; of the stock the part quality x price x trust kept is content and
    leaves at the one hazard a review, the rest at the other.
    """
    earned, kept = trust
    content = quality * price * kept
    churn = -np.expm1(-(content_hazard * content + unserved_hazard * (1 - content)))
    moved: Amount = adoption * quality * price * earned * np.maximum(potential - stock, 0) - churn * stock
    return moved


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
