"""The commands that say beforehand what will be observed, and hold it to what came: forecast, score."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from twin.cli import console
from twin.cli.calibrate_commands import (
    CORES,
    EngineOption,
    MetricsOption,
    ObservationsOption,
    QuietOption,
    WorkersOption,
    day_of,
    names_in,
    observed_of,
    one_thread,
)
from twin.cli.odds_commands import Rate
from twin.cli.outfile import no_folder, unwritable
from twin.cli.scenario_commands import FileArgument, SeedOption, SetOption
from twin.errors import InputError, Problem
from twin.odds.engines.choice import Choice, Where
from twin.scenario.dated_tables import unreadable_tables

if TYPE_CHECKING:
    from twin.history.forecast import Forecast
    from twin.history.observations import Observed
    from twin.history.scoring_log import Scored

FORECAST_EXAMPLES = """\
Examples:

  twin forecast my-net.yaml --from 2025-06-30 --observations seen.csv --calibration calibrations/my-net-0a1b2c3d

  twin forecast my-net.yaml --from 2025-06-30 --observations seen.csv --members 200         draws of `uncertain`, not fitted

  twin forecast my-net.yaml --from 2025-06-30 --observations seen.csv --calibration DIR --variant half_pay --recommend nodes_online

  twin forecast my-net.yaml --from 2025-06-30 --observations seen.csv --what-if "twice: token.TOWN.emission.scale_share_by_date=2"
"""
WIDE = 180
"""Columns of text that the tables need; where nobody looks at a terminal they have them."""
SCORE_EXAMPLES = """\
Examples:

  twin score forecasts.csv                              by the observations that ship with the package

  twin score forecasts.csv --observations seen.csv      by your own

  twin score forecasts.csv --made half_pay              that change was really made: it is held to its forecast
