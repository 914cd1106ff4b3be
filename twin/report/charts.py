"""Charts over time as small inline SVG: lines, stacked areas, logarithmic axes, marked dates and a shaded judged year.

Colours are names of CSS variables, so one drawing serves light and dark pages. Each chart carries its own numbers, rounded to four
digits, for the reading line that follows the pointer or the arrow keys.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import numpy as np
from markupsafe import Markup, escape

from twin.report.numbers import short
from twin.report.scales import Axis, date_ticks, linear_axis, log_axis

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 860, 58, 14, 26, 28
SMALL_WIDTH = 420
MOST_POINTS = 360


@dataclass(frozen=True)
class Series:
    """One line or area. `colour` is the name of a CSS variable; areas are stacked in the order given."""

    name: str
    values: np.ndarray
    colour: str
    kind: Literal["line", "area", "dashed", "dots"] = "line"


@dataclass(frozen=True)
class Marks:
    """Dates drawn over every chart: the taper and the judged year."""

    dates: tuple[tuple[str, date], ...] = ()
    band: tuple[date, date] | None = None
    band_name: str = "judged year J"


@dataclass(frozen=True)
class TimeChart:
    """What a chart shows: days from `start` in steps of `step_days`, one or more series, the unit of the axis."""

    title: str
    start: date
    series: Sequence[Series]
    unit: str
    step_days: float = 1
    is_log: bool = False
    marks: Marks = field(default_factory=Marks)
    height: int = 270
    ceiling: float | None = None
    width: int = WIDTH
    note: str = ""
    """Stands where a legend would, if there is but one series."""

    @property
    def is_share(self) -> bool:
        """True if values between 0 and 1 are better read as percentages."""
        return self.unit.startswith("share")


def thin(values: np.ndarray, *, most: int = MOST_POINTS, mean_days: int = 1) -> tuple[np.ndarray, int]:
    """Means over blocks of equal length, at most `most` of them and at least `mean_days` long; returns them and the days a block holds."""
    values = np.asarray(values, float)
    block = max(1, mean_days, math.ceil(len(values) / most))
    n = len(values) // block * block or len(values)
    if n < block:
        return values, 1
    blocks = values[:n].reshape(-1, block)
    with np.errstate(invalid="ignore"):
        present = np.isfinite(blocks).sum(axis=1)
        means = np.where(present > 0, np.nansum(blocks, axis=1) / np.maximum(present, 1), np.nan)
    return means, block


def draw(chart: TimeChart) -> Markup:
    """The chart as a figure: title, legend, drawing, and the numbers for its reading line."""
    n = max((len(s.values) for s in chart.series), default=0)
    drawn = [s for s in chart.series if np.isfinite(s.values).any()]
    if n < 2 or not drawn:
        return Markup("")
    end = chart.start + timedelta(days=round(n * chart.step_days))
    x = Axis(0.0, float((end - chart.start).days), LEFT, chart.width - RIGHT, ())
    xs = LEFT + (np.arange(n) + 0.5) / n * (chart.width - LEFT - RIGHT)
    axis = _value_axis(chart, drawn)
    if axis is None:
        return Markup("")
    parts = [_marks(chart, x, end), _value_grid(chart, axis), _date_grid(chart, x, end)]
    bottom = np.zeros(n)
    for s in (s for s in drawn if s.kind == "area"):
        top = bottom + np.nan_to_num(s.values)
        parts.append(f'<path class="area" style="fill:var(--{s.colour})" d="{_area(xs, axis.px(bottom), axis.px(top))}"/>')
        bottom = top
    parts += [_dots(s, xs, axis) if s.kind == "dots" else _line(s, xs, axis) for s in drawn if s.kind != "area"]
    numbers = {
        "x0": LEFT, "x1": chart.width - RIGHT, "start": chart.start.isoformat(), "step": chart.step_days, "unit": chart.unit, "share": chart.is_share,
        "series": [{"n": s.name, "c": s.colour, "v": [_rounded(v) for v in s.values]} for s in drawn],
    }  # fmt: skip
    svg = (
        f'<svg viewBox="0 0 {chart.width} {chart.height}" role="img" tabindex="0" aria-label="{escape(_spoken(chart, drawn))}">'
        + "".join(parts)
        + "</svg>"
    )
    return Markup(
        '<figure class="chart" data-chart="{}"><figcaption><b>{}</b><span class="unit">{}</span>{}</figcaption>{}</figure>'
    ).format(
        json.dumps(numbers, separators=(",", ":")),
        chart.title,
        chart.unit + (" (log scale)" if chart.is_log else ""),
        legend(drawn) if len(drawn) > 1 else Markup('<span class="legend">{}</span>').format(chart.note),
        Markup(svg),
    )


def legend(series: Sequence[Series]) -> Markup:
    """Names beside swatches; dashed and solid lines look as they do in the drawing."""
    items = [Markup('<span class="key"><i class="{}" style="--c:var(--{})"></i>{}</span>').format(s.kind, s.colour, s.name) for s in series]
    return Markup('<span class="legend">{}</span>').format(Markup("").join(items)) if items else Markup("")


def _value_axis(chart: TimeChart, drawn: Sequence[Series]) -> Axis | None:
    lines = [s.values for s in drawn if s.kind != "area"]
    stack = (
        np.sum([np.nan_to_num(s.values) for s in drawn if s.kind == "area"], axis=0)
        if any(s.kind == "area" for s in drawn)
        else np.zeros(1)
    )
    everything = np.concatenate([*lines, np.atleast_1d(stack)])
    everything = everything[np.isfinite(everything)]
    floor_px = chart.height - BOTTOM
    if chart.is_log:
        positive = everything[everything > 0]
        if not len(positive):
            return None
        low = max(float(np.quantile(positive, 0.01)), float(positive.max()) * 1e-6)
        return log_axis(low, float(positive.max()), floor_px, TOP)
    high = float(everything.max(initial=0.0)) if chart.ceiling is None else chart.ceiling
    return linear_axis(min(0.0, float(everything.min(initial=0.0))), high, floor_px, TOP)


def _value_grid(chart: TimeChart, axis: Axis) -> str:
    rows = []
    for tick in axis.ticks:
        y = float(axis.px(tick))
        rows.append(f'<line class="{"base" if tick == 0 else "grid"}" x1="{LEFT}" x2="{chart.width - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        rows.append(
            f'<text class="tick" text-anchor="end" x="{LEFT - 8}" y="{y + 3.5:.1f}">{escape(f"{tick * 100:g}%" if chart.is_share else short(tick))}</text>'
        )
    return "".join(rows)


def _date_grid(chart: TimeChart, x: Axis, end: date) -> str:
    rows, y = [], chart.height - BOTTOM
    for when, label in date_ticks(chart.start, end)[:: 2 if chart.width < WIDTH else 1]:
        px = float(x.px((when - chart.start).days))
        rows.append(f'<line class="tickmark" x1="{px:.1f}" x2="{px:.1f}" y1="{y}" y2="{y + 5}"/>')
        anchor = "start" if px < LEFT + 12 else "end" if px > chart.width - RIGHT - 16 else "middle"
        rows.append(f'<text class="tick" text-anchor="{anchor}" x="{px:.1f}" y="{y + 18}">{escape(label)}</text>')
    return "".join(rows)


def _marks(chart: TimeChart, x: Axis, end: date) -> str:
    rows, floor = [], chart.height - BOTTOM
    band_name = chart.marks.band_name if chart.width == WIDTH else chart.marks.band_name[-1:]
    if chart.marks.band is not None:
        first, last = (min(max(when, chart.start), end) for when in chart.marks.band)
        if last > first:
            x0, x1 = (float(x.px((when - chart.start).days)) for when in (first, last))
            rows.append(f'<rect class="band" x="{x0:.1f}" y="{TOP - 8}" width="{x1 - x0:.1f}" height="{floor - TOP + 8}"/>')
            rows.append(f'<text class="mark" text-anchor="middle" x="{(x0 + x1) / 2:.1f}" y="{TOP - 11}">{escape(band_name)}</text>')
    for name, when in chart.marks.dates:
        if chart.start <= when <= end:
            px = float(x.px((when - chart.start).days))
            rows.append(f'<line class="markline" x1="{px:.1f}" x2="{px:.1f}" y1="{TOP - 8}" y2="{floor}"/>')
            rows.append(f'<text class="mark" text-anchor="middle" x="{px:.1f}" y="{TOP - 11}">{escape(name)}</text>')
    return "".join(rows)


def _line(s: Series, xs: np.ndarray, axis: Axis) -> str:
    ys, pen, path = axis.px(s.values), False, []
    drawn = np.isfinite(s.values) & ((s.values >= axis.low) | (not axis.is_log))
    for px, py, ok in zip(xs, ys, drawn, strict=False):
        if ok:
            path.append(f"{'L' if pen else 'M'}{px:.1f} {py:.1f}")
        pen = bool(ok)
    return f'<path class="{s.kind}" style="stroke:var(--{s.colour})" d="{"".join(path)}"/>'


def _dots(s: Series, xs: np.ndarray, axis: Axis) -> str:
    shown = np.isfinite(s.values) & ((s.values >= axis.low) | (not axis.is_log))
    ys = axis.px(s.values)
    dots = "".join(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="2.6"/>' for px, py in zip(xs[shown], ys[shown], strict=True))
    return f'<g class="dots" style="fill:var(--{s.colour})">{dots}</g>'


def _area(xs: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    there = "L".join(f"{px:.1f} {py:.1f}" for px, py in zip(xs, high, strict=True))
    back = "L".join(f"{px:.1f} {py:.1f}" for px, py in zip(xs[::-1], low[::-1], strict=True))
    return f"M{there}L{back}Z"


def _rounded(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None


def _spoken(chart: TimeChart, drawn: Sequence[Series]) -> str:
    ends = "; ".join(f"{s.name} from {short(_first(s.values))} to {short(_first(s.values[::-1]))}" for s in drawn)
    return f"{chart.title}, {chart.unit}, {chart.start:%Y-%m-%d} on: {ends}. Arrow keys read the values."


def _first(values: np.ndarray) -> float:
    present = values[np.isfinite(values)]
    return float(present[0]) if len(present) else math.nan
