"""What somebody reckons with who would be the first to run a class of machine: its own asking price, and the use and pay of all that run."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Ints
from twin.kinds.compute.asking import USE_AT_START
from twin.kinds.compute.node_costs import NodeCosts
from twin.kinds.compute.yard import Day

HOURS = 24
MEMORY_DAYS = 30.0
"""assumed: the numbers of about a month"""


class Asks(Protocol):
    """What hosts ask."""

    def usd(self) -> Floats:
        """By node, USD for a GPU-hour."""


class Hopes:
    """Numbers of the last month over all nodes that run; as assumed at the start while nobody does."""

    def __init__(self, asks: Asks, costs: NodeCosts) -> None:
        self._asks, self._costs = asks, costs
        self._on_hours = self._leased_hours = self._bill_usd = self._income_usd = 0.0

    def see(self, done: Day, income_usd: Floats, *, honest: NDArray[np.bool_]) -> None:
        """A day: hours on and leased, bills and pay of honest nodes."""
        gpus = self._costs.sites.real_gpus
        for name, value in (
            ("_on_hours", done.online_hours * gpus), ("_leased_hours", done.leased_hours), ("_bill_usd", done.bill_usd), ("_income_usd", income_usd),
        ):  # fmt: skip
            before = getattr(self, name)
            setattr(self, name, before + (float(value[honest].sum()) - before) / MEMORY_DAYS)

    def usd_per_day(self, slots: Ints) -> tuple[Floats, Floats]:
        """Pay, and bills without duties of law, that each of some sites would have."""
        use = min(self._leased_hours / self._on_hours, 1.0) if self._on_hours > 0 else USE_AT_START
        pay_share = self._income_usd / self._bill_usd if self._bill_usd > 0 else 1.0
        gpu_hours, cost = HOURS * self._costs.sites.real_gpus[slots], self._costs.cost
        bills = gpu_hours * (cost.cash_usd_per_hour[slots] + use * cost.work_usd_per_hour[slots])
        return gpu_hours * use * self._asks.usd()[slots] * pay_share, bills
