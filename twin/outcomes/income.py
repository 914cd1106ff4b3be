"""Where operators' dollars came from, month by month: customers, holders, a treasury, grants, the operators' own pocket.

From the tables alone (`ledger_monthly`, beta of `network_daily`). A sale's dollars are customers' as far as the sold tokens were backed by customers when
they were credited: beta x min(sale, value when credited); the rest holders put in. What a token was worth when credited is the mean over all that operators
hold (they are one account): credits add to it, whatever leaves takes its part along.

A treasury that pays in dollars passes on what the tokens that it took over bring it on the market, in the same parts; only what it pays beyond that is its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

USD = "USD"
HELD_BY_OPERATORS = frozenset({"operators", "operators_accrued", "unvested", "held", "pledge", "stake"})
"""Accounts whose tokens are operators': paid out, not yet claimed, not yet released, locked."""
SOURCES = ("customers_paid_usd", "customers_burned_usd", "holders_usd", "treasury_usd", "grants_usd")
"""Dollars that operators took in, by who put them in."""
COLUMNS = ("month", *SOURCES, "own_pocket_usd")
TREASURY, MARKET, WORLD, OWN_POCKET = "pay_out_treasury", "market", "world", "own pocket"


@dataclass
class Held:
    """Tokens that operators hold: how many, worth what when credited, and how much of that customers backed."""

    tokens: float = 0.0
    usd: float = 0.0
    backed_usd: float = 0.0
    passed_on_usd: float = 0.0
    """What a treasury that pays in dollars got on the market and has not paid out yet."""

    def credit(self, tokens: float, usd: float, backed_share: float) -> None:
        """More of them."""
        self.tokens, self.usd, self.backed_usd = self.tokens + tokens, self.usd + usd, self.backed_usd + usd * backed_share

    def take(self, tokens: float) -> tuple[float, float]:
        """Some leave; what they were worth when credited, and the customers' share of that, USD."""
        part = min(tokens / self.tokens, 1.0) if self.tokens > 0 else 0.0
        usd, backed = self.usd * part, self.backed_usd * part
        self.tokens, self.usd, self.backed_usd = max(self.tokens - tokens, 0.0), self.usd - usd, self.backed_usd - backed
        return usd, backed


def operator_income(ledger: pd.DataFrame, daily: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns of the table `operator_income`, a row a month in which the ledger moved anything.

    Not counted: what comes back (refunds of makers, own deposits) and what a device saves its owner.
    `ledger` has the rows of `ledger_monthly`, `daily` the columns `date` and `backed_share` of `network_daily`.
    """
    if not len(ledger):
        return {name: [] for name in COLUMNS}
    month_of = pd.to_datetime(daily["date"]).dt.to_period("M").dt.start_time
    share = daily["backed_share"] if "backed_share" in daily.columns else pd.Series(np.zeros(len(daily)))
    beta: Mapping[Any, float] = share.groupby(month_of.to_numpy()).mean().to_dict()
    held, rows = Held(), []
    flows = ledger.assign(month=pd.to_datetime(ledger.month), funding=ledger.funding.fillna("")).sort_values("month", kind="stable")
    for month, each in groupby(flows.itertuples(index=False), key=lambda flow: flow.month):
        rows.append({"month": month.date(), **_of_month(held, list(each), float(beta.get(month, 0.0)))})
    return {name: [row[name] for row in rows] for name in COLUMNS}


def operator_outlays(ledger: pd.DataFrame) -> dict[str, list[Any]]:
    """USD by month, a row for each of `operator_income`: what operators paid out for anything (`spent_usd`; refunds and returned deposits off), and what their
    devices saved them (`own_use_usd`). All sources, own use and own pocket less what was spent is what they kept of a month, or took from earlier ones.
    """
    if not len(ledger):
        return {name: [] for name in ("month", "spent_usd", "own_use_usd")}
    usd = ledger[ledger.asset == USD].assign(funding=ledger.funding.fillna(""))
    into, out = usd[usd.target == "operators"], usd[usd.source == "operators"]
    saved = into[into.funding == "own_use"]
    known = np.array([_source_of(flow) is not None for flow in into.itertuples(index=False)], bool)
    back = into[~known & (into.source != MARKET) & (into.funding != "own_use")]
    sums = [pd.Series(each.amount.to_numpy(float)).groupby(pd.to_datetime(each.month).to_numpy()).sum() for each in (out, back, saved)]
    months = sorted(pd.to_datetime(ledger.month).unique())
    spent, returned, own_use = (found.reindex(months, fill_value=0.0).to_numpy() for found in sums)
    return {"month": [pd.Timestamp(month).date() for month in months], "spent_usd": list(spent - returned), "own_use_usd": list(own_use)}


def _of_month(held: Held, flows: Sequence[Any], backed_share: float) -> dict[str, float]:
    """Dollars of a month by source; `held` goes on. Plain rows: a frame a month would cost more than the life of a small network."""
    found = dict.fromkeys((*SOURCES, "own_pocket_usd"), 0.0)
    left, offered, taken_over, sale_usd = [], [], [], []
    for each in flows:
        if each.asset != USD:
            was, is_ = each.source in HELD_BY_OPERATORS, each.target in HELD_BY_OPERATORS
            if is_ and not was:
                held.credit(each.amount, each.amount_usd, 1.0 if each.funding == "customer" else 0.0 if each.source == MARKET else backed_share)
            elif was and not is_:
                left.append(each.amount)
                if each.source == "operators" and each.target in ("on_offer", MARKET):
                    offered.append(each.amount)
                elif each.target == TREASURY:
                    taken_over.append(each.amount)
        elif each.target == TREASURY and each.source == MARKET:
            held.passed_on_usd += each.amount
        elif each.target == "operators":
            if each.source == MARKET:
                sale_usd.append(each.amount)
            elif (name := _source_of(each)) is not None:
                found[name] += each.amount
    through_usd = min(found["treasury_usd"], held.passed_on_usd)
    held.passed_on_usd -= through_usd
    found["treasury_usd"] -= through_usd
    offered_tokens, taken_tokens = float(np.sum(offered)), float(np.sum(taken_over))
    for tokens, sold_usd in ((offered_tokens, float(np.sum(sale_usd))), (taken_tokens, through_usd)):
        worth_usd, backed_usd = held.take(tokens)
        customers = min(sold_usd, worth_usd) * (backed_usd / worth_usd if worth_usd > 0 else 0.0)
        found["customers_burned_usd"] += customers
        found["holders_usd"] += sold_usd - customers
    held.take(float(np.sum(left)) - offered_tokens - taken_tokens)
    return found


def _source_of(flow: Any) -> str | None:
    """Column of dollars that operators got otherwise than by a sale; None: they came back, or were saved."""
    if flow.funding == "customer":
        return "customers_paid_usd"
    if flow.source == TREASURY:
        return "treasury_usd"
    if flow.funding == "grant":
        return "grants_usd"
    return "own_pocket_usd" if flow.source == WORLD and flow.reason == OWN_POCKET else None
