"""An Arweave-like network put together: uploads paid once, the endowment, miners who keep copies while that pays.

What customers paid reaches miners in tokens, at once or through the pool: both are `customer` postings, so no part of R backs emission a second
time and `revenue_token_usd` is 0. Inflation, and what is minted when the pool is dry, is emission. Usage is the data kept, at a constant price;
data of which less than one copy was left is lost for good.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import pandas as pd

from twin.economy.market import Market, MarketFlows
from twin.judging import taper_of
from twin.kernel import Clock, Lane, Streams
from twin.kinds.storage import endowment
from twin.kinds.storage.books import NodeBooks, is_month_end, write_month
from twin.kinds.storage.customers import uploads_tb
from twin.kinds.storage.electricity import prices_of_electricity
from twin.kinds.storage.endowment import GIB_PER_TB, MINUTES_PER_DAY, Pool
from twin.kinds.storage.mining import MeasuredPrice, Miners
from twin.kinds.storage.providers import drawn_countries, spread_values
from twin.kinds.storage.rows import common_row
from twin.kinds.storage.spec import StorageScenario
from twin.kinds.storage.tables import ARWEAVE_FIELDS
from twin.outcomes import Evidence, NodeYear, Verdict, evidence_window
from twin.record import Recorder
from twin.scenario import Scenario
from twin.scenario.series import load_series
from twin.state import USD, Funding, Ledger, Relation, Today

TIB_PER_TB = 1e12 / 2**40
LONGEST_YEARS = 1000.0
LEAST_TB = 3.6
"""One partition: who mines less takes no part."""


class ArweaveTwin:
    """Everything of one run; satisfies `twin.build.Twin`."""

    daily_fields = ARWEAVE_FIELDS
    licence: str | None = None
    schedule = None

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.spec = scenario, scenario.spec
        spec: StorageScenario = scenario.spec
        assert spec.arweave is not None
        self.protocol = protocol = spec.arweave
        self.clock = clock = Clock(spec.calendar.start, spec.calendar.end)
        self.streams = Streams(scenario.seed, 0)
        base_dir = scenario.path.parent if scenario.path else None
        self.token_name, token = next(iter(spec.token.items()))
        self.taper = taper_of(scenario)
        self.today = Today()
        self.market = Market(
            token.price, start=clock.start, end=clock.end, series=lambda name: load_series(name, base_dir=base_dir), taper_begin=self.taper.begins
        )
        self.blocks_per_day = endowment.blocks_per_day(protocol.blocks.seconds)
        self.height = protocol.blocks.opening_blocks_count
        self.weave_gib = protocol.opening_weave_tb * GIB_PER_TB
        self.kept_share = 1.0
        self.pool = Pool.opening(protocol.endowment)
        self.price = MeasuredPrice(protocol.price, blocks_per_day=self.blocks_per_day)
        self.inflation_scale = 1.0
        self._draw_miners()
        self.ledger = self._open_books()
        self.recorder: Recorder | None = None
        self.usage_constant_usd = np.zeros(clock.n_days)
        self.paid_by_customer = {name: np.zeros(clock.n_days) for name in spec.uploaders}
        self.books = NodeBooks(clock, self.n, self.group, tuple(spec.miners), self.taper, spec.verdict)
        self._held: deque[float] = deque()
        self._sold_usd = self._bought_usd = 0.0
        self._uploaded_tb = self._fee_tokens = 0.0
        self._first_fee_usd: float | None = None
        self.figures: dict[str, float] = {}
        clock.every_day(self._morning, lane=Lane.SHOCK, sub=0, name="price of the day")
        clock.every_day(self._uploads, lane=Lane.SERVE, sub=0, name="uploads and their fees")
        clock.every_day(self._settle, lane=Lane.SETTLE, sub=0, name="inflation, need, payout, held rewards, balance check")
        clock.every_day(self._mine, lane=Lane.DECIDE, sub=0, name="miners add and drop space; the protocol measures its price")
        clock.every_day(self._evening, lane=Lane.OBSERVE, sub=0, name="tables")

    def _draw_miners(self) -> None:
        spec, members = self.spec, list(self.spec.miners.values())
        counts = [each.operators_count for each in members]
        self.n = sum(counts)
        self.group = np.repeat(np.arange(len(counts), dtype=np.int8), counts)
        slots = np.arange(self.n)
        countries, country = drawn_countries([each.country_share for each in members], self.group, self.streams.uniform("miner country", 0, slots))
        household, self.guessed_electricity = prices_of_electricity(countries, section="miners", strict=spec.network.strict)
        size, multiple = self.streams.exponential("miner size", 0, slots), np.zeros(self.n)
        luck = self.streams.uniform("miner cost", 0, slots)
        total = self.protocol.opening_weave_tb * self.protocol.replicas.opening_copies_count
        for index, each in enumerate(members):
            rows = np.flatnonzero(self.group == index)
            size[rows] *= each.space_share * total / size[rows].sum()
            multiple[rows] = spread_values(each.cost_multiple, luck[rows])
        self.sells = np.array([each.sells_share for each in members])[self.group]
        self.miners = Miners(
            self.protocol.replicas, space_tb=size, cost_multiple=multiple, usd_per_kwh=household[country], hurdle_rate_per_year=spec.verdict.hurdle_rate_per_year
        )

    def _open_books(self) -> Ledger:
        ledger, token, protocol = Ledger(self.clock.start), self.token_name, self.protocol
        ledger.add_asset(token)
        ledger.open("customers", Relation.EXTERNAL)
        ledger.open("endowment", Relation.TECHNICAL, overdraft=False)
        ledger.open("treasury", Relation.PROJECT, overdraft=True)
        ledger.open("held", Relation.OPERATOR)
        ledger.open("operators", Relation.OPERATOR, overdraft=True)
        ledger.open("market", Relation.HOLDER, overdraft=True)
        ledger.set_price(token, 0.0)
        ledger.post(token, "genesis", "endowment", protocol.endowment.opening_tokens, reason="held before the first day", day=0, usd=0.0)
        ledger.post(token, "genesis", "market", protocol.opening_supply_tokens, reason="held before the first day", day=0, usd=0.0)
        return ledger

    # -- what a run asks -----------------------------------------------------------------------------------------
    @property
    def run_hash(self) -> str:
        """Hash of everything that decides the run."""
        return self.scenario.hash_with({})

    def about(self) -> dict[str, object]:
        """What the manifest says beside the scenario."""
        return {
            "variant": self.scenario.label,
            "replicate": 0,
            "assumed_electricity": list(self.guessed_electricity),
            "miners": self.n,
            "plan": [(str(row.lane.name if row.lane else ""), row.sub, row.name, row.cadence) for row in self.clock.plan()],
            "taper": {"begins": self.taper.begins, "done": self.taper.done, "origin": self.taper.origin, "reason": self.taper.reason},
        }

    def record_with(self, recorder: Recorder | None) -> None:
        """Where to write from now on; None: nowhere."""
        self.recorder = recorder

    def end_subsidies(self) -> None:
        """No more inflation; what is minted when the pool is dry is the protocol's last resort and stays."""
        self.inflation_scale = 0.0

    def node_year(self) -> NodeYear | None:
        """What each miner did over the judged year."""
        return self.books.node_year()

    def addressable_usd_per_day(self) -> float:
        """Data stored on the first day and what uploaders would add in a year, at the reference price."""
        brought = sum(each.opening_tb_per_day for each in self.spec.uploaders.values() if not each.affiliate) * 365
        return self._usage(self.protocol.opening_weave_tb + brought)

    def cells(self) -> None:
        """No map: miners are known by country alone."""

    def evidence(self, daily: pd.DataFrame, verdict: Verdict) -> Evidence:
        """What the four investor questions rest on; the protocol asks miners for no collateral."""
        rows = evidence_window(daily, verdict).rows(self.clock.start)
        before = slice(max(rows.start - 365, 0), rows.start)
        external = {name for name, each in self.spec.uploaders.items() if not each.affiliate}
        paid = self.paid_by_customer
        return Evidence(
            daily,
            pd.DataFrame(self.ledger.flow_rows()),
            {name: float(paid[name][rows].sum()) for name in external},
            customers_year_before_usd={name: float(paid[name][before].sum()) for name in external} if rows.start >= 365 else None,
            affiliates_usd=sum(float(usd[rows].sum()) for name, usd in paid.items() if name not in external),
            treasury_accounts=("treasury", "endowment"),
        )

    # -- a day ---------------------------------------------------------------------------------------------------
    def _usage(self, tb: float) -> float:
        return float(tb * TIB_PER_TB * self.spec.network.reference_price_usd_per_tib_per_year / 365)

    @property
    def copies(self) -> float:
        """Copies of the weave that miners keep."""
        return float(self.miners.space_tb.sum()) * GIB_PER_TB / self.weave_gib if self.weave_gib > 0 else 0.0

    def _winston(self) -> float:
        rule = self.protocol.price
        if rule.rule == "fixed_decline":
            return float(rule.opening_winston_per_gib_minute * (1 - rule.decline_share_per_year) ** (self.clock.day / 365))
        return self.price.winston

    def _morning(self) -> None:
        luck = float(self.streams.uniform("price", self.clock.day, np.zeros(1, np.int64))[0])
        flows = MarketFlows(operator_sales_usd=self._sold_usd, buy_backs_usd=self._bought_usd)
        self.today.price_usd = self.market.advance(self.clock.today, uniform=luck, flows=flows, circulating_tokens=self.ledger.supply(self.token_name))
        self.ledger.set_price(self.token_name, self.today.price_usd)

    def _uploads(self) -> None:
        today, day, token = self.today, self.clock.day, self.token_name
        fee = endowment.upload_fee(self.protocol.upload_fee, 1.0, winston_per_gib_minute=self._winston(), kryder=self.pool.kryder)
        fee_usd = fee * today.price_usd
        if self._first_fee_usd is None:
            self._first_fee_usd = fee_usd
        found = uploads_tb(self.spec.uploaders, today=self.clock.today, start=self.clock.start, price_usd=fee_usd, first_price_usd=self._first_fee_usd)
        self._uploaded_tb = sum(found.values())
        self._fee_tokens = fee * self._uploaded_tb * GIB_PER_TB
        paid = 0.0
        for name, tb in found.items():
            usd = tb * GIB_PER_TB * fee_usd
            self.paid_by_customer[name][day] = usd
            if not self.spec.uploaders[name].affiliate:
                paid += usd
        total_usd = self._fee_tokens * today.price_usd
        post = self.ledger.post
        post(USD, "world", "customers", total_usd, reason="customers' money", day=day)
        post(USD, "customers", "market", total_usd, reason="tokens bought to upload", day=day)
        post(token, "market", "customers", self._fee_tokens, reason="tokens bought to upload", day=day)
        self._bought_usd = total_usd
        self.kept_share = min(self.kept_share, self.copies)
        used = self._usage(self.weave_gib / GIB_PER_TB) * self.kept_share
        today.usage_constant_usd, today.usage_constant_usd_as_seen = used, used
        today.revenue_usd, today.revenue_token_usd = paid, 0.0
        self.usage_constant_usd[day] = used
        today.service_share = today.service_share_as_seen = min(1.0, self.copies / self.protocol.upload_fee.replicas_target) * self.kept_share

    def _settle(self) -> None:
        protocol, today, day, token = self.protocol, self.today, self.clock.day, self.token_name
        post, fee = self.ledger.post, self._fee_tokens
        at_once = fee * endowment.miner_share_of_fee(protocol.upload_fee)
        post(token, "customers", "endowment", fee - at_once, reason="upload fee", day=day)
        post(token, "customers", "held", at_once, reason="upload fee", funding=Funding.CUSTOMER, day=day)
        self.pool.tokens += fee - at_once
        inflation = self.blocks_per_day * endowment.inflation_tokens_per_block(protocol.inflation, self.height) * self.inflation_scale
        post(token, "mint", "held", inflation, reason="block inflation", funding=Funding.EMISSION, day=day)
        need = endowment.needed_tokens(self.weave_gib, replicas=protocol.upload_fee.replicas_target, winston_per_gib_minute=self._winston(), minutes=MINUTES_PER_DAY)
        taken, debt = self.pool.pay(need, inflation + at_once)
        post(token, "endowment", "held", min(taken, self.ledger.balance(token, "endowment")), reason="endowment", funding=Funding.CUSTOMER, day=day)
        post(token, "mint", "held", debt, reason="debt of a dry pool", funding=Funding.EMISSION, day=day)
        income = inflation + at_once + taken + debt
        self._held.append(income)
        if len(self._held) > protocol.held_reward_days:
            free = min(self._held.popleft(), self.ledger.balance(token, "held"))
            post(token, "held", "operators", free, reason="held rewards released", day=day)
            self._sell(free)
        self._account(income, customer=at_once + taken)
        self.ledger.check(day)
        price = today.price_usd
        today.minted_tokens, today.burned_tokens = inflation + debt, 0.0
        today.emission_usd = today.operator_emission_usd = (inflation + debt) * price
        today.operator_customer_usd = (at_once + taken) * price
        today.supply_tokens = self.ledger.supply(token) - self.pool.tokens
        today.backed_share = 0.0
        self.height += self.blocks_per_day
        self.weave_gib += self._uploaded_tb * GIB_PER_TB
        self.figures = {
            "needed_tokens_per_day": need, "inflation_tokens_per_day": inflation, "taken_tokens_per_day": taken, "income_tokens": income,
            "upload_fee_tokens_per_gib": endowment.upload_fee(protocol.upload_fee, 1.0, winston_per_gib_minute=self._winston(), kryder=self.pool.kryder),
        }  # fmt: skip

    def _sell(self, tokens: float) -> None:
        space = self.miners.space_tb
        total = float(space.sum())
        share = space / total if total > 0 else np.zeros(self.n)
        sold = tokens * float((self.sells * share).sum())
        price, day = self.today.price_usd, self.clock.day
        self.ledger.post(self.token_name, "operators", "market", sold, reason="sale", day=day)
        self.ledger.post(USD, "market", "operators", sold * price, reason="sale", day=day)
        self.books.sold(tokens * self.sells * share)
        self._sold_usd = sold * price

    def _account(self, income: float, *, customer: float) -> None:
        """What the day brought and cost each miner, USD."""
        today, space = self.today, self.miners.space_tb
        total = float(space.sum())
        share = space / total if total > 0 else np.zeros(self.n)
        cost = space * self.miners.running_usd_per_tb_per_year / 365
        replacement = space * self.miners.disk_usd_per_tb_per_year / 365
        price = today.price_usd
        self.books.add(
            live=self.live(), fee_funded_usd=customer * price * share, cost_usd=cost,
            replacement_usd=replacement, usage_usd=today.usage_constant_usd * share, earned_usd=income * price * share, earned_tokens=income * share,
        )  # fmt: skip
        today.operator_cost_usd, today.operator_replacement_usd = float(cost.sum()), float(replacement.sum())
        self.ledger.post(USD, "operators", "world", today.operator_cost_usd, reason="running cost", day=self.clock.day)

    def _mine(self) -> None:
        total = float(self.miners.space_tb.sum())
        income = self.figures["income_tokens"]
        earned = income * self.today.price_usd * 365 / total if total > 0 else 0.0
        self.figures["miner_income_usd_per_tb_per_year"] = earned
        self.miners.step(earned, day=self.clock.day)
        self.today.new_hardware_usd = self.miners.bought_tb * self.protocol.replicas.capex_usd_per_tb * self.miners.decline
        self.ledger.post(USD, "operators", "world", self.today.new_hardware_usd, reason="disks", day=self.clock.day)
        rule = self.protocol.price
        share = 1.0
        if rule.rule == "transition":
            gone = (self.clock.today - rule.transition_starts).days * self.blocks_per_day
            share = min(max(gone / rule.transition_blocks_count, 0.0), 1.0)
        self.price.step(income, mined_gib=float(self.miners.space_tb.sum()) * GIB_PER_TB, transition_share=share)

    def live(self) -> np.ndarray:
        """Miners with at least a partition."""
        return self.miners.space_tb >= LEAST_TB

    def _years_left(self) -> float:
        """How long the pool lasts on paper: today's need, the price's own decline (or that of miners' cost), no income."""
        rule = self.protocol.price
        decline = rule.decline_share_per_year if rule.rule == "fixed_decline" else self.protocol.replicas.cost_decline_share_per_year
        lasts = endowment.years_the_pool_lasts(self.pool.tokens, cost_tokens_per_year=self.figures["needed_tokens_per_day"] * 365, cost_decline_share_per_year=decline)
        return min(lasts, LONGEST_YEARS)

    def _evening(self) -> None:
        if self.recorder is None:
            return
        live, space, figures = self.live(), self.miners.space_tb, self.figures
        online, total = int(live.sum()), float(self.miners.space_tb.sum())
        row = common_row(self.today, nodes_online=online, nodes_as_seen=online, scheduled_subsidy_tokens=figures["inflation_tokens_per_day"])
        full = self.miners.running_usd_per_tb_per_year + self.miners.disk_usd_per_tb_per_year
        row |= {
            "weave_tb": self.weave_gib / GIB_PER_TB,
            "uploaded_tb_per_day": self._uploaded_tb,
            "endowment_tokens": self.pool.tokens,
            "endowment_years_left": self._years_left(),
            "upload_fee_tokens_per_gib": figures["upload_fee_tokens_per_gib"],
            "upload_fee_usd_per_gib": figures["upload_fee_tokens_per_gib"] * self.today.price_usd,
            "price_winston_per_gib_minute": self._winston(),
            "needed_tokens_per_day": figures["needed_tokens_per_day"],
            "inflation_tokens_per_day": figures["inflation_tokens_per_day"],
            "taken_tokens_per_day": figures["taken_tokens_per_day"],
            "debt_tokens": self.pool.debt_tokens,
            "kryder_multiple": self.pool.kryder,
            "copies": round(self.copies, 3),
            "mined_space_pb": total / 1000,
            "miner_cost_usd_per_tb_per_year": float((full * space).sum()) / total if total > 0 else 0.0,
            "miner_income_usd_per_tb_per_year": figures["miner_income_usd_per_tb_per_year"],
            "held_reward_tokens": self.ledger.balance(self.token_name, "held"),
        }
        self.recorder.daily(self.clock.day, row)
        if is_month_end(self.clock):
            groups = self.books.month_rows(live) if self.spec.record.operators != "none" else None
            write_month(self.recorder, self.clock.today, ledger=self.ledger, groups=groups)
