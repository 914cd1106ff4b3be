"""Who earns and who loses, by group of operators and by campaign of cheats."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from twin.nouns import capital
from twin.report.charts import Series, TimeChart, draw
from twin.report.numbers import percent
from twin.report.section import Section, render
from twin.report.view import View
from twin.units import DAYS_PER_MONTH

COLOURS = ("g1", "g2", "g3", "g4", "g5", "g6")


def operators_section(view: View) -> Section:
    """Nodes and profit of each group over time, its sums, and survivorship told twice."""
    title = "Who earns and who loses"
    if not len(view.operators):
        return Section("operators", title, absent="no monthly table of operators was recorded")
    table, nodes = view.operators, view.nouns.nodes
    groups = list(dict.fromkeys(table["group"]))
    start = table["month"].min().date()
    wide = {
        name: table.pivot_table(index="month", columns="group", values=name, aggfunc="sum").reindex(columns=groups).fillna(0.0)
        for name in ("nodes_online", "profit_usd")
    }
    colours = {group: COLOURS[i % len(COLOURS)] for i, group in enumerate(groups)}

    def chart(name: str, heading: str, unit: str, kind: str) -> TimeChart:
        series = [Series(view.named(group), wide[name][group].to_numpy(float), colours[group], kind) for group in groups]  # type: ignore[arg-type]
        return TimeChart(heading, start, series, unit, DAYS_PER_MONTH, marks=view.marks, height=240)

    charts = [
        draw(chart("nodes_online", f"{capital(nodes)} online by group", nodes, "area")),
        draw(chart("profit_usd", "Profit by group: pay less avoidable cost", "USD a month", "line")),
    ]
    verdict = view.verdict
    judged = _months(table, verdict.get("judged_from"), verdict.get("judged_until"))
    rows = [_row(view.named(group), colours[group], table[table.group == group], judged[judged.group == group]) for group in groups]
    honest = table[~table.group.isin(view.cheats)]
    earned, cost = float(honest.earned_usd.sum()), float(honest.cost_usd.sum())
    lead = f"All groups together earned {'more' if earned >= cost else 'less'} than their running cost over the run; hardware is not in these figures (see what carries it)."
    if verdict.get("in_profit_of_live") is not None:
        lead = f"In the judged year {percent(verdict['in_profit_of_live'])} of the {nodes} then live earned their running cost and replacement; of all {nodes} live at the start of the taper, {percent(verdict.get('in_profit_of_starters'))} (who left is not in profit)."
    survivors = [
        {"name": name, "live": verdict.get(f"{key}_of_live"), "starters": verdict.get(f"{key}_of_starters")}
        for name, key in (("pay covers running cost", "cash_positive"), ("pay covers running cost and replacement", "in_profit"))
        if verdict.get(f"{key}_of_live") is not None
    ]
    return Section(
        "operators", title, lead, render("operators", charts=charts, rows=rows, survivors=survivors, has_judged=bool(len(judged)), has_drawer="nodes_in_drawer" in table, nouns=view.nouns)
    )


def _months(table: pd.DataFrame, first: date | None, last: date | None) -> pd.DataFrame:
    if first is None or last is None:
        return table.iloc[:0]
    return table[(table.month >= pd.Timestamp(first.replace(day=1))) & (table.month < pd.Timestamp(last - timedelta(days=1)))]


def _row(name: str, colour: str, whole: pd.DataFrame, judged: pd.DataFrame) -> dict[str, Any]:
    weight = judged.nodes_online.to_numpy(float)
    in_profit = float(np.average(judged.share_in_profit.fillna(0.0), weights=weight)) if weight.sum() > 0 else None
    return {
        "name": name, "colour": colour, "peak": int(whole.nodes_online.max()), "last": int(whole.nodes_online.iloc[-1]), "left": int(whole.left.sum()),
        "drawer": int(whole.nodes_in_drawer.iloc[-1]) if "nodes_in_drawer" in whole else None, "earned": float(whole.earned_usd.sum()), "fee_funded": float(whole.fee_funded_usd.sum()), "cost": float(whole.cost_usd.sum()),
        "profit": float(whole.profit_usd.sum()), "judged_profit": float(judged.profit_usd.sum()) if len(judged) else None, "in_profit": in_profit,
        "sold": float(whole.sold_tokens.sum() / whole.earned_tokens.sum()) if whole.earned_tokens.sum() > 0 else None,
    }  # fmt: skip
