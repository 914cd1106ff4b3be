"""Sensors with a data plan: many small buyers per place, and large contracts. They follow coverage, trust and price; nobody pays them to come.

A demand point is a probe of the map (drawn like people), so a customer's own coverage is counted, not modelled. Small buyers
are counted in fractions per point (a mean field: no luck of their own); a contract connects all its sensors or none.

    dA/month = adoption * quality * price * trust * (potential - A) - churn * A      (twin.actors.customers.uptake.change)
    adoption = 1 - exp(-1 / (12 * adoption years of the place, drawn once));  quality: the point hears what its meters ask for
    price    = 1 / (1 + (price asked / alternative) ^ (2 elasticity));  trust: share of the last twelve months in which the point was served

Cannot answer: competition between buyers, peaks inside a day, or buyers who would come for reasons other than coverage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.customers.sale import Bought, Buys
from twin.actors.customers.uptake import Trust, change, taken_share
from twin.arrays import Floats
from twin.kinds.wireless.service import Asks
from twin.scenario.sections.customers import ContractSpec, MarketSpec
from twin.units import DAYS_PER_YEAR


class Coverage(Protocol):
    """What customers see of the network: which demand points are served today, as their sensors ask."""

    def covered(self) -> NDArray[np.bool_]:
        """Points that are served."""


class Levels(Protocol):
    """Cover for whatever sensors ask for."""

    def at(self, asks: Asks, /) -> Coverage:
        """Cover for sensors that ask for this."""


def asks_of(spec: ContractSpec | MarketSpec) -> Asks:
    """What a customer's sensors need of the network."""
    return Asks(spec.needs_margin_db, spec.needs_gateways)


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
    """Sensors of one customer at the demand points; `connected` are those that are served today, as they ask."""

    def __init__(self, spec: ContractSpec | MarketSpec, coverage: Coverage, prices: Prices, alternative: Floats) -> None:
        """`alternative` is the best other offer at each point, over the incumbent's price that the customer states (twin.actors.customers.incumbents)."""
        self.credits_per_sensor, self.coverage, self.prices, self.affiliate = spec.credits_per_sensor_per_day, coverage, prices, spec.affiliate
        self.asks, self.alternative_usd_per_year = asks_of(spec), spec.alternative_usd_per_sensor_per_year * alternative
        self.plan_usd_per_year = spec.plan_usd_per_sensor_per_year
        self.connected = 0.0

    def asked_usd_per_year(self) -> Floats:
        """What a sensor costs its owner at each point: credits with the state's levy, and what the seller of the plan asks beside them."""
        return self.prices.per_sensor_year(self.credits_per_sensor) + self.plan_usd_per_year

    @property
    def sensors(self) -> Floats:
        """Sensors with a plan at each point, heard or not."""
        raise NotImplementedError

    @property
    def most_sensors(self) -> float:
        """All sensors that might ever have a plan."""
        raise NotImplementedError

    def recount(self) -> None:
        """Counts anew which of its sensors are served."""
        self.connected = float(self.sensors[self.coverage.covered()].sum())

    @property
    def credits(self) -> float:
        """Credits used on a day of full demand: only covered points send anything."""
        return self.connected * self.credits_per_sensor

    def today(self, today: date) -> Bought:
        """A credit has one price, so what is billed is what is used."""
        usd = self.credits * self.demand_share(today) * self.prices.usd_per_credit
        return Bought(usd, usd, usd)

    def potential_usd_per_day(self) -> float:
        """If every sensor were connected."""
        return self.most_sensors * self.credits_per_sensor * self.prices.reference_usd_per_credit


class SmallBuyers(Plan):
    """A segment of small buyers, spread over the map."""

    def __init__(self, spec: MarketSpec, people: Floats, adoption_years: Floats, *, coverage: Coverage, prices: Prices, alternative: Floats) -> None:
        """`people` that each demand point stands for, and the years in which its willing buyers come."""
        super().__init__(spec, coverage, prices, alternative)
        self.spec = spec
        self._adoption = 1 - np.exp(-1 / np.maximum(12 * adoption_years, 1))
        self.potential = people * spec.potential_sensors_per_1000_people / 1000
        self._sensors = np.zeros(len(people))
        self.trust = Trust(len(people), months=spec.trust_months)

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
        self.trust.note(covered)
        price: Floats = taken_share(self.asked_usd_per_year(), alternative_usd=self.alternative_usd_per_year, elasticity=spec.price_elasticity)
        self._sensors += change(
            self._sensors, self.potential, quality=covered, price=price, trust=self.trust.earned_and_kept, adoption=self._adoption,
            content_hazard=spec.churn_hazard_per_month, unserved_hazard=spec.uncovered_churn_hazard_per_month,
        )  # fmt: skip


