"""How a day's mint is split in each era, and what the rules alone offer to hotspots (VERDICT section 3)."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from twin.economy.emission import day_range, tokens_per_day
from twin.economy.shared_token import smoothed_share
from twin.kinds.wireless.buckets import scheduled_subsidy_tokens, split_mint, split_of
from twin.kinds.wireless.proof_spec import RewardsSpec, SplitSpec

START, END = date(2019, 8, 1), date(2029, 8, 1)


def total(pots):
    """Sum of all pots."""
    return math.fsum((*pots.pools.values(), *pots.others.values()))


def other_share(rewards, dates):
    other = rewards.other_sub_network
    return smoothed_share(other.share_target, other.share_smoothing_days, dates)


def test_pots_sum_to_the_mint_on_every_day(helium):
    """To one part in 1e15, with any price and any data."""
    rng = np.random.default_rng(8)
    for n in range(0, (END - START).days, 3):
        mint, data, price, share = rng.uniform(1, 2e5), rng.choice([0.0, 40.0, 1e7]), rng.uniform(0.01, 50), rng.uniform(0, 1)
        pots = split_mint(helium.rewards, START + timedelta(days=n), mint_tokens=mint, data_usd=data, price_usd=price, other_share=share)
        assert math.isclose(total(pots), mint, rel_tol=1e-15)
        assert min(*pots.pools.values(), *pots.others.values()) >= -1e-9


@settings(deadline=None, max_examples=200)
@given(day=st.dates(START, END), mint=st.floats(0, 1e6), data=st.floats(0, 1e6), price=st.floats(1e-3, 100), share=st.floats(0, 1))
def test_data_never_earns_more_than_its_value(helium, day, mint, data, price, share):
    """HIP-10 for all days but its twelve-day forerunner; proof pots never shrink when data does."""
    pots = split_mint(helium.rewards, day, mint_tokens=mint, data_usd=data, price_usd=price, other_share=share)
    if split_of(helium.rewards, day).data_paid == "by_value":
        assert pots.pools["data"] <= data / price * (1 + 1e-12)
    less = split_mint(helium.rewards, day, mint_tokens=mint, data_usd=data / 2, price_usd=price, other_share=share)
    assert less.pools["witness"] >= pots.pools["witness"] - 1e-9


def test_first_day(helium):
    pots = split_mint(helium.rewards, START, mint_tokens=100, data_usd=0, price_usd=0.3, other_share=0)
    assert pots.pools == pytest.approx({"challenger": 15, "beacon": 35, "witness": 5, "data": 0})
    assert dict(pots.others) == pytest.approx({"founders": 35, "consensus": 10})


def test_one_pool_with_unused_data(helium):
    """2021: data takes its value, the rest of its bucket goes to the proof pools pro rata; hotspots get 60 % whatever happens."""
    day = date(2021, 3, 1)
    pots = split_mint(helium.rewards, day, mint_tokens=1_000, data_usd=50, price_usd=2, other_share=0.9)
    assert pots.pools["data"] == pytest.approx(25)
    proof = 9.5 + 53.1 + 212.4
    assert pots.pools["witness"] == pytest.approx(212.4 * (1 + 300 / proof))
    assert pots.pools["challenger"] == pytest.approx(9.5 * (1 + 300 / proof))
    assert pots.pool_tokens == pytest.approx(600)
    assert dict(pots.others) == pytest.approx({"founders": 340, "consensus": 60})


def test_before_hip10_data_took_its_whole_bucket(helium):
    """The story behind HIP-10: 2020-08-12 to 08-23 the bucket did not ask what the data was worth."""
    day = date(2020, 8, 20)
    pots = split_mint(helium.rewards, day, mint_tokens=150_000, data_usd=145, price_usd=1.2, other_share=0)
    assert pots.pools["data"] == pytest.approx(48_750)
    nobody = split_mint(helium.rewards, day, mint_tokens=150_000, data_usd=0, price_usd=1.2, other_share=0)
    assert nobody.others["undistributed"] == pytest.approx(48_750)
    after = split_mint(helium.rewards, date(2020, 8, 24), mint_tokens=150_000, data_usd=145, price_usd=1.2, other_share=0)
    assert after.pools["data"] == pytest.approx(145 / 1.2)


def test_validators_take_the_challenge_bucket_in_may_2022(helium):
    before, after = (
        split_mint(helium.rewards, date(2022, 5, day), mint_tokens=1_000, data_usd=0, price_usd=9, other_share=0) for day in (10, 11)
    )
    assert before.pools["challenger"] == pytest.approx(9 * (1 + 350 / 260))
    assert after.pools["challenger"] == 0
    assert after.others["validator_challenger"] == pytest.approx(before.pools["challenger"])


def test_sub_network_era(helium):
    """50/6/24/7/7/6 of the IoT pool; unused data 20/80; founders before the split; HNT-only from 2025-01-29."""
    pots = split_mint(helium.rewards, date(2024, 9, 1), mint_tokens=1_000, data_usd=30, price_usd=6, other_share=0.6)
    assert pots.others["founders"] == pytest.approx(300)
    assert pots.others["other_sub_network"] == pytest.approx(420)
    pool, paid = 280, 5
    unused = pool / 2 - paid
    assert dict(pots.pools) == pytest.approx(
        {"challenger": 0, "beacon": 0.06 * pool + 0.2 * unused, "witness": 0.24 * pool + 0.8 * unused, "data": paid}
    )
    assert [pots.others[name] for name in ("operations", "oracles", "stakers")] == pytest.approx([0.07 * pool, 0.07 * pool, 0.06 * pool])
    assert "founders" not in {
        name
        for name, tokens in split_mint(
            helium.rewards, date(2025, 1, 28), mint_tokens=1, data_usd=0, price_usd=1, other_share=0
        ).others.items()
        if tokens
    }


def test_sub_token_worth_less_than_its_treasury(helium):
    row = split_of(helium.rewards, date(2024, 9, 1)).model_copy(update={"sub_token_worth_share": 0.5})
    half = helium.rewards.model_copy(update={"sub_network": {date(2023, 4, 18): row}})
    full = split_mint(helium.rewards, date(2024, 9, 1), mint_tokens=1_000, data_usd=30, price_usd=6, other_share=0.6)
    pots = split_mint(half, date(2024, 9, 1), mint_tokens=1_000, data_usd=30, price_usd=6, other_share=0.6)
    assert pots.pools["witness"] == pytest.approx(full.pools["witness"] / 2)
    assert pots.others["sub_token_treasury"] == pytest.approx(full.pool_tokens / 2)
    assert math.isclose(total(pots), 1_000, rel_tol=1e-15)


def test_after_hip149_only_data_is_paid(helium):
    pots = split_mint(helium.rewards, date(2026, 7, 8), mint_tokens=20_000, data_usd=125, price_usd=0.25, other_share=0.89)
    assert dict(pots.pools) == pytest.approx({"challenger": 0, "beacon": 0, "witness": 0, "data": 500})
    assert pots.others["operations_fund"] == pytest.approx(0.30 * 2_200 + 600)
    assert (
        split_mint(helium.rewards, date(2026, 7, 7), mint_tokens=20_000, data_usd=125, price_usd=0.25, other_share=0.89).pools["beacon"]
        > 0
    )


def test_share_of_the_other_sub_network(helium):
    """Check 11 [1e-4], then the dated targets: nothing before 2023-04-18, .60, .75 from February 2025, near .89 in June 2026."""
    start = date(2025, 2, 1)
    dates = [start + timedelta(days=n) for n in (30, 60, 90)]
    share = smoothed_share({date(2025, 1, 1): 0.25, date(2025, 2, 2): 0.11}, {date(2025, 1, 1): 30}, dates)
    assert share == pytest.approx([0.1606, 0.1283, 0.1166], abs=1e-4)
    got = other_share(helium.rewards, [date(2023, 4, 17), date(2023, 4, 18), date(2025, 1, 31), date(2025, 8, 1), date(2026, 6, 30)])
    assert got == pytest.approx([0, 0.6, 0.6, 0.75, 0.89], abs=0.002)


def forward_mean(series, days=28):
    padded = np.r_[series, np.zeros(days)]
    return np.convolve(padded, np.ones(days) / days, mode="valid")[: len(series)]


@pytest.mark.parametrize("split", [None, 0.0, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("window", [1, 28])
def test_taper_is_over_in_july_2026_whatever_the_split(helium, split, window):
    """T1 <= 2026-07-08 for any share of the other sub-network, so the judged year ends on 2028-01-04 at the latest.

    `window` days of averaging, forward in time (mean[a, b)); a trailing mean would let a large IoT share reach into August 2026.
    """
    days = day_range(START, date(2032, 8, 1))
    share = other_share(helium.rewards, days) if split is None else np.where(days < np.datetime64("2023-04-18"), 0.0, split)
    offered = scheduled_subsidy_tokens(
        helium.rewards, days, scheduled_tokens=tokens_per_day(helium.token.emission, days), other_share=share
    )
    level = forward_mean(offered, window)
    t1 = days[np.flatnonzero(level >= 0.1 * level.max())[-1]] + 1
    t0 = days[np.flatnonzero(level >= 0.75 * level.max())[-1]] + 1
    assert t1 <= np.datetime64("2026-07-08")
    assert abs(t0 - np.datetime64("2021-08-01")).astype(int) <= window
    assert offered[days >= np.datetime64("2026-07-08")].max() == 0


def test_offer_by_rules_is_the_split_without_customers(helium):
    """Same as the pots of hotspots on a day without any data, on every day but those of the whole bucket."""
    days = day_range(START, END)[::5]
    tokens, share = tokens_per_day(helium.token.emission, days), other_share(helium.rewards, days)
    offered = scheduled_subsidy_tokens(helium.rewards, days, scheduled_tokens=tokens, other_share=share)
    for day, mint, part, offer in zip(days.tolist(), tokens, share, offered, strict=True):
        if date(2020, 8, 12) <= day < date(2020, 8, 24):
            assert offer == pytest.approx(0.60 * mint)
            continue
        pots = split_mint(helium.rewards, day, mint_tokens=mint, data_usd=0, price_usd=1, other_share=part)
        assert offer == pytest.approx(pots.pool_tokens, abs=1e-9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"founders": 0.5, "beacon": 0.4},
        {"beacon": 1.0, "unused_data": {"beacon": 0.5}},
        {"beacon": 1.0, "unused_data": {"foundres": 1.0}},
        {"data_at_most": 0.5, "operations": 0.5},
        {"beacon": 1.5, "founders": -0.5},
    ],
)
def test_wrong_rows_are_refused(wrong):
    with pytest.raises(ValidationError):
        SplitSpec.model_validate(wrong)


def test_rows_must_cover_the_change_of_era(helium_text):
    late = {**helium_text["rewards"], "sub_networks_from": date(2023, 4, 1)}
    with pytest.raises(ValidationError, match="sub_networks_from"):
        RewardsSpec.model_validate(late)
