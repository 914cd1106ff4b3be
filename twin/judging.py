"""Whether a scenario can be judged at all, known before it is run: the taper's dates, the judged year, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from twin.errors import Problem
from twin.outcomes import Schedule, Taper, TaperOrigin, find_taper, why_not_judged
from twin.scenario import Scenario
from twin.scenario.order import in_order_of_names

Rows = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Dated:
    """By what a run is judged: the reference variant's dates, and the subsidy that they were read from."""

    taper: Taper
    subsidy: Schedule | None
    """Of the reference: as its rules schedule it, or as its life paid it; None where the dates are stated and no rule schedules it."""


def dated_by_rules(scenario: Scenario) -> Dated:
    """T0 and T1 as the reference variant states or schedules them, so that every variant compared with it is judged in the same windows.

    Where its emission depends on the state of the network, neither is known before a life (`twin.first_life.dated`).
    """
    reference = scenario.reference.spec
    schedule: Schedule | None = scenario.network.schedule(in_order_of_names(reference))
    return Dated(find_taper(reference.taper, schedule), schedule)


def is_reference(scenario: Scenario) -> bool:
    """Whether nothing but how to judge differs from the variant by which others are judged."""
    return bool(scenario.reference.spec == scenario.spec)


def asks_for_tests(scenario: Scenario) -> bool:
    """Whether other lives fork off on T0 and in the judged year: asked for, or a single run of less than the world."""
    asked, place = scenario.spec.verdict.cutoff, getattr(scenario.spec, "place", None)
    return asked == "on" or (asked == "auto" and place is not None and not place.area.world)


def taper_warnings(scenario: Scenario) -> Iterable[Problem]:
    """A warning (`not_judged`) where the calendar is too short for a verdict, with the calendar that would do. Nothing where only a life tells the dates."""
    taper = dated_by_rules(scenario).taper
    if taper.origin is not TaperOrigin.LIFE:
        yield from too_short(scenario, taper)


def too_short(scenario: Scenario, taper: Taper) -> Iterable[Problem]:
    """The same once the dates are known: `twin run` asks again where only a life tells them."""
    spec = scenario.spec
    short = why_not_judged(taper, starts=spec.calendar.start, ends=spec.calendar.end, spec=spec.verdict)
    if short is None:
        return
    if short.earliest_horizon is not None:
        path, suggestion = "calendar.end", f"A run until {short.earliest_horizon} would be judged: calendar.end={short.earliest_horizon}"
    elif short.latest_start is not None:
        path, suggestion = "calendar.start", f"A run from {short.latest_start} would be judged: calendar.start={short.latest_start}"
    else:
        path, suggestion = "calendar.end", "A later end, or stated dates: taper: {from_rules: false, begins: YYYY-MM-DD, done: YYYY-MM-DD}"
    yield Problem(
        "not_judged",
        f"this run will end without a verdict (not_judged): {short.reason}.",
        file=scenario.file,
        path=path,
        suggestion=suggestion,
    )


def explain_sections(scenario: Scenario) -> Iterable[tuple[str, Rows]]:
    """The dates by which the run is judged, as a table for `twin explain`."""
    spec = scenario.spec
    taper = dated_by_rules(scenario).taper
    if taper.origin is TaperOrigin.LIFE:
        yield "How the run is judged", [("the subsidy begins to fade", "known once it was lived", taper.reason), ("the run ends", _day(spec.calendar.end), "calendar.end")]
        return
    said = "as stated" if taper.origin is TaperOrigin.STATED else "from the emission rules"
    year = taper.judged_year(spec.verdict)
    rows: Rows = [
        ("the subsidy begins to fade", _day(taper.begins), f"below {spec.taper.begins_below_share:.0%} of its largest, for good ({said})"),
        ("the taper is done", _day(taper.done), f"below {spec.taper.done_below_share:.0%} of its largest, for good ({said})"),
        ("the judged year begins", _day(year.begins if year else None), f"{spec.verdict.settle_days} days after the taper is done"),
        ("the judged year ends", _day(year.ends if year else None), f"{spec.verdict.judged_days} days later"),
        ("the run ends", _day(spec.calendar.end), "calendar.end"),
    ]
    short = why_not_judged(taper, starts=spec.calendar.start, ends=spec.calendar.end, spec=spec.verdict)
    rows.append(("verdict", "not judged" if short else "judged", short.reason if short else "the run reaches the end of the judged year"))
    yield "How the run is judged", rows


def _day(when: date | None) -> str:
    return "never" if when is None else when.isoformat()
