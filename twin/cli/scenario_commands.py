"""The commands that read scenarios and run nothing: list, new, check, explain, schema."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from twin.elsewhere import kept, new_scenario_at, place_of
from twin.errors import InputError, Problem
from twin.scenario import shipped
from twin.scenario.catalogue import networks, new_scenario, ready_scenarios
from twin.scenario.dated_tables import wrong_tables
from twin.scenario.explain import Explanation, Section, explain
from twin.scenario.holder import Scenario
from twin.scenario.loading import load
from twin.scenario.made import MADE
from twin.scenario.schema import scenario_schema
from twin.units import DAYS_PER_YEAR

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="a scenario file, or the name of a bundled scenario")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="set a value by its dotted path; may be given often, the last wins")
]
VariantOption = Annotated[str | None, typer.Option("--variant", metavar="NAME", help="a variant that stands in the file, or one made of any scenario (twin list names them)")]
SeedOption = Annotated[int | None, typer.Option("--seed", metavar="N", help="seed of all luck; wins over the stated one")]

ExtraSections = Callable[[Scenario], Iterable[tuple[str, Iterable[Iterable[object]]]]]


def register(app: typer.Typer, *, extra_sections: ExtraSections | None = None) -> None:
    """Adds the five commands to an app. `extra_sections` gives further tables for `explain`: the plan of the loop, the taper's dates."""
    app.command("list")(list_command)
    app.command("new")(new_command)
    app.command("check")(check_command)
    app.command("schema")(schema_command)

    @app.command("explain")
    def explain_command(
        file: FileArgument,
        sets: SetOption = None,
        variant: VariantOption = None,
        seed: SeedOption = None,
        only: Annotated[str | None, typer.Option("--only", metavar="PATH", help="only values whose path begins so")] = None,
    ) -> None:
        """Resolved values with where each came from, the order of the loop and the dates of the taper."""
        scenario = _loaded(file, sets, variant, seed)
        try:
            explanation = explain(
                scenario,
                extra_sections=[
                    (title, [list(row) for row in rows]) for title, rows in (extra_sections(scenario) if extra_sections else ())
                ],
            )
        except InputError as error:
            raise complain(error) from None
        show_explanation(explanation, only=only)


def complain(error: InputError) -> typer.Exit:
    """Prints every problem and how many there are, on the error stream; returns the exit (code 2) to raise."""
    console = Console(stderr=True, emoji=False, soft_wrap=True, highlight=False)
    for problem in error.problems:
        console.print(problem.render(), markup=False)
    console.print(closing_line(len(error.problems)), markup=False)
    return typer.Exit(error.exit_code)


def closing_line(n_problems: int) -> str:
    """How a list of problems ends."""
    return f"{n_problems} problem{'' if n_problems == 1 else 's'}. Nothing was run."


def _loaded(file: str, sets: list[str] | None, variant: str | None, seed: int | None) -> Scenario:
    try:
        return load(file, sets=sets or (), variant=variant, seed=seed)
    except InputError as error:
        raise complain(error) from None


def list_command() -> None:
    """Networks and scenarios that are ready to run."""
    console = Console(emoji=False, highlight=False)
    console.print("[bold]Networks[/bold]")
    for network in networks():
        console.print(f"  [bold]{network.kind}[/bold]: {escape(network.summary or 'a node is a ' + network.node_noun)}", soft_wrap=True)
        for part in network.parts:
            console.print(f"    extends: {part}", markup=False, soft_wrap=True)
    console.print("[bold]Scenarios[/bold]")
    for one in ready_scenarios():
        console.print(f"  [bold]{one.name}[/bold]: {escape(one.title)}", soft_wrap=True)
        for line in one.shows.splitlines():
            if line.strip():
                console.print(f"    {line}", markup=False, soft_wrap=True)
        if one.variants:
            console.print(f"    variants: {', '.join(one.variants)}", markup=False, soft_wrap=True)
    console.print("[bold]Variants of every scenario[/bold] (a file's own of the same name goes first; twin check says which it cannot have)")
    for name, made in MADE.items():
        console.print(f"  [bold]{name}[/bold]: {escape(made.does)}", soft_wrap=True)


def new_command(
    name: Annotated[str, typer.Argument(help="name of the new file, without .yaml")],
    like: Annotated[str, typer.Option("--like", metavar="SCENARIO", help="the scenario to begin from")],
    whole: Annotated[bool, typer.Option("--whole", help="copy the whole text instead of extending it")] = False,
    place: Annotated[str | None, typer.Option("--place", metavar="CITY", help='another city, for example "Bergen, NO" or "Springfield, Missouri, US": what belongs to the place is scaled by people')] = None,
) -> None:
    """A commented scenario to edit, in the working directory."""
    try:
        path = new_scenario(name, like=like, whole=whole) if place is None else new_scenario_at(name, place, like=like)
        rest = [] if place is None else kept(load(like), place_of(place))
    except InputError as error:
        raise complain(error) from None
    said = Console(emoji=False, highlight=False, soft_wrap=True)
    said.print(f"Wrote {path}. Edit it, then: twin check {path}", markup=False)
    if rest:
        said.print(f"Kept as {like} has them, and not known of {place}: {', '.join(rest)}.", markup=False)


