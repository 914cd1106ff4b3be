"""Who holds locked tokens, what came free, what was sold, and how long the treasury lasts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from twin.report.charts import Series, TimeChart, draw
from twin.report.numbers import amount, day, percent, usd
from twin.report.section import Section, render
from twin.report.view import View
from twin.units import DAYS_PER_MONTH

COLOURS = ("g1", "g2", "g3", "g4", "g5", "g6")
MOST_RUNWAY_MONTHS = 120.0
"""Longer ones are drawn at this height."""


def holders_section(view: View) -> Section:
    """Tokens that came free and were sold by holder, and the treasury's dollars and runway."""
    title, held, treasury = "Holders and the treasury", view.holders, view.treasury
    if not len(held) and not len(treasury):
        return Section("holders", title, absent="the scenario states neither locked tokens nor a treasury that trades")
    charts, rows = _charts_of(held, view) if len(held) else [], _rows(held) if len(held) else []
    words = [_words_of_treasury(view, treasury)] if len(treasury) else []
    if len(treasury):
        lasts = treasury.runway_months.clip(upper=MOST_RUNWAY_MONTHS).to_numpy(float)
        charts.append(_chart(view, treasury, f"How long the treasury lasts, {MOST_RUNWAY_MONTHS:.0f} months at most", "months", [("runway", lasts, "neutral")]))
    return Section("holders", title, _lead(rows), render("holders", charts=[draw(chart) for chart in charts], rows=rows, words=words))


def _chart(view: View, table: pd.DataFrame, heading: str, unit: str, lines: list[tuple[str, Any, str]]) -> TimeChart:
    series = [Series(name, values, colour, "line") for name, values, colour in lines]
    return TimeChart(heading, table["month"].min().date(), series, unit, DAYS_PER_MONTH, marks=view.marks, height=230)


def _charts_of(held: pd.DataFrame, view: View) -> list[TimeChart]:
    names = list(dict.fromkeys(held["holder"]))
    made = []
    for column, heading in (("unlocked_tokens", "Tokens that came free"), ("sold_tokens", "Tokens sold by their holders")):
        wide = held.pivot_table(index="month", columns="holder", values=column, aggfunc="sum").fillna(0.0)
        made.append(_chart(view, held, heading, "tokens a month", [(_plain(name), wide[name].to_numpy(float), COLOURS[at % len(COLOURS)]) for at, name in enumerate(names)]))
    return made


def _rows(held: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for at, (name, each) in enumerate(held.groupby("holder", sort=True)):
        free, sold, got = (float(each[column].sum()) for column in ("unlocked_tokens", "sold_tokens", "sold_usd"))
        rows.append({
            "name": _plain(name), "owner": str(each.owner.iloc[0]), "colour": COLOURS[at % len(COLOURS)], "free": free, "locked": float(each.locked_tokens.iloc[-1]),
            "held": float(each.held_tokens.iloc[-1]), "sold": sold, "usd": got, "mean_usd": got / sold if sold else None,
        })  # fmt: skip
    return rows


def _lead(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "Nobody holds locked tokens here; the treasury trades."
    free, sold, got = (sum(row[name] for row in rows) for name in ("free", "sold", "usd"))
    if not free and not sold:
        return "Nothing came free in this run."
    return f"{amount(free)} tokens came free in this run; their holders sold {amount(sold)} ({percent(sold / free) if free else 'more than came free'} of them) for {usd(got)}."


def _words_of_treasury(view: View, table: pd.DataFrame) -> str:
    """One or two sentences: what it spent, how, and whether it ran dry."""
    spent, unpaid, sold, bought = (float(table[name].sum()) for name in ("spent_usd", "unpaid_usd", "sold_usd", "bought_usd"))
    said = f"The treasury spent {usd(spent)}, took in {usd(float(table.income_usd.sum()))}, sold tokens for {usd(sold)} and put up {usd(bought)} to buy some back."
    short = view.events[view.events.kind == "treasury_short"] if len(view.events) else view.events
    if len(short) and unpaid > 0:
        said += f" It ran short first on {day(short['date'].iloc[0])}; {usd(unpaid)} that it meant to spend were not there."
    return said


def _plain(name: Any) -> str:
    return str(name).replace("_", " ")
