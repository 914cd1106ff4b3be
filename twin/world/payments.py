"""What each customer used and paid, day by day: external ones make Q and R, the project's own affiliates stand apart (VERDICT 1 and 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.state import Today

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sale:
    """What one customer bought today, USD: true usage at the reference price, usage as the network bills it, and money really paid, rebates off."""

    name: str
    usage_usd: float
    billed_usd: float
    paid_usd: float
    affiliate: bool = False


def affiliates_of(customers: Mapping[str, Any]) -> list[str]:
    """Names of a scenario's customers that are under common control with the project."""
    return [name for name, each in customers.items() if getattr(each, "affiliate", False)]


class Payments:
    """USD by customer and day of the run."""

    def __init__(self, names: Iterable[str], n_days: int, *, affiliates: Iterable[str] = ()) -> None:
        """`affiliates` are those among the names that are never external."""
        self.affiliates = frozenset(affiliates)
        self.external: dict[str, Floats] = {name: np.zeros(n_days) for name in names}
        self.affiliate: dict[str, Floats] = {name: np.zeros(n_days) for name in self.external}

    def note(self, name: str, day: int, usd: float, *, affiliate: bool = False) -> None:
        """What one customer paid on one day."""
        (self.affiliate if affiliate else self.external)[name][day] = usd

    def take(self, day: int, sales: Iterable[Sale], today: Today) -> None:
        """Notes the day's sales and sets usage and revenue of the day: external customers only, rebates off."""
        used = paid = billed = 0.0
        for sale in sales:
            billed += sale.billed_usd
            self.note(sale.name, day, sale.paid_usd, affiliate=sale.affiliate)
            if not sale.affiliate:
                used += sale.usage_usd
                paid += sale.paid_usd
        today.usage_constant_usd, today.usage_constant_usd_as_seen, today.revenue_usd = used, billed, paid

    def over(self, days: slice) -> tuple[dict[str, float], float]:
        """Paid by each external customer over some days, and by all affiliates, USD."""
        external = {name: float(usd[days].sum()) for name, usd in self.external.items() if name not in self.affiliates}
        return external, sum(float(usd[days].sum()) for usd in self.affiliate.values())
