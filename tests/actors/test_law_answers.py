"""Who complies with a duty, who hides, what fines take and whom they close: owner by owner."""

from __future__ import annotations

from datetime import date, timedelta
from math import log
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from test_regulation_courses import Land

from twin.scenario.model import Spread
from twin.scenario.sections.regulation import AnswersSpec, EnforcementSpec, OperatorLicenceSpec
from twin.state import NodeState

FIRST = date(2021, 1, 31)
OWNED = 4
"""Nodes of one owner."""
OWNER = np.arange(1000) // OWNED
HERE = np.arange(500)


def licence(*, fee: float = 0.0, median: float = 0.0, p90: float = 0.0, hide: bool = True, q: float = 0.1, fine: float = 200.0, **more: Any) -> OperatorLicenceSpec:
    closes = more.pop("n_fines_to_close", None)
    return OperatorLicenceSpec(
        jurisdiction="SE", effective=FIRST, cost_usd_per_node_per_year=fee, answers=AnswersSpec(compliance_usd_per_node_per_year=Spread(median=median, p90=p90), hide=hide),
        enforcement=EnforcementSpec(inspection_probability_per_year=q, fine_usd=fine, n_fines_to_close=closes), **more,
    )  # fmt: skip


def lived(rule: OperatorLicenceSpec, days: int = 60, **more: Any) -> Land:
    land = Land({"duty": rule}, n_days=max(days + 60, 120), owner=OWNER, **more)
    land.clock.run(until_day=days)
    return land


@pytest.mark.parametrize(("fine", "hide", "usd_per_year"), [(200.0, True, 20.0), (5_000.0, True, 240.0), (200.0, False, 240.0)])
def test_each_does_what_is_cheaper(fine: float, hide: bool, usd_per_year: float) -> None:
    """A fee of 240: hidden from an expected fine of 0.1 x 200 = 20, paid where the fine is 5,000, or where nobody can hide."""
    land = lived(licence(fee=240, fine=fine, hide=hide))
    assert land.costs.duty_usd_per_day(HERE) == pytest.approx(usd_per_year / 365.25)


def test_not_all_answer_alike_and_an_owner_has_one_answer() -> None:
    """Compliance costs a median of 20 with p90 of 80, and hiding costs 20: half of the owners comply, all nodes of one owner alike."""
    land = lived(licence(median=20, p90=80))
    duty = land.costs.duty_usd_per_day(HERE) * 365.25
    assert (duty.reshape(-1, OWNED) == duty[::OWNED, None]).all()
    hides = duty > 20 - 1e-3
    assert abs(hides.mean() - 0.5) < 4 * 0.5 / np.sqrt(len(HERE) / OWNED)
    assert len(np.unique(duty[~hides])) > 40
    spread = np.log(duty[~hides][::OWNED] / 20)
    assert (spread < 0).all() and spread.min() > -6 * log(80 / 20) / 1.2816


def test_fines_are_money_and_fall_on_those_who_hide_alone() -> None:
    """125 owners; of the nodes of those who hide one in 120 is fined a month at q = 0.1 a year. Over 23 inspections the sum lies within four deviations."""
    land = lived(licence(median=20, p90=80), days=729)
    fines = [facts for _, kind, facts in land.events if kind == "fines"]
    hiding = int((land.costs.duty_usd_per_day(HERE) * 365.25 > 20 - 1e-3).sum())
    n_fines, mean = sum(facts["count"] for facts in fines), hiding * 23 * (1 - 0.9 ** (1 / 12))
    assert abs(n_fines - mean) < 4 * np.sqrt(mean)
    to_state = sum(usd for source, target, usd, reason in land.paid if (source, target, reason) == ("operators", "state", "fine"))
    set_aside = sum(usd for source, target, usd, reason in land.paid if (source, target, reason) == ("world", "operators", "set aside for fines"))
    assert to_state == set_aside == n_fines * 200 == land.law.regulators[0].tally["fines_usd"]


def test_nobody_who_complies_is_fined() -> None:
    land = lived(licence(fee=1, q=1.0), days=200)
    assert not [kind for _, kind, _ in land.events if kind == "fines"] and not land.paid


def test_the_third_fine_closes_the_site_until_the_rule_ends() -> None:
    rule = licence(fee=1_000, q=0.9, n_fines_to_close=3, fine=10, repealed=FIRST + timedelta(days=600))
    land = lived(rule, days=590)
    running = land.nodes.online
    assert not running[:450].all() and running[500:].all()
    land.clock.run(until_day=635)
    assert not (land.nodes.state == NodeState.BANNED).any() and (land.costs.duty_usd_per_day(HERE) == 0).all()


def test_without_the_rule_nothing_is_left_of_it() -> None:
    land = lived(licence(fee=1_000, q=1.0, n_fines_to_close=1, fine=10), days=200)
    assert not land.nodes.online[HERE].any()
    land.switches["law:duty"](False)
    assert not land.fleet.nodes.duty_usd_per_day.any()


def test_closing_needs_owners_who_answer() -> None:
    with pytest.raises(ValidationError, match="needs answers"):
        OperatorLicenceSpec(jurisdiction="SE", effective=FIRST, cost_usd_per_node_per_year=1, enforcement=EnforcementSpec(n_fines_to_close=2))
