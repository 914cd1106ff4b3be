"""How holders of free tokens sell: a pure function of what came free and of the price, so that history and a life cannot disagree.

The same stepper runs over dated prices when history is worked out and over a life's own. There is no luck and no ledger in it. Of one holder, on a day
with price p and holders' float N, with u tokens free since yesterday and h all that is free and not sold (u among them):

    offered = [p >= floor] (a u + (1 - (1 - m)^(1/D)) (h - a u)) + panic        at most N / 100, and never more than h

a is `at_once_share`, m `of_the_rest_share_per_month`, D the days of a month. A panic comes when p lies `fall_share` below the highest price of the last
`over_days`: then `sells_share` of h is to go, as fast as the float takes it, and nothing frightens again for `calm_days`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import date, timedelta

from twin.economy.clearing import History
from twin.economy.unlocks import unlocked_tokens
from twin.scenario.sections.allocations import AllocationSpec
from twin.units import DAYS_PER_MONTH

MOST_OF_THE_FLOAT_SHARE = 0.01
"""Of holders' float: the most that one holder offers in a day (assumed; a market takes no more at once without a desk that places blocks)."""


class Seller:
    """One holder's free tokens, from a first day on; asked once a day, in order."""

    def __init__(self, spec: AllocationSpec, *, start: date) -> None:
        """`start` is day 0. What was free before it is not this holder's any more: it is part of what others hold."""
        self.spec, self.start, self.late_days = spec, start, 0
        self.unlocked_tokens = unlocked_tokens(spec, start - timedelta(days=1))
        """Free so far, sold or not."""
        self.held_tokens = 0.0
        """Free, and not offered yet."""
        self.panics = 0
        """How often it was frightened."""
        panic, sells = spec.sells.panic, spec.sells
        self._slowly = 1.0 - (1.0 - sells.of_the_rest_share_per_month) ** (1.0 / DAYS_PER_MONTH)
        self._prices = deque[float](maxlen=1 if panic is None else panic.over_days)
        self._calm_until, self._in_panic_tokens = 0, 0.0

    @property
    def locked_tokens(self) -> float:
        """Not free yet."""
        return self.spec.tokens - self.unlocked_tokens

    def step(self, day: int, price_usd: float, float_tokens: float, *, unlocks: bool = True) -> tuple[float, float]:
        """A day: tokens that come free, and tokens offered. A float of 0: nobody trades. `unlocks` False: nothing comes free, and all that is to come, later."""
        today = self.start + timedelta(days=day)
        self.late_days += 0 if unlocks or today < self.spec.starts else 1
        before, self.unlocked_tokens = self.unlocked_tokens, unlocked_tokens(self.spec, today, late_days=self.late_days)
        free = self.unlocked_tokens - before
        self.held_tokens += free
        if float_tokens <= 0:
            return free, 0.0
        self._look(day, price_usd)
        sells = self.spec.sells
        at_once = sells.at_once_share * free
        wanted = at_once + self._slowly * (self.held_tokens - at_once) if price_usd >= sells.floor_usd else 0.0
        offered = min(wanted + self._in_panic_tokens, self.held_tokens, MOST_OF_THE_FLOAT_SHARE * float_tokens)
        self._in_panic_tokens = max(self._in_panic_tokens - offered, 0.0)
        self.held_tokens -= offered
        return free, offered

    def lacks(self, tokens: float) -> None:
        """So many of those that were to come free today were not there."""
        self.held_tokens = max(self.held_tokens - tokens, 0.0)

    def _look(self, day: int, price_usd: float) -> None:
        """Whether today's price frightens; who has nothing to sell is calm."""
        panic = self.spec.sells.panic
        if panic is None:
            return
        self._prices.append(price_usd)
        if day >= self._calm_until and self.held_tokens > 0 and price_usd <= (1.0 - panic.fall_share) * max(self._prices):
            self._in_panic_tokens = panic.sells_share * self.held_tokens
            self._calm_until = day + panic.calm_days
            self.panics += 1


class Sellers:
    """All holders of a token, stepped together from a first day on."""

    def __init__(self, allocations: Mapping[str, AllocationSpec], *, start: date) -> None:
        """`start` is day 0 of each."""
        self.each = {name: Seller(spec, start=start) for name, spec in sorted(allocations.items())}
        self.day = 0
        """Days that they have seen."""
        self.offered: dict[str, float] = dict.fromkeys(self.each, 0.0)
        """Tokens that each offered on the last day: the market takes them the next morning."""

    @property
    def free_tokens(self) -> float:
        """Free and not sold, those among them that were offered on the last day."""
        return sum(seller.held_tokens for seller in self.each.values()) + sum(self.offered.values())

    def step(self, price_usd: float, float_tokens: float) -> float:
        """The next day of all; tokens offered."""
        self.offered = {name: seller.step(self.day, price_usd, float_tokens)[1] for name, seller in self.each.items()}
        self.day += 1
        return sum(self.offered.values())

    def wait(self, days: int) -> None:
        """So many days on which nobody trades."""
        for _ in range(days):
            self.step(0.0, 0.0)


def sellers_of_history(allocations: Mapping[str, AllocationSpec], *, start: date, begins: date) -> Sellers:
    """The holders on the morning on which history `begins`; a life that starts before it sees some days on which nobody trades."""
    sellers = Sellers(allocations, start=min(start, begins))
    sellers.wait(max((begins - start).days, 0))
    return sellers


def sellers_before(allocations: Mapping[str, AllocationSpec], *, start: date, history: History | None) -> Sellers:
    """The holders on the morning of a life's first day: as history left them, if any of it lies before, or as they begin."""
    if history is None or history.first >= start:
        return Sellers(allocations, start=start)
    sellers, passed = sellers_of_history(allocations, start=start, begins=history.first), (start - history.first).days
    for row in range(min(passed, history.n_days)):
        sellers.step(float(history.price_usd[row]), float(history.float_tokens[row + 1]))
    sellers.wait(passed - sellers.day)
    return sellers
