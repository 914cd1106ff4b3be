"""A compute scenario put together: places, costs, the yard's day of hours, providers who come and go, the books of its kind.

Columns of `network_daily` that a compute network has no such thing for are 0: boxes in drawers, nodes on a denylist counts nodes shut out.
A node is what one provider runs at one place. The whole is settled daily, from 24 hourly steps of matching and billing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.economy.market import Market
from twin.errors import InputError, Problem
from twin.geo import shipped
from twin.geo.area import study_area
from twin.judging import taper_of
from twin.kernel import DAYS_PER_YEAR, Clock, Lane, Streams
from twin.kinds.compute.block_rewards import min_stake_tokens
from twin.kinds.compute.books import Books, open_ledger
from twin.kinds.compute.demand import Demand, rows_of
from twin.kinds.compute.places import CLOUDS, Sites, lay_out
from twin.kinds.compute.providers import Providers
from twin.kinds.compute.reward_rules import BlockBooks, CreditBooks, PoolBooks
from twin.kinds.compute.rewards_spec import BlockRewardsSpec, CreditsSpec, WeeklyPoolsSpec
from twin.kinds.compute.schedule import schedule_of
from twin.kinds.compute.spec import ComputeScenario
from twin.kinds.compute.unit_costs import HourCost, annuity_usd_per_year, hour_cost
from twin.kinds.compute.watch import COMPUTE_DAILY, Watch
from twin.kinds.compute.yard import Day, Yard
from twin.outcomes import Collateral, Evidence, NodeYear, Schedule, Taper, Verdict, evidence_window
from twin.outcomes.taper import trailing_mean
from twin.record import Recorder
from twin.scenario import Scenario
from twin.scenario.model import SeriesRef
from twin.scenario.series import load_series
from twin.state import Accrual, Columns, Today
from twin.world.judged_year import JudgedYear

Floats = NDArray[np.float64]


@dataclass
class ComputeTwin:
    """Everything of one run, wired and ready: `clock.run()` lives it."""

    scenario: Scenario
    spec: ComputeScenario
    clock: Clock
    sites: Sites
    yard: Yard
    providers: Providers
    books: Books
    watch: Watch
    demand: Demand
    today: Today
    taper: Taper
    judged_year: JudgedYear
    schedule: Schedule | None
    scheduled_subsidy: Floats
    """Tokens a day that this variant's rules schedule, 28-day mean, by day of the run; 0 where there is no schedule."""
    attributions: tuple[str, ...]

    daily_fields = COMPUTE_DAILY
    licence = None

    @property
    def usage_constant_usd(self) -> Floats:
        """Q by day of the run, USD a day."""
        return self.watch.usage_constant_usd

    @property
    def run_hash(self) -> str:
        """Hash of everything that decides the run."""
        return self.scenario.hash_with({CLOUDS: shipped.manifest()[CLOUDS].sha256_file})

    def about(self) -> dict[str, object]:
        """What the manifest says beside the scenario."""
        return {
            "variant": self.scenario.label,
            "replicate": 0,
            "attributions": list(self.attributions),
            "assumed_electricity": list(self.sites.guessed_prices),
            "sites": self.sites.n,
            "plan": [(str(row.lane.name if row.lane else ""), row.sub, row.name, row.cadence) for row in self.clock.plan()],
            "taper": {"begins": self.taper.begins, "done": self.taper.done, "origin": self.taper.origin, "reason": self.taper.reason},
        }

    def record_with(self, recorder: Recorder | None) -> None:
        """Where to write from now on; None: nowhere."""
        self.watch.recorder = recorder

    def end_subsidies(self) -> None:
        """Emission and grants end today (the cut-off test)."""
        self.books.subsidy_on = False

    def node_year(self) -> NodeYear | None:
        """What each node did over the judged year; None if it was not run."""
        return self.judged_year.nodes()

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's classes of jobs, at reference prices."""
        return self.demand.addressable_usd_per_day()

    def cells(self) -> None:
        """No table of cells: nodes stand at cities, not over an area."""

    def evidence(self, daily: pd.DataFrame, verdict: Verdict) -> Evidence:
        """What the four investor questions rest on."""
        rows = evidence_window(daily, verdict).rows(self.clock.start)
        before = slice(max(rows.start - 365, 0), rows.start)
        return Evidence(
            daily,
            pd.DataFrame(self.books.ledger.flow_rows()),
            self.watch.paid_by_buyer(rows),
            customers_year_before_usd=self.watch.paid_by_buyer(before) if rows.start >= 365 else None,
            schedule=self.schedule,
            collateral=self._collateral(daily, rows),
            treasury_accounts=("treasury", "company", "vault", "fee_vault"),
        )

    def _collateral(self, daily: pd.DataFrame, rows: slice) -> Collateral | None:
        """Stake of the mean honest node against a year's pay of one that claims as much and has nothing."""
        own, year = self.providers, daily.iloc[rows]
        live = own.online & ~own.is_fake & (own.stake > 0)
        if not live.any():
            return None
        price, days = float(year.price_usd.mean()), max(len(year), 1)
        nodes = max(float(year.nodes_online.mean()), 1.0)
        emission = float(year.operator_emission_usd.mean()) * 365 / nodes
        checks, finds = own.rates_today()
        caught = 1 - (1 - min(1.0, checks * finds)) ** (24.0 * 365)
        paid = float((year.operator_emission_usd + year.operator_customer_usd).sum())
        return Collateral(
            caught_probability_per_year=caught,
            stake_usd=float(own.stake[live].mean()) * price,
            slash_share=self.spec.verification.slash_share,
            honest_margin_usd_per_year=max(float(own.margin_usd[live].mean()) * 365, 0.0),
            gain_usd_per_year=emission / (1 + min(1.0, checks * finds) * 24 * 365 if checks > 0 else 1.0),
            locked_share_of_supply=float(own.stake.sum()) / float(year.supply_tokens.iloc[-1]),
            cheats_reward_share=float(year.fakes_paid_usd.sum()) / paid if paid > 0 and days else None,
        )


