"""Self-dealt usage on paper: when it pays, how much of it one dealer and many dealers buy, and what the check finds of it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from wash_oracle import best_alone_usd, exhausted_usd, from_pot_usd

from twin.integrity.inspection import Found
from twin.integrity.sanctions import Verbs
from twin.integrity.wash import LOOKS_EVERY_DAYS, WashChecks, WashTerms
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.scenario.sections.wash import WashChecksSpec


@pytest.mark.parametrize(
    ("terms", "lost"),
    [
        pytest.param(WashTerms(take_share=0.2), 0.2, id="Akash in stable coin, 2023-08 to 2026-03"),
        pytest.param(WashTerms(), 0.0, id="Akash today takes nothing"),
        pytest.param(WashTerms(take_share=0.05, burned_share=0.95), 1.0, id="Render burns all that it does not take"),
        pytest.param(WashTerms(take_share=2 * (0.0025 + 0.02), cost_share=0.1), 0.145, id="io.net, both sides in stable coin, and power"),
    ],
)
def test_it_pays_iff_rewards_for_a_dollar_exceed_what_is_lost_of_it(terms: WashTerms, lost: float) -> None:
    assert terms.lost_share == pytest.approx(lost, rel=1e-12)
    assert terms.pays(lost + 1e-9) and not terms.pays(lost)
    assert terms.net_usd(1000, reward_usd_per_usd=lost) == pytest.approx(0, abs=1e-9)
    assert terms.net_usd(1000, reward_usd_per_usd=lost + 0.1) == pytest.approx(100, rel=1e-9)


@pytest.mark.parametrize(("pot", "others", "lost"), [(5_000.0, 1_000.0, 1.0), (500.0, 1_000.0, 0.2), (900.0, 1_000.0, 1.0)])
def test_one_dealer_and_many_stop_where_the_sum_says(pot: float, others: float, lost: float) -> None:
    """By trying all amounts: the best of one, and the last that does not lose."""
    tried = np.linspace(0, 40_000, 400_001)
    left = np.array([from_pot_usd(own, pot_usd=pot, others_usd=others) for own in tried[::100]]) - lost * tried[::100]
    best = tried[::100][int(left.argmax())]
    assert best_alone_usd(pot_usd=pot, others_usd=others, lost_share=lost) == pytest.approx(best, abs=10.0)
    all_of_them = exhausted_usd(pot_usd=pot, others_usd=others, lost_share=lost)
    assert from_pot_usd(all_of_them, pot_usd=pot, others_usd=others) == pytest.approx(lost * all_of_them, abs=1e-9)
    assert (all_of_them > 0) == (best > 0) == (pot / others > lost)  # the first dollar decides
    assert best <= all_of_them
    assert best_alone_usd(pot_usd=pot, others_usd=others, lost_share=0.0) == exhausted_usd(pot_usd=pot, others_usd=others, lost_share=0.0) == np.inf


def test_the_check_finds_them_by_the_part_that_is_their_own_and_errs_at_others() -> None:
    """Whole and half self-dealt, and honest: finds of a year within four standard errors; each is looked at anew every week."""
    n, spec = 3_000, WashChecksSpec(detection_probability_per_month=0.2, false_accusation_probability_per_month=0.02)
    clock, own = Clock(date(2024, 1, 1), date(2026, 1, 1)), np.repeat([1.0, 0.5, 0.0], n // 3)
    finds = np.zeros(n)

    def count(found: Found) -> None:
        finds[found.cheats] += 1
        finds[found.wronged] += 1

    check = WashChecks(clock, Streams(1), n, spec, usage=lambda: (np.arange(n), own), verbs=Verbs(), penalise=count, life=np.zeros(n, np.int64))
    looks = 52
    for week in range(looks):
        clock.run(until_day=week * LOOKS_EVERY_DAYS)
        check.look()
    months = LOOKS_EVERY_DAYS / DAYS_PER_MONTH
    for each, monthly in enumerate((0.2, 0.1, 0.02)):
        chance = 1 - (1 - monthly) ** months
        here = finds[each * n // 3 : (each + 1) * n // 3]
        assert here.mean() == pytest.approx(looks * chance, abs=4 * (looks * chance * (1 - chance) / (n // 3)) ** 0.5)
    assert check.inspection.caught == finds[: 2 * n // 3].sum() and check.inspection.false_positives == finds[2 * n // 3 :].sum() > 0
