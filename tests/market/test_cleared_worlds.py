"""Small worlds of every kind on a market that clears: nobody is the market of last resort, every token and dollar is somewhere, and the price answers."""

from __future__ import annotations

import sys
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.beforehand import checks
from twin.build import build
from twin.errors import InputError
from twin.kernel import Lane
from twin.scenario import load
from twin.state import USD
from twin.world.opening import market_warnings, opening_of

sys.path.append(str(Path(__file__).parents[1] / "goldens"))
from on_a_market import on_a_market
from worlds import WORLDS

EMISSION = {
    "wireless-town": "emission.scale_share", "sensing-score": "emission_scale_share", "energy": "emission_scale_share", "mapping-island": "emission.scale_share",
    "filecoin": "filecoin.minting.scale_share", "compute-pools": "rewards.scale_share",
}  # fmt: skip
"""What multiplies the mint, by world: below the token, or a whole path."""
QUICK = ("wireless-town", "mapping-island", "filecoin", "arweave")


@cache
def lived(name: str, scale: float = 1.0, pot: float = 1.0, days: int = 500) -> tuple[Any, np.ndarray]:
    """A life without noise, and its price by day."""
    scenario = WORLDS[name].scenario()
    still = {"noise_per_day": 0.0, "regime_days": None}
    world = build(
        on_a_market(scenario, scale=scale, path=EMISSION.get(name) if scale != 1.0 else None, mood=still, holders_money_scale=pot)
    )
    prices: list[float] = []
    world.clock.every_day(lambda: prices.append(world.today.price_usd), lane=Lane.OBSERVE, sub=9, name="what it cost")
    world.clock.run(until_day=min(days, world.clock.n_days - 1))
    return world, np.array(prices)


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in (*EMISSION, "arweave", "mobile")]
)
def test_every_token_and_dollar_is_somewhere(name: str) -> None:
    world, prices = lived(name)
    ledger, token, pool = world.ledger, world.token_name, world.chronicle.market.pool
    outside = ("genesis", "mint", "burn")
    supply = ledger.supply(token)
    assert sum(ledger.balance(token, account) for account in ledger.accounts if account not in outside) == pytest.approx(supply, rel=1e-9)
    assert sum(ledger.balance(USD, account) for account in ledger.accounts) == pytest.approx(0.0, abs=1e-9 * float(pool.moved_usd) + 1e-6)
    for account in ledger.accounts:
        assert account in outside or ledger.balance(token, account) >= -1e-9 * supply, account
        own_pocket = account in ("world", "rounding", "operators", "adversaries", "treasury")
        assert own_pocket or ledger.balance(USD, account) >= -1e-9 * float(pool.moved_usd), account
    assert ledger.balance(USD, "market") == pytest.approx(float(pool.pot_usd), rel=1e-9)
    assert ledger.balance(token, "market") == pytest.approx(float(pool.float_tokens), rel=1e-9)
    assert pool.gap_share < 1e-9 and np.isfinite(prices).all() and (prices > 0).all()


@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in EMISSION])
def test_ten_times_the_emission_is_a_lower_price(name: str) -> None:
    _, base = lived(name)
    _, cheap = lived(name, scale=10.0)
    assert cheap[-1] < 0.9 * base[-1]


@pytest.mark.parametrize("name", ["wireless-town", "filecoin", pytest.param("energy", marks=pytest.mark.slow)])
def test_ten_times_the_holders_money_is_more_dollars_for_operators(name: str) -> None:
    base, _ = lived(name)
    rich, _ = lived(name, pot=10.0)
    assert rich.chronicle.market.pool.sales_usd > base.chronicle.market.pool.sales_usd


def test_a_small_pot_is_told_beforehand() -> None:
    scenario = WORLDS["wireless-town"].scenario()
    assert [each.code for each in market_warnings(on_a_market(scenario))] == ["rests_on_the_pot"]
    assert list(market_warnings(on_a_market(scenario, opening_float_tokens=1e6))) == []
    assert list(market_warnings(scenario)) == []