def build(scenario: Scenario, *, cache: Path | None = None, replicate: int = 0) -> ComputeTwin:
    """The twin of a scenario on its first day. `cache` is not used: nothing here takes long to draw."""
    spec = cast(ComputeScenario, scenario.spec)
    clock, streams = Clock(spec.calendar.start, spec.calendar.end), Streams(scenario.seed, replicate)
    base_dir = scenario.path.parent if scenario.path else None
    token_name, token = next(iter(spec.token.items()))
    taper = taper_of(scenario)

    def daily(value: float | SeriesRef) -> Floats:
        if not isinstance(value, SeriesRef):
            return np.full(clock.n_days, float(value))
        return load_series(value.series, base_dir=base_dir).daily(clock.start, clock.n_days, until=value.until, then=value.then)

    market = Market(token.price, start=clock.start, end=clock.end, series=lambda name: load_series(name, base_dir=base_dir), taper_begin=taper.begins)
    gpus, jobs = list(spec.hardware.values()), list(spec.customers.values())
    capex, cloud = np.array([daily(gpu.capex_usd) for gpu in gpus]), np.array([daily(gpu.cloud_usd_per_hour) for gpu in gpus])
    alternative = {number: daily(job.alternative_usd_per_gpu_hour) for number, job in enumerate(jobs)}
    schedule = schedule_of(spec)
    area = study_area(spec.place.area, base_dir=base_dir or Path.cwd())
    sites = lay_out(spec, area, streams)
    if spec.rewards.kind == "credits" and not scenario.reference.spec.taper.is_stated:
        raise InputError(
            Problem("no_taper", "grants follow the use of hosts, so the rules alone tell no taper", path="taper", suggestion="taper: {from_rules: false, begins: YYYY-MM-DD, done: YYYY-MM-DD}")
        )
    node = NodeCosts(spec, sites, capex)
    today = Today()
    watch = Watch(clock, spec)
    rows = rows_of(spec)
    clouds = shipped.table(CLOUDS).drop_duplicates("city").set_index("city").lon
    demand = Demand(clock, streams, spec, rows, alternative=alternative, city_lng_deg=np.array([float(clouds[city]) for city in spec.users.users_share_by_city]))
    multiple = np.array([gpu.reward_multiple for gpu in gpus])[sites.gpu]
    stake_per_gpu = spec.rewards.stake_tokens_per_gpu if isinstance(spec.rewards, BlockRewardsSpec) else 0.0
    min_stake = min_stake_tokens(multiple, sites.claimed_gpus, tokens_per_gpu=stake_per_gpu)
    for number, group in enumerate(spec.operators.values()):
        if group.stake_tokens_per_gpu is not None:
            mine = sites.group == number
            min_stake[mine] = group.stake_tokens_per_gpu * sites.real_gpus[mine]
    providers = Providers(
        clock, streams, spec, sites,
        capital_usd_per_day=node.capital_usd_per_day, min_stake=min_stake, node_capex_usd=lambda: node.new_usd(clock.day), note=watch.note,
    )  # fmt: skip
    eur = daily(spec.rewards.usd_per_eur) if isinstance(spec.rewards, WeeklyPoolsSpec) else np.ones(clock.n_days)

    def price_of_tier(tier: int) -> float:
        if not isinstance(spec.rewards, WeeklyPoolsSpec):
            return 1.0
        per_1000 = spec.rewards.tier2_eur_per_1000_obh if tier == 2 else spec.rewards.tier3_eur_per_1000_obh
        return per_1000 / 1000 * float(eur[min(clock.day, clock.n_days - 1)])

    ledger = open_ledger(spec, clock, token_name)
    common: dict[str, Any] = {"node_cost_usd": node.cash_usd, "replacement_usd": lambda: node.replacement_usd(clock.day)}
    parts = (clock, spec, sites, providers, ledger, today, token_name)
    books: Books
    if isinstance(spec.rewards, CreditsSpec):
        books = CreditBooks(*parts, rewards=spec.rewards, **common)
        take_share = books.take_share
    elif isinstance(spec.rewards, WeeklyPoolsSpec):
        index = np.array([gpu.octanebench_index for gpu in gpus])[sites.gpu]
        books, take_share = PoolBooks(*parts, rewards=spec.rewards, index=index, **common), lambda: 0.0
    else:
        fees = spec.rewards.fee_share + spec.rewards.usdc_share * spec.rewards.usdc_fee_share
        books, take_share = BlockBooks(*parts, rewards=spec.rewards, cost=lambda: node.cost, **common), lambda: fees
    yard = Yard(
        clock, streams, spec, sites, demand, rows,
        cost=node.bidding, live=providers.online, cloud_usd=lambda: cloud[:, clock.day], price_of_tier=price_of_tier, take_share=take_share,
    )  # fmt: skip
    scheduled = np.zeros(clock.n_days)
    if schedule is not None:
        mean = trailing_mean(schedule.tokens_per_day, spec.taper.mean_days, before=0.0)
        first = (clock.start - schedule.start).days
        scheduled = mean[first : first + clock.n_days] if first >= 0 else np.r_[np.zeros(-first), mean][: clock.n_days]
    judged = JudgedYear.on(
        clock, cast(Columns, providers), cast(Accrual, cast(object, books.sums)), taper, spec.verdict, inside=np.ones(sites.n, bool)
    )
    twin = ComputeTwin(
        scenario, spec, clock, sites, yard, providers, books, watch, demand, today, taper, judged, schedule, scheduled, area.licences
    )
    _on_the_clock(twin, market, streams)
    return twin


