"""Where operators' dollars came from through time against what they spent, customers against holders, and whether the token's price answers at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from twin.outcomes.income import operator_outlays
from twin.report.charts import Series, TimeChart
from twin.report.numbers import ROUNDING, day, percent, usd
from twin.report.view import View
from twin.units import DAYS_PER_YEAR

DAYS_PER_MONTH = DAYS_PER_YEAR / 12
FAR_SHARE = 0.25
"""Beyond this from history the flows of the model are wrong, not the market."""
CUSTOMERS = ("customers_paid_usd", "customers_burned_usd")
SOURCES = (
    ("customers_paid_usd", "customers, in money", "fees"),
    ("customers_burned_usd", "customers, by tokens that they bought", "profit"),
    ("holders_usd", "holders of the token", "subsidy"),
    ("treasury_usd", "a treasury that pays in dollars", "replacement"),
    ("grants_usd", "grants", "grants"),
)


def market_of(view: View) -> dict[str, Any]:
    """What the manifest says of the token's market; empty where it says nothing."""
    found = view.run.manifest.get("market")
    return found if isinstance(found, dict) else {}


def sums_of(view: View) -> dict[str, float]:
    """Dollars of the whole run by source; empty where nothing was taken in."""
    income = view.income
    sums = {name: float(income[name].sum()) for name, _, _ in SOURCES if name in income}
    return sums if sum(sums.values()) > 0 else {}


def who_paid(view: View) -> str:
    """One sentence for the first screen: of operators' dollars, customers' part against the market's. Empty where there were none."""
    sums = sums_of(view)
    if not sums:
        return ""
    whole = sum(sums.values())
    others = [(sums.get("holders_usd", 0.0), _holders(view)), (sums.get("treasury_usd", 0.0), "a treasury"), (sums.get("grants_usd", 0.0), "grants")]
    rest = ", ".join(f"{percent(value / whole)} from {name}" for value, name in others if value > 0)
    n_beside, _ = view.margin_nodes() or (0, 0)
    margin = ", those in the map's margin too" if n_beside else ""
    text = f"Of {usd(whole)} that operators took in{margin}, {percent(sum(sums.get(name, 0.0) for name in CUSTOMERS) / whole)} came from customers"
    own = float(view.income["own_pocket_usd"].sum())
    return f"{text}{f', {rest}' if rest else ''}.{f' They put in {usd(own)} of their own.' if own > 0 else ''}"


def _holders(view: View) -> str:
    return "a market maker that stands in for holders (open loop)" if market_of(view).get("loop") == "open" else "holders of the token"


def income_chart(view: View) -> TimeChart | None:
    """The signature figure: dollars a month by source, stacked, against what operators spent; None where nothing was taken in.

    What lies above the line was kept. Where a month's dollars do not reach it, the stack does: with their own pocket, and with dollars of earlier months.
    """
    if not sums_of(view):
        return None
    income, outlays, first = view.income, operator_outlays(view.ledger), view.income["month"].iloc[0]
    lines = [(_holders(view) if column == "holders_usd" else name, colour, income[column].to_numpy(float)) for column, name, colour in SOURCES]
    lines += [("saved on their own bills", "own", np.array(outlays["own_use_usd"])), ("the operators' own pocket", "hosts", income["own_pocket_usd"].to_numpy(float))]
    spent = np.array(outlays["spent_usd"])
    earlier = np.maximum(spent - np.sum([values for _, _, values in lines], axis=0), 0.0)
    lines.append(("their dollars of earlier months", "muted", np.where(earlier > ROUNDING * spent, earlier, 0.0)))
    series = [Series(name, values, colour, "area") for name, colour, values in lines if float(values.sum()) > 0]
    series.append(Series("what they spent: hardware, running cost, fees", spent, "cost"))
    return TimeChart("Where operators' dollars came from", date(first.year, first.month, 1), series, "USD a month", DAYS_PER_MONTH, False, view.marks, 300)


def market_words(view: View) -> list[str]:
    """Plain words on the price: an open loop, from which day on, how far from history."""
    market, words = market_of(view), []
    if market.get("loop") == "open":
        words.append("Open loop: the token's price comes from outside this run. It hears neither what operators sell nor what customers buy; who finds no buyer or seller trades with a market maker that has the world's money.")
    elif market.get("open_loop_from"):
        words.append(f"Open loop from {market['open_loop_from']} on: a market maker with the world's money holds the price from that day.")
    if (years := market.get("pot_over_first_year")) is not None and "opening_price_usd" in market:
        rests = " So what operators could be paid, and with it the verdict, rests on this pot." if market["rests_on_the_pot"] else ""
        if market.get("rest_answers"):
            rests = " The rest of the network answers to what the mint is worth: with a smaller pot fewer share it elsewhere, so pay here moves little with this pot."
        words.append(
            f"On the first day holders had {usd(float(market['opening_pot_usd']))} ready, {years:.2g} times what the first year's subsidy was worth at the opening price "
            f"({float(market['opening_price_usd']):.3g} USD, {market['opening_price_is']}), and {market['float_over_first_year']:.2g} times its tokens.{rests}"
        )
    own = float(view.income["own_pocket_usd"].sum()) if len(view.income) else 0.0
    if own > 0:
        words.append(f"Beside what they took in operators put in {usd(own)} themselves, whenever all that they had taken in together was spent; single owners at a loss beside others in profit put in more.")
    skill = view.run.manifest.get("price_skill")
    if isinstance(skill, dict):
        far = " Beyond 25% the flows of this model are wrong, not the market." if abs(skill["worst_share"]) > FAR_SHARE else ""
        words.append(
            f"Against history, on {skill['n_points']:,} dated prices of this run's time: {percent(skill['median_share'])} off in the middle, "
            f"at worst {percent(skill['worst_share'])} ({day(date.fromisoformat(str(skill['worst_day'])))}).{far}"
        )
    return words
