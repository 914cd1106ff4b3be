"""Whether the dated tables that a scenario names are there, can be read, and reach as far as they must."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from twin.errors import InputError, Problem
from twin.scenario.holder import Scenario
from twin.scenario.model import SeriesRef
from twin.scenario.nodes import dotted
from twin.scenario.series import load_series
from twin.scenario.values import flatten


def unreadable_tables(scenario: Scenario) -> list[Problem]:
    """What is wrong with every table named by a `series` of the scenario, each told once; a problem that names no file of its own names the value."""
    found, looked_at = list[Problem](), set[str]()
    for path, name in flatten(scenario.spec).items():
        if path[-1] != "series" or not isinstance(name, str) or name in looked_at:
            continue
        looked_at.add(name)
        try:
            load_series(name, base_dir=_base(scenario))
        except InputError as error:
            found += [each if each.file is not None else replace(each, file=scenario.file, path=dotted(path)) for each in error.problems]
    return found


def wrong_tables(scenario: Scenario) -> list[Problem]:
    """`unreadable_tables`, and prices of hardware that do not cover the whole calendar without saying what comes after: for whoever lives to its end."""
    if found := unreadable_tables(scenario):
        return found
    calendar = scenario.spec.calendar
    for name, each in getattr(getattr(scenario.spec, "hardware", None), "generations", {}).items():
        price = getattr(each, "price_usd", None)
        if isinstance(price, SeriesRef):
            try:
                load_series(price.series, base_dir=_base(scenario)).daily(calendar.start, (calendar.end - calendar.start).days, until=price.until, then=price.then)
            except InputError as error:
                found += [replace(problem, path=f"hardware.generations.{name}.price_usd") for problem in error.problems]
    return found


def _base(scenario: Scenario) -> Path | None:
    return scenario.path.parent if scenario.path is not None else None
