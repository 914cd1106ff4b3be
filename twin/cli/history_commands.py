"""The command that holds a scenario to history: backtest."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from twin.cli import console
from twin.cli.outfile import no_folder, unwritable
from twin.cli.scenario_commands import FileArgument, SeedOption, SetOption, VariantOption
from twin.errors import InputError, Problem
from twin.scenario import Scenario, load
from twin.scenario.dated_tables import wrong_tables

if TYPE_CHECKING:
    import pandas as pd

    from twin.history.backtest import Backtest

BACKTEST_EXAMPLES = """\
Examples:

  twin backtest filecoin-world                                       cut at three month-ends that a rule picks

  twin backtest filecoin-world --cut 2023-02-28,2023-08-31           cut where you say

  twin backtest filecoin-world --cut 2023-08-31 --prices known       the token's price after the cut is told, all else is not

  twin backtest my-net.yaml --cut 2025-01-31 --observations seen.csv    against a table of your own (docs/observations.md)

  twin backtest helium-iot-world --metric hotspots_active --lives 10    one series, few lives
"""
WIDTH = 132
"""Columns of text that the table needs; where nobody looks at a terminal it has them."""
HEADS = ("series", "what", "rows", "1", "3", "6", "12 months", "all", "best naive", "50 %", "90 %", "off by", "bias", "sign", "")
MONTH_DAYS = {1: 31, 3: 92, 6: 183, 12: 366}


def register(app: typer.Typer) -> None:
    """Adds the command to an app."""
    app.command("backtest", epilog=BACKTEST_EXAMPLES)(backtest_command)


def backtest_command(
    file: FileArgument,
    cut: Annotated[list[str] | None, typer.Option("--cut", metavar="DATE[,DATE...]", help="last day that is known; several for rolling cuts. Left out: month-ends by which a quarter, a half and three quarters of the longest series were known")] = None,
    observations: Annotated[Path | None, typer.Option("--observations", metavar="FILE", help="a CSV of your own in place of what ships with the package")] = None,
    metric: Annotated[list[str] | None, typer.Option("--metric", metavar="NAME", help="this series alone; several times for several")] = None,
    prices: Annotated[str, typer.Option("--prices", help="the token's price after the cut: cut (the model's own) or known (as it came)")] = "cut",
    horizon: Annotated[int, typer.Option("--horizon-months", min=1, max=60, help="how far after a cut forecasts are scored")] = 12,
    lives: Annotated[int, typer.Option("--lives", "-n", min=1, help="lives from each cut on, on the same luck for every cut")] = 50,
    no_draws: Annotated[bool, typer.Option("--no-draws", help="what is `uncertain` stands as the file states it: lives differ by luck alone")] = False,
    sets: SetOption = None,
    variant: VariantOption = None,
    seed: SeedOption = None,
    workers: Annotated[int, typer.Option("--workers", "-j", min=1, help="processes at work; default: as many as the machine has")] = os.cpu_count() or 1,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="where tables and finished lives are kept; the same question asked again lives only what is missing")] = Path("backtests"),
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="write the table of skill to a file too")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else")] = False,
) -> None:
    """Hold a scenario to history: cut it at a day, let the model decide from there, and score it beside naive forecasts.

    Whatever people did after the cut is taken out of the scenario's inputs; prices of the world and rules run on. Below 1 the model is better than the best naive forecast, with hindsight of which is best.
    """
    scenario = load(file, sets=sets or (), variant=variant, seed=seed)
    problems = unwritable(csv, "--csv") + no_folder(out, "--out") + wrong_tables(scenario)
    question = _question(scenario, cut or [], observations, metric or [], prices, horizon, lives, drawn=False if no_draws else None, problems=problems)
    from twin.history.backtest import backtest
    from twin.history.outputs import LIVES, document, folder_of, write
    from twin.history.skill import skill_of

    folder = folder_of(out, scenario.name)
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("lives"), console=console.errors(), transient=True) as bar:
        task = bar.add_task("living", total=None)
        done = backtest(
            question, folder=folder / LIVES, workers=workers,
            told=lambda tally: bar.update(task, total=tally.of, completed=tally.done + tally.failed, description=f"living ({tally.already} kept already)" if tally.already else "living"),
        )  # fmt: skip
    write(done, folder)
    skill = skill_of(done.scores)
    if csv is not None:
        _write_csv(skill, csv)
    if as_json:
        console.output().print(json.dumps(document(done, skill), indent=1, allow_nan=False), markup=False)
        return
    _show(done, skill)
    console.output().print(f"\nscores  {folder}", markup=False)


def _question(
    scenario: Scenario, cut: list[str], observations: Path | None, metrics: list[str], prices: str, horizon: int, lives: int, *, drawn: bool | None, problems: list[Problem]
) -> Any:
    """What is asked, or every problem of it at once, those that were found before among them."""
    from twin.history.asked import asked, wrong_without_observations
    from twin.history.metrics import metrics_of, network_of
    from twin.history.observations import read_for

    days = _days(cut, problems)
    if prices not in ("cut", "known"):
        problems.append(Problem("bad_option", f"--prices takes cut or known, found {prices!r}."))
    observed = None
    if observations is not None:
        try:
            observed = read_for(observations, network_of(scenario), scenario.name, metrics=metrics_of(scenario))
        except InputError as error:
            problems += [*error.problems, *wrong_without_observations(scenario, days, metrics)]
            raise InputError(problems) from None
    told: Literal["cut", "known"] = "known" if prices == "known" else "cut"
    days_ahead = MONTH_DAYS.get(horizon, round(horizon * 30.5))
    question = None
    try:
        if days or not cut:  # without a date that can be read nothing more can be said of cuts
            question = asked(scenario, cuts=days, observed=observed, metrics=metrics, prices=told, horizon_days=days_ahead, lives=lives, drawn=drawn)
    except InputError as error:
        problems += [each for each in error.problems if each not in problems]
    if problems:
        raise InputError(problems)
    return question


def _days(cuts: list[str], problems: list[Problem]) -> list[date]:
    found = []
    for text in (part.strip() for each in cuts for part in each.split(",")):
        try:
            found.append(date.fromisoformat(text))
        except ValueError:
            problems.append(Problem("bad_date", f"--cut {text!r} is not a date.", suggestion="Write YYYY-MM-DD; several with commas between."))
    return found


def _write_csv(skill: pd.DataFrame, path: Path) -> None:
    try:
        skill.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")
    except OSError as error:
        raise InputError(Problem("not_written", f"the table could not be written ({error.strerror or error}); it stands in the folder of the backtest.", file=path)) from error


def _show(done: Backtest, skill: pd.DataFrame) -> None:
    from twin.history.backtest import why_fitted
    from twin.history.cuts import beyond
    from twin.history.inputs import After
    from twin.history.skill import ALL, cancelling, overall

    said, asked = console.output(), done.asked
    said.width = max(said.width, WIDTH)
    cuts = ", ".join(str(at.on) for at in asked.cuts)
    told = "the model's own after the cut" if asked.prices == "cut" else "told to the end"
    said.print(f"{asked.scenario.name}, seed {asked.scenario.seed}: cut {cuts}; {asked.lives} lives each{', each with a draw of what is uncertain' if asked.drawn else ''}; price {told}\n", markup=False)
    table = Table(*HEADS, box=None, header_style="bold")
    for column in table.columns[2:-1]:
        column.justify = "right"
    for (_, metric), rows in skill.groupby(["network", "metric"], sort=False):
        at = {int(row["horizon_months"]): row for _, row in rows.iterrows()}
        whole = at[ALL]
        table.add_row(
            metric, str(whole["of"]), str(whole["n_rows"]), *(_number(at[months]["rel_best"]) if months in at else "" for months in (1, 3, 6, 12)), _number(whole["rel_best"]), str(whole["best_naive"]),
            _percent(whole["inside_50"]), _percent(whole["inside_90"]), _number(whole["log_error"]), _signed(whole["log_bias"]), _percent(whole["sign_right"]), _marks(whole),
        )  # fmt: skip
    said.print(table)
    line = overall(skill, done.scores)
    said.print("\nNumbers under months: weighted interval score over that of the best naive forecast; off by and bias: |ln| and ln of median over what came; h: an input is held, so no forecast; f: fitted.")
    if line.n_series:
        said.print(f"\n{line.n_series} series: better than the best naive on {line.better_share:.0%}, geometric mean {line.relative_wis:.2f}; inside 50 %: {line.inside_50:.0%}, inside 90 %: {line.inside_90:.0%}", markup=False)
    sentences = [*cancelling(done.scores), *why_fitted(asked.scenario.name), *sorted({text for at in asked.cuts if (last := asked.last_day(at)) for text in beyond(at.scenario, last)})]
    for text in sentences:
        said.print(f"  {text}", markup=False)
    held = sorted({each.path for at in asked.cuts for each in at.inputs if each.after is After.HELD and each.until is not None})
    if held:
        said.print(f"\nheld at what was known, as nothing in the model decides them: {', '.join(held)}", markup=False)
    for text in done.failures[:5]:
        said.print(f"failed: {text}", markup=False)
    if len(done.failures) > 5:
        said.print(f"failed: and {len(done.failures) - 5} more", markup=False)


def _marks(row: Any) -> str:
    return ("h" if row["held"] else "") + ("f" if row["fitted"] > 0 else "")


def _number(value: float) -> str:
    return "" if value != value else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _signed(value: float) -> str:
    return "" if value != value else f"{value:+.2f}"


def _percent(value: float) -> str:
    return "" if value != value else f"{value:.0%}"
