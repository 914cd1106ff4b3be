"""The numbers and the grade of each of the four investor questions (VERDICT 11)."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from twin.outcomes.classes import Outcome
from twin.outcomes.deterrence import collateral_function
from twin.outcomes.judgement import amounts, first_day_of
from twin.outcomes.payers import payer_words
from twin.outcomes.scorecard import Answer, Evidence, Grade, Number, Scorecard
from twin.outcomes.spending import shares_of
from twin.outcomes.taper import Window, trailing_mean
from twin.outcomes.verdict import Verdict

YEAR = 365
"""The scorecard's year is a window of whole days, as the judged year is (VERDICT 4); what it says of a year is of such a window."""
ACCELERATING = 1.05
FALLING = 0.95
"""Emission of one year over that of another: above the first it accelerates, below the second it falls (VERDICT 11; the second mirrors the first)."""
DILUTION_WATCH = 0.05
DILUTION_FAIL = 0.15
EXTERNAL_PASS, EXTERNAL_WATCH = 0.8, 0.4
LARGEST_CUSTOMER = 0.5
LONGEST_RUNWAY_MONTHS, LONGEST_RUNWAY = 1200.0, "more than a hundred years"
"""A treasury that hardly spends lasts for no number that means anything (assumed)."""


def scorecard_of(verdict: Verdict, evidence: Evidence) -> Scorecard:
    """The four answers of one run, from its verdict, its tables, and what the run knows of customers and collateral."""
    return Scorecard(
        (
            emission_shape(verdict, evidence),
            path_to_sustainability(verdict, evidence),
            collateral_function(evidence.collateral),
            external_demand(verdict, evidence),
        )
    )


def evidence_window(daily: pd.DataFrame, verdict: Verdict) -> Window:
    """The judged year, or the last year of the run (all of it, if shorter) where none was judged."""
    start = first_day_of(daily)
    end = start + timedelta(days=len(daily))
    if verdict.judged is not None and verdict.outcome is not Outcome.NOT_JUDGED:
        return verdict.judged
    return Window(max(start, end - timedelta(days=YEAR)), end)


