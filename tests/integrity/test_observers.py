"""Who vouches for whom: liars among themselves prove nothing, and one honest observer is enough where the penalty is large (arXiv 2503.07558), held against the checks of devices."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from twin.integrity.fake_devices import LOOKS_EVERY_DAYS, DeviceChecks
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.scenario.sections.cheating import DeviceChecksSpec
from twin.state import Columns
from twin.world.owned_devices import COLUMNS

START = date(2024, 1, 1)


def per_month(*, honest: int, liars: int = 1, detection: float, blind: float = 0.0, exploit: str = "spoofed_coordinates", copied: float = 0.1) -> float:
    """Chance that the first liar is caught within a month, with so many honest devices beside it and other liars too."""
    n = honest + liars
    nodes = Columns(n, COLUMNS)
    nodes.writer("fleet").online[:] = True
    nodes.writer("adversaries").fake[:liars] = 0
    spec = DeviceChecksSpec(detection_probability_per_month=detection, blind_probability_per_month=blind, neighbour_km=5, copied_detection_probability_per_month=copied)
    cheats: Any = SimpleNamespace(asserted_at=np.arange(n))
    network: Any = SimpleNamespace(eligibility_changed=lambda slots: None)
    checks = DeviceChecks(
        Clock(START, START + timedelta(days=30)), Streams(1), nodes, spec, {"made_up": exploit}, network=network, cheats=cheats,
        lat_deg=np.full(n, 57.6), lng_deg=18.3 + np.arange(n) * 1e-3, note=lambda *words, **facts: None,
    )  # fmt: skip
    weekly = float(checks.probability_per_week(np.array([0]))[0])
    return 1 - (1 - weekly) ** (DAYS_PER_MONTH / LOOKS_EVERY_DAYS)


@pytest.mark.parametrize("liars", [1, 2, 40])
def test_liars_vouch_for_each_other_and_prove_nothing(liars: int) -> None:
    """Without an honest observer the chance is `blind` alone, however sharp a neighbour's evidence and however many liars stand around."""
    assert per_month(honest=0, liars=liars, detection=0.9, blind=0.02) == pytest.approx(0.02, rel=1e-9)


def test_liars_around_do_not_hide_it_from_an_honest_one() -> None:
    assert per_month(honest=1, liars=40, detection=0.9) == pytest.approx(per_month(honest=1, detection=0.9)) == pytest.approx(0.9)


@pytest.mark.parametrize(("detection", "honest", "times"), [(0.3, 1, 2.333), (0.3, 2, 0.961), (0.05, 1, 19.0)])
def test_one_honest_observer_suffices_where_the_penalty_is_so_many_times_the_gain(detection: float, honest: int, times: float) -> None:
    """A lie does not pay iff p x penalty > (1 - p) x gain, with p = 1 - (1 - d)^h."""
    caught = per_month(honest=honest, detection=detection)
    assert (1 - caught) / caught == pytest.approx(times, abs=5e-3)


@pytest.mark.parametrize("honest", [1, 3, 30])
def test_who_copies_a_neighbour_is_found_by_its_likeness_alone(honest: int) -> None:
    """p = 1 - (1 - blind)(1 - likeness) a month, however many neighbours agree; without a neighbour there is nothing to copy, and blind finds alone."""
    copies = {"detection": 0.9, "blind": 0.02, "exploit": "copied_data", "copied": 0.25}
    assert per_month(honest=honest, **copies) == pytest.approx(1 - 0.98 * 0.75, rel=1e-9)
    assert per_month(honest=0, liars=5, **copies) == pytest.approx(0.02, rel=1e-9)
