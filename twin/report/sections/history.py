"""What was observed of the real network beside what this life says, and how the scenario did when it was cut and let go on by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from twin.report.charts import SMALL_WIDTH, Series, TimeChart, draw
from twin.report.numbers import amount, percent
from twin.report.section import Section, render
from twin.report.view import View

TITLE = "Beside history"
OBSERVED, SKILL = "observed.csv", "skill.csv"
ABSENT = "nothing is known by date of the real network that this run's tables could answer within its calendar"
FEWEST_TO_DRAW, MOST_POINTS = 3, 240
MONTHS = (1, 3, 6, 12)
ALL = 0
WORSE_BY = 1.0
"""A relative score above this is worse than the best naive forecast."""


def history_section(view: View) -> Section:
    """Charts of what was seen with what the life says, a table of the rest, and the rows of skill."""
    path = view.run.path / OBSERVED
    if not path.is_file():
        return Section("history", TITLE, absent=ABSENT)
    table = pd.read_csv(path, parse_dates=["start", "date"], keep_default_na=False, na_values=[""], dtype={"told": str})
    points = table[table["bound"] == "="]
    charts, rows = [], []
    for name, seen in points.groupby("metric", sort=False):
        if len(seen) >= FEWEST_TO_DRAW:
            charts.append({"chart": _chart(seen), "meaning": _said(str(name), seen)})
        else:
            rows += [_row(each) for _, each in seen.iterrows()]
    rows += [_row(each) for _, each in table[table["bound"] != "="].iterrows()]
    told = str(table["told"].iloc[0]) if table["told"].notna().any() else ""
    skill = view.run.path / SKILL
    scored = _skill(pd.read_csv(skill)) if skill.is_file() else None
    body = render("history", charts=[chart for chart in charts if chart["chart"]], rows=rows, told=told, skill=scored)
    return Section("history", TITLE, _lead(table, scored), body)


def _lead(table: pd.DataFrame, scored: dict[str, Any] | None) -> str:
    lead = f"{len(table)} dated facts about the real network fall into this life. A life that follows what it was told proves little: skill is what it does after a cut."
    if scored is not None and scored["n"]:
        lead += f" Cut and left to itself the model beat the best naive forecast on {scored['better']} of {scored['n']} series."
    return lead


def _chart(seen: pd.DataFrame) -> Any:
    """Observed values as dots, and the life as a line through the same windows."""
    first, last = seen["date"].iloc[0], seen["date"].iloc[-1]
    n_days = (last - first).days + 1
    step = max(1, -(-n_days // MOST_POINTS))
    place = ((seen["date"] - first).dt.days // step).to_numpy()
    n = int(place[-1]) + 1
    dots = {fitted: np.full(n, np.nan) for fitted in (False, True)}
    for at, value, fitted in zip(place, seen["observed"], seen["fitted"].astype(bool), strict=True):
        dots[fitted][at] = value
    life = np.interp(np.arange(n), place, seen["life"].to_numpy(float))
    series = [Series("this life", life, "nodes", "line"), Series("observed", dots[False], "cost", "dots"), Series("observed, and values were chosen by it", dots[True], "muted", "dots")]
    return draw(TimeChart(str(seen["title"].iloc[0]).capitalize(), first.date(), series, str(seen["unit"].iloc[0]), step, height=190, width=SMALL_WIDTH))


def _said(name: str, seen: pd.DataFrame) -> str:
    apart = np.abs(np.log(seen["life"].to_numpy(float).clip(1e-12) / seen["observed"].to_numpy(float).clip(1e-12)))
    given = " The life is told this series." if bool(seen["given"].iloc[0]) else ""
    return f"{name}: this life is off by {percent(float(np.expm1(np.median(apart))))} in the median of {len(seen)} rows.{given}"


def _row(each: pd.Series) -> dict[str, str]:
    bound = {"<": "below ", ">": "above "}.get(str(each["bound"]), "")
    window = f"{each['date']:%Y-%m-%d}" if each["start"] == each["date"] else f"{each['start']:%Y-%m-%d} to {each['date']:%Y-%m-%d}"
    return {"title": str(each["title"]), "unit": str(each["unit"]), "when": window, "observed": bound + amount(each["observed"]), "life": amount(each["life"])}


def _skill(table: pd.DataFrame) -> dict[str, Any]:
    """The rows of skill as the template takes them, or the reason why there are none."""
    scored = table[table["metric"].notna()]
    if not len(scored):
        return {"why": str(table["why_none"].iloc[0]), "n": 0, "better": 0, "rows": [], "date": str(table["date"].iloc[0]), "commit": str(table["commit"].iloc[0])}
    rows = []
    for name, some in scored.groupby("metric", sort=False):
        at = {int(row["horizon_months"]): row for _, row in some.iterrows()}
        one = at[ALL]
        marks = ", ".join(word for word, holds in (("an input is held: no forecast", bool(one["held"])), ("values were chosen by these rows", float(one["fitted"]) > 0)) if holds)
        rows.append(
            {
                "name": str(name), "n": int(one["n_rows"]), "months": [_ratio(at[months]["rel_best"]) if months in at else "" for months in MONTHS], "all": _ratio(one["rel_best"]),
                "best": str(one["best_naive"]).replace("_", " ") if isinstance(one["best_naive"], str) else "", "inside": _percent(one["inside_90"]), "sign": _percent(one["sign_right"]), "marks": marks,
            }
        )  # fmt: skip
    free = scored[(scored["horizon_months"] == ALL) & ~scored["held"].astype(bool) & scored["rel_best"].notna()]
    one = scored.iloc[0]
    cancels = next((str(text) for text in scored["errors_that_cancel"] if isinstance(text, str) and text), "")
    return {
        "why": "", "n": len(free), "better": int((free["rel_best"] < WORSE_BY).sum()), "rows": rows, "cuts": str(one["cuts"]).replace(" ", ", "), "lives": int(one["lives"]),
        "date": str(one["date"]), "commit": str(one["commit"]), "cancels": [text for text in cancels.split(" / ") if text], "variant": str(one["variant"]) if isinstance(one["variant"], str) else "",
    }  # fmt: skip


def _ratio(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _percent(value: float) -> str:
    return "" if pd.isna(value) else percent(value)
