"""Levers sorted by what they move: one bar for each, from the life with nothing turned; for the table of `twin respond`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

LABEL, RIGHT, ROW, TOP, WIDTH = 180, 74, 19, 22, 860
MOST_SHARE = 1.0
"""A bar ends here, at a change by the whole of what was; the number beside it goes on."""
LEAST_SHARE = 0.0005
"""A change of less is none."""


class Bar(NamedTuple):
    """A lever and by what share it changed a quantity."""

    lever: str
    share: float


def bars_of(table: pd.DataFrame, quantity: str) -> list[Bar]:
    """Changes of a quantity against the first row, the largest first; without levers that were not turned or whose life failed."""
    before, rest = table.iloc[0][quantity], table.iloc[1:]
    if not np.isfinite(before) or before == 0:
        return []
    share = rest[quantity].astype(float) / float(before) - 1
    found = [Bar(str(lever), float(each)) for lever, each in zip(rest["lever"], share, strict=True) if np.isfinite(each)]
    return sorted(found, key=lambda bar: -abs(bar.share))


def tornado(title: str, bars: Sequence[Bar]) -> Markup:
    """The bars that move anything as a figure; those that move nothing by name below it."""
    moved = [bar for bar in bars if abs(bar.share) >= LEAST_SHARE]
    still = [bar.lever for bar in bars if abs(bar.share) < LEAST_SHARE]
    if not bars:
        return Markup("")
    height = TOP + ROW * len(moved) + 8
    middle, half = (LABEL + WIDTH - RIGHT) / 2, (WIDTH - RIGHT - LABEL) / 2
    parts = [
        f'<text class="tick" text-anchor="{anchor}" x="{middle + where * half:.1f}" y="13">{words}</text>'
        for where, words, anchor in ((-1, "−100%", "start"), (-0.5, "−50%", "middle"), (0, "0", "middle"), (0.5, "+50%", "middle"), (1, "+100%", "end"))
    ]
    parts += [
        f'<line class="{"base" if where == 0 else "grid"}" x1="{middle + where * half:.1f}" x2="{middle + where * half:.1f}" y1="{TOP - 4}" y2="{height - 6}"/>'
        for where in (-1, -0.5, 0, 0.5, 1)
    ]
    for row, bar in enumerate(moved):
        y, length = TOP + ROW * row, min(abs(bar.share), MOST_SHARE) * half
        x = middle - length if bar.share < 0 else middle
        end, anchor = (middle - length - 4, "end") if bar.share < 0 else (middle + length + 4, "start")
        colour = "collapsed" if bar.share < 0 else "fees"
        parts.append(f'<text class="tick" text-anchor="end" x="{LABEL - 62}" y="{y + 11}">{escape(bar.lever)}</text>')
        parts.append(f'<rect style="fill:var(--{colour})" x="{x:.1f}" y="{y}" width="{max(length, 1):.1f}" height="{ROW - 6}" rx="2"/>')
        parts.append(f'<text class="tick" text-anchor="{anchor}" x="{end:.1f}" y="{y + 11}">{escape(changed(bar.share))}</text>')
    spoken = f"{title}: " + ", ".join(f"{bar.lever} {changed(bar.share)}" for bar in moved)
    svg = f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(spoken)}">' + "".join(parts) + "</svg>"
    note = Markup('<p class="fine">Moves nothing: {}.</p>').format(", ".join(still)) if still else Markup("")
    return Markup('<figure class="chart"><figcaption><b>{}</b><span class="unit">change against the life with nothing turned</span></figcaption>{}{}</figure>').format(
        title, Markup(svg), note
    )


def changed(share: float) -> str:
    """A change in words: +12.3%, −100%, ×24."""
    if share > 9:
        return f"×{share + 1:,.0f}"
    sign = "+" if share > 0 else "−"
    return f"{sign}{abs(share):.1%}" if abs(share) < 0.995 else f"{sign}{abs(share):.0%}"
