"""What can be said of a scenario before it is run, beyond its words: whether its place is on the map and large enough, and whether it can be judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from twin.build import build
from twin.elsewhere import place_left_behind
from twin.errors import InputError, Problem
from twin.geo.area import study_area
from twin.judging import dated_by_rules, taper_warnings
from twin.plausible import place_warnings, who_buys
from twin.scenario import Scenario
from twin.world.opening import allocation_problems, float_problems, market_warnings

PLACED_BY_THE_KIND = ("operators", "providers", "miners", "customers", "uploaders")
"""Sections whose members may state countries."""


def checks(scenario: Scenario) -> Iterable[Problem]:
    """Warnings for `twin check` and `twin run`. Raises InputError where the place cannot be found or its file not be read, and where the market cannot be."""
    base_dir = scenario.path.parent if scenario.path is not None else Path.cwd()
    place = getattr(scenario.spec, "place", None)  # a network whose things are not places has none
    try:
        if place is not None:
            study_area(place.area, base_dir=base_dir)
        of_the_place = [*place_left_behind(scenario), *place_warnings(scenario)]
    except InputError as error:
        raise at_their_lines(error, scenario) from error
    wrong = [_at_its_line(problem, scenario) for problem in (*float_problems(scenario), *allocation_problems(scenario))]
    if wrong:
        raise InputError(wrong)
    warnings = [*taper_warnings(scenario), *market_warnings(scenario), *who_buys(scenario), *of_the_place]
    return [_at_its_line(warning, scenario) for warning in warnings]


def found_on_the_map(scenario: Scenario) -> None:
    """Furnishes the world and runs nothing, where rules of law, halls or countries must be found on the map: raises InputError for all that `twin run` would refuse on its first morning.

    Some seconds where the map is kept already, and as long as a run's beginning where it is not.
    """
    if not _asks_the_map(scenario):
        return
    try:
        build(scenario, dated=dated_by_rules(scenario))
    except InputError as error:
        raise at_their_lines(error, scenario) from error


def _asks_the_map(scenario: Scenario) -> bool:
    """A rule in force somewhere, or nodes and customers that stand in countries and are placed by the kind itself."""
    spec = scenario.spec
    if any(rule.enabled for rule in getattr(spec, "regulation", {}).values()):
        return True
    stand = [each for section in PLACED_BY_THE_KIND if isinstance(entries := getattr(spec, section, None), dict) for each in entries.values()]
    return any(getattr(each, field, None) for each in stand for field in ("share_by_country", "country_share"))


def at_their_lines(error: InputError, scenario: Scenario) -> InputError:
    """The same problems, each with the file and line where the value at its path stands, if the map found them and not the loader."""
    return InputError([_at_its_line(problem, scenario) for problem in error.problems])


def _at_its_line(problem: Problem, scenario: Scenario) -> Problem:
    if problem.file is not None or not problem.path:
        return problem
    origin = scenario.provenance.get(problem.path)
    below = (found for path, found in scenario.provenance.items() if path.startswith(f"{problem.path}."))
    origin = origin or next(below, None)
    if origin is None or origin.spot is None:
        return replace(problem, file=scenario.file)
    source, line = origin.spot.source, origin.spot.line
    return replace(
        problem,
        file=source.label,
        line=line,
        column=origin.spot.column,
        source_line=source.line(line) if line is not None else None,
    )
