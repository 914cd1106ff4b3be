"""The sum of a newcomer, on paper."""

from __future__ import annotations

import numpy as np
import pytest

from twin.actors.operators.entering import PayHeard, back_months, interest, payback_months, promised
from twin.scenario.model import Spread
from twin.scenario.sections.operators import OperatorSpec, StayingSpec

MARGIN = np.array([10.0])


def test_payback_with_and_without_a_return_on_capital() -> None:
    """With no return asked price over margin; else months until an annuity at that return has repaid it."""
    assert payback_months(240.0, MARGIN) == pytest.approx(24)
    months = float(payback_months(240.0, MARGIN, rate_per_year=0.1)[0])
    rate = 1.1 ** (1 / 12) - 1
    assert 10 * (1 - (1 + rate) ** -months) / rate == pytest.approx(240)
    assert np.isinf(payback_months(10 / rate * 1.001, MARGIN, rate_per_year=0.1)[0]) and payback_months(1.0, np.array([-5.0]))[0] == pytest.approx(1e6)
    assert payback_months(240.0, MARGIN, rate_per_year=1e-9) == pytest.approx(24, rel=1e-6)


def test_what_is_only_locked_is_waited_for_or_earned_whichever_comes_first() -> None:
    def back(spent: float, locked: float, months: float, rate: float = 0.0) -> float:
        return float(back_months(spent, MARGIN, rate_per_year=rate, locked_usd=locked, locked_months=months)[0])

    assert back(120, 0, 36) == 12, "nothing is locked: nothing is waited for"
    assert back(120, 500, 6) == 12 and back(120, 500, 36) == 36 and back(120, 60, 36) == 18, "spent; waited for; earned as well"
    assert back(120, 500, 6, rate=0.1) > float(payback_months(120.0, MARGIN, rate_per_year=0.1)[0]), "the lock-up's return is taken from the margin"
    assert np.isinf(back(120, 2000, 6, rate=0.1)), "a return of 16 a month on the lock-up is more than 10"
    assert np.isinf(back(0, 2000, 6, rate=0.1)), "with nothing to spend, too"


def test_interest_is_the_root_of_limit_over_payback_within_bounds() -> None:
    assert interest(np.full(5, 24.0), np.array([24.0, 6.0, 96.0, 0.0, np.inf])) == pytest.approx([1, 2, 0.5, 5, 0.2])


def test_pay_is_shared_with_those_on_the_way_and_feared_where_it_moved() -> None:
    heard = PayHeard()
    heard.month_over()
    assert len(heard) == 0, "a month in which nothing was seen is none"
    groups = [OperatorSpec(owners_share=1, payback_limit_months=Spread(median=12, p90=12), staying=StayingSpec(risk_aversion_exponent=gamma)) for gamma in (0, 1, 3)]
    assert heard.certain_share(groups).tolist() == [1, 1, 1]
    for month in range(8):
        heard.note(10 * 30.0 * (3.0 if month % 2 else 1.0), 10 * 30.0)
        heard.month_over()
    certain = heard.certain_share(groups)
    assert certain[0] == 1 > certain[1] > certain[2] and certain[2] == pytest.approx(certain[1] ** 3)
    assert promised(np.array([100.0]), certain_share=certain[1], on_the_way_share=0.25) == pytest.approx(75 * certain[1])


def test_nothing_spent_is_no_reason_to_enter_where_every_month_costs() -> None:
    for rate in (0.0, 0.15):
        back = back_months(0.0, np.array([-5.0, 0.0, 5.0]), rate_per_year=rate, locked_usd=0.0, locked_months=0.0)
        assert back.tolist() == [np.inf, np.inf, 0.0], rate
