"""Sensors with a data plan: many small buyers per place, and large contracts. They follow coverage, trust and price; nobody pays them to come.

A demand point is a probe of the map (drawn like people), so a customer's own coverage is counted, not modelled. Small buyers
are counted in fractions per point (a mean field: no luck of their own); a contract connects all its sensors or none.

    dA/month = adoption * trust * price * covered * (potential - A) - churn(covered) * A
    adoption = 1 / (12 * adoption years of the place, drawn once);  trust = months of cover so far / trust_months, at most 1
    price    = min(1, (alternative / price asked) ** elasticity)

Cannot answer: competition between buyers, peaks inside a day, or buyers who would come for reasons other than coverage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.customers.sale import Bought, Buys
from twin.actors.customers.uptake import step, willing_share
from twin.scenario.sections.customers import ContractSpec, MarketSpec
from twin.units import DAYS_PER_YEAR

Floats = NDArray[np.float64]


class Coverage(Protocol):
    """What customers see of the network: which demand points hear a gateway today."""

    def covered(self) -> NDArray[np.bool_]:
        """Points that a gateway hears."""


@dataclass
class Prices:
    """What a unit costs: USD per credit as the network charges it, and the levy a state adds, by point."""

    usd_per_credit: float
    levy_share: Floats
    reference_usd_per_credit: float = field(default=1e-5)

    def per_sensor_year(self, credits_per_day: float) -> Floats:
        """USD a sensor costs its owner per year at each point."""
        return self.usd_per_credit * credits_per_day * DAYS_PER_YEAR * (1 + self.levy_share)


class Plan(Buys):
    """Sensors of one customer at the demand points; `connected` are those that a gateway hears today."""

    def __init__(self, spec: ContractSpec | MarketSpec, coverage: Coverage, prices: Prices) -> None:
        self.credits_per_sensor, self.coverage, self.prices, self.affiliate = spec.credits_per_sensor_per_day, coverage, prices, spec.affiliate
        self.connected = 0.0

    @property
    def sensors(self) -> Floats:
        """Sensors with a plan at each point, heard or not."""
        raise NotImplementedError

    @property
    def most_sensors(self) -> float:
        """All sensors that might ever have a plan."""
        raise NotImplementedError

    @property
    def credits(self) -> float:
        """Credits used today: only covered points send anything."""
        return self.connected * self.credits_per_sensor

    def today(self, today: date) -> Bought:
        """A credit has one price, so what is billed is what is used."""
        usd = self.credits * self.prices.usd_per_credit
        return Bought(usd, usd, usd)

    def potential_usd_per_day(self) -> float:
        """If every sensor were connected."""
        return self.most_sensors * self.credits_per_sensor * self.prices.reference_usd_per_credit


class SmallBuyers(Plan):
    """A segment of small buyers, spread over the map."""

    def __init__(self, spec: MarketSpec, people: Floats, adoption_years: Floats, *, coverage: Coverage, prices: Prices) -> None:
        """`people` that each demand point stands for, and the years in which its willing buyers come."""
        super().__init__(spec, coverage, prices)
        self.spec = spec
        self._adoption = 1 - np.exp(-1 / np.maximum(12 * adoption_years, 1))
        self.potential = people * spec.potential_sensors_per_1000_people / 1000
        self._sensors = np.zeros(len(people))
        self.cover_months = np.zeros(len(people))

    @property
    def sensors(self) -> Floats:
        """Sensors with a plan at each point, heard or not."""
        return self._sensors

    @property
    def most_sensors(self) -> float:
        """All who might ever connect."""
        return float(self.potential.sum())

    def review(self, today: date) -> None:
        """One month of adoption and churn."""
        spec, covered = self.spec, self.coverage.covered()
        self.cover_months = np.where(covered, self.cover_months + 1, np.maximum(self.cover_months - 2, 0))
        trust = np.minimum(self.cover_months / spec.trust_months, 1)
        asked = self.prices.per_sensor_year(self.credits_per_sensor)
        price = willing_share(asked, alternative_usd=spec.alternative_usd_per_sensor_per_year, elasticity=spec.price_elasticity)
        churn = 1 - np.exp(-np.where(covered, spec.churn_hazard_per_month, spec.uncovered_churn_hazard_per_month))
        self._sensors += step(self._sensors, self.potential - self._sensors, adoption=self._adoption * trust * price * covered, churn=churn)


class Contract(Plan):
    """One buyer with many sensors spread like people; all connected or none."""

    def __init__(self, spec: ContractSpec, people: Floats, *, coverage: Coverage, prices: Prices) -> None:
        super().__init__(spec, coverage, prices)
        self.spec = spec
        self.share = people / max(people.sum(), 1e-12)
        self.places = self.share * spec.sensors
        self.active = False

    @property
    def sensors(self) -> Floats:
        """Sensors connected at each point."""
        return self.places if self.active else np.zeros_like(self.places)

    @property
    def most_sensors(self) -> float:
        """All of the contract."""
        return float(self.spec.sensors)

    def content(self) -> bool:
        """Whether enough of its own places are covered, at a price below the alternative's."""
        cost = float((self.share * self.prices.per_sensor_year(self.credits_per_sensor)).sum())
        reach = float(self.share[self.coverage.covered()].sum())
        return reach >= self.spec.needs_coverage_share and cost <= self.spec.alternative_usd_per_sensor_per_year

    def sign(self) -> None:
        """All sensors are connected from now on."""
        self.active = True
        self.connected = float(self.sensors[self.coverage.covered()].sum())

    def end(self) -> None:
        """None any more."""
        self.active, self.connected = False, 0.0

    def size(self) -> tuple[float, str]:
        """Sensors under the contract."""
        return self.spec.sensors, "sensors"


class Sensors:
    """All plans of a run: small buyers first, then contracts."""

    def __init__(self, people: Floats) -> None:
        """`people` that each demand point stands for."""
        self.n_points = len(people)
        self.small: list[SmallBuyers] = []
        self.contracts: list[Contract] = []

    @property
    def plans(self) -> list[Plan]:
        """Everybody's."""
        return [*self.small, *self.contracts]

    def at_points(self) -> Floats:
        """Sensors with a plan at each demand point, heard or not."""
        total = np.zeros(self.n_points)
        for plan in self.plans:
            total += plan.sensors
        return total

    def credits_at_points(self) -> Floats:
        """Credits a day that sensors at each point would use if they are heard."""
        total = np.zeros(self.n_points)
        for plan in self.plans:
            total += plan.sensors * plan.credits_per_sensor
        return total

    def connected(self) -> float:
        """Sensors with a plan that a gateway hears today."""
        return sum(plan.connected for plan in self.plans)

    def credits(self) -> float:
        """Credits used today."""
        return sum(plan.credits for plan in self.plans)

    def most_external_credits(self) -> float:
        """Credits a day if every sensor of an external customer were connected."""
        small, contracts = (
            sum(plan.most_sensors * plan.credits_per_sensor for plan in plans if not plan.affiliate) for plans in (self.small, self.contracts)
        )  # fmt: skip
        return small + contracts

    def cover_changed(self, points: NDArray[np.integer] | None, covered: NDArray[np.bool_]) -> None:
        """The network's cover changed at some points, or (None) is told anew for all."""
        for plan in self.plans:
            if points is None:
                plan.connected = float(plan.sensors[covered].sum())
            elif not isinstance(plan, Contract) or plan.active:
                moved = plan.sensors[points]
                plan.connected += float(np.where(covered, moved, -moved).sum())
