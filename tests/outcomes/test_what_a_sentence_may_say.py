"""At most thirty words, the network's nouns, and nothing that the run does not know (VERDICT 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest
from test_verdict_classes import BEGINS, START, after, daily_table, mix, node_year, verdict

from twin.nouns import Nouns
from twin.outcomes import Known, NodeYear, Outcome, Schedule, Taper, TaperOrigin, Verdict, WithoutTaper
from twin.outcomes.beside import is_overbuilt

WORDS = Nouns(node="access point", nodes="access points")
LIVES = {
    Outcome.SELF_SUSTAINING: (daily_table(), mix(0.8, 0.2, 0.0)),
    Outcome.NICHE: (daily_table(), mix(0.66, 0.34, 0.0)),
    Outcome.COASTING: (daily_table(new_hardware_usd=0.0), mix(0.1, 0.9, 0.0)),
    Outcome.SUBSIDY_DEPENDENT: (daily_table(), mix(0.0, 0.1, 0.9)),
    Outcome.COLLAPSED: (daily_table(usage=after(date(2022, 9, 1), 100.0, 5.0)), mix(1, 0, 0)),
    Outcome.NEVER_STARTED: (daily_table(usage=5.0), mix(1, 0, 0)),
}


def told(outcome: Outcome, **known: object) -> Verdict:
    daily, nodes = LIVES[outcome]
    result = verdict(daily, nodes, nouns=WORDS, known=Known(**known))  # type: ignore[arg-type]
    assert result.outcome is outcome
    return result


@pytest.mark.parametrize(("outcome", "other"), list(product(LIVES, (None, *LIVES))))
def test_no_sentence_has_more_than_thirty_words_or_a_symbol(outcome: Outcome, other: Outcome | None) -> None:
    result = told(outcome, without_taper=None if other is None else WithoutTaper(other, 100.0))
    for each in (result, replace(result, beside=replace(result.beside, overbuilt=True, subsidy_left=0.5))):
        said = each.sentence()
        assert len(said.split()) <= 30 and said.endswith(".") and not set("κβΣ") & set(said)
        assert other is not None or "because" not in said


def test_because_of_the_taper_needs_a_life_without_it_that_ends_otherwise() -> None:
    fell = told(Outcome.COLLAPSED, without_taper=WithoutTaper(Outcome.NICHE, 90.0))
    assert "because of the taper in this life, else niche" in fell.sentence()
    assert "it would have died either way" in told(Outcome.COLLAPSED, without_taper=WithoutTaper(Outcome.COLLAPSED, 6.0)).sentence()
    larger_and_dead = told(Outcome.COLLAPSED, without_taper=WithoutTaper(Outcome.COLLAPSED, 90.0)).sentence()
    assert larger_and_dead.endswith("; without the taper it would have died too.") and len(larger_and_dead.split()) <= 30
    assert "in this life smaller because of the taper" in told(Outcome.NICHE, without_taper=WithoutTaper(Outcome.NICHE, 121.0)).sentence()
    assert told(Outcome.NEVER_STARTED, without_taper=WithoutTaper(Outcome.NEVER_STARTED, 0.0)).sentence().endswith("; nor would it without the taper.")
    assert "it would have lived either way" in told(Outcome.NICHE, without_taper=WithoutTaper(Outcome.NICHE, 119.0)).sentence()
    assert told(Outcome.NICHE).row()["because_of_taper"] is None


def test_hardware_nobody_would_buy_again_only_where_nobody_bought() -> None:
    assert "nobody would buy again" in told(Outcome.COASTING).sentence()
    bought = verdict(daily_table(new_hardware_usd=1.0), mix(0.1, 0.9, 0.0))
    assert bought.outcome is Outcome.COASTING and "nobody would buy" not in bought.sentence()


def test_where_own_use_is_most_of_what_carries_nobody_says_that_customers_pay() -> None:
    fees = node_year(usage=[1.0], fees=[2.0], cost=[10.0], replacement=[15.0])
    saved = NodeYear(fees.usage_usd, fees.fee_funded_usd, fees.subsidy_usd, fees.avoidable_cost_usd, fees.replacement_cost_usd, own_use_usd=np.array([28.0]))
    result = verdict(daily_table(), saved)
    assert result.outcome is Outcome.SELF_SUSTAINING and "customers" not in result.sentence() and "own use" in result.sentence()
    assert result.funding is not None and result.funding.fee_coverage == pytest.approx(2 / 25)


def test_a_subsidy_that_has_not_faded_is_still_paid() -> None:
    paid = Schedule(START, np.where(np.arange(5 * 365) < (BEGINS - START).days, 100.0, 30.0))
    result = told(Outcome.NICHE, subsidy=paid, own_taper=Taper(BEGINS, None, TaperOrigin.RULES))
    assert result.beside.still_paid and "still paid" in result.sentence() and result.row()["own_T0"] == BEGINS


def test_stated_dates_far_from_the_life_that_was_lived_are_told() -> None:
    stated = Taper(BEGINS, date(2023, 1, 1), TaperOrigin.STATED)
    late = Known(subsidy=Schedule(START, after(date(2023, 3, 1), 100.0, 1.0)))
    assert "begins to fade on 2022-06-01 as stated, on 2023-03-" in verdict(daily_table(), mix(1, 0, 0), taper=stated, known=late).beside.far_from_life
    paid = after(BEGINS, 100.0, 50.0)
    paid[(date(2022, 12, 20) - START).days :] = 1.0
    near = Known(subsidy=Schedule(START, paid))
    assert verdict(daily_table(), mix(1, 0, 0), taper=stated, known=near).beside.far_from_life == ""


def test_service_that_does_not_feel_four_fifths_of_its_nodes_leave_is_overbuilt() -> None:
    nodes = np.r_[np.linspace(0, 1000, 50), np.linspace(1000, 100, 50)]
    assert is_overbuilt(nodes, np.full(100, 1.0)) and not is_overbuilt(nodes, np.r_[np.full(80, 1.0), np.full(20, 0.98)])
    assert not is_overbuilt(np.maximum(nodes, 300.0), np.full(100, 1.0)) and not is_overbuilt(None, None)
    daily = daily_table(service=1.0, nodes_online=after(date(2023, 2, 1), 1000.0, 150.0))
    assert verdict(daily, mix(1, 0, 0), nouns=WORDS).sentence().startswith("Overbuilt, a fifth of the access points would do; self-sustaining")


def test_capacity_kept_and_who_brought_the_usage() -> None:
    daily = daily_table(capacity=after(date(2023, 2, 1), 50.0, 10.0))
    result = verdict(daily, mix(1, 0, 0), known=Known(paid_by=lambda days: {"meters": 3.0, "council": 1.0, "nobody": 0.0}))
    assert result.beside.capacity_kept == pytest.approx(0.2)
    assert (result.beside.largest_customer, result.beside.largest_customer_share) == ("meters", 0.75)


def test_what_has_grown_is_not_still_there_and_no_smaller_network() -> None:
    grown = replace(told(Outcome.NICHE), paid_usage_kept=1.97, usage_carried_full=0.504, near_the_line="")
    assert grown.sentence() == "Niche: customers buy 197% of the best year's usage; access points that earn their replacement deliver 50%."
    assert "still" not in replace(told(Outcome.SELF_SUSTAINING), paid_usage_kept=1.4).sentence()
    assert "still buy" in told(Outcome.SELF_SUSTAINING).sentence()


def test_little_capacity_and_shares_too_small_to_print_are_told() -> None:
    alive = told(Outcome.SELF_SUSTAINING)
    assert "10% of its capacity is left" in replace(alive, beside=replace(alive.beside, capacity_kept=0.1)).sentence()
    gone = replace(told(Outcome.COLLAPSED), collapse=None, paid_usage_kept=0.0002)
    assert "below 0.1%" in gone.sentence() and "0.0%" not in gone.sentence()