def test_a_place_whose_rest_answers_is_told_that_its_pay_moves_little() -> None:
    city, deaf, world = load("helium-iot-goteborg"), load("helium-iot-goteborg", sets=("outside.answers_elasticity=0.0",)), load("helium-iot-world")
    said = [{each.code for each in market_warnings(scenario)} & {"rests_on_the_pot", "small_pot_elsewhere"} for scenario in (city, deaf, world)]
    assert said == [{"small_pot_elsewhere"}, {"rests_on_the_pot"}, {"rests_on_the_pot"}]
    opening = opening_of(city)
    assert opening is not None and opening.facts["rest_answers"] and not opening.facts["rests_on_the_pot"]


def test_the_pot_is_judged_in_dollars_at_a_price_that_it_does_not_make() -> None:
    scenario = WORLDS["wireless-town"].scenario()
    base = opening_of(on_a_market(scenario, opening_float_tokens=1e6))
    rich = opening_of(on_a_market(scenario, opening_float_tokens=1e6, holders_money_scale=3.0))
    assert base is not None and rich is not None
    assert base.price_is == "stated" and rich.pot_over_first_year == pytest.approx(3 * base.pot_over_first_year)
    assert rich.float_over_first_year == base.float_over_first_year
    made = opening_of(on_a_market(scenario, opening_pot_usd=1e6))
    assert made is not None and made.price_is == "what pot and float make it" and made.pot_over_first_year == pytest.approx(made.float_over_first_year)
    dated, poor = (opening_of(load("helium-iot-goteborg", sets=sets)) for sets in ((), ("token.HNT.price.opening_pot_usd=1_000_000",)))
    assert dated is not None and poor is not None and dated.price_usd == poor.price_usd and dated.price_is == "dated"
    assert poor.pot_over_first_year == pytest.approx(dated.pot_over_first_year * 1e6 / dated.pot_usd)


@pytest.mark.parametrize("name", ["energy-coquimbo", "arweave-world", "375ai-goteborg"])
def test_a_float_larger_than_all_that_exists_is_refused_at_its_line(name: str, tmp_path: Path) -> None:
    token = next(iter(load(name).spec.token))
    own = tmp_path / "own.yaml"
    own.write_text(f"schema: 1\ntitle: more than all\nextends: {name}\ntoken:\n  {token}:\n    price:\n      opening_float_tokens: 1.0e+15\n", "utf-8")
    with pytest.raises(InputError) as refused:
        checks(load(own))
    (problem,) = refused.value.problems
    assert (problem.code, problem.line, problem.path) == ("float_not_there", 7, f"token.{token}.price.opening_float_tokens")
    assert problem.suggestion and "expected at most those" in problem.message


