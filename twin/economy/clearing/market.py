"""The market of one token in one life: orders come in by day, and once a day, in the morning, they meet at one price.

A day: new money → mood → the purchases that find their limit → the price → pot and float move. Up to the last day of history
mood and new money are replayed; after it they move by themselves. Nothing trades before the listing; what was ordered by then waits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from twin.economy.clearing.dated import NOISE_WITHOUT_POINTS
from twin.economy.clearing.history import History
from twin.economy.clearing.mood import Mood, mood_of
from twin.economy.clearing.orders import Fill, Purchases, Side
from twin.economy.clearing.pool import MarketError, Pool
from twin.scenario.sections.cleared import ClearedPriceSpec

LEAST_PRICE_USD = 1e-30
"""A token that has come below this is worth nothing to anybody (assumed; one minted without end that nobody buys): from the next morning on nobody trades it."""

NOTHING_USD = 1e-60
"""Price of a token that nobody trades any more: nothing, but a number that can be divided by."""

LEAST_FLOAT_SHARE = 1e-6
"""Of the stated float: with fewer tokens than this in the world there is nothing to list (assumed)."""

FOUND_AT_A_FIXED_PRICE_SHARE = 0.5
"""Of the float and what is sold: the most that dollars find in a day where a maker holds the price (assumed)."""


@dataclass(frozen=True, slots=True)
class Luck:
    """A day's: two standard normal numbers and a uniform one."""

    mood: float
    money: float
    regime: float


@dataclass(frozen=True, slots=True)
class Cleared:
    """What a morning brought: the price, dollars that holders brought from outside (below zero: took there), and what each party got."""

    price_usd: float
    new_money_usd: float
    fills: tuple[Fill, ...] = ()


