"""Drawings carry the numbers they show."""

from __future__ import annotations

import html
import json
import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from twin.report.charts import Marks, Series, TimeChart, draw, thin
from twin.report.flow_drawing import draw_flows

START = date(2021, 1, 1)


def numbers_of(figure: str) -> dict:
    return json.loads(html.unescape(re.search(r'data-chart="([^"]*)"', figure).group(1)))


def points(path: str) -> np.ndarray:
    return np.array([[float(v) for v in pair.split()] for pair in re.split("[MLZ]", path) if pair])


def test_line_runs_through_the_values() -> None:
    values = np.array([0.0, 50.0, 100.0, 25.0])
    figure = str(draw(TimeChart("t", START, [Series("a", values, "fees")], "USD", height=228)))
    xy = points(re.search(r'class="line"[^>]* d="([^"]*)"', figure).group(1))
    share = (xy[:, 1] - xy[0, 1]) / (xy[2, 1] - xy[0, 1])
    assert share == pytest.approx([0, 0.5, 1, 0.25], abs=0.01) and np.allclose(np.diff(xy[:, 0]), np.diff(xy[:, 0])[0], atol=0.11)
    assert numbers_of(figure)["series"][0]["v"] == values.tolist()


def test_areas_are_stacked() -> None:
    a, b = np.array([1.0, 2.0]), np.array([3.0, 2.0])
    figure = str(draw(TimeChart("t", START, [Series("a", a, "g1", "area"), Series("b", b, "g2", "area")], "USD")))
    low, high = (points(path) for path in re.findall(r'class="area"[^>]* d="([^"]*)"', figure)[:2])
    assert np.allclose(high[2:], low[:2][::-1]), "the second area stands on the first"
    assert high[0, 1] == pytest.approx(high[1, 1]), "both days add up to 4"


def test_log_chart_leaves_out_what_is_zero_and_gaps_stay_gaps() -> None:
    values = np.array([0.0, 1.0, 10.0, np.nan, 100.0, 10.0])
    figure = str(draw(TimeChart("t", START, [Series("a", values, "fees")], "USD", is_log=True)))
    path = re.search(r'class="line"[^>]* d="([^"]*)"', figure).group(1)
    assert path.count("M") == 2 and len(points(path)) == 4
    assert draw(TimeChart("t", START, [Series("a", np.zeros(5), "fees")], "USD", is_log=True)) == ""


def test_judged_year_and_dates_are_marked_where_they_are() -> None:
    marks = Marks((("T0", date(2021, 7, 2)), ("T1", date(2030, 1, 1))), (date(2021, 10, 1), date(2023, 1, 1)))
    figure = str(draw(TimeChart("t", START, [Series("a", np.ones(365), "fees")], "USD", marks=marks)))
    assert ">T0<" in figure and ">T1<" not in figure, "a date beyond the run is not drawn"
    x = float(re.search(r'class="markline" x1="([\d.]+)"', figure).group(1))
    assert x == pytest.approx(58 + 182 / 365 * (860 - 58 - 14), abs=0.1)
    band = re.search(r'class="band" x="([\d.]+)" y="\d+" width="([\d.]+)"', figure)
    assert float(band.group(1)) + float(band.group(2)) == pytest.approx(860 - 14, abs=0.2), "cut off at the end of the run"


def test_names_are_escaped() -> None:
    figure = str(draw(TimeChart("<b>", START, [Series('"<i>', np.ones(3), "fees"), Series("x", np.ones(3), "fees")], "<u>")))
    assert "<i>" not in figure and "<u>" not in figure and "<b>&lt;b&gt;</b>" in figure


def test_thinning_keeps_the_mean() -> None:
    values = np.random.default_rng(1).random(3000)
    means, block = thin(values, most=100)
    assert block == 30 and len(means) == 100 and means.mean() == pytest.approx(values.mean())
    assert thin(np.array([1.0, 2.0]), most=100)[0].tolist() == [1.0, 2.0]
    assert thin(np.array([np.nan, 4.0, np.nan, np.nan]), most=2)[0].tolist()[0] == 4.0


def test_flows_are_as_wide_as_their_sums() -> None:
    flows = pd.DataFrame(
        [("mint", "operators", "emission", "proof", 30.0)] * 2
        + [("customers", "operators", "customer", "data", 20.0), ("a", "b", "", "dust", 1e-6)],
        columns=["source", "target", "funding", "reason", "amount_usd"],
    )
    drawing = str(draw_flows(flows))
    tall = {name: float(h) for h, name in re.findall(r'class="account" x="170" [^>]*height="([\d.]+)"[^>]*/><text[^>]*>([^<]*)<', drawing)}
    assert tall["mint"] / tall["customers"] == pytest.approx(3, rel=0.01) and "a" not in tall
    assert drawing.count('class="flow"') == 2 and "proof" in drawing
