"""A sensing network at work: who is there, how well it measures, where it may be paid, whom it serves, what it weighs in each pot.

A station that stops loses its weights the same day; places, quality and service are counted anew every `recount_every_days`, and then a newcomer
starts to be paid. Fake stations weigh in the pots as if they were true, and serve nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.geo.sites import SitePool
from twin.kernel import DAYS_PER_MONTH, Streams
from twin.kinds.sensing import kernels
from twin.kinds.sensing.kernel_spec import FixedRateSpec, PoolByPointsSpec, PoolByScoreSpec, SatellitesSpec, ServicePoolSpec
from twin.kinds.sensing.places import Places
from twin.kinds.sensing.quality import Quality
from twin.kinds.sensing.seniority import Streaks
from twin.kinds.sensing.service import Service, Units
from twin.kinds.sensing.spec import SensingScenario
from twin.kinds.sensing.subscribers import Subscribers
from twin.state import ALL, Column, NodeState
from twin.world.device_network import COST, AtWork, DeviceNetwork

USAGE, TIME = "usage", "time"
NEVER = -30_000

COLUMNS = (
    Column("since_day", np.int16, -1, "day", "first day of this station at this place; -1: none here", "sensing"),
    Column("proven_from_day", np.int16, 0, "day", "first day with proof of location", "sensing"),
    Column("off_day", np.int16, NEVER, "day", "last day on which it fell silent", "sensing"),
)


def pays_a_rate(kernel: object) -> bool:
    """Whether a kernel pays each unit of weight a rate, instead of sharing a pot."""
    return isinstance(kernel, FixedRateSpec) or (isinstance(kernel, PoolByScoreSpec) and not kernel.pays_out_in_full)


class Payer(Protocol):
    """Who buys, as far as stations are paid by it."""

    @property
    def paid_share(self) -> float:
        """Part of its bill that it really pays today."""


class Sensing(DeviceNetwork):
    """Stations over the site pool."""

    def __init__(
        self, work: AtWork, spec: SensingScenario, streams: Streams, *,
        sites: SitePool, units: Units, buyers: Mapping[Subscribers, Payer], cost_usd_per_day: Callable[[Slots | slice], Floats],
    ) -> None:  # fmt: skip
        super().__init__(work)
        self.spec, self.sites, self.buyers, self._cost = spec, sites, buyers, cost_usd_per_day
        self.paid_pots = (*spec.rewards, USAGE)
        self._own = work.nodes.writer("sensing")
        self.quality = Quality(spec.quality, streams, sites.n)
        self.places = Places(spec.location, sites)
        self.service = Service(units)
        self.streaks = {name: Streaks(each, sites.n) for name, each in spec.rewards.items() if isinstance(each, PoolByPointsSpec)}
        self.eligible = dict.fromkeys(spec.rewards, 0)
        """Stations that each pot divided by eligible counts."""
        self.weight_if_on = {name: np.zeros(sites.n) for name in (*spec.rewards, USAGE)}
        self.usd_of_unit = np.zeros(len(units.weight))
        """Paid usage of external customers in each unit, USD a day at reference prices."""
        self._expected: Callable[[], Floats] = lambda: self.usd_of_unit
        self._expected_usd_of_unit: Floats | None = None
        self.mean_score = spec.quality.site_mean_share
        self.median_pay_usd_per_month = 0.0
        self._fixed_worth: dict[str, tuple[object, Floats]] = {}
        """By pot of a fixed rate: the rule of the sky it was worked out with, and the score of every site; until quality moves."""
        self._typical: dict[str, tuple[Floats, NDArray[np.bool_], float]] = {}
        """By pot: scores, whom they were averaged over, and their mean."""

    # -- every day -------------------------------------------------------------------------------------------------
    def _take_in(self, on: Slots, off: Slots) -> None:
        own, day = self._own, self.clock.day
        own.off_day[off] = day
        gone = off[self.nodes.state[off] != NodeState.OFFLINE]  # taken down for good, moved or banned; under repair it keeps its place
        own.since_day[gone] = -1
        new = on[own.since_day[on] < 0]
        own.since_day[new] = day
        used = new[self.nodes.born_day[new] < day]
        own.proven_from_day[new] = day
        own.proven_from_day[used] = day + self.spec.location.relocation_days
        self.moved_to(used)

    def recount(self) -> None:
        """Quality, places and service counted anew, and all weights."""
        days = self.spec.network.recount_every_days
        self.quality.advance(self.clock.day, days)
        self._fixed_worth.clear()
        self._serve()
        self._weigh_all()

    def _serve(self) -> None:
        true = self.honest()
        healthy_enough = self.quality.share >= self.spec.quality.healthy_from_share
        quality = self.quality.share * self.quality.online_share
        self.service.count(true & healthy_enough, quality)
        self.today.service_share = self.service.share_of_demand()
        fakes = self.nodes.fake >= 0
        seen = self.service.as_seen(self.nodes.online & (healthy_enough | fakes), quality) if fakes.any() else self.today.service_share
        self.today.service_share_as_seen = max(seen, self.today.service_share)
        self.customers_changed()
        self.weight_if_on[USAGE] = self.service.delivered(self.usd_of_unit)

    def share_if(self, on: NDArray[np.bool_]) -> float:
        """Served share of all units of demand if of the honest stations that run only those in `on` did."""
        healthy = self.honest() & on & (self.quality.share >= self.spec.quality.healthy_from_share)
        return self.service.as_seen(healthy, self.quality.share * self.quality.online_share)

    def _weigh_all(self) -> None:
        day, own = self.clock.day, self._own
        seen = self.nodes.online
        may = seen & (self.nodes.denied_until <= day)
        proven = (own.proven_from_day <= day).astype(np.float64)
        claimed = np.where(self.nodes.fake >= 0, np.maximum(self.quality.share, self.spec.quality.site_mean_share), self.quality.share)
        score = proven * claimed
        sky = {name: self._sky(kernel, claimed) for name, kernel in self.spec.rewards.items() if isinstance(kernel, FixedRateSpec)}
        shown = self.quality.online_share * next(iter(sky.values()), np.ones(self.n))
        place = self.places.factor(seen, eligible=may, score=score, shown=shown, since_day=own.since_day, off_day=own.off_day, day=day)
        for name, kernel in self.spec.rewards.items():
            match kernel:
                case FixedRateSpec():
                    up = kernels.uptime_pay(self.quality.online_share, floor_share=kernel.uptime_floor_share)
                    self.weight_if_on[name] = place * up * sky[name] * proven
                case PoolByScoreSpec():
                    fit = may & (claimed >= kernel.min_quality_share) & (proven >= kernel.min_location_share)
                    self.eligible[name] = int(fit.sum())
                    self.weight_if_on[name] = fit * (place * score)
                case PoolByPointsSpec():
                    self.weight_if_on[name] = (place > 0) * self.streaks[name].points_per_week(may)
                case ServicePoolSpec():
                    self.weight_if_on[name] = self.weight_if_on[USAGE]
        true = np.flatnonzero(self.honest())
        self.mean_score = float(score[true].mean()) if len(true) else self.spec.quality.site_mean_share
        self._weigh(ALL)
        pay = self.pay_usd_per_day()
        self.median_pay_usd_per_month = float(np.median(pay[true])) * DAYS_PER_MONTH if len(true) else 0.0

    def _rule_of_the_sky(self, kernel: FixedRateSpec) -> SatellitesSpec | None:
        since = [day for day in kernel.satellites if day <= self.clock.today]
        return kernel.satellites[max(since)] if since else None

    def _sky(self, kernel: FixedRateSpec, claimed: Floats) -> Floats:
        rule = self._rule_of_the_sky(kernel)
        if rule is None:
            return claimed
        worst, best = self.spec.quality.n_satellites_at_worst, self.spec.quality.n_satellites_at_best
        return kernels.ramp(worst + (best - worst) * claimed, none=rule.n_satellites_none, full=rule.n_satellites_full)

    def _weigh(self, slots: Slots | slice) -> None:
        online = self.nodes.online[slots]
        may = online & (self.nodes.denied_until[slots] <= self.clock.day)
        new = {name: may * self.weight_if_on[name][slots] for name in self.spec.rewards}
        new[USAGE] = online * self.weight_if_on[USAGE][slots]
        new[COST] = online * self._cost(slots)
        new[TIME] = online.astype(np.float64)
        self.accrual.reweigh(slots, new)

    def customers_changed(self) -> None:
        """Buyers subscribed and churned, or pay another share of their bills."""
        buyers = [(buyer, payer.paid_share) for buyer, payer in self.buyers.items() if not buyer.spec.affiliate]
        self.usd_of_unit = np.zeros(len(self.service.share))
        for buyer, share in buyers:
            self.usd_of_unit += buyer.paid_usd(self.clock.today) * share
        self._expected, self._expected_usd_of_unit = partial(self._expected_of, buyers, self.clock.today, self.service.good, self.mean_score), None

    @property
    def expected_usd_of_unit(self) -> Floats:
        """Paid usage in each unit in the mean of the first months of one more station there, as of the day on which customers changed last; USD a day at
        reference prices. The same array until they change again."""
        if self._expected_usd_of_unit is None:
            self._expected_usd_of_unit = self._expected()
        return self._expected_usd_of_unit

    def _expected_of(self, buyers: Sequence[tuple[Subscribers, float]], today: date, good: Floats, quality: float) -> Floats:
        expected, one_more = np.zeros(len(self.service.share)), self.service.served_if_joined(quality, good)
        for buyer, share in buyers:
            expected += buyer.expected_usd(today, one_more) * share
        return expected

    def week(self) -> None:
        """Streaks of connected weeks."""
        gone = self._own.since_day < 0
        for streak in self.streaks.values():
            streak.week(self.nodes.online.copy(), gone=gone)

    # -- what others may ask ---------------------------------------------------------------------------------------
    def expected_pay_usd_per_month(self, slots: Slots) -> Floats:
        """What a station on each site would earn at the pots, price and neighbours of today, and of customers whom it would bring in its first months.

        Quality and uptime are as the mean of those that run.
        """
        place = self.places.if_joined(slots, self.nodes.online)
        today = self.today
        asked = today.revenue_usd / today.usage_constant_usd if today.usage_constant_usd > 0 else 1.0  # the price asked over the reference price
        pay = self.service.if_joined(self.expected_usd_of_unit, slots, self.mean_score) * asked * self.spec.revenue.operators_share
        for name, kernel in self.spec.rewards.items():
            pay += self._expected_from(name, kernel, slots, place)
        return pay * DAYS_PER_MONTH

    def _expected_from(self, name: str, kernel: object, slots: Slots, place: Floats) -> Floats:
        offered = self.accrual.offered.get(("usd", name), 0.0)
        match kernel:
            case FixedRateSpec():
                return offered * place * self._typical_fixed(name, kernel)
            case PoolByScoreSpec():
                weight = place * self.mean_score
                return self.if_joined_usd_per_day(name, weight) if kernel.pays_out_in_full else weight * offered
            case PoolByPointsSpec():
                return self.if_joined_usd_per_day(name, place * (kernel.hardware_points_per_week + kernel.levels[0].points_per_week))
            case ServicePoolSpec():
                return self.if_joined_usd_per_day(name, self.service.if_joined(self.expected_usd_of_unit, slots, self.mean_score))
        raise TypeError(name)

    def _typical_fixed(self, name: str, kernel: FixedRateSpec) -> float:
        """Mean score of those that run, or of the sites drawn where nobody runs yet; asked by every batch of buyers, so kept while nothing moves."""
        rule = self._rule_of_the_sky(kernel)
        if name not in self._fixed_worth or self._fixed_worth[name][0] is not rule:
            up = kernels.uptime_pay(self.quality.online_share, floor_share=kernel.uptime_floor_share)
            self._fixed_worth[name] = rule, up * self._sky(kernel, self.quality.share)
        worth, who = self._fixed_worth[name][1], self.honest()
        if name in self._typical:
            of, averaged, mean = self._typical[name]
            if of is worth and np.array_equal(averaged, who):
                return mean
        mean = float((worth[np.flatnonzero(who)] if who.any() else worth).mean())
        self._typical[name] = worth, who, mean
        return mean
