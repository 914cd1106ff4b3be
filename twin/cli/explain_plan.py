"""`twin explain` with the plan of the loop: who acts when, in the order of one day, read from a clock that is wired and never run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import typer

from twin.cli import scenario_commands
from twin.kernel.clock import PlanRow
from twin.scenario import Scenario

FEW_SITES = 64
"""Who takes part in the loop does not depend on how many sites there are; few make the plan quick."""


def register(app: typer.Typer) -> None:
    """Adds the scenario commands, with the plan at the end of `explain`."""
    scenario_commands.register(app, extra_sections=plan_sections)


def plan_sections(scenario: Scenario) -> Iterable[tuple[str, Iterable[Iterable[object]]]]:
    """The plan of the loop as a table: lane, what happens, how often."""
    counts = [path for path in ("place.sites.count", "place.probes.count") if path in scenario.provenance]
    few = scenario.variant("plan of the loop", dict.fromkeys(counts, FEW_SITES))
    twin = scenario.network.build(few)
    yield "The order of one day", _rows(twin.clock.plan())


def _rows(plan: Sequence[PlanRow]) -> list[tuple[str, str, str]]:
    """One row for each act; dates of the same one-off stand together."""
    cadences: dict[tuple[str, str], list[str]] = {}
    for row in plan:
        cadences.setdefault((_lane(row), row.name), []).append(row.cadence)
    return [
        (lane, name, said[0] if len(said) == 1 else f"{len(said)} times: {said[0]} … {said[-1]}") for (lane, name), said in cadences.items()
    ]


def _lane(row: PlanRow) -> str:
    if row.lane is None:
        return "as it waits"
    return f"{row.lane.name}.{row.sub}" if row.sub else row.lane.name
