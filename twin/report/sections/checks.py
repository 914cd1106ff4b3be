"""What checks looked at, found and cost, what campaigns that learn believed and took, and what was never put to the test: parts of the section on integrity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from twin.report.charts import Series, TimeChart
from twin.report.numbers import count, usd
from twin.report.view import View
from twin.units import DAYS_PER_MONTH

MOST_CAMPAIGNS = 3
"""Of those with most nodes, each has a chart."""
MOST_RINGS = 12
"""Of those with most members, each has a row."""


def checks_rows(checks: pd.DataFrame) -> list[dict[str, Any]]:
    """A row for each check, over the run."""
    rows = []
    for name, each in checks.groupby("check", sort=True) if len(checks) else ():
        sums = {column: float(each[column].sum()) for column in ("looked_at", "caught", "wronged", "driven_out", "appeals", "cleared", "banned", "cost_usd")}
        rows.append({"name": str(name), **sums, "usd_per_catch": sums["cost_usd"] / sums["caught"] if sums["caught"] and sums["cost_usd"] else None})
    return rows


def campaigns_rows(campaigns: pd.DataFrame) -> list[dict[str, Any]]:
    """A row for each campaign that learns, over the run."""
    rows = []
    for name, each in campaigns.groupby("campaign", sort=True) if len(campaigns) else ():
        taken, spent = float(each.taken_usd.sum()), float(each.spent_usd.sum())
        rows.append({
            "name": _plain(name), "exploits": ", then ".join(_plain(word) for word in dict.fromkeys(each.exploit)), "most": int(each.nodes.max()), "months": int((each.nodes > 0).sum()),
            "caught": int(each.caught.sum()), "taken": taken, "spent": spent, "net": taken - spent,
        })  # fmt: skip
    return rows


def rings_rows(rings: pd.DataFrame) -> list[dict[str, Any]]:
    """A row for each of the largest communities that were taken for rings, by the day."""
    largest = rings.nlargest(MOST_RINGS, "members", keep="first").sort_values(["day", "ring"]) if len(rings) else rings
    return [
        {"day": pd.Timestamp(each.day).strftime("%Y-%m-%d"), **{name: getattr(each, name) for name in ("members", "cheats", "wronged", "inside_share", "missed_share", "score", "tested_share")}}
        for each in largest.itertuples()
    ]


def said_of_rings(view: View) -> list[str]:
    """How many communities of the graph of who vouches for whom were rings, and how many only looked like it."""
    rings = view.rings
    if not len(rings):
        return []
    false = rings[rings.cheats == 0]
    return [
        f"{count(len(rings))} communities that vouch for each other alone were taken for rings, of which {count(len(false))} were honest {view.nouns.nodes} and nobody else: "
        f"{count(int(rings.cheats.sum()))} cheats and {count(int(rings.wronged.sum()))} honest members in all."
    ]


def believed_and_true(view: View) -> list[TimeChart]:
    """The chance of being caught in a month as the largest campaigns believe in it, beside what happened to them."""
    campaigns = view.campaigns
    if not len(campaigns):
        return []
    largest = campaigns.groupby("campaign").nodes.max().sort_values(ascending=False, kind="stable").index[:MOST_CAMPAIGNS]
    charts = []
    for name in largest:
        each = campaigns[campaigns.campaign == name]
        running, caught = each.nodes.to_numpy(float), each.caught.to_numpy(float)
        exposed = (running + np.concatenate([[0.0], running[:-1]])) / 2
        happened = np.where(exposed > 0, -np.expm1(-caught / np.maximum(exposed, 1e-9)), 0.0)
        lines = [Series("as it believes", each.believed_catch_probability_per_month.to_numpy(float), "fake", "dashed"), Series("as it happened", happened, "nodes", "line")]
        charts.append(TimeChart(f"{_plain(name)}: chance of being caught in a month", each["month"].min().date(), lines, "share", DAYS_PER_MONTH, marks=view.marks, height=210))
    return charts


def said_of_checks(view: View, rows: list[dict[str, Any]]) -> list[str]:
    """What the tables come to, in a sentence or two; and what was never put to the test."""
    nodes, said = view.nouns.nodes, []
    if rows:
        caught, wronged, driven, cost = (sum(row[name] for row in rows) for name in ("caught", "wronged", "driven_out", "cost_usd"))
        said.append(f"Checks found cheats {count(caught)} times and accused honest {nodes} {count(wronged)} times, of which {count(driven)} left soon after. " + (f"All looks together cost {usd(cost)}." if cost else "No price of a look is stated."))
    untested = view.run.manifest.get("untested") or []
    if untested:
        said.append("Not put to the test: " + "; ".join(f"{_plain(each.get('check') or each.get('campaign'))} ({each['why']})" for each in untested) + ".")
    return said


def _plain(name: Any) -> str:
    return str(name).replace("_", " ")
