"""Rules, contracts, farms and releases on a time line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from twin.report.charts import LEFT, RIGHT, WIDTH
from twin.report.numbers import count
from twin.report.scales import date_ticks
from twin.report.section import Section, render
from twin.report.view import View

MOST_LANES, MOST_ROWS, OFTEN, ROW_PX, NAMES_PX = 14, 60, 8, 30, 150
COLOURS = {
    "SHOCK": "fake",
    "ARRIVE": "nodes",
    "SERVE": "nodes",
    "PROVE": "hosts",
    "SETTLE": "subsidy",
    "DECIDE": "fees",
    "OBSERVE": "muted",
}


def events_section(view: View) -> Section:
    """A time line with one lane for each kind of event, and the events that are rare enough to list."""
    title = "Rules and events"
    events = view.events
    if not len(events):
        return Section(
            "events", title, absent="nothing out of the ordinary happened: no rule, contract or farm, and no release of a denylist"
        )
    kinds = (
        events.groupby("kind", sort=False)
        .agg(n=("kind", "size"), lane=("lane", "first"), first=("date", "min"))
        .sort_values(["n", "first"])
    )
    listed = events[events.kind.isin(_rare(kinds))]
    rules = events[events.lane == "SHOCK"]
    shown = f"{count(len(events))} events of {len(kinds)} kinds"
    lead = (
        f"{shown}; {count(len(rules))} of them are rules or shocks." if len(rules) else f"{shown}; no rule was announced and no shock came."
    )
    kinds_left = [_summed(str(kind), events[events.kind == kind]) for kind in kinds.index if kind not in set(listed.kind)]
    return Section(
        "events",
        title,
        lead,
        render(
            "events",
            drawing=_timeline(view, events, kinds.head(MOST_LANES)),
            rows=[_row(e) for e in listed.to_dict("records")],
            others=kinds_left,
        ),
    )


def _rare(kinds: pd.DataFrame) -> list[str]:
    """Kinds to list one by one: the rarest first, as long as there is room; a kind that came often is summed up."""
    return list(kinds.index[(kinds.n.cumsum() <= MOST_ROWS) & (kinds.n <= OFTEN)])


def _summed(kind: str, events: pd.DataFrame) -> dict[str, Any]:
    first, last = events["date"].min().strftime("%Y-%m-%d"), events["date"].max().strftime("%Y-%m-%d")
    return {"kind": _words(kind), "n": len(events), "first": first, "last": last, "count": int(events["count"].sum())}


def _words(text: Any) -> str:
    return str(text).replace("_", " ")


def _row(event: dict[str, Any]) -> dict[str, Any]:
    value = event["value"]
    told = value is None or not np.isfinite(value) or float(value) == float(event["count"])
    size = "" if told else f"{value:,.4g} {event['unit']}".strip()
    return {
        "date": event["date"].strftime("%Y-%m-%d"), "kind": _words(event["kind"]), "subject": _words(event["subject"]), "where": event["jurisdiction"] or "everywhere",
        "count": int(event["count"]) or "", "size": size, "note": event["note"],
    }  # fmt: skip


def _timeline(view: View, events: pd.DataFrame, kinds: pd.DataFrame) -> Markup:
    first: date = view.start if len(view.daily) else events["date"].min().date()
    last: date = (view.daily["date"] if len(view.daily) else events["date"]).max().date() + timedelta(days=1)
    left, height = LEFT + NAMES_PX, 34 + ROW_PX * len(kinds) + 24

    def px(when: date) -> float:
        return left + (when - first).days / max((last - first).days, 1) * (WIDTH - RIGHT - left)

    parts = []
    if view.marks.band:
        x0, x1 = px(max(view.marks.band[0], first)), px(min(view.marks.band[1], last))
        if x1 > x0:
            parts.append(
                f'<rect class="band" x="{x0:.1f}" y="18" width="{x1 - x0:.1f}" height="{height - 42}"/><text class="mark" text-anchor="middle" x="{(x0 + x1) / 2:.1f}" y="13">J</text>'
            )
    for name, when in view.marks.dates:
        if first <= when <= last:
            parts.append(
                f'<line class="markline" x1="{px(when):.1f}" x2="{px(when):.1f}" y1="18" y2="{height - 24}"/><text class="mark" text-anchor="middle" x="{px(when):.1f}" y="13">{escape(name)}</text>'
            )
    for when, label in date_ticks(first, last):
        parts.append(f'<text class="tick" text-anchor="middle" x="{px(when):.1f}" y="{height - 6}">{escape(label)}</text>')
    for i, (kind, about) in enumerate(kinds.iterrows()):
        y = 34 + ROW_PX * (i + 0.5)
        parts.append(
            f'<line class="grid" x1="{left}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/><text class="lane" text-anchor="end" x="{left - 14}" y="{y + 4}">{escape(_words(kind))}</text>'
        )
        mine = events[events.kind == kind]
        largest = max(float(mine["count"].max()), 1.0)
        free_px = -1e9
        for event in mine.head(400).to_dict("records"):
            x, radius = px(event["date"].date()), 3.5 + 5.5 * (max(float(event["count"]), 0.0) / largest) ** 0.5
            name = _words(event["subject"])
            tip = (
                f"{event['date']:%Y-%m-%d} {name}"
                + (f", {count(event['count'])}" if event["count"] else "")
                + (f": {event['note']}" if event["note"] else "")
            )
            parts.append(
                f'<circle style="fill:var(--{COLOURS.get(str(event["lane"]), "nodes")})" cx="{x:.1f}" cy="{y}" r="{radius:.1f}"><title>{escape(tip)}</title></circle>'
            )
            width = 6.2 * len(name)
            if about.n <= 6 and x > free_px:
                end = x + radius + 5 + width > WIDTH - RIGHT
                anchor, at = ("end", x - radius - 5) if end else ("start", x + radius + 5)
                parts.append(f'<text class="note" text-anchor="{anchor}" x="{at:.1f}" y="{y + 4}">{escape(name)}</text>')
                free_px = x + radius + 10 + (0 if end else width)
    return Markup(
        f'<figure class="chart"><svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="events by kind and date; the table below lists them">{"".join(parts)}</svg></figure>'
    )
