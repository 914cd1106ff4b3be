"""Customers: many small buyers per place, and large contracts. They follow coverage, trust and price; nobody pays them to come.

A demand point is a probe of the map (drawn like people), so a customer's own coverage is counted, not modelled. Small buyers
are counted in fractions per point (a mean field: no luck of their own); a contract is a process that signs, renews or walks away.

    dA/month = adoption * trust * price * covered * (potential - A) - churn(covered) * A
    adoption = 1 / (12 * adoption years of the place, drawn once);  trust = months of cover so far / trust_months, at most 1
    price    = min(1, (alternative / price asked) ** elasticity)

Cannot answer: competition between buyers, peaks inside a day, or buyers who would come for reasons other than coverage.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Protocol

import mesa
import numpy as np
from numpy.typing import NDArray

from twin.actors.spreads import draw_spread
from twin.kernel import Clock, Lane, Streams
from twin.scenario.sections.customers import ContractSpec, MarketSpec

FloatArray = NDArray[np.float64]
Note = Callable[..., None]


class Coverage(Protocol):
    """What customers see of the network: which demand points hear a gateway today."""

    def covered(self) -> NDArray[np.bool_]: ...


@dataclass
class DemandPoints:
    """Where customers are: people each point stands for, by jurisdiction; only points inside the study area buy."""

    people: FloatArray
    jurisdiction: NDArray[np.int16]


@dataclass
class Prices:
    """What a unit costs: USD per credit as the network charges it, and the levy a state adds, by point."""

    usd_per_credit: float
    levy_share: FloatArray
    reference_usd_per_credit: float = field(default=1e-5)

    def per_sensor_year(self, credits_per_day: float) -> FloatArray:
        """USD a sensor costs its owner per year at each point."""
        return self.usd_per_credit * credits_per_day * 365.25 * (1 + self.levy_share)


@dataclass
class Sales:
    """What one customer bought today: credits, how much of it was really paid, and whether it counts as external."""

    name: str
    credits: float
    rebate_share: float
    external: bool


class Market(mesa.Agent):
    """A segment of small buyers, spread over the map."""

    def __init__(self, society: mesa.Model, name: str, spec: MarketSpec, points: DemandPoints, streams: Streams) -> None:
        super().__init__(society)
        self.name, self.spec = name, spec
        years = draw_spread(streams, f"adoption years: {name}", np.arange(len(points.people)), spread=spec.adoption_years)
        self._adoption = 1 - np.exp(-1 / np.maximum(12 * years, 1))
        self.potential = points.people * spec.potential_sensors_per_1000_people / 1000
        self.sensors = np.zeros(len(points.people))
        self.connected = 0.0
        """Sensors that a gateway hears today."""
        self.cover_months = np.zeros(len(points.people))

    def decide(self, covered: NDArray[np.bool_], prices: Prices) -> None:
        """One month of adoption and churn."""
        spec = self.spec
        self.cover_months = np.where(covered, self.cover_months + 1, np.maximum(self.cover_months - 2, 0))
        trust = np.minimum(self.cover_months / spec.trust_months, 1)
        asked = np.maximum(prices.per_sensor_year(spec.credits_per_sensor_per_day), 1e-12)
        price = np.minimum((spec.alternative_usd_per_sensor_per_year / asked) ** spec.price_elasticity, 1)
        churn = 1 - np.exp(-np.where(covered, spec.churn_hazard_per_month, spec.uncovered_churn_hazard_per_month))
        self.sensors += self._adoption * trust * price * covered * (self.potential - self.sensors) - churn * self.sensors


class Contract(mesa.Agent):
    """One buyer with many sensors spread like people; all connected or none."""

    def __init__(self, society: mesa.Model, name: str, spec: ContractSpec, points: DemandPoints) -> None:
        super().__init__(society)
        self.name, self.spec = name, spec
        share = points.people / max(points.people.sum(), 1e-12)
        self.places = share * spec.sensors
        self.share = share
        self.active = False
        self.connected = 0.0
        """Sensors that a gateway hears today."""

    @property
    def sensors(self) -> FloatArray:
        """Sensors connected at each point."""
        return self.places if self.active else np.zeros_like(self.places)

    def content(self, covered: NDArray[np.bool_], prices: Prices) -> bool:
        """Whether enough of its own places are covered, at a price below the alternative's."""
        cost = float((self.share * prices.per_sensor_year(self.spec.credits_per_sensor_per_day)).sum())
        reach = float(self.share[covered].sum())
        return reach >= self.spec.needs_coverage_share and cost <= self.spec.alternative_usd_per_sensor_per_year


