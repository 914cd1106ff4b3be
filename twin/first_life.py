"""T0 and T1 where emission depends on the state of the network: read from the reference variant's own life on its seed (VERDICT 3).

The first life is lived without dates and without tables; what it paid by day is kept beside the maps, under a digest of the scenario, of the files that it
names and of the code. So a scenario's first run lives twice, all later ones and all its variants once; and a run of the reference itself lives once too, if
it can find its dates on the way (`at_once`).
"""

from __future__ import annotations

import hashlib
import inspect
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.geo import shipped
from twin.geo.map_cache import cache_folder, digest_of, is_kept, kept, made_by
from twin.judging import Dated, asks_for_tests, dated_by_rules, is_reference
from twin.outcomes import Schedule, TaperOrigin, find_taper
from twin.scenario import Scenario
from twin.scenario.values import flatten
from twin.world import World
from twin.world.node_sums import DailySums

CODE = Path(__file__).parent


def dated(scenario: Scenario, *, cache: Path | None = None) -> Dated:
    """By what a run of this scenario is judged. Lives the reference's life where only that tells and nobody has lived it."""
    found = dated_by_rules(scenario)
    if found.taper.origin is not TaperOrigin.LIFE:
        return found
    reference = scenario.reference
    paid = Schedule(reference.spec.calendar.start, _paid_by_day(reference, cache_folder(cache)))
    return Dated(find_taper(reference.spec.taper, paid, origin=TaperOrigin.LIFE), paid)


def at_once(scenario: Scenario, *, cache: Path | None = None) -> World | None:
    """The world of a reference that nobody has lived yet, which finds its dates while it is run; None where they are known, or are needed before.

    They are needed where other lives fork off on them, where lazy sums are settled on them (which rounds otherwise), and where the kind keeps something for them.
    """
    spec, folder = scenario.spec, cache_folder(cache)
    if dated_by_rules(scenario).taper.origin is not TaperOrigin.LIFE or not is_reference(scenario) or asks_for_tests(scenario) or spec.verdict.settle_days < 1:
        return None
    if is_kept("subsidy", _digest(scenario.reference), folder=folder):
        return None
    world = World(scenario, cache=folder, finds_dates=True)
    scenario.network.furnish(world)
    return world if world.finds_dates and isinstance(world.sums, DailySums) and not world.trade.asks_for_dates else None


def found_at_once(world: World) -> Dated:
    """By what a world that found its dates is judged; what it paid is kept like that of any first life."""
    reference, days = world.scenario.reference, world.chronicle.paid_subsidy.by_day
    kept("subsidy", _digest(reference), lambda: days, folder=world.cache)
    return Dated(find_taper(reference.spec.taper, paid := Schedule(world.clock.start, days), origin=TaperOrigin.LIFE), paid)


@lru_cache(maxsize=32)
def _paid_by_day(reference: Scenario, folder: Path) -> NDArray[np.float64]:
    """Subsidy of the reference's life, tokens by day of the run."""
    return kept("subsidy", _digest(reference), lambda: _lived(reference, folder), folder=folder)


def _lived(reference: Scenario, folder: Path) -> NDArray[np.float64]:
    world = World(reference, cache=folder)
    reference.network.furnish(world)
    world.chronicle.spec = world.chronicle.spec.model_copy(update={"cells": "none", "operators": "none"})
    world.clock.run()
    return world.chronicle.paid_subsidy.by_day


def _digest(reference: Scenario) -> str:
    """Of all that decides the reference's life."""
    base = reference.path.parent if reference.path else Path.cwd()
    texts = {value for value in flatten(reference.spec).values() if isinstance(value, str | Path)}
    files = {str(text): hashlib.sha256((base / text).read_bytes()).hexdigest() for text in texts if _is_file(base / text)}
    code = {CODE, *(file.parent for file in CODE.rglob("*.py")), Path(inspect.getfile(reference.network.furnish)).parent}
    ground = {path: entry.sha256_file for path, entry in shipped.manifest().items()}
    return digest_of(reference.hash_with(files), sorted(ground.items()), made_by(*sorted(code)))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a text too long for a name
        return False
