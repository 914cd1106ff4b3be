"""The books of a network without a map: weights, prices and demand are what the test says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from twin.economy.held import Fading
from twin.economy.shared_token import DayMint
from twin.economy.shared_token_books import Given, SharedTokenBooks, SubNetwork
from twin.kernel import Clock, Lane
from twin.kinds.wireless.buckets import DayPots
from twin.scenario.sections.price import ConstantPriceSpec
from twin.scenario.sections.token import ConstantSpec, NetEmissionSpec, TokenSpec
from twin.state import Accrual, PoolSpec, Today

START = date(2021, 1, 1)
PAID = ("beacon", "data")
POOLS = (PoolSpec("beacon"), PoolSpec("data"), PoolSpec("cost", kind="rate"), PoolSpec("time", kind="rate"))
MEASURES = {"tokens": PAID, "usd": PAID, "backed_usd": PAID, "token_backed_usd": PAID, "usage_usd": ("data",), "cost_usd": ("cost",), "replacement_usd": ("time",)}
GENESIS = 50_000.0
DAYS = 120


def split(day: date, *, mint_tokens: float, data_usd: float, price_usd: float, other_share: float) -> DayPots:
    """A tenth of the mint for stakers, the rest for hotspots: data at the value of its credits, what is left for beacons."""
    hotspots = 0.9 * mint_tokens
    data = min(hotspots / 2, data_usd / price_usd)
    return DayPots({"beacon": hotspots - data, "data": data}, {"stakers": 0.1 * mint_tokens})


def split_with_neighbour(day: date, *, mint_tokens: float, data_usd: float, price_usd: float, other_share: float) -> DayPots:
    """The same after a part has gone to founders (a fiftieth) and to the other sub-network."""
    founders = 0.02 * mint_tokens
    other = (mint_tokens - founders) * other_share
    pots = split(day, mint_tokens=mint_tokens - founders - other, data_usd=data_usd, price_usd=price_usd, other_share=0.0)
    return DayPots(pots.pools, {**pots.others, "founders": founders, "other_sub_network": other})


class Books:
    """A settlement a day for `n` boxes."""

    def __init__(
        self,
        n: int,
        n_days: int,
        *,
        tokens_per_day: float = 1000.0,
        price_usd: float = 2.0,
        outside_usd: float = 0.0,
        other_usd: float = 0.0,
        net_cap: float | None = None,
        splits: Any = split,
        inside_share: float = 1.0,
        other_share: float = 0.0,
        for_sale_share_per_day: float = 1.0,
    ) -> None:
        self.clock = Clock(START, START + timedelta(days=n_days))
        self.n, self.price = n, np.full(n_days, price_usd)
        net = None if net_cap is None else NetEmissionSpec(cap_tokens_per_day={START: net_cap})
        token = TokenSpec(
            reference_price_usd=1.0,
            for_sale_share_per_day=for_sale_share_per_day,
            emission=ConstantSpec(kind="constant", starts=START, tokens_per_day=tokens_per_day),
            net_emission=net,
            price=ConstantPriceSpec(kind="constant_from", date=START, price_usd=1.0),
        )
        days = np.ones(n_days)
        self.accrual = Accrual(n, POOLS, MEASURES, settlements=n_days)
        self.today = Today()
        self.revenue_usd = np.zeros(n_days)
        """What external customers pay; `project_usd` is what affiliates and rebates add to the bill."""
        self.project_usd = np.zeros(n_days)
        self.before: list[Any] = []
        self.history: dict[str, list[float]] = {}
        self.clock.every_day(self._morning, lane=Lane.SHOCK, name="prices and customers")
        def part_of(day: date, mint: DayMint, *, part: float, data_usd: float, price_usd: float, share: float) -> DayPots:
            return splits(day, mint_tokens=mint.to_split_tokens * part, data_usd=data_usd, price_usd=price_usd, other_share=share)

        self.settlement = SharedTokenBooks(
            self.clock,
            SubNetwork(part_of, ("stakers", "founders"), usage_pool="data", has_top_up=False, project_buys="usage of affiliates"),
            token_name="T",
            token=token,
            supply_tokens=GENESIS,
            given=Given(other_share * days, outside_usd * days, other_usd * days, 0 * days, 0 * days),
            accrual=self.accrual,
            today=self.today,
            replacement_usd_per_day=0 * days,
            backing_days=30,
            fading=Fading(None, mean_days=28),
            inside_share=lambda pool: inside_share,
        )
        self.ledger = self.settlement.ledger
        self.clock.every_day(self.settlement.settle, lane=Lane.SETTLE, name="settlement")
        self.clock.every_day(self._evening, lane=Lane.OBSERVE, name="history")

    def _morning(self) -> None:
        day, today = self.clock.day, self.today
        today.price_usd = today.pay_price_usd = float(self.price[day])
        today.revenue_usd = float(self.revenue_usd[day])
        today.billed_usd = float(self.revenue_usd[day] + self.project_usd[day])
        for act in self.before:
            act(day)

    def _evening(self) -> None:
        for name in ("operator_fee_funded_usd", "emission_usd", "backed_share", "operator_emission_usd", "minted_tokens", "burned_tokens", "supply_tokens", "undistributed_tokens"):
            self.history.setdefault(name, []).append(getattr(self.today, name))

    def series(self, name: str) -> np.ndarray:
        return np.array(self.history[name])

    def balance(self, account: str) -> float:
        return self.ledger.balance("T", account)

    def flow(self, source: str, target: str, asset: str = "T", reason: str | None = None) -> float:
        """Moved from one account to another since the start."""
        return sum(
            flow.amount
            for key, flow in self.ledger.flows.items()
            if (key.asset, key.source, key.target) == (asset, source, target) and reason in (None, key.reason)
        )


def busy(n: int = 200, **changes: Any) -> Books:
    """Boxes with random weights that change every few days, customers that come, a price that moves."""
    books = Books(n, DAYS, **changes)
    rng = np.random.default_rng(6)
    books.price = 2.0 * np.exp(np.cumsum(rng.normal(0, 0.05, DAYS)))
    books.revenue_usd = np.linspace(0, 500, DAYS)

    def change(day: int) -> None:
        some = rng.permutation(n)[: n // 5]
        books.accrual.reweigh(some, {"beacon": rng.random(len(some)), "data": rng.random(len(some)), "cost": 0.1 * rng.random(len(some))})
        if day % 7 == 3:
            books.settlement.pay_fees(30.0)
        if day % 5 == 4:
            books.accrual.settle()
            books.settlement.claim(float(0.2 * books.balance("operators_accrued")), float(0.1 * books.balance("operators_accrued")))

    books.before.append(change)
    return books
