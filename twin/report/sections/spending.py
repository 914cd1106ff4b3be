"""Where each customer's dollar went, under the figure of where operators' dollars came from."""

from __future__ import annotations

from datetime import date

import numpy as np

from twin.report.charts import Series, TimeChart
from twin.report.numbers import ROUNDING, percent, usd
from twin.report.sections.income import DAYS_PER_MONTH
from twin.report.view import View

PARTS = (
    ("operators_usd", "to operators in money", "fees"),
    ("operator_tokens_usd", "to tokens that operators are paid with", "profit"),
    ("burned_usd", "to tokens that are burned", "subsidy"),
    ("network_usd", "to the network's own purse", "grants"),
)


def spending_chart(view: View) -> TimeChart | None:
    """Dollars a month that customers paid, stacked by where they went; None where nobody paid."""
    spent = view.spending
    whole = sum(float(spent[column].sum()) for column, _, _ in PARTS) if len(spent) else 0.0
    if whole <= 0:
        return None
    first = view.daily["date"].iloc[0] if len(view.daily) else spent["month"].iloc[0]
    months = (spent["month"].dt.year - first.year) * 12 + spent["month"].dt.month - first.month
    series = []
    for column, name, colour in PARTS:
        values = np.zeros(max(int(months.iloc[-1]), _months_of(view)) + 1)
        values[months.to_numpy()] = np.maximum(spent[column].to_numpy(float), 0.0)
        if values.sum() > ROUNDING * whole:
            series.append(Series(name, values, colour, "area"))
    return TimeChart("Where each customer's dollar went", date(first.year, first.month, 1), series, "USD a month", DAYS_PER_MONTH, False, view.marks, 240, note=series[0].name if len(series) == 1 else "")


def _months_of(view: View) -> int:
    """Months from the first day of the run to its last."""
    if not len(view.daily):
        return 0
    first, last = view.daily["date"].iloc[0], view.daily["date"].iloc[-1]
    return int((last.year - first.year) * 12 + last.month - first.month)


def spending_words(view: View) -> str:
    """One sentence on the whole run; empty where nobody paid."""
    spent = view.spending
    sums = {column: float(spent[column].sum()) for column, _, _ in PARTS} if len(spent) else {}
    if (whole := sum(sums.values())) <= 0:
        return ""
    parts = [f"{percent(sums[column] / whole)} {name}" for column, name, _ in PARTS if sums[column] > ROUNDING * whole]
    tokens, reached = sums["operator_tokens_usd"] + sums["burned_usd"], float(spent["reached_operators_usd"].sum())
    rest = f" Of what bought tokens operators took out {percent(reached / tokens)} by selling theirs; the rest stayed with holders." if tokens > 0 else ""
    return f"Of {usd(whole)} that customers paid in the whole run, {', '.join(parts).replace('%', '% went', 1)}.{rest}"
