"""The part of the price that is luck: the same for variants of one replicate, another for another replicate, and deaf to what the network does."""

from __future__ import annotations

import numpy as np
import pytest
from goldens.on_a_market import on_a_market
from goldens.worlds import WORLDS

from twin.build import build
from twin.odds.lives import lived
from twin.odds.price_luck import price_luck
from twin.outcomes import Window
from twin.scenario import Scenario


@pytest.fixture(scope="module")
def town() -> Scenario:
    return on_a_market(WORLDS["sensing-score"].scenario())


def luck_of(scenario: Scenario, replicate: int = 0) -> tuple[float, float]:
    world = build(scenario, replicate=replicate)
    recorder, _ = lived(world, scenario, with_forks=False)
    price = recorder.network_daily()["price_usd"].to_numpy(float)
    end = world.clock.end
    window = Window(end.replace(year=end.year - 1), end)
    return price_luck(world, window, price), float(price[-365:].mean())


def test_luck_is_of_the_replicate_and_not_of_what_the_network_does(town: Scenario) -> None:
    emission = next(path for path in town.provenance if path.endswith("tokens_per_day"))
    more = town.variant("more", {emission: 10 * float(town.value(emission))})
    plain, richer, other = luck_of(town), luck_of(more), luck_of(town, 1)
    assert plain[0] == richer[0] and plain[1] != richer[1]
    assert plain[0] != other[0] and np.isfinite([plain[0], other[0]]).all()


def test_an_open_loop_is_luck_already() -> None:
    luck, price = luck_of(WORLDS["sensing-score"].scenario())
    assert luck == pytest.approx(price, rel=0.02)