class NodeCosts:
    """What each node costs: cash by the hours it is on and works, capital when it is bought, and what its host bids from."""

    def __init__(self, spec: ComputeScenario, sites: Sites, capex: Floats) -> None:
        self.spec, self.sites, self.capex = spec, sites, capex
        groups = list(spec.operators.values())
        filler = len(spec.adversaries)

        def of(name: str, other: float) -> Floats:
            return np.array([float(getattr(group, name)) for group in groups] + [other] * filler)[sites.group]

        gpus = list(spec.hardware.values())

        def card(name: str) -> Floats:
            return np.array([float(getattr(gpu, name)) for gpu in gpus])[sites.gpu]

        self.system, self.life, self.resale = of("system_factor", 1.0), card("life_years"), card("resale_share")
        self.rate = of("hurdle_rate_per_year", 0.1)
        load = card("card_power_w") * of("power_factor", 1.0)
        real = (sites.real_gpus > 0).astype(float)
        facts: dict[str, Any] = {
            "life_years": self.life,
            "rate_per_year": self.rate,
            "resale_share": self.resale,
            "load_w": load * real,
            "idle_w": load * of("idle_share", 0.0) * real,
            "power_overhead_ratio": of("power_overhead_ratio", 1.0),
            "usd_per_kwh": sites.usd_per_kwh * of("electricity_share_of_household", 1.0),
            "hosting_usd_per_kw_per_month": of("hosting_usd_per_kw_per_month", 0.0),
            "system_factor": self.system,
        }
        self.cost: HourCost = hour_cost(capex_usd=capex[:, 0][sites.gpu], **facts)
        counts = of("counts_capex", 0.0)
        self.bidding: HourCost = hour_cost(capex_usd=capex[:, 0][sites.gpu] * counts, **facts)
        self.capital_usd_per_day = annuity_usd_per_year(self.new_usd(0), life_years=self.life, rate_per_year=self.rate, resale_share=self.resale) / DAYS_PER_YEAR

    def new_usd(self, day: int) -> Floats:
        """What a node of each site would cost to buy on a day."""
        return np.asarray(self.capex[:, day][self.sites.gpu] * self.system * self.sites.real_gpus)

    def cash_usd(self, done: Day) -> Floats:
        """Hosting and power of a day: by hours on, and more by hours leased."""
        return np.asarray(self.cost.cash_usd_per_hour * done.online_hours * self.sites.real_gpus + self.cost.work_usd_per_hour * done.leased_hours)

    def replacement_usd(self, day: int) -> Floats:
        """A day's share of replacing each node at today's price, at the verdict's hurdle rate, without resale (VERDICT 2)."""
        rate = self.spec.verdict.hurdle_rate_per_year
        return np.asarray(annuity_usd_per_year(self.new_usd(day), life_years=self.life, rate_per_year=rate) / DAYS_PER_YEAR)


