"""The commands that hold a scenario to what was observed: calibrate, forecast, score."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from twin.cli import console
from twin.cli.odds_commands import WHERE, Rate
from twin.cli.outfile import no_folder
from twin.cli.scenario_commands import FileArgument, SeedOption, SetOption, VariantOption
from twin.errors import InputError, Problem
from twin.odds.engines.choice import Choice, Where
from twin.scenario.dated_tables import unreadable_tables

if TYPE_CHECKING:
    from twin.history.calibrate import Fitted
    from twin.history.observations import Observed
    from twin.scenario import Scenario

CALIBRATE_EXAMPLES = """\
Examples:

  twin calibrate filecoin-world --fit-until 2023-12-31                      all that is uncertain, to the observations that ship

  twin calibrate my-net.yaml --fit-until 2025-06-30 --observations seen.csv --parameters operators.people.interest.innovation_per_month,service.radius_km

  twin calibrate my-net.yaml --fit-until 2025-06-30 --seeds 3               each member is the mean of three lives
"""
CORES = os.cpu_count() or 1
WIDTH = 130
"""Columns of text that the tables need; where nobody looks at a terminal they have them."""
ObservationsOption = Annotated[Path | None, typer.Option("--observations", metavar="FILE", help="a table of your own (docs/observations.md), in place of what ships with the package")]
MetricsOption = Annotated[str | None, typer.Option("--metrics", metavar="A,B", help="series to look at; default: all that are observed and that people decide")]
EngineOption = Annotated[Where, typer.Option("--engine", help="processes of this machine, forked or started afresh (spawn)", rich_help_panel=WHERE)]
WorkersOption = Annotated[int, typer.Option("--workers", "-j", min=1, help="processes at work; default: as many as the machine has", rich_help_panel=WHERE)]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="print where the result stands and nothing else")]


def register(app: typer.Typer) -> None:
    """Adds the commands to an app."""
    app.command("calibrate", epilog=CALIBRATE_EXAMPLES)(calibrate_command)


def calibrate_command(
    file: FileArgument,
    fit_until: Annotated[str, typer.Option("--fit-until", metavar="DATE", help="last day that the fit may know of")],
    fit_from: Annotated[str | None, typer.Option("--fit-from", metavar="DATE", help="first day that is looked at; default: the scenario's first")] = None,
    parameters: Annotated[str | None, typer.Option("--parameters", metavar="A.B,C.D", help="what is fitted, each with a distribution under `uncertain`; default: all of them")] = None,
    members: Annotated[int, typer.Option("--members", min=1, help="lives that are moved together, at least 200")] = 200,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="lives of each member, whose mean is taken")] = 1,
    steps: Annotated[int, typer.Option("--steps", min=1, help="how often members are moved; each step lives them all once more")] = 4,
    observations: ObservationsOption = None,
    metrics: MetricsOption = None,
    error: Annotated[list[str] | None, typer.Option("--error", metavar="METRIC=SHARE", help="how wrong a row of that metric may be, as a share of its value; default: as the rows scatter")] = None,
    sites_share: Annotated[float | None, typer.Option("--sites-share", metavar="SHARE", help="live a part of the world's sites, such as 0.05, and as much less of what they share; the whole is lived once before and once after")] = None,
    sets: SetOption = None,
    variant: VariantOption = None,
    seed: SeedOption = None,
    few: Annotated[bool, typer.Option("--few", help="allow fewer than 200 members, to try things out: spreads are then too small by chance", hidden=True)] = False,
    engine: EngineOption = Where.LOCAL,
    workers: WorkersOption = CORES,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="where the fit's own folder is made")] = Path("calibrations"),
    quiet: QuietOption = False,
) -> None:
    """Fit what is not known of a network to what was observed of it before a day.

    Members begin as draws of `uncertain` and are moved towards the observations a few times (ES-MDA). Leaves the posterior as a scenario that ensembles read, its
    members, and the fit series by series. What was interrupted goes on with the same command.
    """
    one_thread()
    problems = no_folder(out, "--out")
    until = day_of("--fit-until", fit_until, problems)
    since = None if fit_from is None else day_of("--fit-from", fit_from, problems)
    errors = _shares(error or (), problems)
    from twin.history import posterior
    from twin.history.calibrate import fitted, told_of  # the dynamics take seconds to import
    from twin.history.named import Named
    from twin.history.priors import LEAST_MEMBERS, priors_of

    named = told_of(problems, lambda: Named(file, tuple(sets or ()), variant, seed))
    problems += [] if named is None else unreadable_tables(named.whole)
    observed = None if named is None else told_of(problems, lambda: observed_of(named.whole, observations))
    if problems and named is not None:
        told_of(problems, lambda: priors_of(named.whole, names_in(parameters)))
    if problems or until is None or named is None or observed is None:
        raise InputError(problems)
    with Choice(engine, workers).opened() as chosen, Rate(quiet=quiet) as rate:
        fit = fitted(
            named, observed, until=until, since=since, parameters=names_in(parameters), members=members, seeds=seeds, steps=steps, metrics=names_in(metrics), errors=errors, sites_share=sites_share,
            out=out, engine=chosen, least_members=1 if few else LEAST_MEMBERS, said=(lambda text: None) if quiet else console.say_error, told=rate,
        )  # fmt: skip
    posterior.write(fit)
    if quiet:
        console.output().print(str(fit.folder), markup=False)
        return
    _say_fit(fit)


def _say_fit(fit: Fitted) -> None:
    from twin.history import posterior
    from twin.history.esmda import FAR_SD

    said = console.output()
    said.width = max(said.width, WIDTH)
    silent, series = posterior.silent(fit), posterior.of_series(fit)
    said.print(f"{fit.scenario.name}: {len(fit.found.members)} members fitted to {sum(one.rows for one in series)} observations until {fit.until}, which say about {posterior.n_directions(fit):.1f} independent things\n", markup=False)
    table = Table("parameter", "prior: 5 %", "median", "95 %", "posterior: 5 %", "median", "95 %", "variance left", box=None, header_style="bold")
    table.columns[0].overflow = "fold"
    before, after = fit.priors.values(fit.found.scores[0]), fit.values
    for at, path in enumerate(fit.priors.paths):
        numbers = [f"{number:,.4g}" for values in (before, after) for number in _three(values[:, at])]
        table.add_row(path, *numbers, f"{fit.found.variance_ratio[at]:.2f}" + (" (nothing said)" if path in silent else ""))
    said.print(table)
    said.print(f"\nchance alone leaves {fit.found.by_chance.min():.2f} to {fit.found.by_chance.max():.2f} of the variance of a parameter that moves nothing, with so many members\n", markup=False)
    table = Table("series", "rows", "error of a row", "out of reach", "median apart: before", "after", "in the 90 % band: before", "after", box=None, header_style="bold")
    for one in series:
        error = f"{one.error:.1%}" + (" stated" if one.stated else "")
        table.add_row(one.metric, str(one.rows), error, f"{one.drift:.1%}", f"{one.apart_before:.1%}", f"{one.apart_after:.1%}", f"{one.covered_before:.0%}", f"{one.covered_after:.0%}")
    said.print(table)
    if n_far := sum(one.n_far for one in series):
        where = ", ".join(f"{one.metric} {one.n_far}" for one in series if one.n_far)
        said.print(f"\n{n_far} observations lie further than {FAR_SD:g} standard deviations from what the prior can say ({where}): their errors were widened to that, and fit.csv marks them", markup=False)
    for first, second, correlation in posterior.alike_series(fit):
        said.print(f"\n{first} and {second} go together from member to member (correlation {correlation:.3f}): the second says next to nothing of its own", markup=False)
    if fit.carried is not None and fit.whole_apart is not None:
        apart = ", ".join(f"{name} {number:.1%}" for name, number in fit.whole_apart.items())
        said.print(f"\n{fit.carried.share:g} of the sites was lived; at the median of the posterior a life of the whole lies from what the part says: {apart}", markup=False)
    if not fit.found.used.all():
        said.print(f"\n{int((~fit.found.used).sum())} observations lie outside of what the lives say, and were not used", markup=False)
    said.print(f"\nposterior  {fit.folder / 'posterior.yaml'}\nmembers    {fit.folder / 'members.csv'}\nfit        {fit.folder}", markup=False)


def _three(values: object) -> Sequence[float]:
    import numpy as np

    return [float(number) for number in np.quantile(np.asarray(values), (0.05, 0.5, 0.95))]


def observed_of(scenario: Scenario, file: Path | None) -> dict[str, Observed]:
    """What is observed of a scenario's network: the user's file, or what ships with the package."""
    from twin.history.metrics import metrics_of, network_of
    from twin.history.observations import read_for, shipped_for

    return shipped_for(scenario) if file is None else read_for(file, network_of(scenario), scenario.name, metrics=metrics_of(scenario))


def day_of(option: str, text: str, problems: list[Problem]) -> date | None:
    """A day as an option states it; None, with a further problem, where it is none."""
    from twin.scenario.series import parse_date

    found = parse_date(text)
    if found is None:
        problems.append(Problem("bad_date", f"expected a date, YYYY-MM-DD; found {text!r}.", path=option))
    return found


def names_in(text: str | None) -> list[str] | None:
    """Names with commas between them; None: none were given."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def _shares(texts: Sequence[str], problems: list[Problem]) -> dict[str, float]:
    found = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            problems.append(Problem("bad_error", f"expected METRIC=SHARE, such as nodes_online=0.05; found {text!r}.", path="--error"))
    return found


def one_thread() -> None:
    """BLAS keeps to one thread a process, so that results are the same on any number of cores."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