class Customers:
    """All who buy the service."""

    def __init__(
        self,
        clock: Clock,
        streams: Streams,
        society: mesa.Model,
        specs: dict[str, ContractSpec | MarketSpec],
        *,
        points: DemandPoints,
        coverage: Coverage,
        prices: Prices,
        note: Note,
    ) -> None:
        self.clock, self.coverage, self.prices, self.note, self.points = clock, coverage, prices, note, points
        self.rebates_on = True
        self.markets: list[Market] = []
        self.contracts: list[Contract] = []
        for name, spec in specs.items():
            if isinstance(spec, ContractSpec):
                contract = Contract(society, name, spec, points)
                self.contracts.append(contract)
                clock.process(self._life_of(contract), name=f"contract {name}")
            else:
                self.markets.append(Market(society, name, spec, points, streams))
        clock.every_month(self._month, lane=Lane.DECIDE, sub=3, name="customers adopt and churn", day_of_month=3)

    @property
    def buyers(self) -> list[Market | Contract]:
        """Everybody, small buyers first."""
        return [*self.markets, *self.contracts]

    def sensors_at_points(self) -> FloatArray:
        """Sensors with a plan at each demand point, heard or not."""
        total = np.zeros(len(self.points.people))
        for buyer in self.buyers:
            total += buyer.sensors
        return total

    def connected(self) -> float:
        """Sensors with a plan that a gateway hears today."""
        return sum(buyer.connected for buyer in self.buyers)

    def cover_changed(self, points: NDArray[np.integer] | None, covered: NDArray[np.bool_]) -> None:
        """The network's cover changed at some points, or (None) is told anew for all."""
        for buyer in self.buyers:
            if points is None:
                buyer.connected = float(buyer.sensors[covered].sum())
            elif isinstance(buyer, Market) or buyer.active:
                moved = buyer.sensors[points]
                buyer.connected += float(np.where(covered, moved, -moved).sum())

    def credits_at_points(self) -> FloatArray:
        """Credits a day that sensors at each point would use if they are heard."""
        total = np.zeros(len(self.points.people))
        for buyer in self.buyers:
            total += buyer.sensors * buyer.spec.credits_per_sensor_per_day
        return total

    def sales(self) -> list[Sales]:
        """What each customer uses today: only covered points send anything."""
        out = []
        for buyer in self.buyers:
            credits = buyer.connected * buyer.spec.credits_per_sensor_per_day
            rebate = buyer.spec.rebate_share if self.rebates_on else 0.0
            out.append(Sales(buyer.name, credits, rebate, not buyer.spec.affiliate))
        return out

    def switch_rebates(self, on: bool) -> None:
        """Whether the project pays part of its customers' bills from now on; without it who relied on it pays in full."""
        self.rebates_on = on

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's external customers if every one of them were connected and paid the reference price."""
        credits = sum(
            float(m.potential.sum()) * m.spec.credits_per_sensor_per_day for m in self.markets if not m.spec.affiliate
        ) + sum(c.spec.sensors * c.spec.credits_per_sensor_per_day for c in self.contracts if not c.spec.affiliate)
        return credits * self.prices.reference_usd_per_credit

    def _month(self) -> None:
        covered = self.coverage.covered()
        for market in self.markets:
            if market.spec.starts is None or self.clock.today >= market.spec.starts:
                market.decide(covered, self.prices)
        self.cover_changed(None, covered)

    def _life_of(self, buyer: Contract) -> Generator[Any, Any, None]:
        """Waits for its day and its coverage, signs, renews while content, walks away after its patience."""
        clock, spec = self.clock, buyer.spec
        day = (spec.starts - clock.start).days
        if day > 0:
            yield clock.at(day, Lane.DECIDE, 4)
        bad, ends = 0, 0
        while True:
            content = buyer.content(self.coverage.covered(), self.prices)
            if not buyer.active and content:
                buyer.active, bad = True, 0
                buyer.connected = float(buyer.sensors[self.coverage.covered()].sum())
                ends = clock.day + round(spec.years * 365.25)
                self.note("contract_signed", subject=buyer.name, count=spec.sensors, unit="sensors")
            elif buyer.active:
                bad = 0 if content else bad + 7
                if bad > spec.patience_days or (clock.day >= ends and not content):
                    buyer.active, buyer.connected = False, 0.0
                    self.note("contract_lost", subject=buyer.name, count=spec.sensors, unit="sensors")
                elif clock.day >= ends:
                    ends = clock.day + round(spec.years * 365.25)
                    self.note("contract_renewed", subject=buyer.name, count=spec.sensors, unit="sensors")
            yield clock.at(clock.day + 7, Lane.DECIDE, 4)
