"""Figures of many lives as inline SVG: survival curves, shares collapsed by side, fans, and values between two ends."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from twin.report.charts import BOTTOM, LEFT, RIGHT, SMALL_WIDTH, TOP, WIDTH, Series, legend
from twin.report.numbers import short
from twin.report.scales import Axis, date_ticks, linear_axis, log_axis
from twin.report.section import render
from twin.report.study_data import Ranged
from twin.units import DAYS_PER_YEAR

HEIGHT = 230
INNER, OUTER = (0.25, 0.75), (0.05, 0.95)
DEEPEST = 1e-4
"""The axis of a logarithmic fan begins at this share of its largest value at the lowest."""


def survival_figure(curves: Sequence[tuple[str, str, pd.DataFrame]]) -> Markup:
    """Share alive by time since the taper began, a step for each collapse, with its interval; (name, colour, curve) of each variant."""
    last = max((float(curve["days"].iloc[-1]) for _, _, curve in curves), default=0.0)
    if last <= 0:
        return Markup("")
    x, y = _years(last, WIDTH), linear_axis(0.0, 1.0, HEIGHT - BOTTOM, TOP)
    parts = [_share_grid(y, WIDTH), _year_grid(x, WIDTH)]
    for _, colour, curve in curves:
        days, low, high = (curve[name].to_numpy(float) for name in ("days", "low", "high"))
        known = np.isfinite(low) & np.isfinite(high)
        if known.any():
            edges = np.append(days, days[-1])
            for at in np.flatnonzero(known):
                left, right, top, floor = x.px(edges[at]), x.px(edges[at + 1]), y.px(high[at]), y.px(low[at])
                parts.append(f'<rect class="spread" style="fill:var(--{colour})" x="{left:.1f}" y="{top:.1f}" width="{max(right - left, 0):.1f}" height="{floor - top:.1f}"/>')
    for _, colour, curve in curves:
        parts.append(f'<path class="line" style="stroke:var(--{colour})" d="{_steps(curve["days"].to_numpy(float), curve["alive"].to_numpy(float), x, y)}"/>')
    spoken = "; ".join(f"{name}: {curve['alive'].iloc[-1]:.0%} alive at the end" for name, _, curve in curves)
    return _figure("Alive", "share of the lives that live when the taper begins, by time after it began; shaded: 95 % interval", _keys(curves), parts, HEIGHT, spoken)


def causes_figure(name: str, causes: pd.DataFrame, words: Mapping[str, tuple[str, str]]) -> Markup:
    """Share collapsed by time since the taper began, the sides on top of each other; `words`: side -> (name, colour)."""
    days = causes.index.to_numpy(float)
    if len(days) < 2 or not len(causes.columns):
        return Markup("")
    height = 190
    x = _years(float(days[-1]), SMALL_WIDTH)
    y = linear_axis(0.0, min(1.0, max(float(causes.iloc[-1].sum()) * 1.1, 0.05)), height - BOTTOM, TOP)
    parts, floor, series = [_share_grid(y, SMALL_WIDTH), _year_grid(x, SMALL_WIDTH, height)], np.zeros(len(days)), []
    for side in causes.columns:
        said, colour = words.get(str(side), (str(side), "neutral"))
        top = floor + causes[side].to_numpy(float)
        there, back = _steps(days, top, x, y), _steps_back(days, floor, x, y)
        parts.append(f'<path class="area" style="fill:var(--{colour})" d="{there}{back}Z"/>')
        floor = top
        series.append(Series(said, np.empty(0), colour, "area"))
    spoken = "; ".join(f"{words.get(str(side), (str(side), ''))[0]} {causes[side].iloc[-1]:.0%}" for side in causes.columns)
    return _figure(name, "share collapsed, by time after the taper began", legend(series), parts, height, spoken, width=SMALL_WIDTH)


def fan_figures(title: str, unit: str, fans: Sequence[tuple[str, str, pd.DataFrame]], *, is_log: bool, taper: date | None = None, together: int = 3) -> list[Markup]:
    """Fans of one column: up to `together` variants over each other, more of them in a panel each; all on the same axes. Each fan: (name, colour, quantiles by date). `taper`: when it begins, where that is one date."""
    values = np.concatenate([table.drop(columns="n_lives").to_numpy(float).ravel() for _, _, table in fans]) if fans else np.empty(0)
    values = values[np.isfinite(values)]
    if is_log and not (values > 0).any():
        is_log = False
    if not len(values):
        return []
    if is_log:
        top = float(values.max())
        axis = log_axis(max(float(values[values > 0].min()), top * DEEPEST), top, HEIGHT - BOTTOM, TOP)
    else:
        axis = linear_axis(min(0.0, float(values.min())), float(values.max()), HEIGHT - BOTTOM, TOP)
    index = pd.DatetimeIndex(sorted(set().union(*(table.index for _, _, table in fans))))
    if len(index) < 2:
        return []
    panels = [fans] if len(fans) <= together else [[fan] for fan in fans]
    named = title if len(panels) == 1 else ""
    return [_fan_panel(named or f"{title}: {panel[0][0]}", unit, panel, index, axis, taper) for panel in panels]


def _fan_panel(title: str, unit: str, fans: Sequence[tuple[str, str, pd.DataFrame]], index: pd.DatetimeIndex, axis: Axis, taper: date | None) -> Markup:
    step = int((index[1:] - index[:-1]).min() / pd.Timedelta(days=1))
    n = len(index)
    start, end = index[0].date(), index[-1].date() + timedelta(days=step)
    xs = LEFT + (np.arange(n) + 0.5) / n * (WIDTH - LEFT - RIGHT)
    x = Axis(0.0, float((end - start).days), LEFT, WIDTH - RIGHT, ())
    parts, numbers = [_value_grid(axis), _date_grid(start, end, x)], []
    if taper is not None and start < taper < end:
        px = float(x.px((taper - start).days))
        parts.append(f'<line class="markline" x1="{px:.1f}" x2="{px:.1f}" y1="{TOP - 8}" y2="{HEIGHT - BOTTOM}"/><text class="mark" text-anchor="middle" x="{px:.1f}" y="{TOP - 11}">T0, taper begins</text>')
    tables = [(name, colour, table.reindex(index)) for name, colour, table in fans]
    for bounds, kind in ((OUTER, "spread"), (INNER, "spread inner")):
        for _, colour, table in tables:
            low, high = (table[q].to_numpy(float) for q in bounds)
            for run in _runs(np.isfinite(low) & np.isfinite(high)):
                top = "L".join(f"{px:.1f} {py:.1f}" for px, py in zip(xs[run], axis.px(high[run]), strict=True))
                back = "L".join(f"{px:.1f} {py:.1f}" for px, py in zip(xs[run][::-1], axis.px(low[run])[::-1], strict=True))
                parts.append(f'<path class="{kind}" style="fill:var(--{colour})" d="M{top}L{back}Z"/>')
    for name, colour, table in tables:
        middle = table[0.5].to_numpy(float)
        path = "".join("M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in zip(xs[run], axis.px(middle[run]), strict=True)) for run in _runs(np.isfinite(middle)))
        parts.append(f'<path class="line" style="stroke:var(--{colour})" d="{path}"/>')
        front = f"{name}: " if len(tables) > 1 else ""
        for q, said in ((0.95, "95 %"), (0.75, "75 %"), (0.5, "median"), (0.25, "25 %"), (0.05, "5 %")) if len(tables) == 1 else ((0.95, "95 %"), (0.5, "median"), (0.05, "5 %")):
            series = table[q].to_numpy(float)
            if np.isfinite(series).any():
                numbers.append({"n": front + said, "c": colour, "v": [_rounded(value) for value in series]})
    given = {"x0": LEFT, "x1": WIDTH - RIGHT, "start": start.isoformat(), "step": step, "unit": unit, "share": False, "series": numbers}
    spoken = "; ".join(f"{name}: median {short(_last(table[0.5].to_numpy(float)))} at the end" for name, _, table in tables)
    return _figure(title, unit + (" (log scale)" if axis.is_log else ""), _keys(tables), parts, HEIGHT, spoken, data=json.dumps(given, separators=(",", ":")))


def ranges_figure(title: str, unit: str, rows: Sequence[Ranged], *, low: float, high: float, as_points: bool = False, colour: str = "nodes") -> Markup:
    """Values between two ends, a row each, on one axis from `low` to `high`; shares are written as per cent, differences as points of a hundred lives."""
    known = [row for row in rows if math.isfinite(row.value) or (math.isfinite(row.low) and math.isfinite(row.high))]
    if not known:
        return Markup("")
    axis = linear_axis(low, high, 0.0, 100.0)

    def at(value: float) -> str:
        return f"{float(axis.px(min(max(value, axis.low), axis.high))):.2f}%"

    ticks = [(at(tick), f"{100 * tick:+.0f}".replace("-", "−") if as_points and tick else f"{100 * tick:.0f}" if as_points else f"{100 * tick:.0f} %", not tick) for tick in axis.ticks]
    drawn = []
    for row in known:
        has_ends = math.isfinite(row.low) and math.isfinite(row.high)
        ends = (at(row.low), f"{float(axis.px(min(row.high, axis.high)) - axis.px(max(row.low, axis.low))):.2f}%") if has_ends else None
        drawn.append({"label": row.label, "note": row.note, "ends": ends, "value": at(row.value) if math.isfinite(row.value) else None})
    spoken = "; ".join(f"{row.label}: {_spoken(row)}" for row in known)
    return render("study_ranges", title=title, unit=unit, ticks=ticks, rows=drawn, colour=colour, spoken=f"{title}. {spoken}")


def _spoken(row: Ranged) -> str:
    if math.isfinite(row.low) and math.isfinite(row.high):
        return f"{100 * row.low:.0f} to {100 * row.high:.0f} of a hundred"
    return f"{100 * row.value:.0f} of a hundred, range not known"


def _keys(named: Sequence[tuple[str, str, pd.DataFrame]]) -> Markup:
    """Names beside their colours, where there are several."""
    return legend([Series(name, np.empty(0), colour) for name, colour, _ in named]) if len(named) > 1 else Markup("")


def _figure(title: str, unit: str, keys: Markup, parts: Sequence[str], height: int, spoken: str, *, width: int = WIDTH, data: str | None = None) -> Markup:
    reads = data is not None
    svg = f'<svg viewBox="0 0 {width} {height}" role="img"{" tabindex=0" if reads else ""} aria-label="{escape(f"{title}. {spoken}")}">' + "".join(parts) + "</svg>"
    held = Markup(' data-chart="{}"').format(data) if reads else Markup("")
    return Markup('<figure class="chart"{}><figcaption><b>{}</b><span class="unit">{}</span>{}</figcaption>{}</figure>').format(held, title, unit, keys, Markup(svg))


def _years(days: float, width: int) -> Axis:
    """An axis of days with ticks at whole years, or at months where the lives are followed for less than two years; ticks in years."""
    years, most = days / DAYS_PER_YEAR, 8 if width == WIDTH else 5
    steps = (1 / 12, 1 / 6, 0.25) if years < 2 else (0.5, 1.0, 2.0, 5.0, 10.0)
    step = next((each for each in steps if years / each <= most), 0.5 if years < 2 else 20.0)
    return Axis(0.0, days, LEFT, width - RIGHT, tuple(step * at for at in range(int(years / step + 1e-9) + 1)))


def _year_grid(x: Axis, width: int, height: int = HEIGHT) -> str:
    rows, floor = [], height - BOTTOM
    in_months = x.high / DAYS_PER_YEAR < 2
    for years in x.ticks:
        px = float(x.px(years * DAYS_PER_YEAR))
        said = f"{12 * years:.0f}" if in_months else f"{years:g}"
        said += f" {'months' if in_months else 'years'}" if years == x.ticks[-1] else ""
        rows.append(f'<line class="tickmark" x1="{px:.1f}" x2="{px:.1f}" y1="{floor}" y2="{floor + 5}"/>')
        rows.append(f'<text class="tick" text-anchor="{"end" if px > width - RIGHT - 24 else "middle"}" x="{px:.1f}" y="{floor + 18}">{said}</text>')
    return "".join(rows)


def _share_grid(y: Axis, width: int) -> str:
    return "".join(
        f'<line class="{"base" if tick == 0 else "grid"}" x1="{LEFT}" x2="{width - RIGHT}" y1="{float(y.px(tick)):.1f}" y2="{float(y.px(tick)):.1f}"/>'
        f'<text class="tick" text-anchor="end" x="{LEFT - 8}" y="{float(y.px(tick)) + 3.5:.1f}">{100 * tick:g}%</text>'
        for tick in y.ticks
    )


def _value_grid(axis: Axis) -> str:
    return "".join(
        f'<line class="{"base" if tick == 0 else "grid"}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{float(axis.px(tick)):.1f}" y2="{float(axis.px(tick)):.1f}"/>'
        f'<text class="tick" text-anchor="end" x="{LEFT - 8}" y="{float(axis.px(tick)) + 3.5:.1f}">{escape(short(tick))}</text>'
        for tick in axis.ticks
    )


def _date_grid(start: date, end: date, x: Axis) -> str:
    rows, floor = [], HEIGHT - BOTTOM
    for when, label in date_ticks(start, end):
        px = float(x.px((when - start).days))
        anchor = "start" if px < LEFT + 12 else "end" if px > WIDTH - RIGHT - 16 else "middle"
        rows.append(f'<line class="tickmark" x1="{px:.1f}" x2="{px:.1f}" y1="{floor}" y2="{floor + 5}"/><text class="tick" text-anchor="{anchor}" x="{px:.1f}" y="{floor + 18}">{escape(label)}</text>')
    return "".join(rows)


def _steps(days: np.ndarray, values: np.ndarray, x: Axis, y: Axis) -> str:
    """A path that holds each value until the next day of the table."""
    path = [f"M{float(x.px(days[0])):.1f} {float(y.px(values[0])):.1f}"]
    for day, value in zip(days[1:], values[1:], strict=True):
        path.append(f"H{float(x.px(day)):.1f}V{float(y.px(value)):.1f}")
    return "".join(path)


def _steps_back(days: np.ndarray, values: np.ndarray, x: Axis, y: Axis) -> str:
    """The same steps from the last day to the first, to close an area."""
    path = [f"L{float(x.px(days[-1])):.1f} {float(y.px(values[-1])):.1f}"]
    for at in range(len(days) - 1, 0, -1):
        path.append(f"V{float(y.px(values[at - 1])):.1f}H{float(x.px(days[at - 1])):.1f}")
    return "".join(path)


def _runs(known: np.ndarray) -> list[slice]:
    """Stretches of at least two neighbours that are known."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(int)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]


def _rounded(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None


def _last(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else math.nan
