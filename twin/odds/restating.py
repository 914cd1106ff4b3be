"""Choose on one luck, state the odds on another: lives the best of many variants on points that the study does not have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from twin.errors import InputError, Problem
from twin.odds.choosing import FEWEST_VARIANTS, Chosen, chosen, home_of
from twin.odds.designs import Design, Layout
from twin.odds.engines.engine import Engine
from twin.odds.living import live_plan
from twin.odds.progress import Tally
from twin.odds.rows import Plan
from twin.odds.study import Study


def fresh_points(design: Design, n: int) -> Design:
    """`n` points that go on where a design ends: draws and luck that it does not have. InputError for points that are laid out, not drawn."""
    if design.layout not in (Layout.REPLICATES, Layout.DRAWS):
        raise InputError(Problem("option_misfit", f"odds are restated on independent lives; the points of this study are laid out ({design.layout.value}).", path="--restate", suggestion="Leave out --design, or --restate."))
    luck = int(design.replicate.max()) + 1 + np.arange(n)
    draw = np.full(n, -1) if design.layout is Layout.REPLICATES else int(design.draw.max()) + 1 + np.arange(n)
    return Design(design.layout, (), draw.astype(np.int64), luck.astype(np.int64), np.zeros(n, np.int64), None)


def restate(study: Study, plan: Plan, n: int, *, engine: Engine | None = None, workers: int = 1, cache: Path | None = None, told: Callable[[Tally], object] = lambda tally: None) -> Chosen | None:
    """Lives the best variant of a study of `plan` on `n` fresh points (those that stand in its folder are not lived again), and says what it then knows."""
    best = chosen(study)
    if best is None:
        return None
    again = replace(plan, design=fresh_points(study.design, n), variants=(best.variant,), record="verdict")
    live_plan(again, out=home_of(study), engine=engine, workers=workers, resume=True, cache=cache, told=told)
    return chosen(study)


def check_restated(variants: tuple[str, ...], design: Design, n: int) -> None:
    """Refuses before the first life what cannot be restated. InputError."""
    if n < 1:
        return
    if len(variants) < FEWEST_VARIANTS:
        raise InputError(Problem("option_misfit", f"the best of {FEWEST_VARIANTS} or more variants is restated; there are {len(variants)}.", path="--restate"))
    fresh_points(design, n)