class ClearingMarket:
    """Price, pot and float of one token; `clear` once a day, in order."""

    def __init__(
        self, spec: ClearedPriceSpec, *, start: date, history: History | None = None, fixed_from: date | None = None, fixed_usd: float | None = None
    ) -> None:
        """`history` is that of the token, whatever of it lies before `start`.

        From `fixed_from` on the market is an open loop: a market maker with the world's money keeps the price at `fixed_usd` (None: as it was the day before).
        """
        self.spec, self.start, self.history = spec, start, history
        self.fixed_from, self._fixed_usd = fixed_from, fixed_usd
        self._scale = spec.holders_money_scale
        self._row = 0 if history is None else (start - history.first).days
        """Row of history of the next morning; below zero before its first day."""
        if history is not None and spec.listing_date is not None and history.first < spec.listing_date:
            raise ValueError(f"history begins on {history.first}, before the listing on {spec.listing_date}")
        self.listed_on = max(start, spec.listing_date or start, start if history is None else history.first)
        self.pool = Pool(*self._opening())
        rest = math.exp(mood_of(spec.mood.usual_share))
        self.price_usd = rest * float(self.pool.pot_usd) / float(self.pool.float_tokens)
        if history is not None and self._row < history.n_days:
            row = max(self._row, 0)
            self.price_usd = float(history.price_usd[row] * self.pool.pot_usd / history.pot_usd[row])
        noise = spec.mood.noise_per_day
        if noise is None:
            noise = NOISE_WITHOUT_POINTS if history is None else history.noise_per_day
        self.mood = Mood(spec.mood, price_usd=self.price_usd, noise_per_day=noise)
        self._warm()
        self.purchases = Purchases()
        self._sales: dict[tuple[str, str], float] = {}
        self._spends: dict[tuple[str, str, str], float] = {}
        self._burned_usd = 0.0
        self._heard: list[tuple[float, float]] = []
        """News since the last price: what each adds to the mood, and the share of the pot that leaves."""
        self._day = -1
        self.worthless_from: date | None = None
        """From when on nobody trades the token any more; None: it is worth something."""

    def _opening(self) -> tuple[float, float]:
        """Holders' dollars and tokens on the first day."""
        spec, history, rest = self.spec, self.history, math.exp(mood_of(self.spec.mood.usual_share))
        if history is None:
            assert spec.opening_float_tokens is not None
            pot = spec.opening_pot_usd
            if pot is None:
                assert spec.start_usd is not None
                pot = spec.start_usd * spec.opening_float_tokens / rest
            return pot * self._scale, spec.opening_float_tokens
        row = min(max(self._row, 0), history.n_days)
        if spec.opening_pot_usd is not None:
            pot = spec.opening_pot_usd
        else:
            pot = float(history.pot_usd[row])
            if self._row >= history.n_days:
                pot *= 1.0 + history.reset_at(math.log(rest))
        return pot * self._scale, float(history.float_tokens[row])

    def _warm(self) -> None:
        """The mood has seen the days of history before the first of the run."""
        history, spec = self.history, self.mood.spec
        if history is None or self._row <= 0:
            return
        last = min(self._row, history.n_days)
        for row in range(max(last - max(spec.value_memory_days, spec.trend_memory_days), 0), last):
            self.mood.observe(
                price_usd=float(history.price_usd[row]) * self._scale, burned_usd=float(history.spent_usd[row]),
                float_tokens=float(history.float_tokens[row + 1]), replayed=True,
            )  # fmt: skip

    @property
    def has_noise(self) -> bool:
        """Whether the price has luck of its own on some day: after history."""
        return True

    def asks_for_luck(self, day: date) -> bool:
        """Whether luck moves anything on the next morning, which is that of `day`: not before the listing, in history, or where a maker holds the price."""
        return self.is_listed(day) and not self._is_replayed and not self.is_fixed(day)

    def is_fixed(self, day: date) -> bool:
        """Whether a market maker holds the price on this day."""
        return self.fixed_from is not None and day >= self.fixed_from

    @property
    def facts(self) -> dict[str, object]:
        """What the manifest says of it."""
        found: dict[str, object] = {
            "loop": "closed", "opening_pot_usd": float(self.pool.opening_usd), "opening_float_tokens": float(self.pool.opening_tokens), "listed_on": self.listed_on,
            "new_money_follows": self.spec.new_money_follows, "noise_per_day": self.mood.noise_per_day,
        }  # fmt: skip
        if self.fixed_from is not None:
            found["open_loop_from"] = self.fixed_from
        if self.history is not None:
            found |= {
                "history_ends_on": self.history_ends_on,
                "pot_at_the_end_of_history_changes_by_share": self.history.reset_at(self.mood.rest),
            }
        return found

    # -- orders ----------------------------------------------------------------------------------------------------
    def is_listed(self, day: date) -> bool:
        """Whether anybody can sell or buy on a day."""
        return day >= self.listed_on and (self.worthless_from is None or day < self.worthless_from)

    def open_with(self, tokens: float, day: date) -> bool:
        """Holders begin with these tokens where fewer exist than they would have, at the same price; with none the listing waits for the next day. Whether it opens."""
        wanted = float(self.pool.opening_tokens)
        if tokens <= LEAST_FLOAT_SHARE * wanted:
            self.listed_on = day + timedelta(days=1)
            return False
        if tokens < wanted:
            self.pool.shrink(tokens / wanted)
        return True

    def sell(self, party: str, tokens: float, reason: str = "sale") -> None:
        """Tokens for sale at whatever price the next morning brings."""
        if tokens > 0:
            self._sales[party, reason] = self._sales.get((party, reason), 0.0) + float(tokens)

    def spend(self, party: str, usd: float, reason: str, *, target: str = "burn", by_customers: bool = False) -> None:
        """Dollars that buy tokens at whatever price the next morning brings, for `target`; holders look at what customers burn."""
        if usd > 0:
            self._spends[party, reason, target] = self._spends.get((party, reason, target), 0.0) + float(usd)
            self._burned_usd += float(usd) if by_customers else 0.0

    # -- a morning -------------------------------------------------------------------------------------------------
    def clear(self, day: date, luck: Luck | None = None) -> Cleared:
        """The price of a day, and what yesterday's orders got; `luck` None: a day without noise."""
        row = (day - self.start).days
        if row != self._day + 1:
            raise ValueError(f"the market was asked for day {row} after day {self._day}")
        self._day = row
        if not self.is_listed(day):
            self._row += 1
            if self.worthless_from is not None:
                self.price_usd = NOTHING_USD
            return Cleared(self.price_usd, 0.0)
        before, replayed, fixed = float(self.pool.new_money_usd), self._is_replayed, self.is_fixed(day)
        if not fixed:
            self._holders_come(day, luck)
        fills = self._trade(self._fixed_usd or self.price_usd if fixed else None)
        if self.price_usd < LEAST_PRICE_USD:
            self.worthless_from = day + timedelta(days=1)
        burned, self._burned_usd = self._burned_usd, 0.0
        self.mood.observe(price_usd=self.price_usd, burned_usd=burned, float_tokens=self.pool.float_tokens, replayed=replayed)
        self._row += 1
        if replayed and not self._is_replayed and not fixed:
            self._history_ends()
        self.pool.check()
        return Cleared(self.price_usd, float(self.pool.new_money_usd) - before, fills)

    @property
    def _is_replayed(self) -> bool:
        return self.history is not None and 0 <= self._row < self.history.n_days

    def _holders_come(self, day: date, luck: Luck | None) -> None:
        """New money and mood of the morning."""
        pot = float(self.pool.pot_usd)
        if self._is_replayed:
            assert self.history is not None
            usd, share = float(self.history.new_money_usd[self._row]), float(self.history.new_money_share[self._row])
            in_dollars = self.spec.new_money_follows == "dollars" and usd >= 0
            self.pool.add(usd * self._scale if in_dollars else share * pot)
            self.mood.hold(float(self.history.mood[self._row]))
        else:
            if luck is not None:
                self.pool.add(float(self.mood.money_share(luck.money)) * pot)
            self.mood.step(None if luck is None else luck.mood, None if luck is None else luck.regime)
        for news in self.spec.announced.values():
            if news.enabled and news.date == day:
                self._take_in(news.mood_log_ratio, news.pot_share)
        heard, self._heard = self._heard, []
        for mood_log_ratio, pot_share in heard:
            self._take_in(mood_log_ratio, pot_share)

    def hear(self, *, mood_log_ratio: float, pot_share: float) -> None:
        """News that every holder hears before the next price: added to the mood, and a share of the pot that leaves for good. Before the listing they wait for it."""
        self._heard.append((mood_log_ratio, pot_share))

    def _take_in(self, mood_log_ratio: float, pot_share: float) -> None:
        self.mood.hear(mood_log_ratio)
        self.pool.add(-pot_share * float(self.pool.pot_usd))

    def _trade(self, fixed_usd: float | None = None) -> tuple[Fill, ...]:
        """Everybody's orders at one price; at `fixed_usd`, where a maker holds it: what it has not, waits."""
        pool, ratio = self.pool, float(self.mood.ratio)
        sales, self._sales = self._sales, {}
        spends, self._spends = self._spends, {}
        sold, spent = sum(sales.values()), sum(spends.values())
        if fixed_usd is not None and spent > (most := FOUND_AT_A_FIXED_PRICE_SHARE * fixed_usd * (float(pool.float_tokens) + sold)):
            self._spends = {who: usd * (1.0 - most / spent) for who, usd in spends.items()}
            spends, spent = {who: usd * most / spent for who, usd in spends.items()}, most
        pot = float(pool.pot_usd) if fixed_usd is None else fixed_usd * float(pool.float_tokens) / ratio
        bought = self.purchases.take(ratio, pot, float(pool.float_tokens), sold_tokens=sold, spent_usd=spent)
        asked = sum(order.tokens for order in bought)
        if fixed_usd is None:
            price = float(pool.trade(ratio, sold_tokens=sold, bought_tokens=asked, spent_usd=spent))
        else:
            price = fixed_usd
            pool.trade_at(price, ratio, sold_tokens=sold, bought_tokens=asked, spent_usd=spent)
        if not 0.0 < price < math.inf:
            raise MarketError(f"a price of {price} USD")
        self.price_usd = price
        return (
            *(Fill(party, reason, Side.SOLD, tokens, tokens * price) for (party, reason), tokens in sales.items()),
            *(Fill(party, reason, Side.SPENT, usd / price, usd, target) for (party, reason, target), usd in spends.items()),
            *(Fill(each.party, each.reason, Side.BOUGHT, each.tokens, each.tokens * price, each.target or each.party) for each in bought),
        )

    def _history_ends(self) -> None:
        """The pot is set so that mood is at rest and the price stays; every life gains or loses the same share as the dated flows."""
        assert self.history is not None
        self.pool.add(float(self.history.reset_at(self.mood.rest)) * float(self.pool.pot_usd))
        self.mood.rest_now()

    @property
    def history_ends_on(self) -> date | None:
        """Last day of history."""
        return None if self.history is None else self.history.first + timedelta(days=self.history.n_days - 1)
