"""The commands that live many lives: ensemble, compare, odds."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from twin.cli import console
from twin.cli.scenario_commands import FileArgument, SeedOption, SetOption
from twin.errors import InputError, Problem
from twin.odds.engines.choice import Choice, Where
from twin.odds.progress import Tally
from twin.scenario import Scenario, load

if TYPE_CHECKING:
    from twin.odds.designs import Design
    from twin.odds.study import Study

ENSEMBLE_EXAMPLES = """\
Examples:

  twin ensemble helium-iot-goteborg                     50 lives that differ by luck alone

  twin ensemble helium-iot-goteborg --draws 200         a life of each of 200 draws of what is uncertain

  twin ensemble my-city.yaml --lives 100 --variant base --variant no_rewards     both on the same luck

  twin ensemble my-city.yaml --lives 400 --resume       goes on, or makes a study larger

  twin ensemble my-city.yaml --engine slurm --workers 32 --walltime 120          jobs of a batch system

  twin ensemble my-city.yaml --shard 3/32               the third of 32 parts, for array jobs
"""
COMPARE_EXAMPLES = """\
Example:

  twin compare my-city.yaml base no_rewards --lives 100
"""
ODDS_EXAMPLES = """\
Examples:

  twin odds studies/helium-iot-goteborg-0a1b2c3d                the odds, and the study's page anew

  twin odds studies/first studies/second --page both.html       two studies on one page, their variants side by side