def test_a_float_of_a_dated_history_is_held_against_the_mint_by_then(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("schema: 1\ntitle: more than all\nextends: helium-iot-goteborg\ntoken: {HNT: {price: {history: {opening_float_tokens: 1.0e+15}}}}\n", "utf-8")
    with pytest.raises(InputError) as refused:
        checks(load(own))
    assert [each.path for each in refused.value.problems] == ["token.HNT.price.history.opening_float_tokens"]
    on_the_line = load("helium-iot-goteborg", sets=["token.HNT.price.history.opening_float_tokens=1e15"])
    assert "read_by_nothing" in {each.code for each in checks(on_the_line)}  # the history is the file's


def test_a_treasury_that_pays_nobody_is_told() -> None:
    told = [each for each in checks(load("hivemapper-goteborg", sets=["token.HONEY.pay_out_reserve_usd=1000"])) if each.code == "read_by_nothing"]
    assert [each.path for each in told] == ["token.HONEY.pay_out_reserve_usd"]
    assert "read_by_nothing" not in {each.code for each in checks(load("hivemapper-goteborg", variant="stable_pay"))}


def test_a_listing_after_the_end_is_told_beforehand() -> None:
    scenario = WORLDS["wireless-town"].scenario()
    late = on_a_market(scenario, opening_float_tokens=1e6, listing_date=scenario.spec.calendar.end)
    (warning,) = market_warnings(late)
    assert (warning.code, warning.path) == ("never_listed", "token.TWN.price.listing_date")


def test_a_constant_price_over_a_market_is_an_open_loop_from_that_day() -> None:
    scenario = WORLDS["wireless-town"].scenario()
    market = on_a_market(scenario, mood={"noise_per_day": 0.0, "regime_days": None})
    day = date(2021, 9, 1)
    flat = market.variant("flat", {"token.TWN.price": {"kind": "constant_from", "date": day}})
    assert flat.spec.token["TWN"].price.before == market.spec.token["TWN"].price
    found: dict[str, list[float]] = {}
    for name, each in (("market", market), ("flat", flat)):
        world, prices = build(each), []
        world.clock.every_day(lambda world=world, prices=prices: prices.append(world.today.price_usd), lane=Lane.OBSERVE, sub=9, name="what it cost")
        world.clock.run(until_day=400)
        found[name] = prices
        assert world.ledger.balance(USD, "market") >= 0 and world.ledger.balance("TWN", "market") >= 0
    first = (day - date(2021, 1, 1)).days
    assert found["flat"][:first] == found["market"][:first]
    assert set(found["flat"][first:]) == {found["flat"][first - 1]} and len(set(found["market"][first:])) > 100
    assert world.chronicle.market.facts["open_loop_from"] == day
    assert build(scenario).chronicle.market.facts["loop"] == "open"


def test_nothing_is_sold_before_the_listing() -> None:
    scenario = WORLDS["wireless-town"].scenario()
    listed = date(2021, 9, 1)
    world = build(on_a_market(scenario, listing_date=listed))
    world.clock.run(until_day=(listed - date(2021, 1, 1)).days - 1)
    assert world.ledger.balance(USD, "market") == 0 and world.ledger.burned("TWN") == 0
    world.clock.run(until_day=(listed - date(2021, 1, 1)).days + 60)
    assert world.ledger.balance(USD, "market") > 0 and world.ledger.burned("TWN") > 0


@pytest.mark.slow
def test_a_city_on_hnt_stays_near_history_and_answers_to_emission() -> None:
    """The dated flows are those of the model's rules, so the price of the life lies near the dated one; ten times the mint from July 2021 does not."""
    hosts = {
        "tokens_per_day": {"series": "hnt-minted"},
        "share": {date(2019, 8, 1): 0.247, date(2023, 4, 18): 0.26, date(2025, 1, 28): 0.39},
    }
    spent = {name: {"usd_per_day": {"series": f"helium-{name}-data-usd"}} for name in ("iot", "mobile")}
    dated = {
        "series": "hnt-usd-monthly",
        "until": date(2024, 8, 31),
        "opening_float_tokens": 10e6,
        "sold": {"hosts": hosts},
        "spent": spent,
    }
    city = load("helium-iot-goteborg", sets=("place.sites.count=500", "place.probes.count=500", "calendar.end=2024-08-01"))
    prices = {}
    for scale in (1.0, 10.0):
        price = {"kind": "cleared", "history": dated}
        world = build(
            city.variant("on a market", {"token.HNT.price": price, "token.HNT.emission.scale_share_by_date": {date(2021, 7, 1): scale}})
        )
        prices[scale] = found = []
        world.clock.every_day(
            lambda world=world, found=found: found.append(world.today.price_usd), lane=Lane.OBSERVE, sub=9, name="what it cost"
        )
        world.clock.run()
        history = world.chronicle.market.history
    real = history.price_usd[(date(2021, 1, 1) - history.first).days :]
    assert np.abs(np.array(prices[1.0]) / real[: len(prices[1.0])] - 1).max() < 0.25
    assert prices[10.0][:180] == prices[1.0][:180]
    assert prices[10.0][-1] < 0.3 * prices[1.0][-1]
