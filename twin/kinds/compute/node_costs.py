"""What each node costs: cash by the hours it is on and works, capital when it is bought, and what its host bids from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.kernel import DAYS_PER_YEAR
from twin.kinds.compute.demand import HOURS
from twin.kinds.compute.places import Sites
from twin.kinds.compute.spec import ComputeScenario
from twin.kinds.compute.unit_costs import REFERENCE_UTILISATION, HourCost, annuity_usd_per_year, hour_cost
from twin.kinds.compute.yard import Day


class NodeCosts:
    """Costs of all nodes; `capex_usd` is the price of a card by class and day."""

    def __init__(self, spec: ComputeScenario, sites: Sites, capex_usd: Floats) -> None:
        self.sites, self.capex_usd, self.hurdle_rate_per_year = sites, capex_usd, spec.verdict.hurdle_rate_per_year
        groups, gpus = list(spec.operators.values()), list(spec.hardware.values())

        def of(name: str, other: float) -> Floats:
            return np.array([float(getattr(group, name)) for group in groups] + [other] * len(spec.adversaries))[sites.group]

        def card(name: str) -> Floats:
            return np.array([float(getattr(gpu, name)) for gpu in gpus])[sites.gpu]

        self.system_factor, self.life_years = of("system_factor", 1.0), card("life_years")
        rate, resale = of("hurdle_rate_per_year", 0.1), card("resale_share")
        self._sold_share = resale * of("counts_capex", 0.0)
        load = card("card_power_w") * of("power_factor", 1.0)
        real = (sites.real_gpus > 0).astype(float)
        facts: dict[str, Any] = {
            "life_years": self.life_years,
            "rate_per_year": rate,
            "resale_share": resale,
            "load_w": load * real,
            "idle_w": load * of("idle_share", 0.0) * real,
            "power_overhead_ratio": of("power_overhead_ratio", 1.0),
            "usd_per_kwh": sites.usd_per_kwh * of("electricity_share_of_household", 1.0),
            "hosting_usd_per_kw_per_month": of("hosting_usd_per_kw_per_month", 0.0),
            "system_factor": self.system_factor,
        }
        price = capex_usd[:, 0][sites.gpu]
        self.cost: HourCost = hour_cost(capex_usd=price, **facts)
        self.bidding: HourCost = hour_cost(capex_usd=price * of("counts_capex", 0.0), **facts)
        """What a host bids from: cards bought for something else are free."""
        self._fixed_usd_per_hour = self.bidding.fixed_usd_per_hour.copy()
        self.duty_usd_per_day, self.announced_duty_usd_per_day = np.zeros(sites.n), np.zeros(sites.n)
        """What law asks of each node, and what it will ask, USD a day."""
        self.law_price_share, self.law_setup_usd = np.zeros(sites.n), np.zeros(sites.n)
        """What law adds to the price of a new node on each site, a share, and what must be set up with it, USD."""
        self._bought_share, self._setup_usd = of("counts_capex", 0.0), of("setup_usd", 0.0)
        per_hour = self.cost.cash_usd_per_hour + REFERENCE_UTILISATION * self.cost.work_usd_per_hour
        self.usual_usd_per_day = HOURS * sites.real_gpus * per_hour
        """Hosting and power of a node that is always on and leased as hosts reckon."""

    def new_usd(self, day: int) -> Floats:
        """What a node of each site would cost to buy on a day."""
        return np.asarray(self.capex_usd[:, day][self.sites.gpu] * self.system_factor * self.sites.real_gpus)

    def bought_usd(self, day: int) -> Floats:
        """The part of it that a newcomer buys: nothing where the card is there for something else. Law taxes and subsidises that."""
        return np.asarray(self.new_usd(day) * self._bought_share)

    def entry_usd(self, day: int) -> Floats:
        """What taking part costs each at once: a node, where it is not there already, with the duty on it, and setting it up. A used one sells without duty."""
        return self.new_usd(day) * self._bought_share * (1 + self.law_price_share) + self._setup_usd + self.law_setup_usd

    def resale_usd(self, day: int) -> Floats:
        """What each node would bring today; nothing for cards that were bought for something else: their owners keep them."""
        return self.new_usd(day) * self._sold_share

    def duties_changed(self, nodes: NDArray[np.int64]) -> None:
        """Hosts bid from what law asks, too, over all the hours of their GPUs."""
        per_hour = self.duty_usd_per_day[nodes] / (HOURS * np.maximum(self.sites.real_gpus[nodes], 1))
        self.bidding.fixed_usd_per_hour[nodes] = self._fixed_usd_per_hour[nodes] + per_hour

    def cash_usd(self, done: Day, *, live: NDArray[np.bool_]) -> Floats:
        """Hosting and power of a day, by hours on and more by hours leased, and duties of all that take part."""
        power = self.cost.cash_usd_per_hour * done.online_hours * self.sites.real_gpus + self.cost.work_usd_per_hour * done.leased_hours
        return np.asarray(power + np.where(live, self.duty_usd_per_day, 0.0))

    def replacement_usd(self, day: int) -> Floats:
        """A day's share of replacing each node at today's price, at the verdict's hurdle rate, without resale (VERDICT 2)."""
        yearly = annuity_usd_per_year(self.new_usd(day), life_years=self.life_years, rate_per_year=self.hurdle_rate_per_year)
        return np.asarray(yearly / DAYS_PER_YEAR)
