"""The taper as a mechanism: what is paid while it is on, and what from T0 on while it is off."""

from __future__ import annotations

import numpy as np
import pytest
from goldens.worlds import WORLDS
from kept import lived

from twin.economy.held import Fading, Remembered, Scheduled, beyond_share


def test_off_the_schedule_goes_on_at_its_mean_before_t0() -> None:
    fading = Fading(4, mean_days=2)
    pay = Scheduled(np.array([9.0, 9.0, 8.0, 6.0, 3.0, 1.0]), fading)
    assert [pay.on(day) for day in range(6)] == [9.0, 9.0, 8.0, 6.0, 3.0, 1.0]
    fading.switch(False)
    assert [pay.on(day) for day in range(6)] == [9.0, 9.0, 8.0, 6.0, 7.0, 7.0]
    assert pay.beyond_share(3) == 0.0 and pay.beyond_share(5) == pytest.approx(6 / 7)
    fading.switch(True)
    assert pay.on(5) == 1.0


def test_a_run_that_does_not_reach_t0_follows_its_rules() -> None:
    fading = Fading(None, mean_days=28)
    fading.switch(False)
    assert Scheduled(np.array([5.0, 4.0]), fading).on(1) == 4.0


def test_what_depends_on_the_network_is_remembered() -> None:
    fading = Fading(3, mean_days=2)
    pay = Remembered(fading)
    assert [pay.on(day, by_rules) for day, by_rules in enumerate([5.0, 4.0, 2.0])] == [5.0, 4.0, 2.0]
    fading.switch(False)
    assert pay.on(3, 1.0) == 3.0 and Remembered(fading).on(3, 1.0) == 1.0 and Remembered(fading, otherwise=8.0).on(3, 1.0) == 8.0


def test_nothing_is_beyond_the_rules_where_nothing_is_paid_or_they_pay_more() -> None:
    assert beyond_share(0.0, 0.0) == 0.0 and beyond_share(2.0, 3.0) == 0.0


@pytest.mark.parametrize("name", ["sensing-score", "energy"])
def test_without_its_taper_a_network_mints_more(name: str) -> None:
    (_, faded), (_, held) = lived(WORLDS[name].scenario()), lived(WORLDS[name].scenario(), without=["taper"])
    assert held.series("minted_tokens").sum() > 1.5 * faded.series("minted_tokens").sum() > 0