class Contract(Plan):
    """One buyer with many sensors spread like people; all connected or none."""

    def __init__(self, spec: ContractSpec, people: Floats, *, coverage: Coverage, prices: Prices, alternative: Floats) -> None:
        super().__init__(spec, coverage, prices, alternative)
        self.spec = spec
        self.share = people / max(people.sum(), 1e-12)
        households = float(people.sum()) / spec.people_per_household
        self.n_sensors = float(spec.sensors) if spec.sensors is not None else (spec.sensors_per_household or 0.0) * households
        self.places = self.share * self.n_sensors
        self.active = False

    @property
    def sensors(self) -> Floats:
        """Sensors connected at each point."""
        return self.places if self.active else np.zeros_like(self.places)

    @property
    def most_sensors(self) -> float:
        """All of the contract."""
        return self.n_sensors

    def content(self) -> bool:
        """Whether enough of its own places are served, at a price below the alternative's; asked once a week."""
        reach = float(self.share[self.coverage.covered()].sum())
        return reach >= self.spec.needs_coverage_share and self._mean_usd(self.asked_usd_per_year()) <= self._mean_usd(self.alternative_usd_per_year)

    def _mean_usd(self, usd: Floats) -> float:
        """A sensor's price a year, mean of its places."""
        return float((self.share * usd).sum())

    def price_share(self) -> float:
        """Of buyers like this one those who would rather pay what is asked here than what the alternative costs."""
        asked, alternative = self._mean_usd(self.asked_usd_per_year()), self._mean_usd(self.alternative_usd_per_year)
        return float(taken_share(asked, alternative_usd=alternative, elasticity=self.spec.price_elasticity))

    def sign(self) -> None:
        """All sensors are connected from now on."""
        self.active = True
        self.recount()

    def end(self) -> None:
        """None any more."""
        self.active, self.connected = False, 0.0

    def size(self) -> tuple[float, str]:
        """Sensors under the contract."""
        return round(self.n_sensors), "sensors"


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

    def connected_at_points(self) -> Floats:
        """Sensors at each demand point that are served today."""
        total = np.zeros(self.n_points)
        for plan in self.plans:
            total += plan.sensors * plan.coverage.covered()
        return total

    def credits_used_at_points(self) -> Floats:
        """Credits used at each demand point on a day of full demand."""
        total = np.zeros(self.n_points)
        for plan in self.plans:
            total += plan.sensors * plan.coverage.covered() * plan.credits_per_sensor
        return total

    def credits_at_points(self, coverage: Coverage) -> Floats:
        """Credits a day that sensors of one level of service would use at each point if they are served."""
        total = np.zeros(self.n_points)
        for plan in self.plans:
            if plan.coverage is coverage:
                total += plan.sensors * plan.credits_per_sensor
        return total

    def demand(self) -> dict[Asks, float]:
        """Credits a day that external customers might ever use, by what they ask for."""
        found: dict[Asks, float] = {}
        for plan in self.plans:
            if not plan.affiliate:
                found[plan.asks] = found.get(plan.asks, 0.0) + plan.most_sensors * plan.credits_per_sensor
        return found

    def recount(self) -> None:
        """Everybody counts anew which of its sensors are served."""
        for plan in self.plans:
            plan.recount()

    def connected(self) -> float:
        """Sensors with a plan that a gateway hears today."""
        return sum(plan.connected for plan in self.plans)

    def credits(self) -> float:
        """Credits used on a day of full demand."""
        return sum(plan.credits for plan in self.plans)

    def most_external_credits(self) -> float:
        """Credits a day if every sensor of an external customer were connected."""
        small, contracts = (
            sum(plan.most_sensors * plan.credits_per_sensor for plan in plans if not plan.affiliate) for plans in (self.small, self.contracts)
        )  # fmt: skip
        return small + contracts

    def cover_changed(self, coverage: Coverage, points: NDArray[np.integer] | None, covered: NDArray[np.bool_]) -> None:
        """The cover of one level of service changed at some points, or (None) is told anew for all."""
        for plan in self.plans:
            if plan.coverage is not coverage:
                continue
            if points is None:
                plan.connected = float(plan.sensors[covered].sum())
            elif not isinstance(plan, Contract) or plan.active:
                moved = plan.sensors[points]
                plan.connected += float(np.where(covered, moved, -moved).sum())
