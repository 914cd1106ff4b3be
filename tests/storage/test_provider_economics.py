"""What a TiB earns and costs, on paper: the dossier's back-of-envelope of July 2026."""

from __future__ import annotations

import numpy as np
import pytest

from twin.actors.operators.entering import back_months, payback_months
from twin.actors.operators.storage_providers import growth_pib_per_day, renewal_share
from twin.kinds.storage.economics import (
    Offer,
    electricity_usd_per_tib_per_year,
    prospects,
    running_usd_per_tib_per_year,
)
from twin.kinds.storage.provider_spec import AuditSpec, DecisionsSpec, RunningCostsSpec

COSTS = RunningCostsSpec(colocation_usd_per_tib_per_year=6.0)
"""As in the table, where electricity is part of the colocation."""
SEALING = COSTS.sealing_usd_per_tib_per_year


@pytest.mark.parametrize(("strategy", "usd"), [("verified", 39.5), ("self_dealt", 19.1), ("capacity", 16.0)])
def test_the_items_add_up_to_the_dossiers_sums(strategy: str, usd: float) -> None:
    assert running_usd_per_tib_per_year(COSTS, strategy) + SEALING == pytest.approx(usd, abs=0.25)  # type: ignore[arg-type]


def test_rewards_of_2026_do_not_cover_cost() -> None:
    """USD 13.4 for a tenfold TiB and 1.3 for capacity at USD 0.90 a token, below every strategy's cost."""
    quality_tib, daily = 14.4141 * 2**20, 61_552.95
    reward = daily * 365 / quality_tib * 0.90
    assert (10 * reward, reward) == (pytest.approx(13.4, abs=0.05), pytest.approx(1.34, abs=0.01))
    offer = Offer(reward, 6.47 * 0.9, np.array([1.0, 10.0, 10.0, 10.0, 1.0]), 25.0, np.zeros(1), np.zeros(1), np.ones(1))
    seen = look(offer)
    assert (seen.profit_usd_per_tib_per_year < 0).all() and (seen.return_per_year < 0).all()


def look(offer: Offer, *, audits: AuditSpec | None = None, fake: float = 0.0):  # type: ignore[no-untyped-def]
    return prospects(
        RunningCostsSpec(), DecisionsSpec(), audits or AuditSpec(), offer, cost_multiple=np.ones(1), electricity=np.zeros(1),
        needs_disks=np.zeros(1, bool), term_years=np.array([0.5, 1.5, 1.5, 1.5, 0.5]), are_audits_on=True, denies=np.full(1, 1 - fake),
    )  # fmt: skip


def test_dealing_with_oneself_pays_more_than_a_client_until_audits_bite() -> None:
    offer = Offer(10.0, 2.0, np.array([1.0, 10.0, 10.0, 10.0, 1.0]), 25.0, np.zeros(1), np.zeros(1), np.ones(1))
    honest, dealt = look(offer).profit_usd_per_tib_per_year[1, 0], look(offer).profit_usd_per_tib_per_year[2, 0]
    assert dealt > honest > 0
    severe = AuditSpec(catch_probability_per_month=0.2, slash_share_of_pledge=1.0)
    assert look(offer, audits=severe).profit_usd_per_tib_per_year[2, 0] < honest


def test_clients_money_makes_honest_storage_pay_and_missing_disks_cost_nothing() -> None:
    poor = Offer(1.0, 2.0, np.array([1.0, 10.0, 10.0, 10.0, 1.0]), 25.0, np.zeros(1), np.zeros(1), np.ones(1))
    rich = Offer(1.0, 2.0, np.array([1.0, 10.0, 10.0, 10.0, 1.0]), 25.0, np.full(1, 30.0), np.zeros(1), np.ones(1))
    assert look(rich).profit_usd_per_tib_per_year[1, 0] == pytest.approx(look(poor).profit_usd_per_tib_per_year[1, 0] + 30)
    assert look(poor, fake=0.6).running_usd_per_tib_per_year[0, 0] == pytest.approx(0.4 * look(poor).running_usd_per_tib_per_year[0, 0])


