"""Spot checks as the compute dossier has them (section 6): time to catch, the stake that deters, what is left to the honest; and what our kinds answer."""

from __future__ import annotations

from datetime import date
from math import comb

import numpy as np
import pytest
from market_days import lived

from twin.integrity.inspection import Inspection
from twin.kernel import Clock, Streams
from twin.kinds.compute.block_rewards import split_block
from twin.kinds.compute.checks import caught_within
from twin.outcomes import Collateral
from twin.outcomes.deterrence import HOURS_PER_YEAR, deterrence, deterring_stake_usd, years_until_caught


def spot_checked(gain_usd_per_hour: float, chance_per_hour: float, **more: float) -> Collateral:
    return Collateral(gain_usd_per_hour * HOURS_PER_YEAR, looks_per_year=HOURS_PER_YEAR, catch_probability_per_look=chance_per_hour, **more)


# -- time to catch ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("hours", "share"), [(24, 0.7080), (168, 0.9998)])
def test_time_to_catch_at_a_twentieth_an_hour(hours: float, share: float) -> None:
    assert caught_within(hours, checks_per_hour=1, catch_probability=0.05) == pytest.approx(share, abs=5e-5)


def test_mean_time_to_catch_is_one_over_q_d() -> None:
    assert years_until_caught(spot_checked(1, 0.05)) * HOURS_PER_YEAR == pytest.approx(20, rel=1e-12)
    assert years_until_caught(spot_checked(1, 0.0005)) * HOURS_PER_YEAR / 24 == pytest.approx(83.33, abs=0.005)
    a_day = caught_within(24, checks_per_hour=1, catch_probability=0.0005)
    assert a_day == pytest.approx(0.01193, abs=5e-6) and 1 / a_day == pytest.approx(83.8, abs=0.05)      # looked at once a day
    assert caught_within(30.4375 * 24, checks_per_hour=1, catch_probability=0.0005) == pytest.approx(0.3062, abs=5e-4)


@pytest.mark.slow
def test_days_until_four_hundred_are_caught() -> None:
    """Looked at once a day with 0.708: 1.412 days on average, sd 0.763; the mean of 400 lies within four standard errors. The day on which they come is a first look."""
    change = {"adversaries__april_2024__spread_days": 0, "adversaries__april_2024__n_claimed_gpus": 8, "verification__checks_per_hour": {date(2024, 4, 1): 1.0},
              "verification__catch_probability": {date(2024, 4, 1): 0.05}}  # fmt: skip
    _, days, _ = lived("ionet-world", 60, **change)
    caught = days.fakes_caught.to_numpy()
    assert caught.sum() == 400
    came = int(np.flatnonzero(caught)[0])
    looks = (np.arange(len(caught)) - came + 1)[caught > 0]
    assert np.average(looks, weights=caught[caught > 0]) == pytest.approx(1 / 0.70801, abs=4 * 0.763 / 20)


# -- the stake that deters -------------------------------------------------------------------------------------------
def test_the_stake_that_deters() -> None:
    """Half a dollar an hour and a twentieth an hour: ten dollars must be lost; 200 IO at 26 cents, half of them, are 26."""
    ionet = spot_checked(0.5, 0.05, stake_usd=200 * 0.26, slash_share=0.5)
    assert deterring_stake_usd(ionet) * 0.5 == pytest.approx(10, rel=1e-9)
    assert ionet.stake_usd > deterring_stake_usd(ionet)
    assert deterring_stake_usd(spot_checked(0.5, 0.0005, slash_share=1.0)) == pytest.approx(1000, rel=1e-9)
    assert deterring_stake_usd(spot_checked(0.5, 0.05, slash_share=1.0, honest_margin_usd_per_year=4.0)) == pytest.approx(6, rel=1e-9)
    assert deterring_stake_usd(spot_checked(0.5, 0.05, slash_share=1.0, honest_margin_usd_per_year=400.0)) == 0


def test_at_that_stake_the_expected_profit_is_zero() -> None:
    """By adding up: an hour's pay while not found, the loss when found, over hours without end."""
    gain, chance = 0.5, 0.05
    here = spot_checked(gain, chance, slash_share=0.5)
    hours = np.arange(1, 2001)
    found = chance * (1 - chance) ** (hours - 1)
    profit = (found * (gain * hours - 0.5 * deterring_stake_usd(here))).sum()
    assert profit == pytest.approx(0, abs=1e-9)


def test_ten_thousand_cheats_at_that_stake_gain_nothing() -> None:
    """Looked at once an hour by the check that all kinds share, paid for each hour until they are found, slashed then: a mean within four standard errors of zero."""
    gain, chance, n = 0.5, 0.05, 10_000
    clock, hours, there = Clock(date(2024, 1, 1), date(2026, 1, 1)), np.zeros(n), np.arange(n)
    check = Inspection(clock, Streams(1), "caught")
    for hour in range(400):
        clock.run(until_day=hour)
        hours[there] += 1
        there = np.setdiff1d(there, check.look(there, fake=np.ones(len(there), bool), chance=np.full(len(there), chance)).cheats)
    profit = gain * hours - 0.5 * deterring_stake_usd(spot_checked(gain, chance, slash_share=0.5))
    assert len(there) == 0
    assert abs(profit.mean()) < 4 * profit.std() / n**0.5
    assert profit.std() == pytest.approx(gain * (1 - chance) ** 0.5 / chance, rel=0.05)


def test_no_stake_deters_who_is_never_found_or_cannot_be_paid() -> None:
    for never in (Collateral(100.0), Collateral(None, looks_per_year=12, catch_probability_per_look=0.1), Collateral(100.0, looks_per_year=12, catch_probability_per_look=0.1)):
        assert deterring_stake_usd(never) is None
    assert deterrence(Collateral(None)) is None


# -- dilution --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("caught", "each"), [(0.0, 2.7550), (0.708, 3.1031), (0.95, 3.2431), (1.0, 3.2736)])
def test_what_is_left_to_the_honest(caught: float, each: float) -> None:
    """Pool over H + F (1 − P): io.net's hour of June 2026, 1,062.5 of honest score, 200 claimed; P are caught before the block."""
    score = np.array([1062.5, 200 * (1 - caught)])
    tokens, _ = split_block(3661.29, pool_shares=np.array([0.95, 0.05]), pool=np.zeros(2, np.int64), score=score)
    assert tokens[0] / 1062.5 == pytest.approx(each, abs=5e-5)
    alone, _ = split_block(3661.29, pool_shares=np.array([0.95, 0.05]), pool=np.zeros(1, np.int64), score=score[:1])
    assert tokens[0] / alone[0] == pytest.approx(score[0] / score.sum(), rel=1e-12)


@pytest.mark.parametrize(("m", "error"), [(2, 0.0280), (3, 0.00856)])
def test_voting_errs_less_than_one_in_ten(m: int, error: float) -> None:
    """M results of 2M − 1 that agree, each wrong with 0.1; no kind of ours votes, so this only says by how much a check could be better."""
    assert sum(comb(2 * m - 1, j) * 0.1**j * 0.9 ** (2 * m - 1 - j) for j in range(m, 2 * m)) == pytest.approx(error, abs=5e-6)
