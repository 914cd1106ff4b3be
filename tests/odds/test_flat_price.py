"""The price beside the odds: a variant with a constant price in any scenario, and verdicts that live only where luck makes the price high."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from small import village
from test_page import DIES, LIVES, page_of_studies, told, words_of

from twin.errors import InputError
from twin.odds.designs import draws, replicates
from twin.odds.engines.forked import Forked
from twin.odds.living import live_plan
from twin.odds.rows import Plan
from twin.scenario import load
from twin.scenario.made import FLAT_PRICE
from twin.scenario.shipped import bundled_names

WALK = "token.{token}.price={{kind: random_walk, volatility_per_year: 0.8, start_usd: 0.1}}"


def walking() -> str:
    return WALK.format(token=next(iter(village().spec.token)))


@pytest.mark.parametrize("name", bundled_names())
def test_every_bundled_scenario_has_it(name: str) -> None:
    plan = Plan(load(name), replicates(1), ("base", FLAT_PRICE))
    stated = plan.stated(FLAT_PRICE)
    assert stated and all(path.startswith("token.") and path.endswith(".price") and price["kind"] == "constant_from" for path, price in stated.items())
    assert plan.variant(FLAT_PRICE).hash != plan.scenario.hash


def test_a_price_that_is_constant_already_makes_no_variant() -> None:
    held = village(f"token.{next(iter(village().spec.token))}.price={{kind: constant_from, date: 2024-02-01, price_usd: 0.1}}")
    assert FLAT_PRICE not in held.made
    with pytest.raises(InputError, match="the price is held by the scenario itself"):
        Plan(held, variants=("base", FLAT_PRICE))


def test_it_is_lived_with_the_price_of_the_day_before(tmp_path: Path) -> None:
    study = live_plan(Plan(village(walking(), "taper={from_rules: false, begins: 2024-04-01, done: 2024-06-01}"), replicates(1), ("base", FLAT_PRICE)), out=tmp_path, engine=Forked(1))
    base, flat = (next(study.series("price_usd", variant=name)) for name in ("base", FLAT_PRICE))
    begins = study.results()["T0"].iloc[0]
    before = [str(day) for day in (begins - timedelta(days=1), begins)]
    assert flat[: before[0]].equals(base[: before[0]])
    assert (flat[before[1] :] == flat[before[0]]).all() and base[before[1] :].nunique() > 10
    page = page_of_studies(tmp_path, study)
    assert f"With a constant price ({FLAT_PRICE}: " in page and "held from T0 on) 0 of 1 lives survive" in page


def test_the_page_says_how_to_live_it(tmp_path: Path) -> None:
    page = page_of_studies(tmp_path, told(tmp_path, village(), replicates(30), [LIVES] * 15 + [DIES] * 15))
    assert "live both on the same luck: --variant base --variant flat_price (the price held from T0 on)" in words_of(page, "price")


def test_odds_that_hang_on_the_price_say_so_in_their_sentence(tmp_path: Path) -> None:
    study = told(tmp_path, village(), replicates(60), [DIES] * 42 + [LIVES] * 18)  # luck rises with the replicate
    assert study.odds().only_at_high_price and "18 of 60 lives survive: 20 to 43 %, only where the price outside is high (parameters fixed)" in study.odds().sentence()
    assert "only where the price outside is high" in words_of(page_of_studies(tmp_path, study), "odds")
    even = told(tmp_path / "even", village(), replicates(60), [DIES, LIVES] * 30)
    assert not even.odds().only_at_high_price and "price" not in even.odds().sentence()




def test_a_market_that_is_drawn_is_the_same_until_the_price_is_held(tmp_path: Path) -> None:
    drawn = village("taper={from_rules: false, begins: 2024-04-01, done: 2024-06-01}", "uncertain={token.WX.price.volatility_per_year: {kind: uniform, low: 0.2, high: 1.5}}")
    plan = Plan(drawn, draws(2), ("base", FLAT_PRICE))
    study = live_plan(plan, out=tmp_path, engine=Forked(1))
    lives = [list(study.series("price_usd", variant=name)) for name in ("base", FLAT_PRICE)]
    for base, flat in zip(*lives, strict=True):
        assert flat[:"2024-03-31"].equals(base[:"2024-03-31"]) and flat["2024-04-01":].nunique() == 1
    assert not lives[0][0].equals(lives[0][1]) and [row.draw for row in plan.rows()] == [0, 0, 1, 1]
