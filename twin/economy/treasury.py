"""A treasury that spends, sells tokens to cover what it spends, and buys back with what it earned; it never spends what it has not.

Every day it spends its month's amount over the days of a month, as far as its dollars go. Where they do not last a month and it holds tokens, it offers as
many as are worth what is missing, at most a hundredth of holders' float a day. On the first of a month a share of the dollars that came in over the month
before buys tokens back, as long as its runway is longer than it keeps:

    runway = (dollars + tokens x price / 2) / (mean of what it meant to spend over the last 90 days), months

Half of the price, as selling all would lower it (assumed). Tokens bought back lie with it. Cannot answer: a treasury in bonds, one that borrows, grants that
hang on results.
"""

from __future__ import annotations

from collections import deque
from datetime import date, timedelta
from typing import Any

from twin.economy.books import MARKET, POCKETS, TokenBooks
from twin.economy.desk import KEPT, TO_SPEND
from twin.economy.sellers import MOST_OF_THE_FLOAT_SHARE
from twin.scenario.model import value_on
from twin.scenario.sections.allocations import TreasurySpec
from twin.state import USD, Note, Relation
from twin.units import DAYS_PER_MONTH

HAIRCUT_SHARE = 0.5
"""Of their price: what a runway counts a treasury's tokens at (assumed)."""
SPENDING_DAYS = 90
"""Days over which a runway means what is spent (assumed)."""
SALE, BUY_BACK, OWN_MONEY = "sale to cover spending", "buy-back", "treasury before the first day"
COLUMNS = (
    "month", "usd", "tokens", "income_usd", "spent_usd", "unpaid_usd", "sold_tokens", "sold_usd", "bought_tokens", "bought_usd", "runway_months",
)  # fmt: skip


class Treasury:
    """The treasury of one life, in one account of the ledger."""

    def __init__(self, books: TokenBooks, spec: TreasurySpec, *, account: str, note: Note) -> None:
        """Opens the account, if the kind has none, with what it holds on the first day: dollars of its own, and tokens out of those that nobody trades."""
        self.books, self.spec, self.account, self._note = books, spec, account, note
        self._wanted, self._short = deque[float](maxlen=SPENDING_DAYS), False
        self._unpaid_usd = 0.0
        self.buy_back_share = spec.buy_back_share_of_income
        """Of a month's income, that buys tokens back; a policy may steer it."""
        self.rows: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        """The table `treasury_monthly` so far."""
        if not books.ledger.is_open(account):
            books.ledger.open(account, Relation.PROJECT)
        books.pay("world", account, spec.opening_usd, OWN_MONEY)
        books.move(KEPT, account, spec.opening_tokens, OWN_MONEY, usd=0.0)

    @property
    def usd(self) -> float:
        """Dollars that it can spend."""
        return max(self.books.ledger.balance(USD, self.account), 0.0)

    @property
    def tokens(self) -> float:
        """Tokens that it holds."""
        return max(self.books.balance(self.account), 0.0)

    @property
    def runway_months(self) -> float | None:
        """Months that it lasts at its mean spending; None where it spends nothing."""
        a_day = sum(self._wanted) / len(self._wanted) if self._wanted else 0.0
        return (self.usd + self.tokens * self.books.today.price_usd * HAIRCUT_SHARE) / (a_day * DAYS_PER_MONTH) if a_day > 0 else None

    @property
    def wanted_usd_per_month(self) -> float:
        """What it means to spend a month, mean of the last days."""
        return sum(self._wanted) / len(self._wanted) * DAYS_PER_MONTH if self._wanted else 0.0

    def income_usd_of(self, month: date) -> float:
        """What came in over a month, but for its own sales."""
        return self._flows(month)["income_usd"]

    def act(self) -> None:
        """A day."""
        today, spec = self.books.clock.today, self.spec
        a_month = value_on(spec.spends_usd_per_month, today, 0.0)
        self._spend(a_month / DAYS_PER_MONTH)
        if spec.sells_to_cover:
            self._cover(a_month)
        if today.day == 1 and self.buy_back_share > 0:
            self._buy_back((today - timedelta(days=1)).replace(day=1))
        if (today + timedelta(days=1)).day == 1 or self.books.clock.day == self.books.clock.n_days - 1:
            self._month_over(today.replace(day=1))

    def _spend(self, wanted_usd: float) -> None:
        paid = min(wanted_usd, self.usd)
        self._wanted.append(wanted_usd)
        self.books.pay(self.account, "world", paid, "treasury's spending")
        self._unpaid_usd += wanted_usd - paid
        short = wanted_usd - paid > 1e-9 * wanted_usd
        if short and not self._short:
            self._note("treasury_short", subject=self.account, value=wanted_usd - paid, unit="USD a day unpaid")
        self._short = short

    def _cover(self, a_month_usd: float) -> None:
        """Offers tokens worth what a month's spending lacks."""
        books, desk = self.books, self.books.desk
        missing_usd, price = a_month_usd - self.usd, books.today.price_usd
        if missing_usd > 0 and desk is not None and desk.is_open:
            tokens = min(missing_usd / price, self.tokens, MOST_OF_THE_FLOAT_SHARE * float(desk.market.pool.float_tokens))
            desk.offer(self.account, tokens, SALE, day=books.clock.day, usd=tokens * price)

    def _buy_back(self, month: date) -> None:
        """Dollars of a month's income that buy tokens tomorrow morning."""
        runway, desk = self.runway_months, self.books.desk
        if desk is None or not desk.is_open or (runway is not None and runway <= self.spec.keeps_months):
            return
        usd = min(self.buy_back_share * self.income_usd_of(month), self.usd)
        desk.spend(self.account, usd, BUY_BACK, day=self.books.clock.day, target=self.account)

    def _flows(self, month: date) -> dict[str, float]:
        """What a month's postings say of it. Income is what came in but by sales of its own, out of nowhere (a pocket), and before the first day."""
        found, account = dict.fromkeys(("income_usd", "spent_usd", "sold_tokens", "sold_usd", "bought_tokens", "bought_usd"), 0.0), self.account
        nowhere = {OWN_MONEY, POCKETS.get(account, "")}
        for flow in self.books.ledger.rows_of_month(month):
            usd, reason, amount = flow["asset"] == USD, flow["reason"], flow["amount"]
            if usd and flow["target"] == account:
                found["sold_usd" if flow["source"] == MARKET else "income_usd"] += 0.0 if reason in nowhere else amount
            elif usd and flow["source"] == account:
                found["bought_usd" if flow["target"] == TO_SPEND else "spent_usd"] += amount
            elif not usd and reason == SALE and flow["target"] == MARKET:
                found["sold_tokens"] += amount
            elif not usd and flow["source"] == MARKET and flow["target"] == account:
                found["bought_tokens"] += amount
        return found

    def _month_over(self, month: date) -> None:
        found = {"month": month, "usd": self.usd, "tokens": self.tokens, **self._flows(month), "unpaid_usd": self._unpaid_usd, "runway_months": self.runway_months}
        self._unpaid_usd = 0.0
        for name, values in self.rows.items():
            values.append(found[name])
