"""What fakes take from the honest where a pot is shared: an honest node gets H / (H + F) of what it would get alone, by weights, in every kind that shares one.

Weights are looked at just before the day's settlement, in the life as it is and in the same life whose cheats are switched off that morning.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens.worlds import WORLDS
from kept import settled

from twin.kernel import Lane
from twin.scenario import Scenario, load
from twin.state import ALL

NEARLY = 1e-9
GPU_MILL = Path(__file__).parent / "gpu-mill.yaml"


def the_day(scenario: Scenario, day: int, look: Callable[[Any], Any], *, cheats: bool = True) -> tuple[Any, Any]:
    """A world at the end of a day, cheats gone from that morning or not, and what `look` saw right before the settlement."""
    world, _ = settled(scenario)
    seen: list[Any] = []
    world.clock.on(day, lambda: seen.append(look(world)), lane=Lane.PROVE, sub=9, name="weights of the day")
    world.clock.run(until_day=day - 1)
    world.before = earned_tokens(world)
    if not cheats:
        world.switch("cheats", False)
    world.clock.run(until_day=day)
    return world, seen[0]


def earned_tokens(world: Any) -> np.ndarray:
    """Since the first day, by node."""
    world.sums.settle(ALL)
    return world.sums.earned("tokens").copy()


def of_the_day(world: Any) -> np.ndarray:
    return earned_tokens(world) - world.before


# -- devices: pots of an accrual -------------------------------------------------------------------------------------
def weights_of_devices(world: Any) -> tuple[np.ndarray, dict[str, tuple[float, float, float]]]:
    """Who is honest, and of each pot what the honest weigh, fakes, and the rest of the network."""
    nodes, accrual = world.nodes, world.sums
    fake = nodes.fake >= 0
    weighed = {pot: accrual.weights(pot).astype(np.float64) for pot in accrual.pools}
    return ~fake, {pot: (float(each[~fake].sum()), float(each[fake].sum()), accrual.outside(pot)) for pot, each in weighed.items()}


def expected(world: Any, weights: dict[str, tuple[float, float, float]]) -> float:
    """What the honest must get of the day's pots, tokens."""
    offered = {pot: amount for (measure, pot), amount in world.sums.offered.items() if measure == "tokens"}
    return sum(amount * weights[pot][0] / everybody for pot, amount in offered.items() if (everybody := sum(weights[pot])) > 0)


@pytest.mark.parametrize(
    ("name", "day", "pot"),
    [
        pytest.param("sensing-points", 76, "stations", id="sensing"),
        pytest.param("energy", 160, "baseline", id="energy"),
        pytest.param("wireless-town", 240, "witness", id="wireless"),
    ],
)
def test_devices_share_by_weight(name: str, day: int, pot: str) -> None:
    scenario = WORLDS[name].scenario()
    world, (honest, weights) = the_day(scenario, day, weights_of_devices)
    alone, (honest_then, then) = the_day(scenario, day, weights_of_devices, cheats=False)
    assert weights[pot][1] > 0 and then[pot][1] == 0
    assert of_the_day(world)[honest].sum() == pytest.approx(expected(world, weights), rel=NEARLY)
    assert of_the_day(alone)[honest_then].sum() == pytest.approx(expected(alone, then), rel=NEARLY)
    assert world.sums.offered["tokens", pot] == pytest.approx(alone.sums.offered["tokens", pot], rel=NEARLY)
    with_fakes, without = (world.sums.per_weight("tokens", pot), alone.sums.per_weight("tokens", pot))
    h, f, outside = weights[pot]
    if h == pytest.approx(then[pot][0], rel=NEARLY):  # nobody else weighs more for their leaving
        assert with_fakes / without == pytest.approx((h + outside) / (h + f + outside), rel=NEARLY)


# -- compute ---------------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_gpu_hosts_share_a_block_by_score() -> None:
    """In either pool the honest get H / (H + F) of its part."""
    scores: list[np.ndarray] = []

    def watch(world: Any) -> None:
        rewards = world.trade.rewards
        eligible = rewards.eligible
        rewards.eligible = lambda done: scores.append(eligible(done)) or scores[-1]

    scenario, day = WORLDS["compute-blocks"].scenario(), 190
    shares = []
    for cheats in (True, False):
        world, _ = the_day(scenario, day, watch, cheats=cheats)
        rewards, fake, score = world.trade.rewards, world.trade.sites.is_fake, scores[-1]
        tokens = of_the_day(world)
        offered = rewards._tokens.on(day)
        pools = [rewards._pool == number for number in range(2)]
        honest = sum(offered * rewards._shares[k] * score[here & ~fake].sum() / score[here].sum() for k, here in enumerate(pools) if score[here].sum() > 0)
        assert tokens[~fake].sum() == pytest.approx(honest, rel=NEARLY)
        assert (float(score[fake].sum()) > 0) is cheats
        shares.append((tokens[~fake].sum(), score, fake))
    (with_fakes, score, fake), (without, clean, _) = shares
    np.testing.assert_allclose(score[~fake], clean[~fake], rtol=NEARLY)  # the same honest score on the same day
    pool = pools[0]
    assert with_fakes < without and score[pool & fake].sum() > 0


