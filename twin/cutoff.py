"""The cut-off test (VERDICT 5): the judged year once more with every subsidy at zero, on the same luck.

Where a process can be forked, a child takes over on the first day of the judged year and reports kappa_cut through a pipe; elsewhere the run is
repeated from its first day. SimPy generators cannot be copied, so these are the two ways there are.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.build import build
from twin.outcomes import best_year
from twin.scenario import Scenario
from twin.world import World


def kept_after_cutoff(twin: World, scenario: Scenario, *, progress: Callable[[int], object] | None = None) -> float | None:
    """Runs the twin to its end and returns the paid usage kept after a cut-off, over the best subsidised year; None if the test was not asked for."""
    window = twin.taper.judged_year(scenario.spec.verdict)
    asked = _is_asked(scenario)
    last = twin.clock.n_days - 1
    if not asked or window is None or twin.taper.done is None:
        twin.clock.run(progress=progress)
        return None
    first_day = (window.begins - twin.clock.start).days
    last_day = (window.ends - twin.clock.start).days - 1
    if first_day <= 0 or last_day > last:
        twin.clock.run(progress=progress)
        return None
    twin.clock.run(until_day=first_day - 1, progress=progress)
    if hasattr(os, "fork") and threading.active_count() == 1:
        answer = _forked(twin, first_day, last_day)
    else:
        again = build(twin.scenario, replicate=twin.replicate)
        again.clock.run(until_day=first_day - 1)
        answer = _usage_without_subsidy(again, first_day, last_day)
    twin.clock.run(progress=progress)
    reference = best_year(twin.usage_constant_usd, until_day=(twin.taper.done - twin.clock.start).days, days=scenario.spec.verdict.reference_days)
    return answer / reference if reference else None


def _is_asked(scenario: Scenario) -> bool:
    """Whether the test is to be made: asked for, or a single run of less than the world."""
    asked, place = scenario.spec.verdict.cutoff, getattr(scenario.spec, "place", None)
    return asked == "on" or (asked == "auto" and place is not None and not place.area.world)


def _usage_without_subsidy(twin: World, first_day: int, last_day: int) -> float:
    """Mean paid usage of the judged year, USD a day, with emission, grants and project purchases at zero."""
    twin.switch("subsidy", False)
    twin.clock.run(until_day=last_day)
    usage: NDArray[np.float64] = twin.usage_constant_usd[first_day : last_day + 1]
    return float(usage.mean())


def _forked(twin: World, first_day: int, last_day: int) -> float:
    """The same in a child process, whose state is a copy of this one."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - runs in the child
        status = 1
        try:
            os.close(readable)
            twin.record_with(None)
            answer = _usage_without_subsidy(twin, first_day, last_day)
            os.write(writable, json.dumps(answer).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writable)
    with os.fdopen(readable, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    if not text:
        raise RuntimeError("the cut-off test ended without an answer")
    return float(json.loads(text))
