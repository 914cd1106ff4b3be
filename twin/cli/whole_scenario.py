"""What `check` and `explain` say beyond the words of the file: the place, whether the run can be judged, and who acts when.

The plan is read from a clock that is wired and never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import typer

from twin.beforehand import checks, found_on_the_map
from twin.build import build
from twin.cli import console, scenario_commands
from twin.cli.scenario_commands import FileArgument, SetOption, VariantOption
from twin.judging import explain_sections
from twin.kernel.clock import PlanRow
from twin.scenario import Scenario, load
from twin.world.opening import market_words

FEW_SITES = 64
"""Who takes part in the loop does not depend on how many sites there are; few make the plan quick."""


def register(app: typer.Typer) -> None:
    """Adds `check` and `explain` to an app."""
    app.command("check")(check_command)
    rest = typer.Typer()
    scenario_commands.register(rest, extra_sections=added_sections)
    app.registered_commands += [command for command in rest.registered_commands if command.name == "explain"]


def check_command(file: FileArgument, sets: SetOption = None, variant: VariantOption = None) -> None:
    """All problems at once, with line, expectation and fix; nothing is run."""
    scenario = load(file, sets=sets or (), variant=variant)
    console.show_warnings(checks(scenario))
    found_on_the_map(scenario)
    scenario_commands.check_command(file, sets, variant)
    console.output().print(market_words(scenario), markup=False, highlight=False, soft_wrap=True)


def added_sections(scenario: Scenario) -> Iterable[tuple[str, Iterable[Iterable[object]]]]:
    """The tables after the values: how the run is judged, and the order of one day."""
    yield from explain_sections(scenario)
    yield from plan_sections(scenario)


def plan_sections(scenario: Scenario) -> Iterable[tuple[str, Iterable[Iterable[object]]]]:
    """The plan of the loop as a table: lane, what happens, how often."""
    counts = [path for path in ("place.sites.count", "place.probes.count") if path in scenario.provenance]
    few = scenario.variant("plan of the loop", dict.fromkeys(counts, FEW_SITES))
    twin = build(few)
    yield "The order of one day", _rows(twin.clock.plan())


def _rows(plan: Sequence[PlanRow]) -> list[tuple[str, str, str]]:
    """One row for each act; dates of the same one-off, and processes that differ by a number, stand together."""
    cadences: dict[tuple[str, str], list[str]] = {}
    for row in plan:
        cadences.setdefault((_lane(row), re.sub(r" \d+$", "", row.name)), []).append(row.cadence)
    return [(lane, name, _cadence(said)) for (lane, name), said in cadences.items()]


def _cadence(said: Sequence[str]) -> str:
    if len(said) == 1:
        return said[0]
    return f"{said[0]}, {len(said):,} of them" if len(set(said)) == 1 else f"{len(said):,} times: {said[0]} … {said[-1]}"


def _lane(row: PlanRow) -> str:
    if row.lane is None:
        return "as it waits"
    return f"{row.lane.name}.{row.sub}" if row.sub else row.lane.name
