"""Odds: Wilson's interval, draws, scrambled designs, runs without a verdict, and a planted coin."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from planted import results
from scipy import stats

from twin.odds import designs
from twin.odds.analysis import class_counts, odds, odds_by_variant, wilson
from twin.odds.analysis.chances import estimate
from twin.odds.analysis.intervals import Method, percent_range, t_interval


def coin(n: int, survivors: int) -> np.ndarray:
    return np.arange(n) < survivors


@pytest.mark.parametrize(("k", "n"), [(0, 20), (1, 20), (41, 50), (137, 200), (200, 200)])
def test_wilson_is_the_score_interval(k: int, n: int) -> None:
    theirs = stats.binomtest(k, n).proportion_ci(confidence_level=1 - 2 * stats.norm.sf(1.96), method="wilson")
    ours = wilson(k, n)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_wilson_solves_its_equation() -> None:
    """The ends are the shares p at which the observed 0.82 lies 1.96 standard errors of p away."""
    found = wilson(41, 50)
    for p in (found.low, found.high):
        assert abs(0.82 - p) / math.sqrt(p * (1 - p) / 50) == pytest.approx(1.96)


def test_wilson_refuses_what_is_no_share() -> None:
    with pytest.raises(ValueError, match="6 of 5"):
        wilson(6, 5)


def test_the_sentence_of_luck_alone() -> None:
    found = odds(results(coin(50, 41)))
    assert found.sentence() == "41 of 50 lives survive: 69 to 90 % (parameters fixed)"
    assert found.share == 0.82 and found.interval.method is Method.WILSON


def test_under_twenty_lives_only_counts() -> None:
    found = odds(results(coin(19, 9)))
    assert found.interval is None and found.share is None
    assert found.sentence() == "9 of 19 lives survive (parameters fixed; fewer than 20 lives make no odds)"


def test_one_life_a_draw_is_wilson_on_draws() -> None:
    found = odds(results(coin(200, 124), draw=range(200)))
    assert found.interval == wilson(124, 200) and not found.parameters_fixed
    assert found.between_draws_sd is None and found.draws_above_half is None
    assert found.sentence() == "124 of 200 lives survive: 55 to 68 % (200 draws of what is not known)"


def test_several_lives_a_draw_take_t_over_draws() -> None:
    shares = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.0])
    lives = np.concatenate([coin(4, round(4 * p)) for p in shares])
    found = odds(results(lives, draw=np.repeat(range(6), 4)))
    half = stats.t.ppf(stats.norm.cdf(1.96), 5) * shares.std(ddof=1) / math.sqrt(6)
    assert found.share == pytest.approx(shares.mean())
    assert found.interval.low == pytest.approx(shares.mean() - half) and found.interval.high == pytest.approx(min(shares.mean() + half, 1))
    tau = math.sqrt(shares.var(ddof=1) - np.mean(shares * (1 - shares)) / 3)
    assert found.between_draws_sd == pytest.approx(tau)
    assert found.draws_above_half == 3
    assert "6 draws of what is not known, 4 lives each; more than half survive in 3 of them" in found.sentence()


def test_draws_that_all_agree_take_wilson_on_draws() -> None:
    found = odds(results(np.tile([True, False], 15), draw=np.repeat(range(15), 2)))
    assert found.interval == wilson(7.5, 15) and found.between_draws_sd == 0.0


def test_luck_alone_shows_no_spread_between_draws() -> None:
    rng = np.random.default_rng(5)
    spread = [odds(results(rng.random(400) < 0.5, draw=np.repeat(range(100), 4))).between_draws_sd for _ in range(40)]
    assert np.mean(np.square(spread)) < 0.005


def test_the_spread_between_draws_is_found() -> None:
    rng = np.random.default_rng(6)
    p = np.repeat(rng.choice([0.2, 0.8], 2_000), 8)
    assert odds(results(rng.random(16_000) < p, draw=np.repeat(range(2_000), 8))).between_draws_sd == pytest.approx(0.3, abs=0.01)


def test_scrambled_designs_take_t_over_their_means() -> None:
    rng = np.random.default_rng(7)
    lives, blocks = rng.random(160) < 0.6, {j: j % 8 for j in range(160)}
    found = odds(results(lives, draw=range(160)), blocks=blocks)
    means = np.array([lives[b::8].mean() for b in range(8)])
    assert found.interval == t_interval(means, method=Method.BETWEEN_BLOCKS, within=(0, 1))
    assert "in 8 designs" in found.sentence()


def test_fewer_than_eight_designs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        odds(results(coin(40, 20), draw=range(40)), blocks={j: j % 7 for j in range(40)})


def test_many_failed_runs_are_a_range() -> None:
    found = odds(results(coin(50, 41), failed=[47, 48, 49]))
    assert (found.share_low, found.share_high, found.share) == (41 / 50, 44 / 50, None)
    assert (found.interval.low, found.interval.high) == (wilson(41, 50).low, wilson(44, 50).high)
    assert found.sentence() == "41 of 50 lives survive, 3 failed: 69 to 94 % (parameters fixed; the range holds whether all without a verdict died or survived)"


def test_one_failed_run_in_a_hundred_is_left_out() -> None:
    found = odds(results(coin(200, 100), failed=[0, 199]))
    assert found.interval == wilson(99, 198) and "2 failed" in found.sentence()


def test_a_life_that_cannot_be_judged_is_no_death() -> None:
    table = results(coin(30, 20))
    table.loc[25:, "outcome"] = "not_judged"
    found = odds(table)
    assert (found.share_low, found.share_high, found.n_not_judged) == (20 / 30, 25 / 30, 5)


def test_runs_that_have_not_ended_are_said() -> None:
    table = results(coin(40, 20))
    table.loc[30:, "status"] = "pending"
    assert odds(table).sentence() == "20 of 30 lives survive: 49 to 81 % (parameters fixed; 10 have not ended)"


def test_luck_that_repeats_over_draws_is_said() -> None:
    found = odds(results(coin(40, 20), draw=np.repeat(range(10), 4), replicate=np.tile(range(4), 10)))
    assert found.luck_repeats and "same luck" in found.sentence()


def test_what_is_not_to_be_mixed() -> None:
    half = results(coin(40, 20))
    half["draw"] = pd.array([1] * 20 + [pd.NA] * 20, dtype="Int64")
    with pytest.raises(ValueError, match="not to be mixed"):
        odds(half)
    with pytest.raises(ValueError, match="stands twice"):
        odds(results(coin(4, 2), replicate=[0, 1, 1, 2]))
    with pytest.raises(ValueError, match="one variant"):
        odds(pd.concat([results(coin(4, 2)), results(coin(4, 2), variant="other")]))
    with pytest.raises(ValueError, match="no column outcome"):
        odds(results(coin(4, 2)).drop(columns="outcome"))


def test_classes_are_counted_by_variant() -> None:
    table = pd.concat([results(coin(30, 12)), results(coin(30, 3), variant="flat_price", failed=[29])], ignore_index=True)
    counts = class_counts(table)
    assert list(counts.index) == ["base", "flat_price"]
    assert counts.loc["base", "niche"] == 12 and counts.loc["flat_price", "failed"] == 1 and counts.loc["base", "coasting"] == 0
    assert (counts.sum(axis=1) == 30).all()
    assert [found.survivors for found in odds_by_variant(table).values()] == [12, 3]


def test_per_cent_never_claims_certainty() -> None:
    assert percent_range(0.0001, 0.9999) == "0.1 to 99.9 %" and percent_range(0, 1) == "0 to 100 %" and percent_range(0.301, 0.302) == "30.1 to 30.2 %" and percent_range(0.3, 0.3) == "30 %"


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5, 0.82])
def test_a_planted_coin_is_covered(p: float) -> None:
    """1,000 studies of 200 lives: the 95 % interval holds the coin in 93 to 97 %."""
    survivors = np.random.default_rng(int(100 * p)).binomial(200, p, 1_000)
    assert 0.93 <= np.mean([wilson(int(k), 200).holds(p) for k in survivors]) <= 0.97


def test_a_planted_coin_of_each_draw_is_covered() -> None:
    """1,000 studies of 60 draws with 4 lives each, their probabilities beta(2, 1): mean 2/3."""
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(1_000):
        p = np.repeat(rng.beta(2, 1, 60), 4)
        covered += estimate((rng.random(240) < p).astype(float), np.repeat(np.arange(60), 4)).interval.holds(2 / 3)
    assert 0.93 <= covered / 1_000 <= 0.97


def test_scrambled_designs_cover_and_take_fewer_lives() -> None:
    """150 studies of 8 Latin hypercubes with 16 points, where one parameter decides: held in 91 to 99 %, a quarter narrower than Wilson's."""
    rng, held, widths = np.random.default_rng(12), 0, []
    for seed in range(150):
        design = designs.latin_hypercube(["a", "b"], 128, seed=seed)
        lives = rng.random(128) < 0.1 + 0.8 * (design.u[:, 0] > 0.5)
        found = estimate(lives.astype(float), design.draw, design.block)
        held += found.interval.holds(0.5)
        widths.append(found.interval.half_width / wilson(lives.sum(), 128).half_width)
    assert 0.91 <= held / 150 <= 0.99 and np.mean(widths) < 0.8
