"""What every run writes down, and the price of its mornings: one row a day, maps, groups and the ledger once a month, events as they come.

The chronicle reads the network at night and writes nothing that the network reads but the price of the day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from twin.economy.clearing import ClearingMarket, Luck
from twin.economy.market import Market
from twin.geo.sites import SitePool
from twin.kernel import Clock, Lane, Streams
from twin.record import Recorder
from twin.scenario.sections.records import RecordSpec
from twin.state import ALL, Ledger, Today
from twin.world.daily_row import todays_row
from twin.world.events import EVENT_LANES
from twin.world.node_sums import NodeSums
from twin.world.paid_subsidy import PaidSubsidy
from twin.world.places_named import cells_named, country_of_most
from twin.world.trade import Books, Trade

QUARTERS = (3, 6, 9, 12)
MEDIAN_LUCK = 0.5
"""A price without noise: the median of its step."""
LEDGER_ORDER = ("asset", "source", "target", "reason", "funding")


class Chronicle:
    """Keeps the days of one run."""

    def __init__(
        self, clock: Clock, streams: Streams, today: Today, market: Market | ClearingMarket, spec: RecordSpec, *, mean_days: int, reference_price_usd: float
    ) -> None:
        """`mean_days` is the memory of the scheduled subsidy, `reference_price_usd` what a token counts in sums that no price may move."""
        self.clock, self.streams, self.today, self.market, self.spec = clock, streams, today, market, spec
        self.recorder: Recorder | None = None
        """Where to write; None: nowhere."""
        self.usage_constant_usd = np.zeros(clock.n_days)
        """Q by day of the run, USD a day."""
        self.scheduled_subsidy: NDArray[np.float64] | None = None
        """Tokens a day that this variant's rules schedule, 28-day mean, by day of the run; None: emission follows the state of the network, and what was paid stands for it."""
        self.paid_subsidy = PaidSubsidy(clock.n_days, mean_days=mean_days, reference_price_usd=reference_price_usd)
        self.month_ended: list[Callable[[date], None]] = []
        """Who else is told of the evening of the last day of a month, or of the run."""
        self.told: list[Callable[[str, str], None]] = []
        """Who else hears of each event: its kind, and of whom it tells."""
        self.noise_on, self._reserve_short = True, False
        self.sites: SitePool | None = None
        """Where nodes stand, so that events can name places."""

    def attend(self, trade: Trade, books: Books, sums: NodeSums) -> None:
        """Whom it asks from now on."""
        self.trade, self.books, self.sums = trade, books, sums

    def take_places(self, *, sales: Callable[[], None] | None = None) -> None:
        """Takes its places on the clock. `sales` sets usage and revenue of the day in `today`; None: the kind does so in its own act."""
        self.clock.every_day(self.price_of_the_morning, lane=Lane.SHOCK, sub=0, name="price of the day")
        if sales is not None:
            self.clock.every_day(sales, lane=Lane.SERVE, sub=5, name="what customers use and pay today")
        self.clock.every_day(self.evening, lane=Lane.OBSERVE, sub=0, name="tables")

    def note(self, kind: str, *, slots: NDArray[np.integer] | None = None, **facts: Any) -> None:
        """One line of the events table, on today's date; with `slots` it says in which country most of them are, and in which cells."""
        lane = EVENT_LANES[kind]
        for tell in self.told:
            tell(kind, str(facts.get("subject", "")))
        if self.recorder is None or not self.recorder.keeps_events:
            return
        if slots is not None and self.sites is not None:
            facts = {"jurisdiction": country_of_most(self.sites, slots), "note": cells_named(self.sites, slots), **facts}
        self.recorder.event(self.clock.day, lane=lane.name, kind=kind, **facts)

    def switch_noise(self, on: bool) -> None:
        """Whether the price of the morning has luck of its own from now on; without, it moves by drift and flows alone."""
        self.noise_on = on

    def price_of_the_morning(self) -> None:
        """Asks the market for today's price, given what was bought and sold yesterday."""
        day, today = self.clock.day, self.today
        if isinstance(self.market, ClearingMarket):
            self.books.open_market()
            date_ = self.clock.today
            cleared = self.market.clear(date_, self._luck_of_holders() if self.noise_on and self.market.asks_for_luck(date_) else None)
            today.price_usd = cleared.price_usd
            self.books.book_morning(cleared)
            if self.market.worthless_from == date_:
                self.note("token_worthless", subject="market", value=float(self.market.pool.float_tokens), unit="tokens in holders' hands")
            today.pay_price_usd = self.books.pay_price_usd()
            today.new_hardware_usd = 0.0
            self.trade.morning()
            return
        luck = self.streams.uniforms("price", day, 1)[0] if self.noise_on else MEDIAN_LUCK
        today.price_usd = self.market.advance(self.clock.today, uniform=luck)
        today.pay_price_usd = self.books.pay_price_usd()
        today.new_hardware_usd = 0.0
        self.trade.morning()

    def _luck_of_holders(self) -> Luck:
        """The day's, of their mood, their money and the regime."""
        mood, money, regime = self.streams.uniforms("price", self.clock.day, 3)
        return Luck(float(ndtri(mood)), float(ndtri(money)), regime)

    def evening(self) -> None:
        """The row of the day and, on the last of a month or of the run, the tables of the month."""
        self.books.nobody_owes()
        day = self.clock.day
        self._look_at_the_reserve()
        self.today.circulating_tokens = self.books.circulating_tokens()
        self.usage_constant_usd[day] = self.today.usage_constant_usd
        counts, paid = self.trade.take_counts(), self.paid_subsidy.add(day, self.today)
        if self.recorder is not None:
            common = todays_row(self.today, scheduled_subsidy_tokens=paid if self.scheduled_subsidy is None else self.scheduled_subsidy[day])
            self.recorder.daily(day, self._present(common | self.trade.row(counts)))
        if (self.clock.today + timedelta(days=1)).day == 1 or day == self.clock.n_days - 1:
            self.trade.month_over()
            for tell in self.month_ended:
                tell(self.clock.today)
            if self.recorder is not None:
                self._month(self.recorder)

    def _look_at_the_reserve(self) -> None:
        """The first time in a row that the treasury could not pay all in dollars."""
        pay_out = self.books.pay_out
        short = pay_out is not None and pay_out.paid_share < 1.0
        if pay_out is not None and short and not self._reserve_short:
            self.note("pay_out_reserve_short", subject="treasury", value=pay_out.paid_share, unit="share paid in dollars")
        self._reserve_short = short

    def _present(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row without columns that have no meaning for this kind of network."""
        absent = self.trade.absent_fields
        return {name: value for name, value in row.items() if name not in absent}

    def _month(self, recorder: Recorder) -> None:
        today, last = self.clock.today, self.clock.day == self.clock.n_days - 1
        self.sums.settle(ALL)
        cells, groups = self.spec.cells, self.spec.operators
        if cells == "monthly" or (cells == "quarterly" and (today.month in QUARTERS or last)):
            if (rows := self.trade.cells_row()) is not None:
                recorder.monthly("cells_monthly", today, self._present(rows))
        if groups != "none" and (rows := self.trade.groups_row()) is not None:
            recorder.monthly("operators_monthly", today, self._present(rows))
        if ledger := ledger_of_month(self.books.ledger, today):
            recorder.monthly("ledger_monthly", today, ledger)
        recorder.month_done()


def ledger_of_month(ledger: Ledger, today: date) -> dict[str, list[Any]]:
    """What moved this month, in the order of the table `ledger_monthly`; empty if nothing did."""
    rows = ledger.rows_of_month(today.replace(day=1))
    return {name: [row[name] for row in rows] for name in rows[0] if name != "month"} if rows else {}