def _on_the_clock(twin: ComputeTwin, market: Market, streams: Streams) -> None:
    """The order of a day: price, arrivals of nodes, the hours of the market, checks, settlement, decisions, tables."""
    clock, today, books, providers, watch = twin.clock, twin.today, twin.books, twin.providers, twin.watch

    def morning() -> None:
        luck = float(streams.uniform("price", clock.day, np.zeros(1, np.int64))[0])
        today.price_usd = market.advance(clock.today, uniform=luck, flows=books.flows, circulating_tokens=books.ledger.supply(books.token))
        twin.demand.gate = books.gate()

    def hours() -> None:
        twin.yard.welcome(providers.take_newcomers())
        watch.done = twin.yard.run_day()
        watch.sales(twin)

    def settle() -> None:
        books.settle(watch.done, watch.caught)

    def check() -> None:
        watch.caught = providers.check(*providers.rates_today())

    clock.every_day(morning, lane=Lane.SHOCK, sub=0, name="price of the day")
    clock.every_day(hours, lane=Lane.SERVE, sub=0, name="24 hours of the market")
    clock.every_day(check, lane=Lane.PROVE, sub=0, name="spot checks")
    clock.every_day(settle, lane=Lane.SETTLE, sub=0, name="settlement: bills, pay, burn, stake, check")
    clock.every_day(lambda: providers.decide(books.income_usd, books.cash_usd), lane=Lane.DECIDE, sub=0, name="who leaves, who orders")
    rewards = twin.spec.rewards
    if isinstance(rewards, BlockRewardsSpec) and rewards.stake_starts is not None:
        day = max(rewards.stake_starts, clock.start)
        clock.on(day, providers.start_staking, lane=Lane.SHOCK, sub=2, name="stakes are asked for")
    clock.every_day(lambda: watch.evening(twin), lane=Lane.OBSERVE, sub=0, name="tables")