def test_claims_that_learn_dilute_a_block_as_the_closed_form_says() -> None:
    """Pool / (H + F): what an honest host of the enterprise pool gets of a block beside a grown campaign, with it and without it on the same day."""
    scenario, day = load(GPU_MILL, sets=("calendar.end=2025-02-01",)), 190
    scores: list[np.ndarray] = []

    def watch(world: Any) -> None:
        eligible = world.trade.rewards.eligible
        world.trade.rewards.eligible = lambda done: scores.append(eligible(done)) or scores[-1]

    paid = []
    for cheats in (True, False):
        world, _ = the_day(scenario, day, watch, cheats=cheats)
        paid.append((of_the_day(world), scores[-1], world.trade.sites.is_fake))
    (beside, score, fake), (alone, clean, _) = paid
    h, f = float(score[~fake].sum()), float(score[fake].sum())
    assert f > 0.05 * h and clean[fake].sum() == 0
    host = np.flatnonzero(~fake & (score > 0) & (score == clean))
    np.testing.assert_allclose(beside[host] / alone[host], h / (h + f), rtol=NEARLY)


# -- mapping ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "day"),
    [
        pytest.param("mapping-island", 48, id="made up"),  # Sundays after the liars came
        pytest.param("pressure-mapping", 475, id="replays and made up, campaigns that learn"),
    ],
)
def test_drivers_share_the_week_by_credit(name: str, day: int) -> None:
    """What is minted for the area goes by claimed credit; what sold streets are minted again goes by the sales of all weeks, liars' streets among them."""
    scenario = WORLDS[name].scenario().variant("nobody looks", {"verification": {}})

    def credit(world: Any) -> np.ndarray:
        return world.trade.road.week.credit.copy()

    world, credits = the_day(scenario, day, credit)
    liars = np.arange(len(credits)) >= world.trade.drivers.n_honest
    last, tokens, sold = world.books.last, of_the_day(world), world.books._sold
    assert credits[liars].sum() > 0 < sold[liars].sum()
    by_credit, by_sale = (each[~liars].sum() / each.sum() for each in (credits, sold))
    again = last.reminted_here_tokens
    assert tokens[~liars].sum() == pytest.approx((last.own_tokens - again) * by_credit + again * by_sale, rel=NEARLY)


# -- storage ---------------------------------------------------------------------------------------------------------
def test_providers_share_the_block_reward_by_quality() -> None:
    """Self-dealt sectors count tenfold beside those of honest customers."""
    scenario = WORLDS["filecoin"].scenario()

    def quality(world: Any) -> tuple[np.ndarray, np.ndarray]:
        return world.trade.providers.quality_pib().copy(), world.trade.providers.is_cheat().copy()

    world, (weighs, cheats) = the_day(scenario, 160, quality)
    tokens, share = of_the_day(world), weighs[~cheats].sum() / weighs.sum()
    assert 0 < share < 1
    assert tokens[~cheats].sum() / tokens.sum() == pytest.approx(share, rel=NEARLY)


# -- where no rule pays a fake, by construction ----------------------------------------------------------------------
@pytest.mark.parametrize(("name", "day", "pay"), [("compute-grants", 130, "grant_usd"), pytest.param("compute-pools", 377, "tokens", marks=pytest.mark.slow)])
def test_who_has_no_card_is_left_out(name: str, day: int, pay: str) -> None:
    """Grants and pools look at real cards alone, so the honest lose nothing to those who claim and do no more; who forges what these look at is paid (test_gpu_exploits.py)."""
    scenario = WORLDS[name].scenario()
    found = []
    for cheats in (True, False):
        world, _ = the_day(scenario, day, lambda world: None, cheats=cheats)
        fake = world.trade.sites.is_fake
        found.append((int((world.nodes.online & fake).sum()), world.sums.earned(pay)[fake].sum(), world.sums.earned(pay)[~fake].copy()))
    (fakes, paid_to_fakes, honest), (none, _, alone) = found
    assert fakes > 0 == none and paid_to_fakes == 0
    assert honest.sum() > 0
    np.testing.assert_array_equal(honest, alone)
