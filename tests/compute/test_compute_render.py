"""Checks 6, 13 and 17b: Render's scores, subnets and price; and its first 63 weeks."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import rules_on_paper as paper
from dossier import expected, rows

from twin.kinds.compute import render_pay as render
from twin.kinds.compute.schedule import pool_tokens_per_day
from twin.scenario import load
from twin.scenario.series import load_series

CARD = {"gpu": 1.7, "vram": 1.33, "network": 4.0, "clock": 1.12, "mem_bw": 1.28, "cpu": 1.5}


def test_scores_of_the_proposals() -> None:
    multiplier = paper.consumer_multiplier(CARD)
    assert multiplier == expected("rnp019_cm_5090_example")
    assert paper.subnet_reward_tokens(multiplier, 100, base_tokens=10) == expected("rnp019_reward_100h")
    assert paper.subnet_reward_tokens(5.0, 100, base_tokens=25) == expected("rnp021_h200_100h")
    score = paper.compute_client_score(jobs=100, most_jobs=2500, bandwidth_band=0.4, gpu_score=0.6, uptime_share=0.95)
    assert score == expected("rnp006_score_example")
    assert sum(paper.WEIGHTS_RNP019.values()) == pytest.approx(0.97)


@pytest.mark.parametrize("nodes", [4, 5, 6, 8])
def test_large_wallets_earn_less_for_being_there(nodes: int) -> None:
    assert render.wallet_penalty(nodes) == expected(f"rnp015_penalty_{nodes}_nodes")


def test_up_to_three_nodes_are_not_cut() -> None:
    assert render.wallet_penalty([1, 2, 3]) == pytest.approx([1, 1, 1])


def test_availability_weight_by_hand() -> None:
    """Two nodes alike but for idleness; a third of an octave more of everything than the mean counts more."""
    weight = render.availability_weight(idle_share=np.array([1.0, 0.5]), octanebench=np.array([400.0, 400.0]), memory_gb=np.array([24.0, 24.0]),
                                        age_days=np.array([100.0, 100.0]), nodes_of_wallet=np.array([1, 1]))  # fmt: skip
    assert weight == pytest.approx([7.0, 3.5])
    new = render.availability_weight(idle_share=1.0, octanebench=np.array([400.0]), memory_gb=np.array([24.0]), age_days=np.array([0.0]), nodes_of_wallet=1)
    assert np.isfinite(new).all() and new[0] >= 6
    assert render.shared_pool(2884.6, weight).sum() == pytest.approx(2884.6)


def test_salad() -> None:
    burned, reward = paper.subnet_split(1000, price_usd=2.0, reward_price_usd=2.1, burned_share=0.60, reward_share=0.56)
    assert burned == pytest.approx(300) and reward == expected("salad_sce_reward_at_2.10")
    month = 4.3e6 / 12
    parts = [paper.subnet_split(month * share, price_usd=2.0, reward_price_usd=2.0, burned_share=burn, reward_share=pay)
             for share, burn, pay in ((0.73, 0.60, 0.56), (0.27, 0.35, 0.31))]  # fmt: skip
    assert sum(burn for burn, _ in parts) == expected("salad_monthly_burn_blend")
    assert sum(pay for _, pay in parts) == expected("salad_monthly_reward_blend")


def test_price_of_work() -> None:
    assert paper.price_eur_per_1000_obh(0.773) == pytest.approx(2.216, abs=5e-4)


def test_weekly_burn_is_95_percent_of_revenue() -> None:
    """usd burned / (0.95 × revenue in euros) is the euro's price of the day: it must lie where the euro lay from 2023-12 to 2025-03."""
    weeks = rows("render_weeks.csv")
    assert len(weeks) == 63
    for week in weeks:
        eur = float(week["credits_used"]) * paper.EUR_PER_CREDIT
        assert 1.02 < float(week["usd_burned"]) / (paper.BURNED_SHARE * eur) < 1.13, week["epoch"]
        usd_per_eur = float(week["usd_burned"]) / (paper.BURNED_SHARE * eur)
        tokens = paper.burned_tokens(eur, usd_per_eur=usd_per_eur, price_usd=float(week["implied_render_usd"]))
        assert tokens == pytest.approx(float(week["render_burned"]), rel=1e-3)


def test_minted_to_burned_by_epoch() -> None:
    weeks = rows("render_weeks.csv")
    for week in weeks:
        minted = float(week["job_rewards_render"]) + float(week["availability_rewards_render"])
        assert minted / float(week["render_burned"]) == pytest.approx(float(week["mint_to_burn_ratio"]), abs=5e-4)
    for row in rows("render_windows.csv"):
        found = [week for week in weeks if int(row["first_epoch"]) <= int(week["epoch"]) <= int(row["last_epoch"])]
        minted = sum(float(week["job_rewards_render"]) + float(week["availability_rewards_render"]) for week in found)
        assert minted / sum(float(week["render_burned"]) for week in found) == pytest.approx(float(row["minted_to_burned"]), rel=0.01)


def test_the_scenarios_pools_over_real_burns_give_the_real_ratios() -> None:
    """Scheduled pools of each epoch over 95 % of its real revenue: the published ratio within a few percent, but for a handful of odd weeks."""
    spec = load("render-world").spec.rewards
    weeks = rows("render_weeks.csv")
    found, real = [], []
    for week in weeks:
        days = np.datetime64(week["start_date"], "D") + np.arange(7)
        jobs, there = pool_tokens_per_day(spec, days)
        usd_per_eur = load_series("render-usd-per-eur").on(date.fromisoformat(week["start_date"]))
        burned = paper.burned_tokens(float(week["revenue_eur_derived"]), usd_per_eur=usd_per_eur, price_usd=float(week["implied_render_usd"]))
        found.append((jobs.sum() + there.sum()) / burned)
        real.append(float(week["mint_to_burn_ratio"]))
    gap = np.abs(np.log(np.array(found) / np.array(real)))
    assert np.median(gap) < 0.03 and (gap < 0.10).mean() > 0.85, sorted(gap.round(3))[-12:]
