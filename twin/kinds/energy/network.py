"""An energy network at work: batteries that deliver in events and stand ready for markets, panels under the sun of the day, what sites are worth and are paid.

Customers of the network are the grid's programmes and markets; what a system saves on its own household's bill is nobody's payment: it is own use, told apart
from fees.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.customers.sale import whole
from twin.arrays import Floats, Slots
from twin.economy.emission import day_range
from twin.geo.sites import SitePool
from twin.integrity.inspection import Inspection
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR, Streams
from twin.kinds.energy import income, solar
from twin.kinds.energy.spec import EnergyScenario, GridMarketSpec
from twin.kinds.energy.types import Types, Worth, Year, worth_on
from twin.scenario.model import value_on
from twin.state import ALL, Column, Note, PoolSpec
from twin.world.device_network import COST, AtWork, DeviceNetwork

SENIOR_WEEKS = 36
"""After which a score grows no more with time (HIP-128)."""
USAGE, TIME, BASELINE, SERVICE, VESTED, OWN_USE = "usage", "time", "baseline", "service", "vested", "own use"
POOLS = (PoolSpec(BASELINE), PoolSpec(SERVICE), PoolSpec(USAGE), PoolSpec(COST, "rate"), PoolSpec(TIME, "rate"), PoolSpec(VESTED), PoolSpec(OWN_USE, "rate"))
MEASURES = {
    "tokens": (BASELINE, SERVICE), "usd": (BASELINE, SERVICE, USAGE), "backed_usd": (BASELINE, SERVICE, USAGE), "usage_usd": (USAGE,), "cost_usd": (COST,),
    "replacement_usd": (TIME,), "vested_usd": (VESTED,), "own_use_usd": (OWN_USE,),
}  # fmt: skip

COLUMNS = (
    Column("fake", np.int32, -1, "", "number of the campaign whose meter claims to stand here; -1: honest", "adversaries"),
    Column("denied_until", np.int16, -1, "day", "first day on which tokens are paid again; -1: never flagged", "verification"),
    Column("demoted_until", np.int16, -1, "day", "lowest value after a missed event until this day", "events"),
)


class Batteries(Protocol):
    """The fleet of systems that take part, as households use it."""

    def order(self, slots: Slots) -> NDArray[np.int16]:
        """Systems under way to sites; the life of each."""

    def retire(self, slots: Slots) -> None:
        """Systems that leave the network."""

    def take_down(self, slots: Slots) -> None:
        """Systems taken off to be brought elsewhere."""

    def bring(self, slots: Slots, *, born_day: NDArray[np.int16], after_days: int) -> None:
        """Used systems on their way to other sites."""


class Meters(Protocol):
    """The check of meters."""

    @property
    def inspection(self) -> Inspection:
        """Counts of what it found."""

    def look(self, claim_kwh_per_kw: Floats, bound_kwh_per_kw: Floats) -> Slots:
        """Sites flagged today, given each site's true yield and the clear sky's, kWh per kW of panels."""


class Energy(DeviceNetwork):
    """Systems over the site pool."""

    paid_pots = (BASELINE, SERVICE, USAGE)

    def __init__(
        self, work: AtWork, spec: EnergyScenario, streams: Streams, *, sites: SitePool, zone: NDArray[np.int64], kind: NDArray[np.int64],
        types: Types, year: Year, fleet: Batteries, join: Callable[[Slots, NDArray[np.int16]], None],
        pays_usd: Callable[[float, str], None], burns_usd: Callable[[float], None], hurdle_rate: float, note: Note, device_usd_per_year: Callable[[], float],
        demand_share: Callable[[date], float] = whole,
    ) -> None:  # fmt: skip
        """`device_usd_per_year` is the price of a device today, by the year of its life; `demand_share` the part of what grids would take that they take."""
        super().__init__(work)
        clock, nodes = work.clock, work.nodes
        self.streams, self.spec, self.sites, self.note = streams, spec, sites, note
        self.zone, self.kind, self.types, self.year = zone, kind, types, year
        self.fleet, self._join, self._pays, self._burns, self._hurdle = fleet, join, pays_usd, burns_usd, hurdle_rate
        self._own, self._demand_share = nodes.writer("events"), demand_share
        self.n_zones = len(spec.markets)
        self.markets, self.zone_names = list(spec.markets.values()), list(spec.markets)
        self._event_kw, self._battery_kw, self._sold_dear_usd = year.event_kw[kind], year.battery_kw[kind], year.sold_dear_usd[kind]
        self._fade_share_per_year = year.fade_share_per_year[kind]
        """The four by site."""
        programmes = [market.programme for market in self.markets]
        misses = np.array([each.n_events_per_season * (1 - each.participation_share) if each else 0.0 for each in programmes])
        self._lost_kw_per_year: Floats = self._event_kw * misses[zone]
        """Power for which each site must expect to lose its stake."""
        self._device_usd = device_usd_per_year
        self.bought: Callable[[Slots, Floats], None] = lambda slots, usd: None
        """Hears of systems that households buy, and what each costs: law takes its part."""
        self._sky: dict[int, tuple[Floats, Floats]] = {}
        """By day of the year: kWh per kW of an average day, and what no honest meter shows, of each kind of household."""
        self.worth: Worth = worth_on(types, year, spec, clock.start)
        self.duty_usd_per_day, self.announced_duty_usd_per_day = np.zeros(self.n), np.zeros(self.n)
        """What law asks of each system in the network, and what it will ask, USD a day."""
        self.law_price_share, self.law_setup_usd = np.zeros(self.n), np.zeros(self.n)
        """What law adds to the price of new hardware on each site, a share, and what must be set up with it, USD."""
        self._law_share_of_kind = np.zeros(types.n)
        """The first, mean by kind of household."""
        self.may_sell_share, self._may_sell_of_kind = np.ones(self.n), np.ones(types.n)
        """What law leaves of the power that a site may sell, and its mean by kind of household."""
        self.keeps_share: Floats = np.ones(self.n)
        """What a levy leaves each site of what grids pay."""
        self._keeps_of_kind: Floats = np.ones(types.n)
        self.connection_usd = np.zeros(self.n)
        """What joining costs at each site beside device and onboarding: the fee for the grid's leave, USD."""
        self.joined: Callable[[Slots], None] = lambda slots: None
        """Hears who joins: law may let them wait."""
        self.billed_usd: Floats = np.zeros(self.n)
        """What grids pay today for what each site does, USD, levies not yet off; counted where a levy is in force."""
        self._ruled: list[Slots] = []
        self._cloud = np.ones(types.n)
        self._latitudes, self._of_latitude = np.unique(types.lat_deg, return_inverse=True)
        self.meters: Meters | None = None
        """What holds meters against the clear sky; None: nobody does."""
        self.kw_of_zone: Floats = np.zeros(self.n_zones)
        """Power committed by running sites, wear taken off."""
        self.served_share = np.ones(self.n_zones)
        self.usage_usd_of_zone, self.revenue_usd_of_zone = np.zeros(self.n_zones), np.zeros(self.n_zones)
        """Paid usage of the grid of each zone today, at reference prices, and its own bill."""
        self.revenue_usd = self.delivered_kw = self.solar_kwh = self.claimed_kw = 0.0
        self.missed_events = 0
        self.stakes_are_lost = True
        """Whether who misses an event loses the stake."""
        self._deposits = np.zeros(clock.n_days // 7 + 2)
        self._events = [self._event_days(z) for z in range(self.n_zones)]

    # -- tariffs ---------------------------------------------------------------------------------------------------
    def change_dates(self) -> list[date]:
        """Days on which a tariff, a programme or a tax credit changes."""
        tables: list[dict[date, float]] = [self.spec.tax_credit_share]
        for market in self.markets:
            tables += [market.retail_usd_per_kwh, market.export_usd_per_kwh, market.ancillary_usd_per_mw_hour, market.capacity_usd_per_mw_day]
            tables += [market.programme.usd_per_kw_season] if market.programme else []
        return sorted({day for table in tables for day in table if self.clock.start < day < self.clock.end})

    def new_tariffs(self) -> None:
        """What a system is worth under today's tariffs."""
        self.worth = worth_on(self.types, self.year, self.spec, self.clock.today)
        self.note("tariffs_change", subject="markets", count=int(self.nodes.online.sum()), unit="sites online")

    def _event_days(self, zone: int) -> set[int]:
        """Days of the run on which the programme of a zone calls an event: so many of each season, by luck."""
        programme = self.markets[zone].programme
        if programme is None:
            return set()
        dates = day_range(self.clock.start, self.clock.end)
        month = dates.astype("datetime64[M]").astype(int) % 12 + 1
        year = dates.astype("datetime64[Y]").astype(int)
        luck = self.streams.uniform(f"events of {self.zone_names[zone]}", 0, np.arange(self.clock.n_days))
        found: set[int] = set()
        for each in np.unique(year):
            season = np.flatnonzero((year == each) & np.isin(month, programme.season_months))
            whole = sum({6: 30, 9: 30, 4: 30, 11: 30, 2: 28}.get(m, 31) for m in programme.season_months)
            called = round(programme.n_events_per_season * min(len(season) / whole, 1.0))
            found |= set(season[np.argsort(luck[season], kind="stable")[:called]].tolist())
        return found

    # -- every day -------------------------------------------------------------------------------------------------
    def serve(self) -> None:
        """The day: sun, events, markets, what grids use and pay."""
        day, spec = self.clock.day, self.spec
        on, off = self.came_and_went()
        moved = np.unique(np.concatenate([on, off, *self._ruled]))
        self._ruled.clear()
        if day % spec.network.recount_every_days == 0:
            self._weigh(ALL)
        elif len(moved):
            self._weigh(moved)
        true = self.honest()
        wear = self.health()
        sold = np.where(true, self.may_sell_share, 0.0)
        kw = self._event_kw * wear * sold
        self.kw_of_zone = np.bincount(self.zone, kw, minlength=self.n_zones).astype(np.float64)
        ready = np.bincount(self.zone, self._battery_kw * wear * sold, minlength=self.n_zones)
        self._sun(true)
        used, paid, delivered = np.zeros(self.n_zones), np.zeros(self.n_zones), 0.0
        wanted = np.array([market.wanted_kw for market in self.markets])
        self.served_share = np.minimum(1.0, wanted / np.maximum(self.kw_of_zone, 1e-9)) * self._demand_share(self.clock.today)
        dear = np.bincount(self.zone, self._sold_dear_usd * sold, minlength=self.n_zones) / DAYS_PER_YEAR
        for z, market in enumerate(self.markets):
            if self.kw_of_zone[z] < market.aggregation_minimum_kw:
                continue
            event = day in self._events[z]
            now, fixed = self.prices_on(market), self.prices_on(market, reference=True)
            kwh = self._event(z, kw) if event else 0.0
            delivered += kwh
            hours = 24.0 - (market.programme.event_hours if event and market.programme else 0.0)
            amounts = (kwh, ready[z] / 1000 * hours * market.ancillary_won_share, self.kw_of_zone[z] / 1000, dear[z])
            used[z] = self.served_share[z] * sum(a * p for a, p, asked in zip(amounts, fixed, now, strict=True) if asked > 0)  # unpaid service is no paid usage
            paid[z] = self.served_share[z] * sum(a * p for a, p in zip(amounts, now, strict=True))
        if self.levied:
            paid = self._levies_off(paid, kw)
        self.usage_usd_of_zone, self.revenue_usd_of_zone, self.revenue_usd, self.delivered_kw = used, paid, float(paid.sum()), delivered
        self.today.service_share = float((np.minimum(self.kw_of_zone, wanted)).sum() / wanted.sum())
        lies = np.where(self.nodes.online & (self.nodes.fake >= 0), self._event_kw * self.may_sell_share, 0.0)
        self.claimed_kw = float(lies.sum())
        claimed = self.kw_of_zone + np.bincount(self.zone, lies, minlength=self.n_zones)
        self.today.service_share_as_seen = float(np.minimum(claimed, wanted).sum() / wanted.sum())

    @property
    def levied(self) -> bool:
        """Whether a state takes a part of what grids pay."""
        return bool((self.keeps_share < 1).any())

    def _levies_off(self, paid: Floats, kw: Floats) -> Floats:
        """What is left of the bills of zones where states take their part, by the committed power of each site; what each was billed for is kept."""
        share = kw / np.maximum(self.kw_of_zone, 1e-12)[self.zone]
        self.billed_usd = paid[self.zone] * share
        return np.bincount(self.zone, self.billed_usd * self.keeps_share, minlength=self.n_zones).astype(np.float64)

    def prices_on(self, market: GridMarketSpec, *, reference: bool = False) -> tuple[float, float, float, float]:
        """USD per kW in an event, per MW and hour ready, per MW and day of capacity, and per dollar sold dear."""
        def of(table: dict[date, float]) -> float:
            return (next(iter(table.values())) if table else 0.0) if reference else value_on(table, self.clock.today, 0.0)

        programme = market.programme
        per_event = of(programme.usd_per_kw_season) / programme.n_events_per_season if programme else 0.0
        return per_event, of(market.ancillary_usd_per_mw_hour), of(market.capacity_usd_per_mw_day), 1.0

    def _event(self, zone: int, kw: Floats) -> float:
        """An event: who misses it loses its stake and its value for a while. Returns kW delivered."""
        programme = self.markets[zone].programme
        assert programme is not None
        slots = np.flatnonzero((self.zone == zone) & (kw > 0))
        misses = self.streams.uniform("event", self.clock.day, slots) >= programme.participation_share
        gone = slots[misses]
        if len(gone):
            self.missed_events += len(gone)
            self._own.demoted_until[gone] = min(self.clock.day + self.spec.hosts.demoted_days, np.iinfo(np.int16).max)
            self._lose(float((kw[gone] * self.spec.hosts.stake_usd_per_kw).sum()))
            self._weigh(gone)
            self.note("event_missed", subject=self.zone_names[zone], count=len(gone), value=float(kw[gone].sum()), unit="kW", slots=gone)
        return float(kw[slots[~misses]].sum())

    def _lose(self, stake_usd: float) -> None:
        """A stake is burned, where stakes are lost at all."""
        if self.stakes_are_lost:
            self._pays(stake_usd, "stakes lost")
            self._burns(stake_usd)

    def stake_usd(self, slots: Slots) -> Floats:
        """What stands behind a system on each site."""
        return np.asarray(self._event_kw[slots] * self.spec.hosts.stake_usd_per_kw)

    def slash(self, slots: Slots, share: float) -> float:
        """Takes so much of the stakes of these, and burns it; returns tokens."""
        usd = share * float(self.stake_usd(slots).sum()) if self.stakes_are_lost else 0.0
        self._lose(usd)
        return usd / max(self.today.price_usd, 1e-12)

    def _sun(self, true: NDArray[np.bool_]) -> None:
        """Weather of the day by latitude, and meters held against the clear sky."""
        day, spec = self.clock.day, self.spec.solar
        luck = self.streams.uniform("cloud", day, np.rint(self._latitudes * 10).astype(np.int64) + 1_000)
        fresh = spec.cloud_low_multiple + (spec.cloud_high_multiple - spec.cloud_low_multiple) * luck
        self._cloud = spec.cloud_memory_share * self._cloud + (1 - spec.cloud_memory_share) * fresh[self._of_latitude]
        doy = self.clock.today.timetuple().tm_yday
        if doy not in self._sky:
            self._sky[doy] = self.types.yield_on(doy), solar.clear_sky_bound_kwh_per_kw(self.types.lat_deg, doy)
        average, bound = self._sky[doy]
        per_kw = average * self._cloud
        self.solar_kwh = float((np.bincount(self.kind[true], minlength=self.types.n) * self.year.pv_kw * per_kw).sum())
        if self.meters is not None:
            flagged = self.meters.look(per_kw[self.kind], bound[self.kind])
            if len(flagged):
                self._weigh(flagged)

    def health(self, slots: Slots | slice = ALL) -> Floats:
        """State of health of each battery by its age."""
        age = np.maximum(self.clock.day - self.nodes.born_day[slots].astype(np.float64), 0.0) / DAYS_PER_YEAR
        return np.maximum(1 - self._fade_share_per_year[slots] * age, 0.0)

    def share_if(self, on: NDArray[np.bool_]) -> float:
        """Committed over wanted power if of the honest systems that run only those in `on` did."""
        kw = np.where(self.honest() & on, self._event_kw * self.health() * self.may_sell_share, 0.0)
        wanted = np.array([market.wanted_kw for market in self.markets])
        return float(np.minimum(np.bincount(self.zone, kw, minlength=self.n_zones), wanted).sum() / wanted.sum())

    # -- weights ---------------------------------------------------------------------------------------------------
    def market_open(self) -> NDArray[np.bool_]:
        """Zones whose households are enough to sell."""
        return self.kw_of_zone >= np.array([market.aggregation_minimum_kw for market in self.markets])

    def _weigh(self, slots: Slots | slice) -> None:
        online, kind, day = self.nodes.online[slots], self.kind[slots], self.clock.day
        true = online & (self.nodes.fake[slots] < 0)
        paid = online & (self.nodes.denied_until[slots] <= day)
        wear = self.health(slots)
        income_usd = np.where(true, self.worth.sold_usd[kind] * wear * self.may_sell_share[slots] * self.keeps_share[slots], 0.0)
        stake = self.year.event_kw[kind] * self.spec.hosts.stake_usd_per_kw
        running = self.year.running_usd_per_year[kind] + stake * self._hurdle + DAYS_PER_YEAR * self.duty_usd_per_day[slots]
        saved = np.maximum(self.worth.saved_usd[kind], 0.0)
        new = {
            BASELINE: np.where(paid, self.score(slots), 0.0),
            SERVICE: np.where(paid & (self.nodes.demoted_until[slots] <= day), income_usd, 0.0),
            USAGE: income_usd,
            COST: np.where(online, running / DAYS_PER_YEAR, 0.0),
            TIME: np.where(online, self.year.annuity_usd_per_year[kind] / DAYS_PER_YEAR, 0.0),
            VESTED: np.where(true, self.year.solar_kwh[kind], 0.0),
            OWN_USE: np.where(true, saved, 0.0) / DAYS_PER_YEAR,
        }
        self.accrual.reweigh(slots, new)

    def pays_its_cost(self) -> NDArray[np.bool_]:
        """Systems whose pay and own use come to at least their avoidable cost today."""
        return np.asarray(self.pay_usd_per_day() + self.accrual.weights(OWN_USE) >= self.accrual.weights(COST))

    def score(self, slots: Slots | slice = ALL) -> Floats:
        """Score of each site under the token's rule, if it runs and is not denied."""
        hosts, kind = self.spec.hosts, self.kind[slots]
        if hosts.rule == "glow":
            return self.year.pv_kw[kind] * hosts.deposit_usd_per_kw
        weeks = np.maximum(self.clock.day - self.nodes.running_since_day[slots].astype(np.float64), 0.0) / 7
        value = np.where(self.year.battery_kw[kind] > 0, income.CONTROLLED, income.VALIDATED)
        value = np.where(self.nodes.demoted_until[slots] > self.clock.day, income.READ, value)
        return income.hip128_score(datapoints=24 * 60 / hosts.interval_minutes, weeks=weeks, interval_minutes=hosts.interval_minutes, value=value)

    # -- what households reckon with -------------------------------------------------------------------------------
    def income_without_token(self) -> Floats:
        """Money from grids that each kind of household outside would get in a year, USD; until a zone's market opens those who look believe in the others."""
        return np.asarray(self.worth.sold_usd * self._may_sell_of_kind * self._keeps_of_kind * self.spec.revenue.hosts_share * self.served_share[self.types.zone])

    def paid_without_token(self) -> Floats:
        """The same for those who take part: nothing where households are too few to sell."""
        return np.asarray(self.income_without_token() * self.market_open()[self.types.zone])

    def token_income(self) -> Floats:
        """Tokens of a year at today's pots and price for each kind, USD, after its first year."""
        offered = self.accrual.offered
        battery = self.year.battery_kw > 0
        hosts = self.spec.hosts
        if hosts.rule == "glow":
            score = self.year.pv_kw * hosts.deposit_usd_per_kw
        else:
            points = income.hip128_score(datapoints=24 * 60 / hosts.interval_minutes, weeks=SENIOR_WEEKS, interval_minutes=hosts.interval_minutes, value=1.0)
            score = float(points) * np.where(battery, income.CONTROLLED, income.VALIDATED)
        found = np.zeros(self.types.n)
        for pot, weight in ((BASELINE, score), (SERVICE, self.worth.sold_usd * self._may_sell_of_kind * self._keeps_of_kind)):
            usd = offered.get(("usd", pot), 0.0)
            everybody = self.accrual.total(pot)
            enough = float(weight.mean()) * max(self.n * 0.01, 1.0)  # the first reckon with a hundredth of all sites beside them (assumed)
            found += DAYS_PER_YEAR * usd * weight / max(everybody, enough, 1e-12)
        return found

    def duty_usd_per_year(self, slots: Slots, *, announced: bool = False) -> Floats:
        """What law asks of a system on each site, and stakes that it must expect to lose; with `announced` what law will ask, too."""
        duty = self.duty_usd_per_day[slots] + (self.announced_duty_usd_per_day[slots] if announced else 0.0)
        if not self.stakes_are_lost:
            return np.asarray(duty * DAYS_PER_YEAR)
        lost = self._lost_kw_per_year[slots] * self.health(slots) * self.spec.hosts.stake_usd_per_kw
        return np.asarray(duty * DAYS_PER_YEAR + lost)

    def switch_slashing(self, on: bool) -> None:
        """Off: who misses an event is worth least for a while, as before, and keeps the stake; no check takes one."""
        self.stakes_are_lost = on

    def joining_usd_per_year(self, slots: Slots) -> Floats:
        """What a device on each site, its onboarding and what law adds to them come to a year of the device's life."""
        device = float(self._device_usd()) * (1 + self.law_price_share[slots])
        return np.asarray(device + (self.spec.hosts.onboarding_usd + self.law_setup_usd[slots] + self.connection_usd[slots]) / self.spec.hardware.every.life_years)

    def law_changed(self, slots: Slots) -> None:
        """A duty or what may be sold is another on these sites, as the day's weights will show."""
        self._ruled.append(slots)
        self._may_sell_of_kind = np.bincount(self.kind, self.may_sell_share, minlength=self.types.n) / np.bincount(self.kind, minlength=self.types.n)

    def levies_changed(self, keeps_share: Floats) -> None:
        """States take another part of what grids pay, as the day's weights will show."""
        self.keeps_share = keeps_share
        self._keeps_of_kind = np.bincount(self.kind, keeps_share, minlength=self.types.n) / np.bincount(self.kind, minlength=self.types.n)
        self._ruled.append(np.arange(self.n))

    def made_up_usd_per_month(self, slots: Slots) -> Floats:
        """Tokens that one more meter without a roof could hope for on each site: the pot by score, shared with all that are there, USD."""
        hosts, kind = self.spec.hosts, self.kind[slots]
        score = self.year.pv_kw[kind] * hosts.deposit_usd_per_kw
        if hosts.rule != "glow":
            value = np.where(self.year.battery_kw[kind] > 0, income.CONTROLLED, income.VALIDATED)
            score = income.hip128_score(datapoints=24 * 60 / hosts.interval_minutes, weeks=SENIOR_WEEKS, interval_minutes=hosts.interval_minutes, value=value)
        return self.if_joined_usd_per_day(BASELINE, np.asarray(score, np.float64)) * DAYS_PER_MONTH

    def hardware_prices_changed(self) -> None:
        """Law adds something else to the price of new hardware from today."""
        self._law_share_of_kind = np.bincount(self.kind, self.law_price_share, minlength=self.types.n) / np.bincount(self.kind, minlength=self.types.n)

    # -- what households are offered ------------------------------------------------------------------------------
    def net_present_usd(self, network_usd_per_year: Floats) -> Floats:
        """NPV of buying the system: savings and network income less upkeep, over its life, less its price."""
        crf = self.year.annuity_usd_per_year / np.maximum(self.year.capex_usd, 1e-9)
        cash = self.worth.saved_usd + network_usd_per_year - self.year.running_usd_per_year
        return cash / np.maximum(crf, 1e-9) - self.system_usd()

    def system_usd(self) -> Floats:
        """Price of a system of each kind today; tax credits are taken off, import duties are on it, a mean of the kind's sites."""
        return np.asarray(self.worth.capex_usd * (1 + self._law_share_of_kind))

    def has_system(self) -> NDArray[np.bool_]:
        """Kinds for which there is a system to buy at all."""
        return self.year.capex_usd > 0

    def install(self, slots: Slots) -> None:
        """These households pay for a system."""
        usd = self.worth.capex_usd[self.kind[slots]]
        self._pays(float(usd.sum()), "systems")
        self.bought(slots, usd)

    def connect(self, slots: Slots) -> None:
        """These households join: deposit and onboarding are paid, and a meter is on its way."""
        hosts = self.spec.hosts
        deposits = float((self.year.pv_kw[self.kind[slots]] * hosts.deposit_usd_per_kw).sum())
        self._deposits[self.clock.day // 7] += deposits
        self._pays(deposits, "deposits")
        self._pays(len(slots) * hosts.onboarding_usd, "onboarding")
        self._burns(len(slots) * hosts.onboarding_usd)
        self._join(slots, self.fleet.order(slots))
        self.joined(slots)

    def vested_usd_per_day(self) -> float:
        """What flows back today of all deposits (glow)."""
        return income.vested_usd_of_week(self._deposits, self.clock.day // 7) / 7


