"""What law adds to the price of hardware, who pays it, and what holders hear of a token's class: closed forms."""

from __future__ import annotations

from datetime import timedelta
from math import exp
from types import SimpleNamespace

import numpy as np
import pytest
from crowd import START
from pydantic import ValidationError
from test_regulation_courses import Land, day

from twin.actors.law_of_tokens import Classification
from twin.actors.operators.entering import payback_months
from twin.economy.clearing import ClearingMarket
from twin.scenario.model import Spread
from twin.scenario.sections.cleared import ClearedPriceSpec
from twin.scenario.sections.regulation import AnswersSpec, EnforcementSpec, ImportTariffSpec, PrivacyDutySpec, TokenClassificationSpec

SWEDISH, NORWEGIAN = np.arange(3), np.arange(700, 703)


def spent(land: Land, reason: str) -> float:
    return sum(usd for *_, usd, why in land.paid if why == reason)


def test_a_quarter_on_the_price_is_a_quarter_on_the_payback_while_it_holds() -> None:
    """450 USD at 40 a month: 11.25 months, 14.06 with the duty; over the border nothing changes, and after the repeal nothing is left."""
    land = Land({"duty": ImportTariffSpec(jurisdiction="SE", effective=day(10), repealed=day(20), tariff_share=0.25)})
    months = {}
    for when in (9, 10, 19, 20):
        land.clock.run(until_day=when)
        months[when] = [payback_months(land.entry.usd(450.0, slots), np.full(3, 40.0)) for slots in (SWEDISH, NORWEGIAN)]
        land.entry.bought(np.r_[SWEDISH, NORWEGIAN], 100.0)
    for when, here in ((9, 11.25), (10, 14.0625), (19, 14.0625), (20, 11.25)):
        assert months[when][0] == pytest.approx(here) and months[when][1] == pytest.approx(11.25)
    assert [(source, target) for source, target, _, _ in land.paid] == [("operators", "state")] * 2
    assert spent(land, "import duty") == pytest.approx(2 * 3 * 25) == land.law.regulators[0].tally["duties_usd"]


def test_two_duties_add_up_and_leave_no_rounding() -> None:
    rules = {
        "a": ImportTariffSpec(jurisdiction="SE", effective=day(5), repealed=day(30), tariff_share=0.1),
        "b": ImportTariffSpec(jurisdiction="SE/Gotland", effective=day(8), repealed=day(20), tariff_share=0.7),
    }
    land = Land(rules)
    land.clock.run(until_day=10)
    assert land.entry.usd(10.0, np.array([0, 200, 900])) == pytest.approx([18.0, 11.0, 10.0])
    land.clock.run(until_day=31)
    assert not land.entry.price_share.any()


def test_who_complies_sets_up_once_and_newcomers_as_they_buy() -> None:
    """500 nodes run on the first day in force and set up for 40 USD each; three who come later do so, too; switched off and on again nobody pays twice."""
    land = Land({"data": PrivacyDutySpec(jurisdiction="SE", effective=day(10), setup_usd_per_node=40)})
    land.clock.run(until_day=10)
    assert spent(land, "set up because law asks for it") == 500 * 40
    land.entry.bought(SWEDISH, 100.0)
    assert spent(land, "set up because law asks for it") == 503 * 40 and land.entry.usd(100.0, SWEDISH) == pytest.approx(140.0)
    for on in (False, True):
        land.switches["law:data"](on)
    assert spent(land, "set up because law asks for it") == 503 * 40
    assert (land.costs.duty_usd_per_day(SWEDISH) == 0).all()


@pytest.mark.parametrize(("setup", "hides"), [(0, False), (60, True)])
def test_setting_up_counts_over_five_years_when_hiding_is_cheaper(setup: float, hides: bool) -> None:
    """Compliance at 30 a year against an expected fine of 40: 30 + 60 / 5 is more, so they hide, and nobody sets up."""
    answers = AnswersSpec(compliance_usd_per_node_per_year=Spread(median=30, p90=30))
    enforcement = EnforcementSpec(inspection_probability_per_year=0.1, fine_usd=400)
    land = Land({"data": PrivacyDutySpec(jurisdiction="SE", effective=day(10), setup_usd_per_node=setup, answers=answers, enforcement=enforcement)})
    land.clock.run(until_day=11)
    assert land.costs.duty_usd_per_day(SWEDISH) * 365.25 == pytest.approx(40 if hides else 30)
    assert not spent(land, "set up because law asks for it") and land.entry.usd(1.0, SWEDISH) == pytest.approx(1.0)


def test_a_duty_that_asks_nothing_is_no_duty() -> None:
    with pytest.raises(ValidationError, match="asks nothing"):
        PrivacyDutySpec(jurisdiction="SE", effective=day(1))


def test_a_token_that_is_classed_falls_at_once_and_half_of_the_mood_comes_back() -> None:
    """Mood -0.5 and a fifth of the pot: price x exp(-0.5) x 0.8 = 0.485; after 180 days x exp(-0.25) x 0.8 = 0.623. Heard once, and not unsaid."""
    still = {"noise_per_day": 0.0, "regime_days": None, "trend_gain": 0.0, "value_per_day": 0.0}
    market = ClearingMarket(ClearedPriceSpec.model_validate({"kind": "cleared", "start_usd": 2.0, "opening_float_tokens": 1e6, "mood": still}), start=START)
    rule = TokenClassificationSpec(jurisdiction="SE", announced=day(10), effective=day(40))
    effect, regulator = Classification(market, START), SimpleNamespace(name="security", rule=rule)
    prices = []
    for when in range(192):
        if when == 10:
            effect.announce(regulator)  # type: ignore[arg-type]
        if when == 40:
            effect.apply(regulator)  # type: ignore[arg-type]
            effect.undo(regulator)  # type: ignore[arg-type]
        prices.append(market.clear(START + timedelta(days=when)).price_usd)
    assert prices[9] == pytest.approx(2.0)
    assert prices[10] / 2 == pytest.approx(0.8 * exp(-0.5), rel=0.003)
    assert prices[190] / 2 == pytest.approx(0.8 * exp(-0.25), rel=0.003)


def test_what_was_known_before_the_run_is_in_the_price() -> None:
    heard: list[float] = []
    market = SimpleNamespace(hear=lambda *, mood_log_ratio, pot_share: heard.append(mood_log_ratio))
    effect = Classification(market, START)
    old = TokenClassificationSpec(jurisdiction="SE", announced=START - timedelta(days=3), effective=START + timedelta(days=3))
    effect.announce(SimpleNamespace(name="old", rule=old))  # type: ignore[arg-type]
    effect.apply(SimpleNamespace(name="old", rule=old))  # type: ignore[arg-type]
    assert heard == []