"""
PAGE = "study.html"
LINE_EVERY_S = 15.0
CORES = os.cpu_count() or 1
WIDTH = 110
"""Columns of text that the table of classes needs; where nobody looks at a terminal it has them."""

WHERE, GOING_ON = "Where lives are lived", "A study that is there"
"""Groups of options in the help."""
EngineOption = Annotated[Where, typer.Option("--engine", help="processes of this machine (local: forked, spawn: started afresh), a Dask cluster, or jobs of a batch system", rich_help_panel=WHERE)]
WorkersOption = Annotated[int, typer.Option("--workers", "-j", min=1, help="processes at work, or jobs; default: as many as the machine has", rich_help_panel=WHERE)]
LivesOption = Annotated[int | None, typer.Option("--lives", "-n", min=1, help="lives of each variant that differ by luck alone, 50 unless stated; with --draws: lives of each draw, 1 unless stated")]
DrawsOption = Annotated[int | None, typer.Option("--draws", min=1, help="draws of the scenario's `uncertain` block, each with luck of its own")]
RecordOption = Annotated[str, typer.Option("--record", help="what a life leaves: its verdict alone, the network's daily series too (network), or also the cells of its map on the last day (cells), for maps of differences")]
ForksOption = Annotated[bool, typer.Option("--forks", help="each life is lived again from T0 on without the taper, and through the judged year without any subsidy: says how many died because of the taper; costs about a third more")]
RestateOption = Annotated[int, typer.Option("--restate", metavar="N", min=0, help="of three or more variants: live the best one on N fresh points more, and state its odds on them; 0: do not")]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="where the study's own folder is made")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="go on with a study that is there: live what is missing, by any engine", rich_help_panel=GOING_ON)]
RetryOption = Annotated[bool, typer.Option("--retry-failed", help="live again what failed, with the same draws", rich_help_panel=GOING_ON)]
NoPageOption = Annotated[bool, typer.Option("--no-page", help="do not write study.html, the page of the study")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="print the folder of the study and nothing else")]


def register(app: typer.Typer) -> None:
    """Adds the commands to an app."""
    app.command("ensemble", epilog=ENSEMBLE_EXAMPLES)(ensemble_command)
    app.command("compare", epilog=COMPARE_EXAMPLES)(compare_command)
    app.command("odds", epilog=ODDS_EXAMPLES)(odds_command)


def ensemble_command(
    file: FileArgument,
    sets: SetOption = None,
    seed: SeedOption = None,
    lives: LivesOption = None,
    draws: DrawsOption = None,
    variants: Annotated[list[str] | None, typer.Option("--variant", metavar="NAME", help="a variant of the file, one made of any scenario, or base; several times for several, on the same luck")] = None,
    design: Annotated[str, typer.Option("--design", help="how draws are spread: random (independent), latin_hypercube or sobol, in 8 independent blocks")] = "random",
    record: RecordOption = "network",
    forks: ForksOption = False,
    restate: RestateOption = 0,
    engine: EngineOption = Where.LOCAL,
    workers: WorkersOption = CORES,
    address: Annotated[str | None, typer.Option("--address", metavar="ADDRESS", help="of a Dask scheduler that runs already, or its scheduler file", rich_help_panel=WHERE)] = None,
    queue: Annotated[str | None, typer.Option("--queue", help="of the batch system", rich_help_panel=WHERE)] = None,
    walltime: Annotated[int, typer.Option("--walltime", metavar="MINUTES", min=2, help="of a job; its worker ends by itself a little earlier", rich_help_panel=WHERE)] = 60,
    memory: Annotated[float, typer.Option("--memory", metavar="GB", help="of a job", rich_help_panel=WHERE)] = 2.0,
    job_lines: Annotated[list[str] | None, typer.Option("--job-line", metavar="TEXT", help="a further line of a job's head, such as --account=ours", rich_help_panel=WHERE)] = None,
    shard: Annotated[str, typer.Option("--shard", metavar="I/N", help="live the i-th of n parts only (i from 1); several may run at once", rich_help_panel=WHERE)] = "1/1",
    only: Annotated[list[str] | None, typer.Option("--only", metavar="KEY", help="live exactly this row again; several times for several", rich_help_panel=GOING_ON)] = None,
    until_known: Annotated[bool, typer.Option("--until-known", help="stop as soon as the odds are known to 5 points, after 50, 100, 200, … lives; --lives or --draws is then the most")] = False,
    out: OutOption = Path("studies"),
    resume: ResumeOption = False,
    retry_failed: RetryOption = False,
    no_page: NoPageOption = False,
    quiet: QuietOption = False,
) -> None:
    """Live a scenario many times, and say how often the network survives.

    Lives differ by luck; with --draws also by what is not known. Each leaves its verdict and series in the study's folder as soon as it is over:
    an interruption loses only the lives under way, and --resume goes on.
    """
    scenario = load(file, sets=sets or (), seed=seed)
    choice = Choice(engine, workers, address, queue, walltime, memory, tuple(job_lines or ()))
    study = lived(
        scenario, _design(scenario, design, lives, draws), tuple(variants or ("base",)), choice, record=record, forks=forks, restate=restate, shard=_shard(shard), only=tuple(only or ()), until_known=until_known,
        out=out, resume=resume, retry_failed=retry_failed, quiet=quiet,
    )  # fmt: skip
    _say(study, quiet=quiet)
    if not (no_page or quiet):
        write_page(study.path / PAGE, [study])


def compare_command(
    file: FileArgument,
    variants: Annotated[list[str], typer.Argument(metavar="VARIANT...", help="two or more variants, of the file or made of any scenario; base is the file as it stands")],
    sets: SetOption = None,
    seed: SeedOption = None,
    lives: LivesOption = None,
    draws: DrawsOption = None,
    record: RecordOption = "network",
    forks: ForksOption = False,
    restate: RestateOption = 0,
    engine: EngineOption = Where.LOCAL,
    workers: WorkersOption = CORES,
    out: OutOption = Path("studies"),
    resume: ResumeOption = False,
    retry_failed: RetryOption = False,
    no_page: NoPageOption = False,
    quiet: QuietOption = False,
) -> None:
    """Live variants on the same luck, and say how their odds differ.

    A pair of lives differs by the variant alone: that takes far fewer lives than to know the odds of each.
    """
    scenario = load(file, sets=sets or (), seed=seed)
    _check_several(scenario, file, variants)
    study = lived(
        scenario, _design(scenario, "random", lives, draws), tuple(variants), Choice(engine, workers), record=record, forks=forks, restate=restate, shard=(0, 1), only=(), out=out,
        resume=resume, retry_failed=retry_failed, quiet=quiet,
    )  # fmt: skip
    _say(study, quiet=quiet)
    if not (no_page or quiet):
        write_page(study.path / PAGE, [study])


def _check_several(scenario: Scenario, file: str, variants: Sequence[str]) -> None:
    """Refuses one variant alone, and says which there are to compare it with."""
    if len(set(variants)) > 1:
        return
    from twin.odds.rows import unknown_variant, variants_of

    known = variants_of(scenario)
    if variants[0] not in known:
        raise InputError(unknown_variant(variants[0], known, scenario.file, "the file"))
    others = [name for name in known if name != variants[0]]
    if not others:
        raise InputError(Problem("too_few_variants", "expected at least two variants to compare; the file has none but base.", file=scenario.file, suggestion="State one under `variants` in the file: a name, and the values that it changes."))
    raise InputError(Problem("too_few_variants", f"expected at least two variants to compare, found {variants[0]} alone. The file has: {', '.join(known)}.", file=scenario.file, suggestion=f"twin compare {file} {variants[0]} {others[0]}"))


def odds_command(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="the folder of a study, finished or not; of several, their variants stand side by side on the page")],
    page: Annotated[Path | None, typer.Option("--page", metavar="FILE", help="where the page is written; default: study.html in the first folder")] = None,
) -> None:
    """Say what the lives of a study say together, and write its page.

    Nothing is lived. A study that is still being lived shows what is finished. The page is one file that needs no network: odds, survival curves, fans, what
    variants change, what decides it, failures, and how to live it again.
    """
    from twin.odds.study import Study  # reading tables takes a second to import

    studies = [Study(folder) for folder in folders]
    for study in studies:
        _say(study, quiet=False)
    write_page(page or studies[0].path / PAGE, studies)


def write_page(path: Path, studies: Sequence[Study]) -> None:
    """Writes the page of studies and says where it stands. InputError where it cannot be written."""
    from twin.odds.page_data import write_study_page

    try:
        console.output().print(f"page   {write_study_page(path, studies)}", markup=False)
    except OSError as error:
        raise InputError(Problem("page_not_written", f"the page could not be written ({error.strerror or error}). The study itself is whole.", file=path, suggestion="twin odds DIR --page FILE writes it elsewhere.")) from error


def _design(scenario: Scenario, name: str, lives: int | None, draws: int | None) -> Design:
    from twin.odds import designs

    if name not in ("random", "latin_hypercube", "sobol"):
        raise InputError(Problem("unknown_design", f"expected random, latin_hypercube or sobol; found {name!r}.", path="--design"))
    if draws is None:
        if name != "random":
            raise InputError(Problem("option_misfit", f"a {name} design spreads draws, and none were asked for.", suggestion="Give --draws too."))
        return designs.replicates(lives or 50)
    if name == "random":
        return designs.draws(draws, lives_each=lives or 1)
    make = designs.sobol if name == "sobol" else designs.latin_hypercube
    try:
        return make(sorted(scenario.unknowns), draws, seed=scenario.seed, lives_each=lives or 1)
    except ValueError as error:
        raise InputError(Problem("design_misfit", f"{error}.", path="--design")) from error


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise InputError(Problem("out_of_range", f"expected I/N with I from 1 to N, such as 3/32; found {text!r}.", path="--shard"))
    return int(found[1]) - 1, int(found[2])


def lived(
    scenario: Scenario, design: Design, variants: tuple[str, ...], choice: Choice, *, record: str, forks: bool, shard: tuple[int, int], only: tuple[str, ...], out: Path, until_known: bool = False, restate: int = 0,
    resume: bool, retry_failed: bool, quiet: bool,
) -> Study:  # fmt: skip
    """Lives a plan where the user chose, and shows how far it is. BLAS keeps to one thread a process, so that results are the same on any number of cores."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    from twin.judging import taper_warnings
    from twin.odds.living import live_plan  # the dynamics take seconds to import
    from twin.odds.restating import check_restated
    from twin.odds.restating import restate as restate_best
    from twin.odds.rows import Plan

    if record not in ("verdict", "network", "cells"):
        raise InputError(Problem("unknown_record", f"expected verdict, network or cells; found {record!r}.", path="--record"))
    plan = Plan(scenario, design, variants, record, forks)  # type: ignore[arg-type]
    check_restated(variants, design, restate)
    if not quiet:
        console.show_warnings(taper_warnings(scenario))  # all variants are judged in the windows of the file as it stands
    with choice.opened() as engine:
        with Rate(quiet=quiet) as rate:
            study = live_plan(plan, out=out, engine=engine, resume=resume, retry_failed=retry_failed, shard=shard, only=only, until_known=until_known, told=rate)
        if restate:
            with Rate(quiet=quiet) as rate:
                best = restate_best(study, plan, restate, engine=engine, told=rate)
            if best is None and not quiet:
                console.say_error("no variant survives more often than all others: none is chosen, and nothing is restated.")
    return study


