"""Where each customer's dollar went, month by month: to operators, in money or as tokens bought for them, to holders for tokens that were burned, or to the network's own purse.

From the ledger alone. What is counted is what external customers of the judged network really paid: rebates off, and a lease that was served and not paid is nothing.
No customer pays a tax or a supplier in any kind: licences, power and data plans are bills of those who run nodes (`operators` to `world`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd

USD = "USD"
CUSTOMERS, WORLD, BURN, MARKET = "customers", "world", "burn", "market"
RUN_NODES = frozenset({"operators", "adversaries"})
BUYS_TOKENS = frozenset({"to_spend", MARKET})
"""Accounts that dollars go to for tokens: the desk of a market that clears, the market of an open loop."""
FEE_VAULT = "fee_vault"
"""Fees wait here before operators are paid from them, or tokens bought."""
FOR_OPERATORS = frozenset({"vault", "held", "operators", "operators_accrued"})
"""Accounts whose tokens, bought by customers, are for operators."""
PARTS = ("operators_usd", "operator_tokens_usd", "burned_usd", "network_usd")
"""Parts of what customers paid."""
ROUNDING = 1e-9
COLUMNS = ("month", *PARTS, "reached_operators_usd")


@dataclass(frozen=True, slots=True)
class Went:
    """Shares of what customers paid over some months, together 1; None where nobody paid."""

    operators: float | None = None
    """In money, or for tokens that operators are paid with."""
    network: float | None = None
    holders: float | None = None
    """For tokens that were burned."""


def shares_of(ledger: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> Went:
    """Where customers' dollars of the months that begin in `first` to `last` went: the parts of `customer_dollars`, so that no two answers differ."""
    table = pd.DataFrame(customer_dollars(ledger, {"month": [], "customers_burned_usd": []}))
    month = pd.to_datetime(table["month"])
    sums = {name: float(table.loc[(month >= first) & (month <= last), name].sum()) for name in PARTS}
    operators, network, holders = sums["operators_usd"] + sums["operator_tokens_usd"], max(sums["network_usd"], 0.0), sums["burned_usd"]
    whole = operators + network + holders
    if whole <= 0:
        return Went()
    shares = [part / whole for part in (operators, network, holders)]
    return Went(*(share if share > ROUNDING else 0.0 for share in shares))


def customer_dollars(ledger: pd.DataFrame, income: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Columns of the table `customer_dollars`, a row a month in which customers paid or a vault passed on what they had paid.

    `ledger` has the rows of `ledger_monthly`, `income` is `operator_income`: the customers' part of what operators took out of the market is what reached them of
    dollars that bought tokens, as far as so many had been spent by then.
    """
    if not len(ledger):
        return {name: [] for name in COLUMNS}
    flows = ledger.assign(month=pd.to_datetime(ledger.month)).sort_values("month", kind="stable")
    bought_for = _bought_for(flows)
    by_market = dict(zip(income["month"], income["customers_burned_usd"], strict=True))
    share, waiting, rows = 0.0, 0.0, []
    for month, each in groupby(flows.itertuples(index=False), key=lambda flow: flow.month):
        row, share = _of_month(list(each), bought_for, share)
        waiting += row["burned_usd"] + row["operator_tokens_usd"]
        reached = min(max(by_market.get(month.date(), 0.0), 0.0), waiting)
        waiting -= reached
        if any(row.values()) or reached:
            rows.append({"month": month.date(), **row, "reached_operators_usd": reached})
    return {name: [row[name] for row in rows] for name in COLUMNS}


def _bought_for(flows: pd.DataFrame) -> dict[str, str]:
    """By reason of a purchase the account that got the tokens; the one that got most."""
    tokens = flows[(flows.asset != USD) & (flows.source == MARKET)]
    if not len(tokens):
        return {}
    sums = tokens.groupby(["reason", "target"]).amount.sum().sort_values(kind="stable").reset_index()
    return {str(reason): str(target) for reason, target in zip(sums.reason, sums.target, strict=True)}


def _of_month(flows: Iterable[Any], bought_for: Mapping[str, str], share: float) -> tuple[dict[str, float], float]:
    """Dollars of a month by where they went; `share` of the tokens that customers hold and hand on is for operators, as lately known, and is told anew."""
    found, in_hand, handed, for_operators = dict.fromkeys(PARTS, 0.0), 0.0, 0.0, 0.0
    for each in flows:
        if each.asset != USD:
            if each.source == CUSTOMERS:
                handed += each.amount
                for_operators += each.amount if each.target in FOR_OPERATORS else 0.0
        elif each.source in (CUSTOMERS, FEE_VAULT) and each.target not in (WORLD, CUSTOMERS):
            if each.source == FEE_VAULT:
                found["network_usd"] -= each.amount  # it was counted when it came in
            if each.target in RUN_NODES:
                found["operators_usd"] += each.amount
            elif each.target not in BUYS_TOKENS:
                found["network_usd"] += each.amount
            elif (target := bought_for.get(each.reason, BURN)) == CUSTOMERS:
                in_hand += each.amount
            else:
                found["burned_usd" if target == BURN else "operator_tokens_usd" if target in FOR_OPERATORS else "network_usd"] += each.amount
        elif each.target == WORLD and each.reason == "rebates":
            found["network_usd"] -= each.amount
    share = for_operators / handed if handed > 0 else share
    found["operator_tokens_usd"] += in_hand * share
    found["network_usd"] += in_hand * (1 - share)
    return found, share
