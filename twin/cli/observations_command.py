"""The command that says what is known of real networks by date: observations."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from twin.cli import console
from twin.cli.outfile import must_be_writable
from twin.errors import InputError, Problem

if TYPE_CHECKING:
    from twin.history.metric import Metric
    from twin.history.observations import Observed
    from twin.scenario import Scenario

EXAMPLES = """\
Examples:

  twin observations                                       networks of which something is known

  twin observations filecoin                              what is known of one, by metric

  twin observations filecoin-world                        the same, of those metrics that a scenario's tables answer

  twin observations my-network.yaml --observations seen.csv   a table of your own, checked against a scenario

  twin observations render --csv render.csv               all rows with their sources, in the form that is read
"""
WIDTH = 140


def register(app: typer.Typer) -> None:
    """Adds the command to an app."""
    app.command("observations", epilog=EXAMPLES)(observations_command)


def observations_command(
    what: Annotated[str | None, typer.Argument(metavar="[SCENARIO_OR_NETWORK]", help="a scenario file, a bundled scenario, or a network (filecoin); none: all networks")] = None,
    observations: Annotated[Path | None, typer.Option("--observations", metavar="FILE", help="a table of your own in place of the one that comes with the package")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print metrics and rows as JSON")] = False,
    to_csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="write all rows with their sources to a file")] = None,
) -> None:
    """Say what is known of a real network by date, and by which metrics a life can be held against it."""
    from twin.history.metrics import metrics_of, network_of
    from twin.history.observations import read_for, shipped, shipped_for, shipped_networks
    from twin.scenario.shipped import bundled_names

    must_be_writable(to_csv, "--csv")
    if what is None and observations is None:
        tables = {network: shipped(network) for network in shipped_networks()}
        rows = [seen for table in tables.values() for seen in table.values()]
        if as_json:
            _print_json({network: [_as_data(seen) for seen in table.values()] for network, table in tables.items()})
        else:
            _show_networks(tables)
    else:
        is_network = what in shipped_networks() and what not in bundled_names()
        scenario = None if what is None or is_network else _scenario(what)
        metrics = None if scenario is None else metrics_of(scenario)
        name = what or "" if scenario is None else network_of(scenario)
        if observations is not None:
            known = read_for(observations, *(() if scenario is None else (network_of(scenario), scenario.name)), *filter(None, [what]), metrics=metrics)
            name = next((seen.network for seen in known.values()), name)
        else:
            known = shipped(name) if scenario is None else shipped_for(scenario)
        rows = list(known.values())
        if as_json:
            _print_json({"network": name, "observed": [_as_data(seen) for seen in rows], "metrics": [_of_metric(one) for one in (metrics or _metrics_of(known)).values()]})
        else:
            _show(name, known, metrics)
    if to_csv is not None:
        _write(to_csv, rows)
        if not as_json:
            console.output().print(f"\nall rows  {to_csv}", markup=False)


def _scenario(what: str) -> Scenario:
    from twin.history.observations import shipped_networks
    from twin.scenario import load

    try:
        return load(what)
    except InputError as error:
        if error.codes == ("unknown_scenario",):
            first = error.problems[0]
            message = f"{first.message} Networks of which something is known: {', '.join(shipped_networks())}."
            raise InputError(Problem("unknown_scenario", message, suggestion=first.suggestion)) from None
        raise


def _metrics_of(known: Mapping[str, Observed]) -> Mapping[str, Metric]:
    from twin.history.metrics import all_metrics

    return {name: metric for name, metric in all_metrics().items() if name in known}


def _show_networks(tables: Mapping[str, Mapping[str, Observed]]) -> None:
    said = console.output()
    table = Table("network", "metrics", "rows", "first", "last", "what", box=None, header_style="bold")
    for network, known in tables.items():
        every = known.values()
        first, last = min(seen.starts[0] for seen in every), max(seen.dates[-1] for seen in every)
        table.add_row(network, str(len(known)), str(sum(map(len, every))), str(first), str(last), ", ".join(known))
    said.width = max(said.width, WIDTH)
    said.print(table)


def _show(name: str, known: Mapping[str, Observed], metrics: Mapping[str, Metric] | None) -> None:
    said, definitions = console.output(), metrics or _metrics_of(known)
    said.width = max(said.width, WIDTH)
    if not known:
        said.print(f"Nothing is known of {name} that this scenario's tables answer." if metrics is not None else f"Nothing is known of {name}.", markup=False)
    else:
        said.print(f"{name}\n", markup=False)
        table = Table("metric", "of", "unit", "rows", "bounds", "first", "last", "last value", box=None, header_style="bold")
        for key, seen in known.items():
            n_bounds, metric = len(seen) - len(seen.points), definitions[key]
            bound = "" if seen.bounds[-1] == "=" else f"{seen.bounds[-1]} "
            table.add_row(key, metric.of, seen.unit, str(len(seen)), str(n_bounds or ""), str(seen.starts[0]), str(seen.dates[-1]), f"{bound}{seen.values[-1]:,.6g}")
        said.print(table)
        said.print("\nWhat is counted", style="bold")
        for key, seen in known.items():
            metric = definitions[key]
            said.print(f"  {key}: {seen.definition or metric.definition} ({metric.tracks})", markup=False)
    if metrics is not None:
        rest = [key for key in metrics if key not in known]
        said.print(f"\nAnswered by the scenario's tables, and nothing known: {', '.join(rest) or 'none'}", markup=False)


def _as_data(seen: Observed) -> dict[str, object]:
    days = zip(seen.starts, seen.dates, seen.values, seen.bounds, seen.sources, strict=True)
    rows = [{"start": str(start), "date": str(day), "value": float(value), "bound": bound, "source": source} for start, day, value, bound, source in days]
    return {"metric": seen.metric, "unit": seen.unit, "rows": rows}


def _of_metric(metric: Metric) -> dict[str, object]:
    return {
        "name": metric.name, "unit": metric.unit, "of": metric.of, "title": metric.title, "definition": metric.definition, "tracks": metric.tracks,
        "columns": list(metric.columns),
    }  # fmt: skip


def _print_json(data: object) -> None:
    typer.echo(json.dumps(data, indent=1, ensure_ascii=False))


def _write(path: Path, rows: list[Observed]) -> None:
    from twin.history.reading import FURTHER, NEEDED

    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*NEEDED, *FURTHER], lineterminator="\n")
        table.writeheader()
        for seen in rows:
            for start, day, value, bound, source in zip(seen.starts, seen.dates, seen.values, seen.bounds, seen.sources, strict=True):
                own = "" if start == day else str(start)
                table.writerow(
                    {
                        "network": seen.network, "metric": seen.metric, "date": str(day), "value": repr(float(value)), "unit": seen.unit, "source": source,
                        "start": own, "bound": bound, "definition": seen.definition,
                    }
                )  # fmt: skip
