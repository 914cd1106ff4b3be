"""Who gave to whom, as bands between two columns of accounts. An account that gives and gets stands on both sides."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup, escape

from twin.report.numbers import usd

WIDTH, BAR_PX, GAP_PX, LABEL_PX, NAME_PX, LEAST_SHARE = 860, 12, 14, 31, 170, 0.004
COLOURS = {"customer": "fees", "emission": "subsidy", "grant": "grants"}


def draw_flows(flows: pd.DataFrame, *, height: int = 330) -> Markup:
    """Bands as wide as `amount_usd` of each source, target and funding; what is under 0.4% of the whole is left out of the drawing."""
    whole = float(flows.amount_usd.sum())
    summed = flows.groupby(["source", "target", "funding"], as_index=False).agg(
        amount_usd=("amount_usd", "sum"), reason=("reason", _listed)
    )
    shown = summed[summed.amount_usd > whole * LEAST_SHARE]
    if not len(shown) or whole <= 0:
        return Markup("")
    left, right = (shown.groupby(side).amount_usd.sum().sort_values(ascending=False) for side in ("source", "target"))
    room = height - GAP_PX * (max(len(left), len(right)) - 1) - 20
    scale = room / float(shown.amount_usd.sum())
    y_left, y_right = _tops(left, scale), _tops(right, scale)
    bars = [_bar(name, value, y_left[name], scale, side="left") for name, value in left.items()] + [
        _bar(name, value, y_right[name], scale, side="right") for name, value in right.items()
    ]
    bands, at_left, at_right = [], dict(y_left), dict(y_right)
    order = shown.assign(l=shown.source.map(y_left), r=shown.target.map(y_right)).sort_values(["l", "r", "funding"])
    for row in order.to_dict("records"):
        thick = row["amount_usd"] * scale
        y0, y1 = at_left[row["source"]], at_right[row["target"]]
        at_left[row["source"]] += thick
        at_right[row["target"]] += thick
        bands.append(_band(row, y0, y1, thick))
    tall = max(max(y_left[n] + v * scale for n, v in left.items()), max(y_right[n] + v * scale for n, v in right.items())) + 10
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {tall:.0f}" role="img" aria-label="flows between accounts; the table below has the numbers">{"".join(bands)}{"".join(bars)}</svg>'
    )


def words(account: str) -> str:
    """An account's name as people say it."""
    return str(account).replace("_", " ")


def _listed(reasons: pd.Series) -> str:
    return ", ".join(dict.fromkeys(words(reason) for reason in reasons if reason))


def _tops(sums: pd.Series, scale: float) -> dict[str, float]:
    tops, y = {}, 10.0
    for name, value in sums.items():
        tops[str(name)] = y
        y += max(float(value) * scale + GAP_PX, LABEL_PX)
    return tops


def _bar(name: str, value: float, top: float, scale: float, *, side: str) -> str:
    x = NAME_PX if side == "left" else WIDTH - NAME_PX - BAR_PX
    text_x, anchor = (x - 8, "end") if side == "left" else (x + BAR_PX + 8, "start")
    tall = max(value * scale, 1.5)
    middle = top + tall / 2
    return (
        f'<rect class="account" x="{x}" y="{top:.1f}" width="{BAR_PX}" height="{tall:.1f}" rx="2"/>'
        f'<text class="account" text-anchor="{anchor}" x="{text_x}" y="{middle - 1:.1f}">{escape(words(name))}</text>'
        f'<text class="tick" text-anchor="{anchor}" x="{text_x}" y="{middle + 12:.1f}">{escape(usd(value))}</text>'
    )


def _band(row: dict[str, object], y0: float, y1: float, thick: float) -> str:
    x0, x1 = NAME_PX + BAR_PX, WIDTH - NAME_PX - BAR_PX
    middle = (x0 + x1) / 2
    a, b, c, d = y0, y1, y1 + thick, y0 + thick
    path = f"M{x0} {a:.1f}C{middle} {a:.1f} {middle} {b:.1f} {x1} {b:.1f}L{x1} {c:.1f}C{middle} {c:.1f} {middle} {d:.1f} {x0} {d:.1f}Z"
    funding = str(row["funding"])
    tip = f"{words(str(row['source']))} → {words(str(row['target']))}: {usd(row['amount_usd'])}" + (
        f" ({row['reason']})" if row["reason"] else ""
    )
    return f'<path class="flow" style="fill:var(--{COLOURS.get(funding, "neutral")})" d="{path}"><title>{escape(tip)}</title></path>'
