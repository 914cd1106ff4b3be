"""The command that lays a life beside what was observed: beside."""

from __future__ import annotations

import csv as csv_
import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.table import Table

from twin.cli import console
from twin.cli.outfile import unwritable
from twin.cli.scenario_commands import FileArgument, SeedOption, SetOption, VariantOption
from twin.errors import InputError, Problem
from twin.scenario import load
from twin.scenario.dated_tables import wrong_tables

if TYPE_CHECKING:
    from twin.history.beside import Beside
    from twin.history.observations import Observed
    from twin.scenario import Scenario

EXAMPLES = """\
Examples:

  twin beside filecoin-world                              one life, row by row beside what was observed

  twin beside helium-iot-world --run runs/helium-iot-world-1a2b3c4d     a run that has been lived

  twin beside my-network.yaml --observations seen.csv --csv rows.csv    your own table, all rows to a file
"""
MOST_ROWS = 12
"""Of a metric with more rows as many are printed, evenly spaced; a file has all."""
WIDTH = 140


def register(app: typer.Typer) -> None:
    """Adds the command to an app."""
    app.command("beside", epilog=EXAMPLES)(beside_command)


def beside_command(
    file: FileArgument,
    sets: SetOption = None,
    variant: VariantOption = None,
    seed: SeedOption = None,
    run: Annotated[Path | None, typer.Option("--run", metavar="FOLDER", help="a run of the scenario in place of a life in memory")] = None,
    observations: Annotated[Path | None, typer.Option("--observations", metavar="FILE", help="a table of your own in place of the one that comes with the package")] = None,
    metric: Annotated[list[str] | None, typer.Option("--metric", metavar="NAME", help="this metric alone; several times for several")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="write all rows to a file")] = None,
) -> None:
    """Lay one life beside what was observed, row by row.

    The life has every input that the scenario has, later ones too: what comes near may have been told to it. A backtest (twin backtest) forecasts.
    """
    scenario = load(file, sets=sets or (), variant=variant, seed=seed)
    from twin.history.beside import beside
    from twin.history.metrics import metrics_of, network_of, unknown_metric
    from twin.history.observations import read_for, shipped_for

    metrics, network, wanted = metrics_of(scenario), network_of(scenario), metric or ()
    problems = [unknown_metric(name, metrics, network) for name in wanted if name not in metrics] + unwritable(csv, "--csv") + wrong_tables(scenario)
    known: dict[str, Observed] = {}
    try:
        known = shipped_for(scenario) if observations is None else read_for(observations, network, scenario.name, metrics=metrics)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    if not (found := {name: seen for name, seen in known.items() if not wanted or name in wanted}):
        raise InputError(_nothing_known(scenario.name, network, wanted, known, observations))
    laid = beside(scenario, _daily(scenario, run), found)
    _show(scenario, laid)
    if csv is not None:
        _write(csv, laid)
        console.output().print(f"\nall rows  {csv}", markup=False)


def _nothing_known(scenario: str, network: str, wanted: Sequence[str], known: Collection[str], observations: Path | None) -> Problem:
    """That there is no row to lay a life beside."""
    asked = f" by {', '.join(wanted)}" if wanted else f" that the scenario {scenario} answers"
    own = "Give a table of your own: --observations FILE (docs/observations.md)." if observations is None else None
    hint = f"Known are {', '.join(known)}." if known else own
    return Problem("no_observations", f"nothing is known of {network}{asked}.", file=observations, suggestion=hint)


def _daily(scenario: Scenario, run: Path | None) -> Any:
    """The table `network_daily` of the run, or of a life lived now."""
    if run is not None:
        from twin.record.reader import open_run

        folder = open_run(run)
        if folder.manifest.get("scenario_hash") != scenario.hash:
            console.say_error(f"warning: {run} is a run of other values than {scenario.name} ({scenario.label}) has now.")
        table = folder.table("network_daily")
        first = table["date"].iloc[0] if len(table) else None
        if first is None or np.datetime64(first, "D") != np.datetime64(scenario.spec.calendar.start, "D"):
            begins = "has no day yet" if first is None else f"begins on {np.datetime64(first, 'D')}"
            raise InputError(Problem("other_run", f"{run} {begins}, and {scenario.name} on {scenario.spec.calendar.start}.", suggestion="Name the scenario and the variant of the run."))
        return table
    from twin.life import life  # the dynamics take seconds to import

    return life(scenario).daily


def _show(scenario: Scenario, found: Mapping[str, Beside]) -> None:
    said = console.output()
    said.width = max(said.width, WIDTH)
    said.print(f"{scenario.name} ({scenario.label}), seed {scenario.seed}, {scenario.spec.calendar.start} to {scenario.spec.calendar.end}: one life beside what was observed\n", markup=False)
    table = Table("metric", "unit", "rows", "in the run", "off by", "bias", "bounds kept", box=None, header_style="bold")
    for name, each in found.items():
        ratios, (kept, of) = each.log_ratios, each.bounds_kept
        off, bias = (f"{np.median(np.abs(ratios)):.2f}", f"{np.median(ratios):+.2f}") if len(ratios) else ("", "")
        table.add_row(name, each.metric.unit, str(len(each.observed)), str(int(each.in_run.sum())), off, bias, f"{kept} of {of}" if of else "")
    said.print(table)
    said.print("\noff by, bias: medians over points of |ln| and ln of what the life says over what came; 0.69 is a factor of two", markup=False)
    for name, each in found.items():
        at = np.flatnonzero(each.in_run)
        if not len(at):
            said.print(f"\n{name}: every row lies outside of the run", markup=False)
            continue
        said.print(f"\n{name} ({each.metric.unit}): {each.observed.definition or each.metric.definition}", markup=False)
        rows = Table("from", "to", "observed", "life", "life over observed", box=None, header_style="bold")
        shown = at if len(at) <= MOST_ROWS else at[np.unique(np.linspace(0, len(at) - 1, MOST_ROWS).round().astype(int))]
        for i in shown.tolist():
            value, model, bound = float(each.observed.values[i]), float(each.said[i]), each.observed.bounds[i]
            ratio = f"{model / value:.2f}" if bound == "=" and value > 0 else ""
            rows.add_row(str(each.observed.starts[i]), str(each.observed.dates[i]), f"{'' if bound == '=' else bound + ' '}{value:,.6g}", f"{model:,.6g}", ratio)
        said.print(rows)


def _write(path: Path, found: Mapping[str, Beside]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv_.writer(file, lineterminator="\n")
        table.writerow(["network", "metric", "start", "date", "unit", "bound", "observed", "life", "source"])
        for name, each in found.items():
            seen = each.observed
            for i in range(len(seen)):
                life = "" if math.isnan(each.said[i]) else repr(float(each.said[i]))
                table.writerow([seen.network, name, seen.starts[i], seen.dates[i], seen.unit, seen.bounds[i], repr(float(seen.values[i])), life, seen.sources[i]])
