"""The command that says which unknown decides: sensitivity."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from twin.cli import console
from twin.cli.odds_commands import (
    CORES,
    PAGE,
    EngineOption,
    NoPageOption,
    OutOption,
    QuietOption,
    ResumeOption,
    RetryOption,
    WorkersOption,
    lived,
    write_page,
)
from twin.cli.scenario_commands import FileArgument, SeedOption, SetOption, VariantOption
from twin.errors import InputError, Problem
from twin.odds.engines.choice import Choice, Where
from twin.scenario import load

EXAMPLES = """\
Examples:

  twin sensitivity helium-iot-goteborg                       Morris: which unknowns move the odds at all, 20 trajectories

  twin sensitivity helium-iot-goteborg --method sobol -n 64  Sobol: what part of the variance each has, and luck; many more lives

  twin sensitivity helium-iot-goteborg --of nodes_last       of another number of the results than whether it survives
"""
WIDTH = 120
HEADS = {"effect": "mu*", "effect_low": "mu* low", "effect_high": "mu* high", "mean": "mu", "spread": "sigma"}
"""What the columns of Morris' screening are called in its field."""


class Method(StrEnum):
    """How indices are found."""

    MORRIS = "morris"
    SOBOL = "sobol"


def register(app: typer.Typer) -> None:
    """Adds the command to an app."""
    app.command("sensitivity", epilog=EXAMPLES)(sensitivity_command)


def sensitivity_command(
    file: FileArgument,
    sets: SetOption = None,
    variant: VariantOption = None,
    seed: SeedOption = None,
    method: Annotated[Method, typer.Option("--method", help="morris: few lives, sizes of effects; sobol: many lives, parts of the variance, luck apart")] = Method.MORRIS,
    n: Annotated[int | None, typer.Option("-n", min=2, help="trajectories (morris, 20) or base points in 8 designs (sobol, 64)")] = None,
    of: Annotated[str, typer.Option("--of", metavar="COLUMN", help="survives (1 or 0), or a number of the results, such as usage_carried_full")] = "survives",
    bound_failed: Annotated[bool, typer.Option("--bound-failed", help="lives without a verdict: show the range between all died and all survived, in place of refusing")] = False,
    engine: EngineOption = Where.LOCAL,
    workers: WorkersOption = CORES,
    out: OutOption = Path("studies"),
    resume: ResumeOption = False,
    retry_failed: RetryOption = False,
    no_page: NoPageOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say which of the things that are not known decide what becomes of the network.

    Every unknown is drawn from its distribution in the scenario's `uncertain` block (docs/uncertain.md).
    """
    scenario = load(file, sets=sets or (), variant=variant, seed=seed)
    from twin.odds import designs

    paths = sorted(scenario.unknowns)
    if not paths:
        raise InputError(Problem("nothing_uncertain", "the scenario has no `uncertain` block: nothing can decide.", file=scenario.file, suggestion="State what is not known (docs/uncertain.md)."))
    try:
        design = designs.morris(paths, n or 20, seed=scenario.seed) if method is Method.MORRIS else designs.saltelli(paths, n or 64, seed=scenario.seed)
    except ValueError as error:
        raise InputError(Problem("design_misfit", f"{error}.", path="-n")) from error
    if not quiet:
        console.say_error(f"{len(paths)} unknowns, {len(design):,} lives.")
    study = lived(
        scenario, design, ("base",), Choice(engine, workers), record="verdict", forks=False, shard=(0, 1), only=(), out=out, resume=resume, retry_failed=retry_failed, quiet=quiet,
    )  # fmt: skip
    from twin.odds.analysis import Failed, morris_effects, sobol_indices

    said = console.output()
    if quiet:
        said.print(str(study.path), markup=False)
        return
    failed = Failed.BOUND if bound_failed else Failed.REFUSE
    try:
        found = (morris_effects if method is Method.MORRIS else sobol_indices)(study.design, study.results(), of=of, failed=failed)
    except ValueError as error:
        raise InputError(Problem("no_indices", f"{error}.", file=study.path)) from error
    said.print(found.sentence(), markup=False)
    table = Table(*(HEADS.get(str(name), str(name).replace("_", " ")) for name in found.table.columns), box=None, header_style="bold")
    for row in found.table.itertuples(index=False):
        table.add_row(*(one if isinstance(one, str) else f"{one:.3g}" for one in row))
    said.width = max(said.width, WIDTH)
    said.print()
    said.print(table)
    said.print(f"\nstudy  {study.path}", markup=False)
    if not no_page:
        write_page(study.path / PAGE, [study])
