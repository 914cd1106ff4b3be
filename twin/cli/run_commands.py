"""The commands that run, and the pages of what a run left: run, report, map."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from twin.cli import console
from twin.cli.scenario_commands import FileArgument, SeedOption, SetOption, VariantOption
from twin.errors import InputError, Problem, StoreError
from twin.scenario import load

RUN_EXAMPLES = """\
Examples:

  twin run helium-iot-goteborg                          a bundled scenario, by its name

  twin run my-city.yaml --seed 3                        your own file, with other luck

  twin run helium-iot-goteborg --variant no_rewards     a variant that stands in the file

  twin run helium-iot-goteborg --set customers.water_meters=null --set token.HNT.emission.scale_share=0.5

`twin check FILE` finds the mistakes and runs nothing; `twin explain FILE` lists every value you can --set.
"""

REPORT_EXAMPLES = """\
Example:

  twin report runs/helium-iot-goteborg-0a1b2c3d

A run that was interrupted has a report too: it says how far the run came.
"""

MAP_EXAMPLES = """\
Example:

  twin map runs/helium-iot-goteborg-0a1b2c3d --out map.html
"""

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="the folder of a run, finished or not")]

NO_PLACE_TO_WRITE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG})


def register(app: typer.Typer) -> None:
    """Adds the three commands to an app."""
    app.command("run", epilog=RUN_EXAMPLES)(run_command)
    app.command("report", epilog=REPORT_EXAMPLES)(report_command)
    app.command("map", epilog=MAP_EXAMPLES)(map_command)


def run_command(
    file: FileArgument,
    sets: SetOption = None,
    variant: VariantOption = None,
    seed: SeedOption = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="where the run's own folder is made")] = Path("runs"),
    report: Annotated[bool, typer.Option("--report/--no-report", help="draw the report page at the end")] = True,
    overwrite: Annotated[
        bool, typer.Option("--overwrite/--no-overwrite", help="replace a finished run of the same scenario and seed, or refuse to")
    ] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="print the folder of the run and nothing else")] = False,
    pair_slashing: Annotated[
        bool, typer.Option("--pair-slashing", help="live the same luck once more without taking stakes, to say what slashing keeps cheats from; up to twice the processor time")
    ] = False,
) -> None:
    """Run a scenario from its first day to its last, and say what became of the network.

    Writes a folder with the verdict, all tables and a report page that opens in any browser. The same scenario and seed give the same folder
    with the same content. A network that dies is a finding, not a failure.
    """
    scenario = load(file, sets=sets or (), variant=variant, seed=seed)
    from twin.beforehand import at_their_lines, checks  # a wrong file is told before the map is imported

    of_the_kind = scenario.network.checks
    warnings = [*scenario.warnings, *checks(scenario), *(of_the_kind(scenario) if of_the_kind is not None else ())]
    if not quiet:
        console.show_warnings(warnings)
    with console.Watch(start=scenario.spec.calendar.start, quiet=quiet) as watch:
        watch("getting ready", 0, 1)
        from twin.run import run  # the dynamics take seconds to import

        try:
            finished = run(
                scenario, out=out, overwrite=overwrite, report=report, pair_slashing=pair_slashing, progress=watch,
                warn=None if quiet else lambda problem: console.show_warnings([problem]),
            )  # fmt: skip
        except InputError as error:  # of the map: the loader has seen nothing wrong
            raise at_their_lines(error, scenario) from error
    said = console.output()
    if quiet:
        said.print(str(finished.path), markup=False)
        return
    said.print(finished.verdict.sentence(), markup=False)
    if finished.outlived:
        said.print(finished.outlived, markup=False)
    said.print(f"\nfolder  {finished.path}", markup=False)
    if report:
        said.print(f"report  {finished.report}", markup=False)


def report_command(
    folder: FolderArgument,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="another place than report.html in the folder")] = None,
) -> None:
    """Write the report page of a run again.

    One HTML file that needs no network; nothing is simulated.
    """
    from twin.report import write_report  # drawing takes a second to import

    _write_page(lambda: write_report(folder, out=out), out or folder)


def map_command(
    folder: FolderArgument,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="another place than map.html in the folder")] = None,
) -> None:
    """Write the map of a run, through time, as a page of its own.

    One HTML file that needs no network: cells by month, with the boundaries of the place.
    """
    from twin.report import write_map  # drawing takes a second to import

    _write_page(lambda: write_map(folder, out=out), out or folder)


def _write_page(write: Callable[[], Path], target: Path) -> None:
    try:
        path = write()
    except OSError as error:
        if error.errno in NO_PLACE_TO_WRITE:
            raise InputError(
                Problem(
                    "output_not_writable",
                    f"cannot be written to: {error.strerror}.",
                    file=target,
                    suggestion="Choose another file with --out.",
                )
            ) from error
        raise StoreError(f"{target}: the page could not be written: {error.strerror or error}") from error
    console.output().print(str(path), markup=False)
