"""One run from a scenario to a folder with tables, verdict and report; and `Run`, the handle on what it left."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from twin.build import Twin, build
from twin.cutoff import kept_after_cutoff
from twin.geo import hexes
from twin.geo.grid import CellGrid
from twin.outcomes import VERDICT_TABLE, Evidence, Verdict, evidence_window, judge, scorecard_of
from twin.record import Recorder, RunFolder, RunStore, describe_scenario, open_run
from twin.record.tables import WIRELESS_DAILY
from twin.scenario import Scenario

if TYPE_CHECKING:
    import geopandas as gpd

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
    progress: Progress | None = None,
    cache: Path | None = None,
) -> Run:
    """Runs a scenario from its first day to its last and writes `out/<name>-<hash>/`.

    A finished folder of the same scenario and seed holds the same run: `InputError` (`run_exists`) unless `overwrite`. An interruption or an error
    leaves a readable folder that says how far the run came. Raises `InputError` before anything is written where the input is wrong.
    """
    say = progress or (lambda what, done, of: None)
    started = time.perf_counter()
    say("building the map", 0, 1)
    twin = build(scenario, cache=cache)
    built = time.perf_counter()
    say("building the map", 1, 1)
    with (
        RunStore.create(
            out,
            name=scenario.name,
            run_hash=twin.run_hash,
            about={**describe_scenario(scenario), **twin.about()},
            extra_columns={"network_daily": WIRELESS_DAILY},
            licence=twin.terrain.licence,
            overwrite=overwrite,
        ) as store,
        _noting(f"{store.folder} says that it is incomplete; what was written stays readable, and twin report draws it."),
    ):
        recorder = Recorder(store, start=twin.clock.start, n_days=twin.clock.n_days)
        twin.observer.recorder = recorder
        say("running", 0, twin.clock.n_days)
        cut = kept_after_cutoff(twin, scenario, progress=lambda day: say("running", day + 1, twin.clock.n_days))
        ran = time.perf_counter()
        verdict = _judged(twin, recorder, cut)
        store.write("cells", lookup(twin.terrain.map))
        card = scorecard_of(verdict, _evidence(twin, recorder, verdict))
        store.write("verdict", {name: [value] for name, value in verdict.row(scorecard=card).items()}, declared=VERDICT_TABLE)
        store.finish(
            timings_s={"build": round(built - started, 3), "run": round(ran - built, 3)},
            outcome=verdict.outcome.value,
            sentence=verdict.sentence(),
        )
        folder = store.folder
    if report:
        from twin.report import write_report  # reading tables and drawing is not needed to run

        say("drawing the report", 0, 1)
        with _noting(f"The run itself is complete, in {folder}. To draw its report again: twin report {folder}"):
            write_report(folder)
        say("drawing the report", 1, 1)
    return Run(open_run(folder), verdict)


@contextmanager
def _noting(words: str) -> Iterator[None]:
    """Adds what the user must know to whatever ends the work early, an interruption too."""
    try:
        yield
    except BaseException as error:
        error.add_note(words)
        raise


def _judged(twin: Twin, recorder: Recorder, cut: float | None) -> Verdict:
    spec: Any = twin.spec
    return judge(
        recorder.network_daily(),
        twin.judged_year.nodes(),
        twin.taper,
        spec=spec.verdict,
        taper_spec=spec.taper,
        addressable_usd_per_day=twin.customers.addressable_usd_per_day(),
        kept_after_cutoff=cut,
    )


def _evidence(twin: Twin, recorder: Recorder, verdict: Verdict) -> Evidence:
    """What the four investor questions rest on."""
    daily = recorder.network_daily()
    window = evidence_window(daily, verdict)
    rows = window.rows(twin.clock.start)
    before = slice(max(rows.start - 365, 0), rows.start)
    external = {name: paid for name, paid in twin.observer.paid_by_customer.items() if not twin.spec.customers[name].affiliate}
    affiliates = sum(float(paid[rows].sum()) for name, paid in twin.observer.paid_by_customer.items() if name not in external)
    return Evidence(
        daily,
        pd.DataFrame(twin.ledger.flow_rows()),
        {name: float(paid[rows].sum()) for name, paid in external.items()},
        customers_year_before_usd={name: float(paid[before].sum()) for name, paid in external.items()} if rows.start >= 365 else None,
        affiliates_usd=affiliates,
        schedule=twin.schedule,
    )


def lookup(cells: CellGrid) -> dict[str, Any]:
    """The table `cells`: what a dense cell number means."""
    law = [cells.jurisdictions[k] for k in cells.jurisdiction]
    return {
        "cell": np.arange(cells.n, dtype=np.int32),
        "h3": cells.ids,
        "lat_deg": cells.lat_deg,
        "lng_deg": cells.lng_deg,
        "people": cells.people,
        "country": [each.country for each in law],
        "admin1": [each.admin1 for each in law],
        "land_class": cells.land_class,
        "inside": cells.inside,
        "geometry": shapely.to_wkb(hexes.boundaries(cells.ids)),
    }
