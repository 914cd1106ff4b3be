"""`twin.ensemble`: many lives from Python, and the study that they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from twin.odds.designs import Design, draws, replicates
from twin.odds.engines.engine import Engine
from twin.odds.engines.executor import InExecutor
from twin.odds.living import live_plan
from twin.odds.progress import Tally
from twin.odds.restating import check_restated, restate
from twin.odds.rows import BASE, Plan, Recorded
from twin.odds.study import Study
from twin.scenario import Scenario

AHEAD = 64
"""Rows that an executor is handed at a time."""


def ensemble(
    scenario: Scenario, *, lives: int = 50, draws_of_unknown: int | None = None, design: Design | None = None, variants: Sequence[str] = (BASE,),
    changes: Mapping[str, Mapping[str, Any]] | None = None, record: Recorded = "network", forks: bool = False, out: str | Path = "studies", workers: int = 1,
    engine: Engine | Executor | None = None, until_known: bool = False, restate_on: int = 0, resume: bool = True, retry_failed: bool = False, progress: Callable[[Tally], object] = lambda tally: None,
) -> Study:  # fmt: skip
    """Lives a scenario many times and returns the study; lives that the folder in `out` holds already are not lived again.

    `lives` is the number of lives that differ by luck; with `draws_of_unknown`, the lives of each draw of the `uncertain` block. `design` takes the place of both
    (`twin.odds.designs`). `variants` live on the same luck; `changes` gives ones that do not stand in the file, name -> {dotted path: value}.
    `forks`: each life is tried once more without the taper from T0 on, and without any subsidy in the judged year; `study.odds().because_of_taper` then counts the deaths that needed the taper.
    `engine` is one of `twin.odds.engines`, or any executor of `concurrent.futures`; None: `workers` processes of this machine.
    `restate_on`: the best of three or more variants is lived on so many fresh points more, and `twin.odds.restating.chosen(study)` states its odds on them.
    `until_known` stops as soon as more lives would not say more.
    Raises InputError where the input is wrong, StoreError where the disk takes no more; what is finished stays.
    """
    points = design or (replicates(lives) if draws_of_unknown is None else draws(draws_of_unknown, lives_each=lives))
    plan = Plan(scenario, points, tuple(variants), record, forks, changes or {})
    chosen = InExecutor(engine, ahead=AHEAD) if isinstance(engine, Executor) else engine
    check_restated(plan.variants, points, restate_on)
    study = live_plan(plan, out=out, engine=chosen, workers=workers, resume=resume, retry_failed=retry_failed, until_known=until_known, told=progress)
    if restate_on:
        restate(study, plan, restate_on, engine=chosen, workers=workers, told=progress)
    return study
