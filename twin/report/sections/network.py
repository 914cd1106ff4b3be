"""Nodes, service, usage and price over time, and what else the kind of network measures."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup

from twin.nouns import capital
from twin.record.tables import NETWORK_DAILY
from twin.report.charts import SMALL_WIDTH, Series, TimeChart, draw, thin
from twin.report.numbers import amount, count, day, percent, usd
from twin.report.section import Section, render
from twin.report.view import View

SHOWN_ELSEWHERE = {"fake_online", "fake_share_of_proof"}
SPELT = {
    "gpu": "GPU", "gpus": "GPUs", "usd": "USD", "gb": "GB", "gib": "GiB", "pib": "PiB", "eib": "EiB", "kw": "kW", "kwh": "kWh", "km2": "km²",
}  # fmt: skip
"""Words of columns that a person spells otherwise."""


STANDS_FOR = {"collateral_ratio": (99.0, "hardly any credits outstanding"), "endowment_years_left": (1000.0, "a thousand years, or for ever")}
"""Columns whose largest value is no measure but stands for these words: a gap in the drawing."""


def network_section(view: View) -> Section:
    """How many nodes stood, what they served and who used it; of a network without nodes and customers, what it measures."""
    nouns = view.nouns
    if not view.has("nodes_online"):
        return Section("network", f"{capital(nouns.nodes)} and usage", absent="no daily table was recorded")
    price = _drawn(view, "Token price", "USD a token", ("price", "price_usd", "subsidy", "line"), is_log=True)
    if not view.has("usage_constant_usd"):
        lead = f"No {nouns.nodes} and no customers are simulated in this run; these are the series that its equations know."
        return Section("network", "The network's series", lead, render("network", charts=[price] if price else [], small=_own_measures(view)))
    charts = [
        _drawn(
            view, capital(nouns.nodes), nouns.nodes, ("online", "nodes_online", "nodes", "line"), ("ordered, not yet online", "nodes_ordered", "subsidy", "line"),
            ("installed but silent", "nodes_offline", "muted", "line"), ("taken off, in a drawer", "nodes_in_drawer", "hosts", "dashed"),
        ),
        _drawn(
            view, "Paid usage and revenue of external customers", "USD a day, mean of 28 days", ("Q: usage at constant prices", "usage_constant_usd", "fees", "line"),
            ("R: money really paid", "revenue_usd", "cost", "dashed"), smooth=True,
        ),
        _drawn(view, f"Service offered, S: {nouns.service}", f"share of potential demand: {nouns.capacity}", ("S", "service_share", "nodes", "line"), ceiling=1.0),
        price,
    ]  # fmt: skip
    online, when = view.column("nodes_online"), view.daily["date"]
    peak, last = int(online.argmax()), len(online) - 1
    lead = f"At most {count(online[peak])} {nouns.nodes} were online ({day(when.iloc[peak])}), {count(online[last])} at the end; paid usage in the last 28 days {usd(view.column('usage_constant_usd')[-28:].mean())} a day."
    title = f"{capital(nouns.nodes)} and usage"
    return Section("network", title, lead, render("network", charts=[chart for chart in charts if chart], small=_own_measures(view)))


def _drawn(view: View, title: str, unit: str, *lines: tuple[str, str, str, str], **how: Any) -> Markup:
    """A chart of those columns that the network has: (name, column, colour, kind) each."""
    there = [(name, view.column(column), colour, kind) for name, column, colour, kind in lines if view.has(column)]
    return draw(view.chart(title, unit, *there, **how))


def _own_measures(view: View) -> list[dict[str, Any]]:
    """A small chart for each column that the kind of network adds."""
    common = set(NETWORK_DAILY.column_names) | SHOWN_ELSEWHERE
    drawn = []
    for name in view.daily.columns:
        if name in common:
            continue
        values, last = view.column(name), ""
        if name in STANDS_FOR:
            most, words = STANDS_FOR[name]
            last = words if len(values) and values[-1] >= most else ""
            values = np.where(values >= most, np.nan, values)
        means, step = thin(values, most=180)
        unit, meaning = view.units.get(name, ("", ""))
        chart = TimeChart(
            _title(name), view.start, [Series(name, means, "nodes")], _unit(unit), step,
            marks=view.marks, height=170, width=SMALL_WIDTH, note=f"last {last or (percent(values[-1]) if unit == '1' else amount(values[-1]))}",
        )  # fmt: skip
        if np.nanmax(np.abs(values), initial=0.0) > 0:
            drawn.append({"chart": draw(chart), "meaning": meaning})
    return drawn


def _title(name: str) -> str:
    """What a column is called over its chart: its name in words, without the unit of money that stands beside it, and units as they are spelt."""
    words = name.removesuffix("_usd_per_month").removesuffix("_usd").split("_")
    return capital(" ".join(SPELT.get(word, word) for word in words))


def _unit(unit: str) -> str:
    return "share" if unit == "1" else unit.replace("/", " a ")
