"""The tests that a single run is put to on the same luck (VERDICT 5 and 11): the judged year once more with every subsidy at zero (the cut-off test); all from
T0 on with the subsidy held at its level of that day, which alone allows a sentence to say "because of the taper"; and, where it is asked for, all from the
first day on which a stake may be taken without any being taken, which alone says what slashing keeps cheats from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.errors import InputError, Problem
from twin.forks import Fork, again
from twin.judged import day_of, judged, last_day_of_year
from twin.judging import asks_for_tests
from twin.outcomes import Outcome, WithoutTaper, best_year, why_not_judged
from twin.record import Recorder
from twin.scenario import Scenario
from twin.world import World

Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Tried:
    """What the tests found; None where one was not made."""

    kept_after_cutoff: float | None = None
    """Paid usage kept after a cut-off, over the best subsidised year."""
    without_taper: WithoutTaper | None = None
    cheats_reward_share_without_slashing: float | None = None


def live_and_try(twin: World, scenario: Scenario, *, progress: Progress | None = None, asked: bool = False, pair_slashing: bool = False) -> Tried:
    """Runs the twin to its end; other lives fork off on T0 and on the first day of the judged year, where the tests were asked for (`asked`, or by the scenario) and can be made.

    `pair_slashing`: one more forks off on the first day on which a stake may be taken, and lives to the end. Raises InputError where no check takes any.
    """
    last, forks = last_day_of_year(twin), {}
    acts: list[tuple[int, str, Callable[[World], Any]]] = [(first_slash(twin), "slashing", _cheats_reward_share_without_slashing)] if pair_slashing else []
    if (asked or asks_for_tests(scenario)) and last is not None:
        window = twin.taper.judged_year(scenario.spec.verdict)
        begins, cut = day_of(twin, twin.taper.begins), day_of(twin, None if window is None else window.begins)
        short = why_not_judged(twin.taper, starts=twin.clock.start, ends=twin.clock.end, spec=scenario.spec.verdict)
        if begins is not None and short is None and "taper" in twin.mechanisms.names:
            acts.append((begins, "taper", lambda world: _held(world, last)))
        if cut is not None:
            acts.append((cut, "cut", lambda world: _usage_without_subsidy(world, cut, last)))
    for day, name, act in sorted(acts, key=lambda each: each[0]):
        twin.clock.run(until_day=day - 1, progress=progress)
        forks[name] = Fork(twin, act, day=day)
    try:
        twin.clock.run(progress=progress)
        answers = {name: fork.answer() for name, fork in forks.items()}
    finally:
        for fork in forks.values():
            fork.give_up()
    return Tried(_kept(twin, answers.get("cut")), _without_taper(answers.get("taper")), answers.get("slashing"))


def first_slash(twin: World) -> int:
    """The first day of the run, after its first, on which a check may take a stake from a cheat. Raises InputError where none does."""
    since = twin.trade.slashes_from
    if since is None or not {"cheats", "slashing"} <= set(twin.mechanisms.names):
        raise InputError(Problem("nothing_slashed", "no check of this run takes a stake from cheats, so there is no life without slashing to live beside it."))
    return min(max((since - twin.clock.start).days, 1), twin.clock.n_days - 1)


def _cheats_reward_share_without_slashing(twin: World) -> float | None:
    """Share of all rewards that cheats took, with no stake taken from today on."""
    if not isinstance(twin.chronicle.recorder, Recorder):
        twin = again(twin, until_day=twin.clock.day)
    recorder = twin.chronicle.recorder
    assert isinstance(recorder, Recorder)
    twin.switch("slashing", False)
    twin.clock.run()
    daily = recorder.network_daily()
    found = twin.trade.collateral(daily, slice(0, len(daily)))
    return None if found is None else found.cheats_reward_share


def _kept(twin: World, usage: float | None) -> float | None:
    if usage is None or twin.taper.done is None:
        return None
    days = twin.scenario.spec.verdict.reference_days
    reference = best_year(twin.usage_constant_usd, until_day=(twin.taper.done - twin.clock.start).days, days=days)
    return usage / reference if reference else None


def _without_taper(answer: dict[str, Any] | None) -> WithoutTaper | None:
    return None if answer is None else WithoutTaper(Outcome(answer["outcome"]), answer["usage"])


def _usage_without_subsidy(twin: World, first_day: int, last_day: int) -> float:
    """Mean paid usage of the judged year, USD a day, with emission, grants and project purchases at zero."""
    twin.record_with(None)
    twin.switch("subsidy", False)
    twin.clock.run(until_day=last_day)
    usage: NDArray[np.float64] = twin.usage_constant_usd[first_day : last_day + 1]
    return float(usage.mean())


def _held(twin: World, last_day: int) -> dict[str, Any]:
    """Class and mean paid usage of the judged year, with the subsidy held from today on."""
    if not isinstance(twin.chronicle.recorder, Recorder):  # its days are not kept in a way that can be judged
        twin = again(twin, until_day=twin.clock.day)
    recorder = twin.chronicle.recorder
    assert isinstance(recorder, Recorder)
    twin.switch("taper", False)
    twin.clock.run(until_day=last_day)
    verdict = judged(twin, recorder, None)
    return {"outcome": verdict.outcome.value, "usage": verdict.judged_usage_usd_per_day}