def check_command(file: FileArgument, sets: SetOption = None, variant: VariantOption = None) -> None:
    """All problems at once, with line, expectation and fix; nothing is run."""
    scenario = _loaded(file, sets, variant, None)
    checks = scenario.network.checks
    try:
        if wrong := wrong_tables(scenario):
            raise InputError(wrong)
        warnings: list[Problem] = [*scenario.warnings, *(checks(scenario) if checks is not None else ())]
        explanation = explain(scenario)
    except InputError as error:
        raise complain(error) from None
    console = Console(emoji=False, highlight=False, soft_wrap=True)
    for note in scenario.notes:
        console.print(f"note: {note}", markup=False)
    for warning in warnings:
        console.print(f"warning: {warning.render()}", markup=False)
    for line in summary(explanation):
        console.print(line, markup=False)


def summary(explanation: Explanation) -> list[str]:
    """What `twin check` says of a sound scenario: horizon, counts, and the values that nobody vouches for."""
    scenario = explanation.scenario
    calendar = scenario.spec.calendar
    n_days = (calendar.end - calendar.start).days
    stated = sum(not row.is_default for row in explanation.rows)
    lines = [
        f"{scenario.file}: OK. {scenario.spec.title}",
        f"  {calendar.start} to {calendar.end}, {n_days} days ({n_days / DAYS_PER_YEAR:.1f} years); seed {scenario.seed}; hash {scenario.hash[:12]}",
        f"  {_counted(scenario)}; {len(explanation.rows)} values, {stated} stated and {len(explanation.rows) - stated} defaults",
    ]
    lost = [row.path for row in explanation.without_source]
    if lost:
        lines.append(f"  {len(lost)} values with neither a citation nor the word assumed:")
        lines += [f"    {path}" for path in lost[:20]]
        lines += [f"    and {len(lost) - 20} more"] if len(lost) > 20 else []
    else:
        lines.append("  every value has a citation or is said to be assumed")
    lines.append(f"  variants made of it: {', '.join(scenario.made) or 'none'}")
    lines += [f"    not {name}: {why}" for name, why in scenario.not_made.items()]
    return lines


def _counted(scenario: Scenario) -> str:
    sections = {name: getattr(scenario.spec, name, None) for name in ("operators", "customers", "adversaries", "regulation")}
    said = [f"{name} {len(entries)}" for name, entries in sections.items() if isinstance(entries, dict)]
    return ", ".join([*said, f"variants {len(scenario.variants)}"])


def show_explanation(explanation: Explanation, *, only: str | None = None, console: Console | None = None) -> None:
    """Prints an explanation as one table a section; `only` keeps paths that begin so."""
    console = console or Console(emoji=False, highlight=False)
    console.print(
        f"{explanation.scenario.name} ({explanation.scenario.label}), from {explanation.scenario.file}", markup=False, soft_wrap=True
    )
    rows = [row for row in explanation.rows if only is None or row.path == only or row.path.startswith(only.rstrip(".") + ".")]
    for section, group in groupby(rows, key=lambda row: row.path.split(".")[0]):
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column(section, overflow="fold", ratio=4)
        table.add_column("value", overflow="fold", ratio=3)
        table.add_column("from", overflow="fold", ratio=2)
        table.add_column("source", overflow="fold", ratio=4)
        for row in group:
            where = "default" if row.is_default else row.where
            value = f"{row.value} {row.unit}".strip()
            below = row.path.removeprefix(f"{section}.")
            table.add_row(
                escape(below), escape(value), escape(_short(where)), escape(row.source) if row.source else "[yellow]nobody says[/yellow]"
            )
        console.print(table)
    if not rows:
        console.print(f"No value has a path that begins with {only}.", markup=False)
    for extra in explanation.sections if only is None else ():
        console.print(_section_table(extra))


def _short(where: str) -> str:
    """A spot without the folders of its file."""
    return re.sub(r"[^\s(]*/", "", where)


def _section_table(section: Section) -> Table:
    width = max((len(row) for row in section.rows), default=1)
    table = Table(
        title=section.title,
        title_justify="left",
        box=box.SIMPLE_HEAD if section.heads else box.SIMPLE,
        pad_edge=False,
        show_header=bool(section.heads),
    )
    for column in range(width):
        table.add_column(section.heads[column] if column < len(section.heads) else "", overflow="fold")
    for row in section.rows:
        table.add_row(*(escape(cell) for cell in row))
    return table


def schema_command(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="write to a file instead of the terminal")] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="only this kind of network; may be given often")] = None,
) -> None:
    """JSON Schema of scenarios, for editors that complete and check."""
    try:
        text = json.dumps(scenario_schema(kind or None), indent=2, ensure_ascii=False) + "\n"
    except KeyError as error:
        raise complain(InputError(Problem("unknown_choice", f"there is no kind of network {error}.", path="--kind"))) from None
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise complain(InputError(Problem("unwritable", f"{out} could not be written: {error.strerror or error}."))) from None
    Console(emoji=False, highlight=False, soft_wrap=True).print(
        f"Wrote {out}. Scenarios shipped with the package lie in {shipped.scenarios_dir()}.", markup=False
    )
