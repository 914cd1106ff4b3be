"""What steered emission or buy-back: what it aimed at, what it measured, the share that it set, and which limit held."""

from __future__ import annotations

from typing import Any

import pandas as pd

from twin.report.charts import Series, TimeChart, draw
from twin.report.numbers import count, percent, usd
from twin.report.section import Section, render
from twin.report.view import View
from twin.units import DAYS_PER_MONTH

COLOURS = ("g1", "g2", "g3", "g4", "g5", "g6")
WORDS = {
    "nodes_online": "nodes online", "service_share": "service offered (S)", "pay_usd_per_node_month": "pay of a node, USD a month", "revenue_over_emission": "revenue over emission",
    "price_usd": "price of the token, USD",
}  # fmt: skip
LIMITS = {"level": "a limit of its own", "step": "its largest step", "bound": "the solvency bound"}


def policies_section(view: View) -> Section:
    """The share by month, what was measured against the aim, and months at each limit."""
    title, table = "Policies under control", view.policies
    if not len(table):
        return Section("policies", title, absent="the rules alone say what is emitted and bought back: the scenario states no policy")
    each = {str(name): rows for name, rows in table.groupby("policy", sort=True)}
    charts = [_chart(view, table, "Share in force, last evening of the month", "", [(_plain(name), rows.share.to_numpy(float), COLOURS[at % len(COLOURS)]) for at, (name, rows) in enumerate(each.items())])]
    for name, rows in each.items():
        if (measured := str(rows.measures.iloc[0])) and rows.measured.notna().any():
            lines = [("measured", rows.measured.to_numpy(float), "g1"), ("aim", rows.aim.to_numpy(float), "neutral")]
            charts.append(_chart(view, rows, f"{_plain(name)}: {WORDS[measured]}", "", lines))
    rows = [_row(name, of) for name, of in each.items()]
    return Section("policies", title, " ".join(_said(name, of) for name, of in each.items()), render("policies", charts=[draw(chart) for chart in charts], rows=rows))


def _chart(view: View, table: pd.DataFrame, heading: str, unit: str, lines: list[tuple[str, Any, str]]) -> TimeChart:
    series = [Series(name, values, colour, "line") for name, values, colour in lines]
    return TimeChart(heading, table["month"].min().date(), series, unit, DAYS_PER_MONTH, marks=view.marks, height=230)


def _row(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    decided = rows[rows.n_decisions > 0]
    held = {limit: int((decided.held_by == limit).sum()) for limit in LIMITS}
    measured = str(rows.measures.iloc[0])
    used = rows.committed_usd_per_month / rows.most_usd_per_month
    return {
        "name": _plain(name), "kind": str(rows.kind.iloc[0]), "steers": _plain(rows.steers.iloc[0]), "measures": WORDS.get(measured, "the calendar"), "aim": _last(rows.aim),
        "measured": _last(rows.measured), "least": float(rows.share.min()), "most": float(rows.share.max()), "last": float(rows.share.iloc[-1]), "decisions": int(rows.n_decisions.sum()),
        "at_level": held["level"], "at_step": held["step"], "at_bound": held["bound"], "used": float(used.max()) if used.notna().any() else None,
    }  # fmt: skip


def _last(column: pd.Series) -> float | None:
    """The last value that anybody knew; an aim that is what was measured first is not known before."""
    known = column.dropna()
    return float(known.iloc[-1]) if len(known) else None


def _said(name: str, rows: pd.DataFrame) -> str:
    """A sentence: what it steered, between which shares, and how often the bound held."""
    what = "emission" if rows.steers.iloc[0] == "emission" else "the buy-back"
    said = f"{_plain(name).capitalize()} held {what} between {percent(float(rows.share.min()))} and {percent(float(rows.share.max()))}"
    said += " of what the rules say" if what == "emission" else " of the treasury's income"
    decided, bound = int((rows.n_decisions > 0).sum()), int(((rows.n_decisions > 0) & (rows.held_by == "bound")).sum())
    if rows.most_usd_per_month.notna().any():
        said += f"; the solvency bound held in {count(bound)} of the {count(decided)} months with a decision, at {usd(float(rows.most_usd_per_month.dropna().iloc[-1]))} a month in the last"
    return said + "."


def _plain(name: Any) -> str:
    return str(name).replace("_", " ")
