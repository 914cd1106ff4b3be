"""How crowded the nodes stand, and in how few hands."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from twin.nouns import capital
from twin.report.charts import Series, TimeChart, draw
from twin.report.numbers import percent
from twin.report.section import Section, render
from twin.report.sections.operators import COLOURS
from twin.report.view import View
from twin.units import DAYS_PER_MONTH


def concentration_section(view: View) -> Section:
    """Crowding of cells in the recorded months nearest to that of most nodes and to T0, and in the last one; share of nodes by group."""
    title = "Concentration"
    rows = [row for name, month in _months(view) if (row := _crowding(view, name, month)) is not None]
    chart = _groups(view)
    if not rows and not chart:
        return Section("concentration", title, absent="neither monthly cells nor operators were recorded")
    lead = ""
    if rows:
        first = rows[0]
        near = "" if first["month"] == _peak(view).strftime("%Y-%m") else f", the recorded month nearest to that of most {view.nouns.nodes} ({_peak(view):%Y-%m})"
        lead = f"In {first['month']}{near}, inside the study area, the fullest tenth of the occupied cells held {percent(first['top_tenth'])} of the {view.nouns.nodes}; {percent(first['single'])} of the occupied cells held just one."
    numbers = [
        n
        for answer in view.parsed("scorecard") or []
        if answer.get("question") == "demand"
        for n in answer.get("numbers", [])
        if "largest" in str(n.get("name")) or "hhi" in str(n.get("name"))
    ]
    return Section("concentration", title, lead, render("concentration", rows=rows, chart=chart, numbers=numbers, nouns=view.nouns))


def _months(view: View) -> list[tuple[str, date]]:
    months = view.run.months() if view.run.has("cells_monthly") else []
    if not months or not view.has("nodes_online"):
        return []
    wanted, begins = [_nearest(f"most {view.nouns.nodes}", months, _peak(view))], view.verdict.get("T0")
    if begins and months[0] <= begins.replace(day=1) <= months[-1]:
        wanted.append(_nearest("taper begins", months, begins.replace(day=1)))
    return [*wanted, ("end", months[-1])]


def _peak(view: View) -> date:
    """First day of the month of the day with most nodes online."""
    peak: date = view.daily["date"].iloc[int(view.column("nodes_online").argmax())].date().replace(day=1)
    return peak


def _nearest(name: str, months: list[date], wanted: date) -> tuple[str, date]:
    """The recorded month nearest to a wanted one (of two as near, the earlier), and its name, which says so if it is another."""
    found = min(months, key=lambda month: (abs((month - wanted).days), month))
    return (name if found == wanted else f"{name} ({wanted:%Y-%m}), nearest recorded"), found


def _crowding(view: View, name: str, month: date) -> dict[str, Any] | None:
    rows = view.run.table("cells_monthly", columns=["cell", "online"], rows=[("month", "==", month)])
    online = rows.online[rows.cell.isin(view.cells_inside)].to_numpy(float)
    by_cell = np.sort(online[online > 0])[::-1]
    if not len(by_cell):
        return None
    tenth = max(1, round(len(by_cell) / 10))
    rank = np.arange(1, len(by_cell) + 1)
    gini = float((2 * (rank * by_cell[::-1]).sum() / (len(by_cell) * by_cell.sum())) - (len(by_cell) + 1) / len(by_cell))
    return {
        "name": name, "month": month.strftime("%Y-%m"), "cells": len(by_cell), "nodes": float(by_cell.sum()), "single": float((by_cell == 1).mean()), "mean": float(by_cell.mean()),
        "dispersion": float(by_cell.var() / by_cell.mean()), "top_tenth": float(by_cell[:tenth].sum() / by_cell.sum()), "gini": gini, "largest": float(by_cell[0]),
    }  # fmt: skip


def _groups(view: View) -> object:
    if not len(view.operators):
        return None
    wide = view.operators.pivot_table(index="month", columns="group", values="nodes_online", aggfunc="sum").fillna(0.0)
    groups = list(dict.fromkeys(view.operators["group"]))
    whole = np.maximum(wide.sum(axis=1).to_numpy(float), 1.0)
    series = [
        Series(view.named(group), wide[group].to_numpy(float) / whole, COLOURS[i % len(COLOURS)], "area")
        for i, group in enumerate(groups)
    ]
    return draw(
        TimeChart(
            f"{capital(view.nouns.nodes)}: share of each group", wide.index[0].date(), series, "share", DAYS_PER_MONTH, marks=view.marks, height=210, ceiling=1.0
        )
    )
