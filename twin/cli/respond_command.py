"""The command that turns one lever at a time: respond."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer
from rich.progress import MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from twin.cli import console
from twin.cli.outfile import unwritable
from twin.cli.scenario_commands import FileArgument, SeedOption, SetOption, VariantOption
from twin.errors import InputError
from twin.response.signs import WORDS
from twin.scenario import load

if TYPE_CHECKING:
    from twin.response import Response

RESPOND_EXAMPLES = """\
Examples:

  twin respond helium-iot-goteborg                          every lever; about as many lives as there are levers

  twin respond my-city.yaml --only "emission*" --only ban   some of them

  twin respond akash-world --csv answers.csv                all numbers, for a spreadsheet

  twin respond akash-world --page answers.html              levers sorted by what they move, to look at
"""
SHOWN = ("nodes_peak", "nodes_judged", "usage_usd", "revenue_usd", "price_usd", "operators_usd")
WIDTH = 130
"""Columns of text that the table needs; where nobody looks at a terminal it has them."""
HEADS = ("lever", "nodes, most", "nodes, judged year", "paid usage", "revenue", "price", "USD to operators", "class")


def register(app: typer.Typer) -> None:
    """Adds the command to an app."""
    app.command("respond", epilog=RESPOND_EXAMPLES)(respond_command)


def respond_command(
    file: FileArgument,
    sets: SetOption = None,
    variant: VariantOption = None,
    seed: SeedOption = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="LEVER", help="levers by name, with * for any text; several times for several")] = None,
    workers: Annotated[int, typer.Option("--workers", "-j", min=1, help="processes at work; default: as many as the machine has")] = os.cpu_count() or 1,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="write all numbers to a file too; as response.csv in a run's folder they are drawn in its report")] = None,
    page: Annotated[Path | None, typer.Option("--page", metavar="FILE", help="write a page that shows levers sorted by what they move")] = None,
) -> None:
    """Turn one lever at a time on the same luck, and say what moves.

    Emission, taper, customers, prices, costs, hardware, stakes, checks, fakes, law. Prints the change of each quantity against the life with nothing turned, and which of the signs that must come out do and do not.
    """
    scenario = load(file, sets=sets or (), variant=variant, seed=seed)
    if problems := unwritable(csv, "--csv") + unwritable(page, "--page"):
        raise InputError(problems)
    from twin.response import respond  # the dynamics take seconds to import

    wanted = only or ["*"]
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), TextColumn("lives"), console=console.errors(), transient=True) as bar:
        task = bar.add_task("living", total=None)
        response = respond(
            scenario, only=lambda lever: any(fnmatch(lever.name, pattern) for pattern in wanted), workers=workers,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )  # fmt: skip
    _show(response)
    if csv is not None:
        _frame(response).to_csv(csv, index=False)
        console.output().print(f"\nall numbers  {csv}", markup=False)
    if page is not None:
        from twin.report.response_page import write_response_page

        when = response.when
        chips = [f"seed {scenario.seed}", f"T0 {when.t0}", f"judged year {when.judged.begins} to {when.judged.ends}", f"rules of law from {when.rule}"]
        chips += _money_decides(response)
        write_response_page(page, _frame(response), title=f"What moves it: {scenario.spec.title}", chips=chips)
        console.output().print(f"\npage  {page}", markup=False)


def _show(response: Response) -> None:
    said, base, when = console.output(), response.base, response.when
    said.print(f"{response.scenario.name}, seed {response.scenario.seed}: T0 {when.t0}, judged year {when.judged.begins} to {when.judged.ends}, rules of law from {when.rule}\n", markup=False)
    table = Table(*HEADS, box=None, header_style="bold")
    for column in table.columns[1:-1]:
        column.justify = "right"
    table.add_row("nothing turned", *(f"{base.values[name]:,.4g}" for name in SHOWN), base.outcome)
    for answer in response.answers:
        if answer.failed:
            table.add_row(answer.lever.name, *[""] * len(SHOWN), "life failed")
        elif not answer.lever.absent:
            table.add_row(answer.lever.name, *(_change(base.values[name], answer.values[name]) for name in SHOWN), answer.outcome)
    said.width = max(said.width, WIDTH)
    said.print(table)
    absent = [answer.lever for answer in response.answers if answer.lever.absent]
    if absent:
        said.print("\nnot turned", style="bold")
        for lever in absent:
            said.print(f"  {lever.name}: {lever.absent}", markup=False)
    for answer in response.answers:
        if answer.failed:
            said.print(f"\n{answer.lever.name}: the life failed: {answer.failed}", markup=False)
    for sentence in _money_decides(response):
        said.print(f"\n{sentence}", markup=False)
    rows = list(response.judged())
    if failed := [row for row, said_of in rows if said_of == "fails" and row.grade != "open"]:
        said.print("\nmust come out, and does not", style="bold")
        for row in failed:
            said.print(f"  {row.lever}: {row.quantity} {WORDS[row.sign]} ({row.grade}): {row.because}", markup=False)
    held = sum(said_of == "holds" for _, said_of in rows)
    said.print(f"\n{held} signs hold, {len(failed)} fail, {len(rows) - held - len(failed)} are open, excused or without their lever", markup=False)


def _money_decides(response: Response) -> list[str]:
    """What the class hangs on, a sentence for each lever."""
    return [
        f"{'with nothing turned' if lever == 'base' else lever}: {dollars} where holders' money follows dollars, {pot} where it follows the pot"
        for lever, dollars, pot in response.money_decides()
    ]


def _change(before: float, after: float) -> str:
    if before == after:
        return "="
    return f"{after:,.4g}" if not before else f"{after / before - 1:+.1%}"


def _frame(response: Response) -> pd.DataFrame:
    answers = (response.base, *response.answers)
    return pd.DataFrame([{"lever": one.lever.name, "what": one.lever.title, "class": one.outcome, "not_turned": one.lever.absent or None, "failed": one.failed or None, **one.values} for one in answers])
