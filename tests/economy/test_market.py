"""Price processes: what is known on paper about each, and what the net-flow process must never do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from twin.economy.market import Market
from twin.errors import InputError
from twin.scenario.sections.price import PriceSpec
from twin.scenario.sections.token import TokenSpec

PRICE = TypeAdapter(PriceSpec)
START = date(2026, 1, 1)
WALK = {"kind": "random_walk", "volatility_per_year": 1.1, "start_usd": 2.0}


@dataclass
class Ramp:
    """A table that rises by a dollar a day from 1."""

    first: date = START
    last: date = START + timedelta(days=9)

    def daily(self, start, n_days, *, until=None, then=None):
        until = until or self.last
        days = np.array([(start - self.first).days + n for n in range(n_days)])
        return np.where(days <= (until - self.first).days, days, (until - self.first).days if then == "hold" else then) + 1.0


def path(price, n_days, *, luck=0.5, start=START, **options):
    market = Market(PRICE.validate_python(price), start=start, end=start + timedelta(days=n_days), series=lambda name: Ramp(), **options)
    draw = luck if callable(luck) else lambda n: luck
    return np.array(
        [market.advance(start + timedelta(days=n), uniform=draw(n)) for n in range(n_days)]
    )


def test_replay_then_walk():
    """The table's own values, then a walk from its last price; the same luck gives the same price."""
    price = {"series": "ramp", "until": START + timedelta(days=4), "then": {"kind": "random_walk", "volatility_per_year": 1.1}}
    got = path(price, 8)
    assert got[:5].tolist() == [1, 2, 3, 4, 5]
    assert got[5] == pytest.approx(5 * math.exp(-(1.1**2) / 2 / 365.25))
    assert path(price, 8, luck=0.9)[5] > 5


@pytest.mark.parametrize(("then", "last"), [("hold", 10.0), (3.0, 4.0)])
def test_replay_then_number(then, last):
    assert path({"series": "ramp", "then": then}, 12)[-1] == last


def test_walk_that_starts_after_the_table():
    """A run that begins when the table is over starts at the table's last price, not somewhere below."""
    got = path({"series": "ramp", "then": {"kind": "random_walk", "volatility_per_year": 1.1}}, 3, start=START + timedelta(days=50))
    assert got[0] == 10


def test_random_walk_moments():
    """The mean stays, the median falls by half the variance, the spread is the stated one (4 standard errors, fixed luck)."""
    n, years = 4_000, 1
    rng = np.random.default_rng(1)
    ends = np.empty(n)
    for k in range(n):
        u = rng.random(12 * years)
        ends[k] = path({**WALK, "volatility_per_year": 0.6}, 13, luck=lambda day, u=u: u[day - 1])[-1]
    logs = np.log(ends / 2)
    variance = 0.36 * 12 / 365.25
    assert logs.std() == pytest.approx(math.sqrt(variance), rel=4 / math.sqrt(2 * n))
    assert logs.mean() == pytest.approx(-variance / 2, abs=4 * math.sqrt(variance / n))
    assert ends.mean() == pytest.approx(2, abs=4 * ends.std() / math.sqrt(n))


def test_drift():
    flat = {**WALK, "volatility_per_year": 0.0, "drift_per_year": math.log(2)}
    assert path(flat, 1462)[-1] == pytest.approx(2 * 2**4)  # four years of 365.25 days


def test_constant_from_a_day():
    series = {"series": "ramp", "then": "hold"}
    day = START + timedelta(days=3)
    assert path({"kind": "constant_from", "date": day, "before": series}, 6).tolist() == [1, 2, 3, 3, 3, 3]
    assert path({"kind": "constant_from", "date": "taper_begin", **series}, 6, taper_begin=day).tolist() == [1, 2, 3, 3, 3, 3]
    assert path({"kind": "constant_from", "date": day, "price_usd": 7.0, "before": series}, 5).tolist() == [1, 2, 3, 7, 7]
    assert path({"kind": "constant_from", "date": START - timedelta(days=9), "price_usd": 7.0}, 2).tolist() == [7, 7]


def test_anchor_without_taper():
    with pytest.raises(InputError) as caught:
        path({"kind": "constant_from", "date": "taper_begin", "series": "ramp", "then": "hold"}, 3)
    assert caught.value.codes == ("no_taper",)


def test_days_must_come_in_order():
    market = Market(PRICE.validate_python(WALK), start=START, end=START + timedelta(days=9), series=lambda name: Ramp())
    market.advance(START)
    with pytest.raises(ValueError, match="after day 0"):
        market.advance(START + timedelta(days=2))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "random_wlak", "volatility_per_year": 1.0},
        {"series": "ramp", "then": "zero"},
        {"series": "ramp", "then": -1.0},
        {"series": "ramp", "untill": START},
        {"kind": "constant_from", "date": "taper_start", "series": "ramp"},
        {"kind": "constant_from", "date": START},
        {**WALK, "start_usd": -2.0},
    ],
)
def test_wrong_price_is_refused(wrong):
    with pytest.raises(ValidationError):
        PRICE.validate_python(wrong)


@pytest.mark.parametrize("price", [{"kind": "random_walk", "volatility_per_year": 1.0}, {"series": "ramp", "then": {**WALK}}])
def test_a_price_starts_somewhere(price):
    emission = {"kind": "constant", "starts": START, "tokens_per_day": 1.0}
    with pytest.raises(ValidationError, match="start_usd"):
        TokenSpec.model_validate({"reference_price_usd": 1.0, "emission": emission, "price": price})