class Rate:
    """Shows how many lives are over, how fast they go, what is left and what has failed: a bar on a terminal, elsewhere a line now and then.

    It draws in the caller's thread: a second thread would make forking unsafe.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._console = quiet, console.errors()
        self._bar = Progress(TextColumn("lives"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[said]}"), console=self._console, auto_refresh=False, transient=True)
        self._task: TaskID | None = None
        self._next = time.monotonic() + LINE_EVERY_S
        self._weighed = False

    def __enter__(self) -> Rate:
        if not self._quiet and self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, tally: Tally) -> None:
        """Takes note of how far the study is."""
        if self._quiet:
            return
        if not self._weighed and tally.expected_bytes is not None and tally.left_s is not None and tally.of > tally.ended:
            self._weighed = True
            console.say_error(f"{tally.of:,} lives to live: about {_minutes(tally.of / tally.lives_per_s)}, {tally.expected_bytes / 1e6:,.0f} MB on the disk, {tally.peak_mb:,.0f} MB of memory a worker at most")
        said = f"{tally.lives_per_s:.2f} a second" + (f", {_minutes(tally.left_s)} left" if tally.left_s else "") + (f", {tally.failed:,} failed" if tally.failed else "")
        if self._console.is_terminal:
            if self._task is None:
                self._task = self._bar.add_task("lives", total=tally.of, said=said)
            self._bar.update(self._task, completed=tally.ended, said=said, refresh=True)
        elif time.monotonic() > self._next and tally.ended:
            self._next = time.monotonic() + LINE_EVERY_S
            console.say_error(f"{tally.ended:,} of {tally.of:,} lives, {said}")


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _say(study: Study, *, quiet: bool) -> None:
    said = console.output()
    if quiet:
        said.print(str(study.path), markup=False)
        return
    from twin.nouns import said_once
    from twin.odds.analysis import class_counts, of_variant
    from twin.odds.choosing import chosen
    from twin.odds.page_deciding import deciding_part
    from twin.odds.page_variant import NOT_DRAWN, odds_said

    results, variants = study.results(), study.manifest.variants
    if not len(results):
        said.print("no life has ended yet.")
        return
    lived = [name for name in variants if (results["variant"] == name).any()]
    sentences: list[tuple[str, str]] = []
    for name in lived:
        rows = of_variant(results, name)
        odds, _, because = odds_said(study, rows)
        decides = deciding_part(study, rows) if study.design.layout in NOT_DRAWN else None
        sentences += [(name, odds), (name, because), (name, "" if decides is None else decides.sentence)]
    for sentence in said_once(sentences) if len(variants) > 1 else [sentence for _, sentence in sentences if sentence]:
        said.print(sentence, markup=False)
    counts = class_counts(results)
    counts = counts.loc[:, counts.any()]
    table = Table("", *(name.replace("_", " ") for name in counts.columns), box=None, header_style="bold")
    for name, row in counts.iterrows():
        table.add_row(str(name), *(f"{n:,}" if n else "" for n in row))
    said.print()
    said.width = max(said.width, WIDTH)
    said.print(table)
    for name in lived[1:]:
        try:
            said.print(study.compare(lived[0], name).sentence(), markup=False)
        except ValueError as error:  # too few of the scrambled designs have been lived
            said.print(f"{lived[0]} less {name}: {error}.", markup=False)
    if (best := chosen(study)) is not None:
        said.print(best.sentence(), markup=False)
    failures, pending = study.failures(), int(study.rows()["pending"].sum())
    if pending:
        said.print(f"{pending:,} lives are not lived yet: the command that began the study, with --resume, goes on.", markup=False)
    for stage, of_stage in failures.groupby("stage"):
        said.print(f"{len(of_stage):,} failed at {stage}, such as {of_stage['key'].iloc[0]}: {of_stage['message'].iloc[0]}", markup=False)
    said.print(f"\nstudy  {study.path}", markup=False)