"""


def register(app: typer.Typer) -> None:
    """Adds the commands to an app."""
    app.command("forecast", epilog=FORECAST_EXAMPLES)(forecast_command)
    app.command("score", epilog=SCORE_EXAMPLES)(score_command)


def forecast_command(
    file: FileArgument,
    origin: Annotated[str, typer.Option("--from", metavar="DATE", help="the last day that is known; what people did after it is taken out of the scenario")],
    calibration: Annotated[Path | None, typer.Option("--calibration", metavar="DIR", help="folder of a fit of this scenario, whose members are lived on")] = None,
    members: Annotated[int | None, typer.Option("--members", min=1, help="so many members of the calibration, all unless stated; without one, draws of what is uncertain, 200 unless stated")] = None,
    months: Annotated[str, typer.Option("--months", metavar="A,B", help="horizons, months after the origin")] = "1,3,6,12",
    observations: ObservationsOption = None,
    metrics: MetricsOption = None,
    variants: Annotated[list[str] | None, typer.Option("--variant", metavar="NAME", help="a what-if beside the file as it stands: a variant of the file, from the day after the origin; several times for several")] = None,
    what_ifs: Annotated[list[str] | None, typer.Option("--what-if", metavar="'NAME: A.B=1'", help="a what-if by its values, from the day after the origin; the same name again adds a value")] = None,
    recommend: Annotated[str | None, typer.Option("--recommend", metavar="METRIC", help="choose the what-if with most of a metric at the last horizon (-METRIC: least), and write the choice into the log")] = None,
    prices: Annotated[str, typer.Option("--prices", help="after the origin the token's price is the model's own (cut), or that which came (known)")] = "cut",
    log: Annotated[Path, typer.Option("--log", metavar="FILE", help="the table to which the forecast is appended")] = Path("forecasts.csv"),
    new_version: Annotated[bool, typer.Option("--new-version", help="append a further version of a forecast that the log has already")] = False,
    no_log: Annotated[bool, typer.Option("--no-log", help="print the forecast and append it nowhere")] = False,
    sets: SetOption = None,
    seed: SeedOption = None,
    engine: EngineOption = Where.LOCAL,
    workers: WorkersOption = CORES,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="where the study of the lives is made")] = Path("studies"),
    quiet: QuietOption = False,
) -> None:
    """Live members of a fit on from a day, say 23 quantiles of each series, and append them to a log that is never rewritten.

    Dated inputs of what people did end at the origin. What-ifs live the same members on the same luck, so that their effects are paired.
    """
    one_thread()
    problems: list[Problem] = []
    day = day_of("--from", origin, problems)
    horizons = _months(months, problems)
    if prices not in ("cut", "known"):
        problems.append(Problem("option_misfit", f"expected cut or known, found {prices!r}.", path="--prices"))
    from twin.history.calibrate import told_of
    from twin.history.decision import log_rows, recommended
    from twin.history.forecast import forecast  # the dynamics take seconds to import
    from twin.history.forecast_log import append, read_log
    from twin.history.named import Named
    from twin.history.posterior import read_members
    from twin.history.what_if import named_changes

    like = None if calibration is None else told_of(problems, lambda: read_members(calibration, at_most=members))
    named = told_of(problems, lambda: Named(file, tuple(sets or ()), None if like is None else like.said["variant"], seed))
    changes = None if named is None else told_of(problems, lambda: named_changes(named.whole, variants or (), what_ifs or ()))
    problems += [] if named is None else unreadable_tables(named.whole)
    observed = None if named is None else told_of(problems, lambda: observed_of(named.whole, observations))
    problems += no_folder(out, "--out")
    if not no_log:
        problems += unwritable(log, "--log") if log.parent.is_dir() else no_folder(log.parent, "--log")
    if log.is_file() and not no_log:
        told_of(problems, lambda: read_log(log))  # before hours of lives
    if recommend is not None and not (variants or what_ifs):
        problems.append(Problem("too_few_variants", "nothing to recommend: no what-if was given.", path="--recommend", suggestion="Give --variant or --what-if, several times for several."))
    if problems or day is None or named is None or changes is None or observed is None:
        raise InputError(problems)
    with Choice(engine, workers).opened() as chosen, Rate(quiet=quiet) as rate:
        found = forecast(
            named, observed, origin=day, members=like or members or 200, horizons_months=horizons, metrics=names_in(metrics), what_ifs=changes, prices=prices,  # type: ignore[arg-type]
            out=out, engine=chosen, said=(lambda text: None) if quiet else console.say_error, told=rate,
        )  # fmt: skip
    choice = None if recommend is None else recommended(found, recommend)
    if not quiet:
        _say_forecast(found)
        if choice is not None:
            console.output().print("\n" + choice.sentence(found.metrics[choice.metric].track.metric.unit, found.horizons_months[-1]), markup=False)
    if not no_log:
        label = "" if calibration is None else calibration.resolve().name
        entry = append(log, log_rows(found, calibration=label, chosen=choice, written_on=datetime.now(UTC).date()), new_version=new_version)
        console.output().print(str(log) if quiet else f"\nlog  {log}: {len(entry.rows):,} rows appended as entry {entry.digest}, version {entry.rows[0]['version']}", markup=False)


def _say_forecast(found: Forecast) -> None:
    from twin.history.decision import in_words
    from twin.odds.rows import BASE

    said = console.output()
    said.width = max(said.width, WIDE)
    kind = "members of the fit" if found.is_assimilated else "draws, not fitted"
    said.print(f"{found.scenario.name} from {found.origin}: {found.members} {kind}; median and middle 90 %\n", markup=False)
    table = Table("series", "last seen", "what", *(f"in {months} months" for months in found.horizons_months), box=None, header_style="bold")
    for column in table.columns:
        column.no_wrap = True
    for name, of in found.metrics.items():
        seen = of.track.observed
        table.add_row(name, f"{seen.values[-1]:,.4g} {of.track.metric.unit} on {seen.dates[-1]}", "forecast", *(in_words(row) for row in of.quantiles(BASE).tolist()))
        for variant in found.what_ifs:
            table.add_row("", "", variant, *(in_words(row) for row in of.quantiles(variant).tolist()))
            table.add_row("", "", f"effect of {variant}", *(in_words(row) for row in of.effect(variant).tolist()))
        if of.persistence is not None:
            table.add_row("", "", "persistence", *(in_words(row) for row in of.persistence.tolist()))
    said.print(table)
    if found.held:
        said.print(f"\nno forecast is made of {', '.join(found.held)}: they follow from inputs that are held after the origin", markup=False)


def score_command(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="a forecast log")],
    observations: ObservationsOption = None,
    made: Annotated[list[str] | None, typer.Option("--made", metavar="NAME", help="a what-if of the log that was really made; several times for several")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="write the score of every target to a file")] = None,
) -> None:
    """Score the forecasts of a log by what came: weighted interval score, coverage, and the same of persistence.

    Targets whose day is not observed yet are counted and wait. What-ifs are scored once they were made (--made); effects that were expected of them are held to what came.
    """
    from twin.history.calibrate import told_of
    from twin.history.forecast_log import read_log
    from twin.history.observations import shipped
    from twin.history.scoring_log import scored

    problems = unwritable(csv, "--csv")
    found = told_of(problems, lambda: read_log(log))
    if found is not None and not found.entries and not found.cut_off:
        problems.append(Problem("no_log", "holds no forecast.", file=log, suggestion="twin forecast writes one."))
    places = sorted({entry.rows[0]["location"] for entry in found.entries}) if found is not None else []
    own = {} if observations is None else told_of(problems, lambda: _of_file(observations, places))
    if problems or found is None or own is None:
        raise InputError(problems)
    observed = {place: shipped(place) for place in places} | own
    values, effects = scored(found, observed, made=made or ())
    said = console.output()
    if found.cut_off:
        console.say_error(f"{log}: the last forecast was not written to its end; it does not count.")
    _say_scores(values)
    known = [one for one in effects if one.made and one.base.is_known]
    for one in known:
        inside = "inside" if one.is_inside else "OUTSIDE"
        said.print(
            f"{one.forecast.scenario_id}, {one.forecast.metric} in {one.forecast.months} months{' (recommended)' if one.forecast.recommended == one.forecast.scenario_id else ''}: expected "
            f"{one.forecast.levels[11]:+,.4g} ({one.forecast.levels[2]:+,.4g} to {one.forecast.levels[20]:+,.4g}) {one.forecast.unit}, came {one.came:+,.4g}: {inside} of what effect and base together allow", markup=False,
        )  # fmt: skip
    waiting = sorted({(one.forecast.scenario_id, one.forecast.recommended == one.forecast.scenario_id) for one in effects if not (one.made and one.base.is_known)})
    for name, is_recommended in waiting:
        said.print(f"{name}{' (recommended)' if is_recommended else ''}: its effect is not known; if the change was made, say so with --made {name}", markup=False)
    if csv is not None:
        _write_scores(csv, values)
        said.print(f"\nall targets  {csv}", markup=False)


def _of_file(file: Path, places: Sequence[str]) -> dict[str, dict[str, Observed]]:
    """Location -> what a table of the user's says of it. A log of one network takes the table's only network, whatever it is called; of several, those that stand in it by name.

    InputError where none does, or the table is wrong.
    """
    from twin.history.observations import read, read_for
    from twin.history.reading import networks_in

    if len(places) == 1:
        return {places[0]: read_for(file, places[0])}
    there = networks_in(file)
    found = {place: read(file, network=place) for place in places or there if place in there}  # without a log that can be read, all rows are looked at
    if places and not found:
        raise InputError(Problem("other_network", f"no row of {', '.join(places)}, of which the log has forecasts; there are rows of {', '.join(there)}.", file=file))
    return found


def _say_scores(values: Sequence[Scored]) -> None:
    from twin.history.decision import NAIVE
    from twin.history.scores import geometric_mean

    said = console.output()
    said.width = max(said.width, WIDE)
    naive = {(one.entry, one.metric, one.months): one for one in values if one.model == NAIVE}
    ours = [one for one in values if one.model != NAIVE]
    known = [one for one in ours if one.is_known]
    if not known:
        ends = sorted(one.ends for one in ours)
        said.print(f"nothing to score yet: {len(ours)} targets wait" + (f", the first ends on {ends[0]}." if ends else "."), markup=False)
        return
    table = Table("origin", "network", "series", "months", "model", "forecast", "came", "WIS", "persistence", "ratio", "in 50 %", "in 90 %", box=None, header_style="bold")
    for column in table.columns:
        column.no_wrap = True
    ratios = []
    for one in known:
        other = naive.get((one.entry, one.metric, one.months))
        ratio = one.wis / other.wis if other is not None and other.wis > 0 else float("nan")
        ratios.append(ratio)
        model = one.model + (f", {one.scenario_id}" if one.scenario_id != "base" else "") + (f", version {one.version}" if one.version > 1 else "")
        table.add_row(
            str(one.origin), one.location, one.metric, str(one.months), model, f"{one.levels[11]:,.4g} ({one.levels[2]:,.4g} to {one.levels[20]:,.4g})", f"{one.observed:,.4g}", f"{one.wis:,.3g}",
            "" if other is None else f"{other.wis:,.3g}", "" if ratio != ratio else f"{ratio:.2f}", "yes" if one.covers(0.5) else "no", "yes" if one.covers(0.9) else "no",
        )  # fmt: skip
    said.print(table)
    shares = [sum(one.covers(share) for one in known) / len(known) for share in (0.5, 0.9)]
    better = sum(ratio < 1 for ratio in ratios if ratio == ratio)
    said.print(
        f"\n{len(known)} targets scored, {len(ours) - len(known)} wait. Better than persistence on {better} of {sum(ratio == ratio for ratio in ratios)}; geometric mean of the ratios {geometric_mean(ratios):.2f}; "
        f"{shares[0]:.0%} inside of the middle 50 %, {shares[1]:.0%} inside of the middle 90 %", markup=False,
    )  # fmt: skip


def _write_scores(path: Path, values: Sequence[Scored]) -> None:
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["entry", "origin_date", "location", "target", "horizon", "target_end_date", "model_id", "scenario_id", "version", "unit", "median", "observed", "wis", "in_50", "in_90"])
        for one in values:
            scores = [repr(one.observed), f"{one.wis:.6g}", int(one.covers(0.5)), int(one.covers(0.9))] if one.is_known else ["", "", "", ""]
            writer.writerow([one.entry, one.origin, one.location, one.metric, one.months, one.ends, one.model, one.scenario_id, one.version, one.unit, repr(float(one.levels[11])), *scores])


def _months(text: str, problems: list[Problem]) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdigit() and 0 < int(part) <= 120 for part in parts):
        problems.append(Problem("out_of_range", f"expected months from 1 to 120 with commas between them, such as 1,3,6,12; found {text!r}.", path="--months"))
        return []
    return [int(part) for part in parts]
