"""One run from a scenario to a folder with tables, verdict and report; and `Run`, the handle on what it left."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from twin.build import build
from twin.cutoff import first_slash, live_and_try
from twin.errors import Problem
from twin.first_life import at_once, found_at_once
from twin.history.beside_life import write_beside
from twin.judged import judged
from twin.judging import too_short
from twin.outcomes import VERDICT_TABLE, TaperOrigin, Verdict, scorecard_of
from twin.outcomes.income import operator_income
from twin.outcomes.reality import outlived_words
from twin.outcomes.spending import customer_dollars
from twin.record import Recorder, RunFolder, RunStore, describe_scenario, open_run
from twin.scenario import Scenario
from twin.told_to_end import ends_when_told

if TYPE_CHECKING:
    import geopandas as gpd

    from twin.world import World

log = logging.getLogger("twin.run")

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many steps are done and how many there are."""


@dataclass(frozen=True)
class Run:
    """A finished run: its folder, its tables, its verdict."""

    folder: RunFolder
    verdict: Verdict

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.folder.path

    @property
    def report(self) -> Path:
        """The page to open in a browser."""
        return self.folder.path / "report.html"

    @property
    def outlived(self) -> str:
        """One sentence where this life collapsed while the real network is known to have lived; empty elsewhere."""
        return outlived_words(self.folder.manifest.get("real_network"), None if self.verdict.collapse is None else self.verdict.collapse.begins)

    def table(self, name: str) -> pd.DataFrame:
        """One table of the run; names and columns are in docs/tables.md."""
        return self.folder.table(name)

    def map(self, column: str = "online", *, day: int | date | None = None) -> gpd.GeoDataFrame:
        """One row for each cell of the study area with its outline and the value in the month of `day` (default: the last)."""
        return self.folder.map(column, day=day)


def run(
    scenario: Scenario,
    *,
    out: str | Path = "runs",
    overwrite: bool = False,
    report: bool = True,
    switched_off: Iterable[str] = (),
    pair_slashing: bool = False,
    progress: Progress | None = None,
    warn: Callable[[Problem], object] | None = None,
    cache: Path | None = None,
) -> Run:
    """Runs a scenario from its first day to its last and writes `out/<name>-<hash>/`. `switched_off` are mechanisms that never are; the manifest names them.
    `pair_slashing`: the same luck is lived once more without taking stakes, for the scorecard's question on collateral; up to as much processor time again.

    A finished folder of the same scenario and seed holds the same run: `InputError` (`run_exists`) unless `overwrite`. An interruption (Ctrl-C; in the main thread SIGTERM too) or an error
    leaves a readable folder that says how far the run came. `warn` is told what `twin check` could not know: before the first day, or after the last where only then it is known. Raises `InputError` before anything is written where the input is wrong.
    """
    say = progress or (lambda what, done, of: None)
    started = time.perf_counter()
    say("building the map", 0, 1)
    off = tuple(switched_off)
    twin = (None if off else at_once(scenario, cache=cache)) or build(scenario, cache=cache)
    for mechanism in off:
        twin.switch(mechanism, False)
    built = time.perf_counter()
    say("building the map", 1, 1)
    if warn is not None and twin.taper.origin is TaperOrigin.LIFE and not twin.finds_dates:
        for problem in too_short(scenario, twin.taper):
            warn(problem)
    if pair_slashing:
        first_slash(twin)
    with (
        ends_when_told(),
        RunStore.create(
            out,
            name=scenario.name,
            run_hash=twin.run_hash,
            about={**describe_scenario(scenario), "nouns": scenario.network.nouns(scenario.spec).stated(), **twin.about()},
            extra_columns=twin.more_columns,
            absent_columns=twin.absent_fields,
            licence=twin.licence,
            overwrite=overwrite,
        ) as store,
        _noting(f"{store.folder} says that it is incomplete; what was written stays readable, and twin report draws it."),
    ):
        if (cells := twin.cells()) is not None:
            store.write("cells", cells)  # first: an interrupted run has its map too
        recorder = Recorder(store, start=twin.clock.start, n_days=twin.clock.n_days)
        twin.record_with(recorder)
        say("running", 0, twin.clock.n_days)
        tried = live_and_try(twin, scenario, progress=lambda day: say("running", day + 1, twin.clock.n_days), pair_slashing=pair_slashing)
        ran, dates = time.perf_counter(), dict[str, object]()
        if twin.finds_dates:
            twin.learn(found_at_once(twin))
            dates = {name: build(scenario, cache=cache, dated=twin.dated).about()[name] for name in ("taper", "plan")}
            if warn is not None:
                for problem in too_short(scenario, twin.taper):
                    warn(problem)
        if (subsidy := twin.dated.subsidy) is not None:
            store.write("subsidy_schedule", subsidy.rows())
        verdict = judged(twin, recorder, tried.kept_after_cutoff, tried.without_taper)
        if (nodes := twin.node_year()) is not None:
            store.write("judged_nodes", nodes.rows())
        flows = pd.DataFrame(twin.ledger.flow_rows())
        store.write("operator_income", income := operator_income(flows, recorder.network_daily()))
        store.write("customer_dollars", customer_dollars(flows, income))
        if (payers := twin.customers_rows()) is not None:
            store.write("customers_daily", payers)
        for name, rows in twin.pressure_tables.items():
            store.write(name, rows)
        evidence = twin.evidence(recorder.network_daily(), verdict)
        if evidence.collateral is not None:
            pair = replace(evidence.collateral, cheats_reward_share_without_slashing=tried.cheats_reward_share_without_slashing)
            evidence = replace(evidence, collateral=pair)
        card = scorecard_of(verdict, evidence)
        store.write("verdict", {name: [value] for name, value in verdict.row(scorecard=card).items()}, declared=VERDICT_TABLE)
        store.finish(
            timings_s={"build": round(built - started, 3), "run": round(ran - built, 3)},
            outcome=verdict.outcome.value,
            sentence=verdict.sentence(),
            untested=twin.guard.untested(),
            **dates,
            **skill_entry(twin, recorder.network_daily()),
        )
        folder = store.folder
    if not off:  # a life with a mechanism that never was is not held against what was
        write_beside(folder, scenario, recorder.network_daily())
    if report:
        from twin.report import write_report  # reading tables and drawing is not needed to run

        say("drawing the report", 0, 1)
        with _noting(f"The run itself is complete, in {folder}. To draw its report again: twin report {folder}"):
            write_report(folder)
        say("drawing the report", 1, 1)
    return Run(open_run(folder), verdict)


def skill_entry(twin: World, daily: pd.DataFrame) -> dict[str, object]:
    """For the manifest: how far the price of a market that clears lies from history on dated points; nothing where there is no history."""
    history = getattr(twin.chronicle.market, "history", None)
    skill = None if history is None or not len(daily) else history.skill(daily["price_usd"].to_numpy(float), start=twin.clock.start)
    return {} if skill is None else {"price_skill": {**asdict(skill), "worst_day": skill.worst_day.isoformat()}}


@contextmanager
def _noting(words: str) -> Iterator[None]:
    """Adds what the user must know to whatever ends the work early, an interruption too."""
    try:
        yield
    except BaseException as error:
        error.add_note(words)
        raise