def _year_number(verdict: Verdict) -> str:
    return "the last year of the run" if verdict.outcome is Outcome.NOT_JUDGED else "the judged year"


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def emission_shape(verdict: Verdict, evidence: Evidence) -> Answer:
    """Whether emission falls, and how fast the supply still grows."""
    daily = evidence.daily
    if evidence.schedule is not None:
        tokens, since = evidence.schedule.tokens_per_day, evidence.schedule.start
        run_ends = first_day_of(daily) + timedelta(days=len(daily))
        tokens = tokens[: max((run_ends - since).days, 0)]
    else:
        tokens, since = amounts(daily, "minted_tokens"), first_day_of(daily)
    emitting = np.flatnonzero(tokens > 0)
    window = evidence_window(daily, verdict)
    rows = window.rows(first_day_of(daily))
    supply = amounts(daily, "circulating_tokens" if "circulating_tokens" in daily else "supply_tokens")[rows]
    growth = (float(supply[-1] / supply[0]) ** (YEAR / max(len(supply) - 1, 1)) - 1) if len(supply) > 1 and supply[0] > 0 else None
    growth_number = Number(
        "supply_growth_per_year", growth, "1/year", f"growth of circulating supply in {_year_number(verdict)}: minted and unlocked, less burned and locked"
    )
    if len(emitting) == 0:
        return Answer("emission", "Shape of emission", Grade.NOT_APPLICABLE, "nothing is emitted", (growth_number,))
    tokens = tokens[emitting[0] :]
    since = since + timedelta(days=int(emitting[0]))
    before_run = max((first_day_of(daily) - since).days, 0)
    yearly = trailing_mean(tokens, YEAR)[YEAR - 1 :] * YEAR if len(tokens) >= YEAR else np.zeros(0)
    earlier, later = yearly[:-YEAR], yearly[YEAR:]
    earlier, later = earlier[before_run:], later[before_run:]
    ratios = later[earlier > 0] / earlier[earlier > 0]
    acceleration = float(ratios.max()) if len(ratios) else None
    last_to_best = float(yearly[-1] / yearly.max()) if len(yearly) else None
    quarter = float(tokens[: len(tokens) // 4].sum() / tokens.sum())
    by_year = [
        Number(
            f"emission_year_{year + 1}",
            float(tokens[year * YEAR : (year + 1) * YEAR].sum()),
            "tokens",
            f"emitted in the year from {since + timedelta(days=year * YEAR)}",
        )
        for year in range(len(tokens) // YEAR)
    ]
    numbers = (
        Number("acceleration", acceleration, "1", "largest emission of any year over that of the year before it, both within the run"),
        Number("last_year_to_largest", last_to_best, "1", "emission of the run's last year over that of its largest year"),
        Number(
            "first_quarter_share",
            quarter,
            "1",
            "share of all emission in the first quarter of the time from first emission to the end of the run",
        ),
        growth_number,
        *by_year,
    )
    if acceleration is None or last_to_best is None or growth is None:
        return Answer(
            "emission", "Shape of emission", Grade.NOT_APPLICABLE, "two whole years of emission within the run are needed to tell its shape", numbers
        )
    if acceleration > ACCELERATING or growth > DILUTION_FAIL:
        reason = "emission accelerates" if acceleration > ACCELERATING else f"supply still grows by {growth:.0%} a year"
        return Answer("emission", "Shape of emission", Grade.FAIL, reason, numbers)
    if last_to_best < FALLING and growth < DILUTION_WATCH:
        return Answer("emission", "Shape of emission", Grade.PASS, f"emission falls, and supply grows by {growth:.1%} a year", numbers)
    reason = f"supply grows by {growth:.1%} a year" if growth >= DILUTION_WATCH else "emission does not fall"
    return Answer("emission", "Shape of emission", Grade.WATCH, reason, numbers)


def path_to_sustainability(verdict: Verdict, evidence: Evidence) -> Answer:
    """Whether fees carry the network, since when, where a customer's dollar goes, and how long the treasury lasts."""
    daily, ledger_monthly = evidence.daily, evidence.ledger_monthly
    window = evidence_window(daily, verdict)
    rows = window.rows(first_day_of(daily))
    revenue = float(amounts(daily, "revenue_usd")[rows].sum())
    fee_funded = float(amounts(daily, "operator_fee_funded_usd")[rows].sum())
    went = shares_of(ledger_monthly, *_months_in(window))
    year = _year_number(verdict)
    since = _covered_since(daily)
    numbers = (
        Number(
            "usage_carried_full",
            verdict.usage_carried_full,
            "1",
            f"paid usage kept and delivered by {verdict.nouns.nodes} whose fees pay running cost and replacement",
        ),
        Number(
            "usage_carried_cash",
            verdict.usage_carried_cash,
            "1",
            f"paid usage kept and delivered by {verdict.nouns.nodes} whose fees pay their running cost",
        ),
        Number(
            "fees_cover_running_cost_since",
            since,
            "date",
            "first day from which all operators' fees together cover their running cost to the end; empty: never for good",
        ),
        Number("customer_dollar_to_operators", went.operators, "1", f"of what customers paid in the months of {year}: to operators, in money or for tokens that they are paid with"),
        Number("customer_dollar_to_treasury", went.network, "1", "of the same: to the network's own purse, rebates off"),
        Number("customer_dollar_to_holders", went.holders, "1", "of the same: for tokens that were burned, for the good of all holders"),
        Number("fee_funded_over_revenue", _ratio(fee_funded, revenue), "1", f"fee-funded pay of operators over external revenue in {year}: with what reaches them through the token"),
        Number(
            "treasury_runway_months",
            _runway_months(ledger_monthly, window, evidence.treasury_accounts),
            "months",
            f"treasury's balance over its spending in {_year_number(verdict)}",
        ),
    )
    title = "Path to sustainability"
    full = verdict.usage_carried_full
    if verdict.outcome is Outcome.NOT_JUDGED:
        return Answer("sustainability", title, Grade.NOT_APPLICABLE, verdict.reason, numbers)
    if full is None or full < verdict.spec.floor_share or not verdict.outcome.is_alive:
        return Answer("sustainability", title, Grade.FAIL, f"the network is {verdict.outcome.value.replace('_', ' ')}", numbers)
    grade = Grade.PASS if full >= verdict.spec.kept_share else Grade.WATCH
    return Answer("sustainability", title, grade, f"{full:.0%} of the best subsidised year's usage is carried in full", numbers)


def _months_in(window: Window) -> tuple[pd.Timestamp, pd.Timestamp]:
    """From the first day of the window's first month to the window's last day: its broken first and last month count whole."""
    return pd.Timestamp(window.begins).to_period("M").start_time, pd.Timestamp(window.ends - timedelta(days=1))


def _months_of(ledger_monthly: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Ledger rows of the months that lie in the window, its broken first and last month included."""
    month = pd.to_datetime(ledger_monthly["month"])
    first, last = _months_in(window)
    return ledger_monthly[(month >= first) & (month <= last)]


def _covered_since(daily: pd.DataFrame) -> str | None:
    """First day from which the 28-day mean of operators' fees stays at or above that of their running cost; None if it is below at the end."""
    fees = trailing_mean(amounts(daily, "operator_fee_funded_usd"), 28)
    cost = trailing_mean(amounts(daily, "operator_cost_usd"), 28)
    running = cost > 0
    short = np.flatnonzero((fees < cost) | ~running)
    if len(short) and short[-1] == len(fees) - 1:
        return None
    return (first_day_of(daily) + timedelta(days=int(short[-1]) + 1 if len(short) else 0)).isoformat()


def _runway_months(ledger_monthly: pd.DataFrame, window: Window, accounts: tuple[str, ...]) -> float | str | None:
    """Months that the treasury's balance at the window's end lasts at the window's spending; words beyond a century; None if it spends nothing.

    Each asset is valued at the mean price of its own postings in the last month that has any.
    """
    until = ledger_monthly[pd.to_datetime(ledger_monthly["month"]) < pd.Timestamp(window.ends)]
    balance = 0.0
    for asset, rows in until.groupby("asset"):
        units = float(rows.loc[rows["target"].isin(accounts), "amount"].sum() - rows.loc[rows["source"].isin(accounts), "amount"].sum())
        priced = rows[(rows["amount"] > 0) & (rows["amount_usd"] > 0)]
        if asset == "USD":
            balance += units
        elif len(priced):
            last = priced[priced["month"] == priced["month"].max()]
            balance += units * float(last["amount_usd"].sum() / last["amount"].sum())
    months = _months_of(ledger_monthly, window)
    spent = float(months.loc[months["source"].isin(accounts) & ~months["target"].isin(accounts), "amount_usd"].sum())
    if spent <= 0:
        return None
    lasts = balance / (spent / (window.n_days / YEAR * 12))
    return lasts if lasts < LONGEST_RUNWAY_MONTHS else LONGEST_RUNWAY


def external_demand(verdict: Verdict, evidence: Evidence) -> Answer:
    """Whether strangers pay, how many of them, and whether they come back."""
    daily = evidence.daily
    title = "Real external demand"
    rows = evidence_window(daily, verdict).rows(first_day_of(daily))
    year = _year_number(verdict)
    customers = np.array(sorted(evidence.customers_usd.values(), reverse=True), dtype=np.float64)
    external = float(customers.sum())
    self_dealt = _window_sum(daily, "self_dealt_usd", rows) if "self_dealt_usd" in daily else None
    billed = external + evidence.affiliates_usd + (self_dealt or 0.0)
    share = _ratio(external, billed)
    largest = _ratio(float(customers[0]) if len(customers) else 0.0, external)
    true_usage, seen_usage = _window_sum(daily, "usage_constant_usd", rows), _window_sum(daily, "usage_constant_usd_as_seen", rows)
    nodes = _window_sum(daily, "nodes_online", rows) / max(rows.stop - rows.start, 1)
    per_node = YEAR / max(rows.stop - rows.start, 1)
    revenue, cost = _window_sum(daily, "revenue_usd", rows), _window_sum(daily, "operator_cost_usd", rows)
    numbers: tuple[Number, ...] = (
        Number("external_share", share, "1", f"revenue from external customers over all usage billed in {year}"),
        Number(
            "real_share_of_usage_as_seen",
            _ratio(true_usage, seen_usage),
            "1",
            "paid external usage over what the network's own books show as paid usage, constant prices",
        ),
        Number("largest_customer_share", largest, "1", "share of external revenue from the largest customer; a group of many small ones counts as one"),
        Number(
            "customers_hhi",
            float(((customers / external) ** 2).sum()) if external > 0 else None,
            "1",
            "sum of squared shares of the customers: 1 is one buyer, or one group of many small ones",
        ),
        Number(
            "affiliates_share",
            _ratio(evidence.affiliates_usd, billed),
            "1",
            "share of all usage billed that the project's affiliates bought; outside the verdict",
        ),
        Number(
            "renewed_share",
            _renewed(evidence),
            "1",
            "external revenue of the year before that the same customers paid again; empty: no year before",
        ),
        Number("revenue_usd_per_node_per_year", _ratio(revenue * per_node, nodes), "USD/year", f"external revenue per online {verdict.nouns.node}"),
        Number(
            "running_cost_usd_per_node_per_year", _ratio(cost * per_node, nodes), "USD/year", f"operators' avoidable cost per online {verdict.nouns.node}"
        ),
    )
    if self_dealt is not None:
        numbers += (Number("self_dealt_share", _ratio(self_dealt, billed), "1", "share of all usage billed that who sold it bought itself; outside the verdict"),)
    if share is None:
        return Answer("demand", title, Grade.FAIL, f"nobody paid anything in {year}", numbers)
    if share < EXTERNAL_WATCH:
        return Answer("demand", title, Grade.FAIL, f"only {share:.0%} of what is billed comes from strangers", numbers)
    if share >= EXTERNAL_PASS and largest is not None and largest < LARGEST_CUSTOMER:
        return Answer(
            "demand", title, Grade.PASS, f"{share:.0%} of what is billed comes from strangers, the largest pays {largest:.0%}", numbers
        )
    name = max(sorted(evidence.customers_usd), key=lambda each: evidence.customers_usd[each], default="")
    reason = f"{payer_words(name, evidence.groups)} pays {largest:.0%}" if share >= EXTERNAL_PASS else f"{share:.0%} of what is billed comes from strangers"
    return Answer("demand", title, Grade.WATCH, reason, numbers)


def _window_sum(daily: pd.DataFrame, column: str, rows: slice) -> float:
    return float(amounts(daily, column)[rows].sum())


def _renewed(evidence: Evidence) -> float | None:
    before = evidence.customers_year_before_usd
    if before is None:
        return None
    again = sum(min(amount, evidence.customers_usd.get(name, 0.0)) for name, amount in before.items())
    return _ratio(again, sum(before.values()))
