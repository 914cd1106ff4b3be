"""A rule that may come: when it does in one life, held against the exponential law, and what it leaves of the rule that was stated."""

from __future__ import annotations

from datetime import date, timedelta
from math import exp, sqrt

import numpy as np
import pytest
from pydantic import ValidationError

from twin.actors.law_hazard import NEVER, dated
from twin.kernel import Streams
from twin.scenario.sections.regulation import BanSpec, HazardSpec

FROM = date(2026, 1, 1)
MAYBE = BanSpec(jurisdiction="SE", hazard=HazardSpec.model_validate({"per_year": 0.2, "from": FROM, "notice_days": 90}))


def lives(rule: BanSpec, n: int = 4_000, name: str = "maybe") -> list[BanSpec]:
    return [dated(name, rule, Streams(1, replicate)) for replicate in range(n)]


@pytest.mark.parametrize("years", [1, 3, 10])
def test_the_chance_that_it_was_decided_is_one_less_an_exponential(years: int) -> None:
    """Within three years at 0.2 a year: 1 - exp(-0.6) = 0.4512, within four standard errors of 4,000 lives."""
    by = FROM + timedelta(days=round(365.25 * years))
    share = np.mean([rule.announced < by for rule in lives(MAYBE)])
    expected = 1 - exp(-0.2 * years)
    assert abs(share - expected) < 4 * sqrt(expected * (1 - expected) / 4_000)


def test_it_is_in_force_after_its_notice_and_for_as_long_as_it_lasts() -> None:
    lasts = MAYBE.model_copy(update={"hazard": MAYBE.hazard.model_copy(update={"lasts_days": 400})})
    for rule in lives(lasts, 50):
        assert (rule.effective - rule.announced).days == 90 and (rule.repealed - rule.effective).days == 400
    assert all(rule.repealed is None for rule in lives(MAYBE, 50))
    assert MAYBE.effective is None, "the rule of the scenario stays as it was stated"


def test_too_late_is_never() -> None:
    until = date(2027, 1, 1)
    short = MAYBE.model_copy(update={"hazard": MAYBE.hazard.model_copy(update={"until": until})})
    for one, other in zip(lives(MAYBE, 300), lives(short, 300), strict=True):
        assert (other.effective == NEVER) == (one.announced >= until) and other.effective in (one.effective, NEVER)


def test_each_rule_has_luck_of_its_own_and_a_stated_day_has_none() -> None:
    assert dated("a", MAYBE, Streams(1)).effective != dated("b", MAYBE, Streams(1)).effective
    stated = BanSpec(jurisdiction="SE", effective=FROM)
    assert dated("a", stated, Streams(1)) is stated


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"jurisdiction": "SE"}, "exactly one of effective and hazard"),
        ({"jurisdiction": "SE", "effective": FROM, "hazard": {"per_year": 1, "from": FROM}}, "exactly one of effective and hazard"),
        ({"effective": FROM}, "exactly one of jurisdiction and area"),
        ({"jurisdiction": "SE", "area": {"city": "Visby"}, "effective": FROM}, "exactly one of jurisdiction and area"),
        ({"jurisdiction": "SE", "hazard": {"per_year": 1, "from": FROM}, "repealed": date(2030, 1, 1)}, "lasts_days"),
        ({"jurisdiction": "SE", "hazard": {"per_year": 1, "from": FROM, "until": FROM}}, "no day is left"),
    ],
)
def test_a_rule_says_once_where_and_when(said: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        BanSpec.model_validate(said)
