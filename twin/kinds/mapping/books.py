"""The books of a map token: every Sunday the mint follows the map, pay follows credit, and what customers spent is burned and partly minted again.

The rules pay on the Wednesday after; here the week is closed and paid on its Sunday. A share of the mint for a region in which nobody earned credit
goes to the others. What is burned by customers of the week is what they were billed, day by day, for streets fresh enough.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock, Lane
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.people_spec import FreshKmSpec
from twin.kinds.mapping.rewards import consume, map_progress_mint, progress, region_multiplier, region_weight, sellable_usd
from twin.kinds.mapping.road import Road
from twin.kinds.mapping.rules_spec import MapTokenSpec
from twin.kinds.mapping.spec import MappingScenario
from twin.scenario.model import value_on
from twin.state import USD, Funding, Ledger, Relation, Today

Floats = NDArray[np.float64]
WEEK_S = 7 * 86_400
WEEKS_OF_SALE = 4
"""Memory of whose streets were sold: buyers use imagery for some weeks (assumed 28 days)."""
SUMS = ("tokens", "usd", "backed_usd", "usage_usd", "cost_usd", "replacement_usd")
OPERATIONS = "map_operations"


@dataclass
class Earnings:
    """What each slot earned and cost so far; as the judged year reads it from an accrual, but always up to date."""

    n: int
    sums: dict[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sums = {name: np.zeros(self.n) for name in SUMS}

    def settle(self, slots: object = None) -> None:
        """Nothing is owed: pay and cost are added as they come."""

    def earned(self, measure: str) -> Floats:
        """Sum since the first day."""
        return self.sums[measure]


@dataclass
class WeekOfBooks:
    """The last settlement, for those who look at it."""

    own_tokens: float = 0.0
    pool_tokens: float = 0.0
    own_share: float = 0.0
    map_progress: float = 0.0
    region_progress: float = 0.0
    pay_usd_per_km: float = 0.0
    lies_share: float = 0.0
    reminted_tokens: float = 0.0
    reminted_here_tokens: float = 0.0
    pay_usd: Floats = field(default_factory=lambda: np.zeros(0))


def open_books(spec: MappingScenario, clock: Clock, name: str, token: MapTokenSpec, minted_before: float) -> Ledger:
    """A ledger with what existed before the first day on the market."""
    ledger = Ledger(clock.start)
    ledger.add_asset(name)
    for account, relation in (("customers", Relation.EXTERNAL), ("outside", Relation.EXTERNAL), (OPERATIONS, Relation.PROJECT), ("foundation", Relation.PROJECT)):
        ledger.open(account, relation)
    ledger.open("affiliates", Relation.PROJECT)
    ledger.open("operators", Relation.OPERATOR, overdraft=True)
    ledger.open("market", Relation.HOLDER, overdraft=True)
    ledger.set_price(name, 0.0)
    ledger.post(name, "genesis", "market", token.genesis_tokens + minted_before, reason="supply before the first day", day=0, usd=0.0)
    return ledger


class Books:
    """Billing every day, settlement every Sunday."""

    def __init__(
        self,
        clock: Clock,
        spec: MappingScenario,
        road: Road,
        drivers: Drivers,
        ledger: Ledger,
        today: Today,
        *,
        token_name: str,
        token: MapTokenSpec,
        minted_before: float,
        outside_progress: Floats,
        outside_burn_usd: Floats,
        replacement_usd_per_day: Floats,
        note: Callable[..., None],
    ) -> None:
        self.clock, self.spec, self.road, self.drivers, self.ledger, self.today = clock, spec, road, drivers, ledger, today
        self.token_name, self.token, self.minted = token_name, token, minted_before
        self._outside_progress, self._outside_burn, self._replacement = outside_progress, outside_burn_usd, replacement_usd_per_day
        self._note = note
        self.subsidy_on = True
        self.earnings = Earnings(drivers.n)
        self.last = WeekOfBooks(pay_usd=np.zeros(drivers.n))
        weeks = max(spec.verdict.backing_days // 7, 1)
        self._revenue: deque[float] = deque(maxlen=weeks)
        self._emission: deque[float] = deque(maxlen=weeks)
        self._sold = np.zeros(drivers.n)
        self._bill = {name: 0.0 for name in spec.customers}
        self._outside_usd = 0.0
        self._cost = 0.0
        self.paid_by_customer: dict[str, Floats] = {name: np.zeros(clock.n_days) for name in spec.customers}
        self.buyers = {name: each for name, each in spec.customers.items() if isinstance(each, FreshKmSpec)}
        ground = road.ground
        self.wanted = {name: ground.wanted(each, name) for name, each in self.buyers.items()}
        self._deceived = dict.fromkeys(self.buyers, 0)
        """Days in a row on which a buyer got less that is real than it asks for."""
        self.left: set[str] = set()
        self.sold_usd = self.burn_bought_usd = 0.0
        self.bounty_usd_paid = 0.0
        self._week_burned = 0.0
        clock.every_day(self._bill_today, lane=Lane.SERVE, sub=5, name="buyers pay for fresh kilometres")
        sunday = (6 - clock.start.weekday()) % 7
        clock.every(WEEK_S, self._hold, lane=Lane.PROVE, sub=0, name="claims are held against other drivers", offset_s=sunday * 86_400)
        clock.every(WEEK_S, self._settle, lane=Lane.SETTLE, sub=0, name="settlement: mint, share, pay, burn, check", offset_s=sunday * 86_400)
        clock.every(WEEK_S, self._decide, lane=Lane.DECIDE, sub=0, name="drivers quit or look at the sum", offset_s=sunday * 86_400)

    # -- every day

    def _active(self, name: str, buyer: FreshKmSpec) -> bool:
        return name not in self.left and buyer.starts <= self.clock.today and (buyer.ends is None or self.clock.today < buyer.ends)

    def _look_closer(self, name: str, buyer: FreshKmSpec, *, billed_km: float, real_km: float) -> None:
        """A buyer that is sold what nobody drove leaves when its patience is over."""
        if billed_km <= 0:
            return
        self._deceived[name] = self._deceived[name] + 1 if real_km < buyer.needs_true_share * billed_km else 0
        if self._deceived[name] > buyer.patience_days:
            self.left.add(name)
            self._note("customer_left", subject=name, value=real_km / billed_km, unit="real_share", note="was sold streets that nobody drove")

    def _bill_today(self) -> None:
        """A seventh of the week's price of each wanted kilometre that the seen map holds fresh today; true sales where it is fresh in truth."""
        today, road, day = self.today, self.road, self.clock.day
        now = day + 1.0
        used = billed = 0.0
        value = np.zeros(len(road.ground.length_km))
        for name, buyer in self.buyers.items():
            if not self._active(name, buyer):
                continue
            wanted = self.wanted[name]
            price = sellable_usd(1.0, credits_per_km=buyer.credits_per_km, credit_price_usd=buyer.credit_price_usd) / 7
            seen = wanted & road.seen.fresh(now, within_days=buyer.maximum_age_days)
            true = wanted & road.true.fresh(now, within_days=buyer.maximum_age_days)
            billed_km, real_km = float(road.ground.length_km[seen].sum()), float(road.ground.length_km[seen & true].sum())
            self._look_closer(name, buyer, billed_km=billed_km, real_km=real_km)
            usd = price * billed_km
            value += price * wanted
            self._bill[name] += usd
            self.paid_by_customer[name][day] = usd
            billed += usd
            if not buyer.affiliate:
                used += price * real_km
                today.revenue_usd += usd
                today.revenue_token_usd += usd
        today.usage_constant_usd, today.usage_constant_usd_as_seen = used, billed
        road.wanted_value = value
        today.service_share, today.service_share_as_seen = self._service(now)
        self._outside_usd += float(self._outside_burn[day])
        self._share_usage(used)
        self._cost_today()

    def _service(self, now: float) -> tuple[float, float]:
        """S: share of the streets that anybody here would ever buy that is fresh enough for its buyer; all streets at 28 days without buyers."""
        road = self.road
        wanted: list[tuple[NDArray[np.bool_], float]] = [(self.wanted[name], each.maximum_age_days) for name, each in self.buyers.items()]
        wanted = wanted or [(road.ground.length_km > 0, 28.0)]
        length = road.ground.length_km
        total = max(sum(float(length[mask].sum()) for mask, _ in wanted), 1e-12)
        true, seen = (
            sum(float(length[mask & tiles.fresh(now, within_days=age)].sum()) for mask, age in wanted) / total for tiles in (road.true, road.seen)
        )
        return true, seen

    def _share_usage(self, used_usd: float) -> None:
        """Paid usage of the day by driver: by credit on wanted streets of the last weeks, honest drivers only."""
        weight = self._sold + self.road.week.sold_credit
        honest = weight[: self.drivers.n_honest]
        if honest.sum() > 0:
            self.earnings.sums["usage_usd"][: self.drivers.n_honest] += used_usd * honest / honest.sum()

    def _cost_today(self) -> None:
        online = self.drivers.nodes.online
        cost = self.drivers.cost_usd_per_day() * online
        self.earnings.sums["cost_usd"] += cost
        self.earnings.sums["replacement_usd"] += online * self._replacement[self.clock.day]
        self.today.operator_cost_usd = float(cost.sum())
        self.today.operator_replacement_usd = float(online.sum() * self._replacement[self.clock.day])
        self._cost += float(cost.sum())

    # -- every Sunday

    def _hold(self) -> None:
        drivers, road = self.drivers, self.road
        self._sold[road.hold_against_others()] = 0.0
        names, of = list(self.spec.adversaries), drivers.liar_of
        for number, name in enumerate(names):
            mine = [each for each in road.caught if of[each[0] - drivers.n_honest] == number]
            if mine:
                tile = mine[0][1]
                where = f"first on a street at {road.ground.tile_lat_deg[tile]:.4f}, {road.ground.tile_lng_deg[tile]:.4f}"
                self._note("fabricated_passes_caught", subject=name, count=len(mine), value=float(np.mean([each[2] for each in mine])), unit="flagged_share", note=where)
        if road.flagged_honest:
            self._note("honest_drivers_flagged", subject="overlap_consensus", count=road.flagged_honest)

    def region_share(self, region_progress: float | Floats) -> Floats:
        """Share of the coverage pool that goes to the study area at a progress: weight · progress · multiplier over that of all."""
        spec, ground = self.spec, self.road.ground
        p = np.asarray(region_progress, np.float64)
        if spec.outside is None:
            return np.where(p > 0, 1.0, 0.0)
        a, mult = spec.rewards.density_exponent, self.clock.today >= spec.rewards.multiplier_from
        own = region_weight(ground.street_km, ground.area_km2, density_exponent=a) * p * (region_multiplier(p) if mult else 1.0)
        elsewhere = region_weight(spec.outside.street_km, spec.outside.street_km / spec.outside.density_km_per_km2, density_exponent=a)
        there = elsewhere * float(self._outside_progress[self.clock.day]) * (spec.outside.multiplier_ratio if mult else 1.0)
        share: Floats = own / np.maximum(own + there, 1e-300)
        return share

    def map_progress(self, region_progress: float) -> float:
        """GMP: weighted progress of all regions."""
        spec, ground = self.spec, self.road.ground
        if spec.outside is None:
            return region_progress
        a = spec.rewards.density_exponent
        own = region_weight(ground.street_km, ground.area_km2, density_exponent=a)
        there = region_weight(spec.outside.street_km, spec.outside.street_km / spec.outside.density_km_per_km2, density_exponent=a)
        return (own * region_progress + there * float(self._outside_progress[self.clock.day])) / (own + there)

    def pool_tokens(self, region_progress: float) -> float:
        """The week's mint."""
        emission, day = self.token.emission, self.clock.today
        if not self.subsidy_on or day < emission.starts:
            return 0.0
        full = emission.tokens_per_week_at_full_progress * emission.scale_share * value_on(emission.scale_share_by_date, day, 1.0)
        if self.spec.outside is None:
            full *= self.road.ground.street_km / 60e6  # K belongs to the streets of the world (dossier 5)
        return map_progress_mint(self.map_progress(region_progress), tokens_at_full_progress=full, still_mintable=emission.contributor_allocation_tokens - self.minted)

    def coverage_share(self) -> float:
        """Share of the mint that is paid for coverage."""
        return value_on(self.spec.rewards.coverage_share, self.clock.today, 0.9)

    def _settle(self) -> None:
        day, today, ledger, name, week = self.clock.day, self.today, self.ledger, self.token_name, self.road.week
        price = today.price_usd
        ledger.set_price(name, price)
        p = self.road.region_progress()
        pool = self.pool_tokens(p)
        self.minted += pool
        active = float(week.credit.sum()) > 0
        share = float(self.region_share(p)) if active else 0.0
        if self.spec.outside is None and not active:
            pool = 0.0
        for_coverage = self.coverage_share() * pool
        own = for_coverage * share
        ledger.post(name, "mint", OPERATIONS, pool - for_coverage, reason="operations and trainers", day=day)
        ledger.post(name, "mint", "outside", for_coverage - own, reason="rewards", funding=Funding.EMISSION, day=day)
        ledger.post(name, "mint", "operators", own, reason="rewards", funding=Funding.EMISSION, day=day)
        self._sold = self._sold * (1 - 1 / WEEKS_OF_SALE) + week.sold_credit
        own_usd = self._charge()
        again, again_outside = self._burn(own_usd, price)
        tokens = _by(week.credit) * own + _by(self._sold) * again
        emission_usd = (pool + again + again_outside) * price
        self._revenue.append(own_usd + self._outside_usd)
        self._emission.append(emission_usd)
        self._outside_usd = 0.0
        today.backed_share = min(1.0, sum(self._revenue) / sum(self._emission)) if sum(self._emission) > 0 else 0.0
        today.emission_usd, today.operator_emission_usd = emission_usd, float(tokens.sum()) * price
        today.undistributed_tokens = 0.0
        bounty = self._bounties(week.bounty_credit)
        self._earn(tokens, price, bounty)
        self._sell(tokens, price)
        ledger.post(USD, "operators", "world", self._cost, reason="running cost and duties", day=day)
        self._cost = 0.0
        if self.drivers.bought_usd:
            today.new_hardware_usd += self.drivers.bought_usd
            ledger.post(USD, "operators", "world", self.drivers.bought_usd, reason="hardware", day=day)
            self.drivers.bought_usd = 0.0
        ledger.check(day)
        pay = tokens * price + bounty
        liars = float(tokens[self.drivers.n_honest :].sum())
        self.last = WeekOfBooks(
            own + again, pool, share, self.map_progress(p), p, float(pay.sum()) / week.km if week.km else 0.0, liars / max(float(tokens.sum()), 1e-300), again + again_outside, again, pay
        )
        today.minted_tokens, today.burned_tokens = pool + again + again_outside, self._week_burned
        self.road.week_done()

    def _charge(self) -> float:
        """Customers' bills of the week go to the market; what external ones paid. A foundation's bounty is no bill."""
        ledger, day = self.ledger, self.clock.day
        external = 0.0
        for name, buyer in self.buyers.items():
            usd, self._bill[name] = self._bill[name], 0.0
            account = "affiliates" if buyer.affiliate else "customers"
            ledger.post(USD, "world", account, usd, reason="customers' own money", day=day)
            ledger.post(USD, account, "market", usd, reason="map data", day=day)
            ledger.post(self.token_name, "market", "burn", usd / self.today.price_usd, reason="map data", day=day, usd=usd)
            external += 0.0 if buyer.affiliate else usd
        return external

    def _burn(self, own_usd: float, price: float) -> tuple[float, float]:
        """Burns of the week here and elsewhere; tokens minted again here and elsewhere, by what was burned for whose data."""
        rule, day, ledger, name = self.token.consumption, self.clock.day, self.ledger, self.token_name
        outside = self._outside_usd / price
        ledger.post(name, "market", "burn", outside, reason="map data outside", day=day, usd=self._outside_usd)
        own = own_usd / price
        cap = value_on(rule.remint_cap_tokens_per_week, self.clock.today, np.inf)
        used = consume(own + outside, remint_share=value_on(rule.remint_share, self.clock.today, 1.0), remint_cap=None if cap == np.inf else cap)
        self._week_burned = used.burned
        self.burn_bought_usd = own_usd + self._outside_usd
        if not self.subsidy_on or used.burned <= 0:
            return 0.0, 0.0
        again = used.reminted * own / used.burned if self._sold.sum() > 0 else 0.0
        there = used.reminted - again
        ledger.post(name, "mint", "operators", again, reason="re-minted for sold streets", funding=Funding.EMISSION, day=day)
        ledger.post(name, "mint", "outside", there, reason="re-minted for sold streets", funding=Funding.EMISSION, day=day)
        return again, there

    def _bounties(self, credit: dict[str, Floats]) -> Floats:
        """USD of bounties by driver: a week's part of each budget, if anybody mapped the spot; else it stays with who gave it."""
        paid, today = np.zeros(self.drivers.n), self.today
        self.bounty_usd_paid = 0.0
        for name, bounty in self.road.bounties.items():
            days = sum(1 for back in range(7) if bounty.starts.toordinal() <= self.clock.today.toordinal() - back < bounty.ends.toordinal())
            usd = bounty.budget_usd * days / (bounty.ends - bounty.starts).days
            earned = credit[name]
            if usd <= 0 or earned.sum() <= 0 or (bounty.paid_by == "foundation" and not self.subsidy_on):
                continue
            paid += usd * _by(earned)
            self.bounty_usd_paid += usd
            by_customer = bounty.paid_by == "customer"
            account, funding = ("customers", Funding.CUSTOMER) if by_customer else ("foundation", Funding.GRANT)
            self.ledger.post(USD, "world", account, usd, reason="bounty budget", day=self.clock.day)
            self.ledger.post(USD, account, "operators", usd, reason="bounty", funding=funding, day=self.clock.day)
            if by_customer:
                today.revenue_usd += usd
                today.usage_constant_usd += usd
                today.usage_constant_usd_as_seen += usd
                today.operator_customer_usd += usd
                self.paid_by_customer[name][self.clock.day] = usd
                self.earnings.sums["usage_usd"] += usd * _by(earned)
                self.earnings.sums["backed_usd"] += usd * _by(earned)
            else:
                today.operator_grant_usd += usd
        return paid

    def _earn(self, tokens: Floats, price: float, bounty: Floats) -> None:
        sums = self.earnings.sums
        sums["tokens"] += tokens
        sums["usd"] += tokens * price + bounty
        sums["backed_usd"] += tokens * price * self.today.backed_share

    def _sell(self, tokens: Floats, price: float) -> None:
        n, day = self.drivers.n_honest, self.clock.day
        sold = float((tokens[:n] * self.drivers.sells_share).sum() + tokens[n:].sum())
        sold = min(sold, max(self.ledger.balance(self.token_name, "operators"), 0.0))
        self.ledger.post(self.token_name, "operators", "market", sold, reason="sale", day=day, usd=sold * price)
        self.ledger.post(USD, "market", "operators", sold * price, reason="sale", day=day)
        self.sold_usd += sold * price

    # -- decisions

    def expected_usd_per_week(self) -> Floats:
        """What each prospect would earn next week, those who look before it counted in: more km raise progress a little and are shared by all."""
        drivers, road = self.drivers, self.road
        n = drivers.n_honest
        km = drivers.km_per_day * drivers.days_per_week
        expected = np.zeros(n)
        lookers = drivers.lookers(road.n_week)
        if not len(lookers) and not drivers.honest_online.size:
            return expected
        unique, total = road.windows_km()
        ahead = np.zeros(n)
        ahead[lookers] = np.cumsum(km[lookers]) - km[lookers]
        with_me = total + ahead + km
        street_km = road.ground.street_km
        p = np.asarray([progress(min(street_km, unique + 2 * (more - total)), more, street_km=street_km, rule=road.progress_rule()) for more in with_me[lookers]])
        pool = self.coverage_share() * np.array([self.pool_tokens(each) for each in p])
        usd = (pool * self.region_share(p) if len(p) else p) * self.today.price_usd
        usd = usd + self.last.reminted_here_tokens * self.today.price_usd
        expected[lookers] = usd * km[lookers] * drivers.quality[lookers] / np.maximum((total + ahead[lookers] + km[lookers]) * drivers.quality.mean(), 1e-9)
        return expected

    def _decide(self) -> None:
        drivers, week = self.drivers, self.road.n_week
        drivers.quit_or_stay(week, self.last.pay_usd)
        drivers.look(week, self.expected_usd_per_week())


def _by(weights: Floats) -> Floats:
    """Shares; zeros where there is nothing to share by."""
    total = float(weights.sum())
    return weights / total if total > 0 else np.zeros(len(weights))