def test_a_bill_makes_new_sectors_return_less_and_is_nobodys_running_cost() -> None:
    free = Offer(10.0, 2.0, np.array([1.0, 10.0, 10.0, 10.0, 1.0]), 25.0, np.zeros(1), np.zeros(1), np.ones(1))
    billed = Offer(10.0, 2.0, np.array([1.0, 10.0, 10.0, 10.0, 1.0]), 25.0, np.zeros(1), np.full(1, 7.0), np.ones(1))
    assert (look(billed).return_per_year < look(free).return_per_year).all()
    np.testing.assert_array_equal(look(billed).cash_usd_per_tib_per_year, look(free).cash_usd_per_tib_per_year)


def test_renewals_and_growth_answer_to_the_margin() -> None:
    decisions = DecisionsSpec(renewal_most_share=0.9, renewal_softness_share_of_cost=0.5)
    np.testing.assert_allclose(renewal_share(decisions, np.array([-100.0, 0.0, 0.5, 100.0])), [0.0, 0.45, 0.675, 0.9], atol=1e-12)
    grown = growth_pib_per_day(DecisionsSpec(appetite_share_per_month=0.3), np.array([0.2, 2.0, 5.0]), np.full(3, 10.0), most_pib=np.array([1.0, 1.0, 0.1]))
    np.testing.assert_allclose(grown, [10 * 0.3 / 30.4375 * 0.2, 10 * 0.3 / 30.4375 * 2, 0.1])


def test_a_pledge_comes_back_with_the_term_and_earns_its_return() -> None:
    """A TiB that counts once: 10 USD a year of reward on a pledge of 12; sealing of half a year is spent."""
    free = RunningCostsSpec(**{name: 0.0 for name in RunningCostsSpec.model_fields if name.endswith("_usd_per_tib_per_year")}, power_w_per_tib=0.0)
    offer = Offer(10.0, 12.0, np.ones(5), 25.0, np.zeros(1), np.zeros(1), np.ones(1))
    terms = {"cost_multiple": np.ones(1), "electricity": np.zeros(1), "term_years": np.array([0.5, 1.5, 1.5, 1.5, 0.5]), "are_audits_on": False, "denies": np.ones(1)}

    def seen(offer: Offer, *, needs_disks: bool = False, rate: float = 0.0) -> tuple[float, float]:
        rules = DecisionsSpec(discount_rate_per_year=rate)
        found = prospects(free, rules, AuditSpec(), offer, needs_disks=np.full(1, needs_disks), **terms)  # type: ignore[arg-type]
        margin, spent, pledge = (each[:1, 0] for each in (found.margin_usd_per_tib_per_year / 12, found.spent_usd_per_tib, found.pledge_usd_per_tib))
        back = back_months(spent, margin, rate_per_year=rate, locked_usd=pledge, locked_months=6.0)
        return float(payback_months(spent + pledge, margin, rate_per_year=rate)[0]), float(back[0])

    assert seen(offer) == pytest.approx((14.4, 6.0)), "earned in 14.4 months, but back with the term of six"
    assert seen(offer, needs_disks=True) == pytest.approx((37 / 10 * 12, 30.0)), "a disk of 25 USD has to be earned"
    assert seen(offer, needs_disks=True, rate=0.1)[1] > 30 and seen(offer, rate=2.0) == (np.inf, np.inf), "twice 12 USD is more than 10 a year"
    feared = Offer(10.0, 12.0, np.ones(5), 25.0, np.zeros(1), np.zeros(1), np.full(1, 0.8))
    assert seen(feared, needs_disks=True)[1] == pytest.approx(30 / 0.8)


def test_electricity_by_country() -> None:
    dear, cheap = electricity_usd_per_tib_per_year(RunningCostsSpec(power_w_per_tib=1.0), np.array([0.40, 0.10]))
    assert dear == pytest.approx(8.766 * 0.65 * 0.40) and dear == pytest.approx(4 * cheap)
