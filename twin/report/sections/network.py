"""Nodes, service, usage and price over time, and what else the kind of network measures."""

from __future__ import annotations

from typing import Any

import numpy as np

from twin.nouns import capital
from twin.record.tables import NETWORK_DAILY
from twin.report.charts import SMALL_WIDTH, Series, TimeChart, draw, thin
from twin.report.numbers import amount, count, day, percent, usd
from twin.report.section import Section, render
from twin.report.view import View

SHOWN_ELSEWHERE = {"fake_online", "fake_share_of_proof"}


def network_section(view: View) -> Section:
    """How many nodes stood, what they served and who used it."""
    nouns = view.nouns
    title = f"{capital(nouns.nodes)} and usage"
    if not view.has("nodes_online", "usage_constant_usd"):
        return Section("network", title, absent="no daily table was recorded")
    online = view.column("nodes_online")
    nodes = view.chart(
        capital(nouns.nodes),
        nouns.nodes,
        ("online", online, "nodes", "line"),
        ("ordered, not yet online", view.column("nodes_ordered"), "subsidy", "line"),
        ("installed but silent", view.column("nodes_offline"), "muted", "line"),
        ("taken off, in a drawer", view.column("boxes_in_drawer"), "hosts", "dashed"),
    )
    usage = view.chart(
        "Paid usage and revenue of external customers",
        "USD a day, mean of 28 days",
        ("Q: usage at constant prices", view.column("usage_constant_usd"), "fees", "line"),
        ("R: money really paid", view.column("revenue_usd"), "cost", "dashed"),
        smooth=True,
    )
    service = view.chart(
        f"Service offered, S: {nouns.service}", f"share of potential demand: {nouns.capacity}", ("S", view.column("service_share"), "nodes", "line"), ceiling=1.0
    )
    price = view.chart("Token price", "USD a token", ("price", view.column("price_usd"), "subsidy", "line"), is_log=True)
    peak, last = int(online.argmax()), len(online) - 1
    when = view.daily["date"]
    lead = f"At most {count(online[peak])} {nouns.nodes} were online ({day(when.iloc[peak])}), {count(online[last])} at the end; paid usage in the last 28 days {usd(view.column('usage_constant_usd')[-28:].mean())} a day."
    charts = [drawn for drawn in (draw(nodes), draw(usage), draw(service), draw(price)) if drawn]
    return Section("network", title, lead, render("network", charts=charts, small=_own_measures(view)))


def _own_measures(view: View) -> list[dict[str, Any]]:
    """A small chart for each column that the kind of network adds."""
    common = set(NETWORK_DAILY.column_names) | SHOWN_ELSEWHERE
    drawn = []
    for name in view.daily.columns:
        if name in common:
            continue
        values = view.column(name)
        means, step = thin(values, most=180)
        unit, meaning = view.units.get(name, ("", ""))
        chart = TimeChart(
            name.removesuffix("_usd_per_month").removesuffix("_usd").replace("_", " ").capitalize(), view.start, [Series(name, means, "nodes")], _unit(unit), step,
            marks=view.marks, height=170, width=SMALL_WIDTH, note=f"last {percent(values[-1]) if unit == '1' else amount(values[-1])}",
        )  # fmt: skip
        if np.nanmax(np.abs(values), initial=0.0) > 0:
            drawn.append({"chart": draw(chart), "meaning": meaning})
    return drawn


def _unit(unit: str) -> str:
    return "share" if unit == "1" else unit.replace("/", " a ")
