"""Holders whose tokens come free: alone against its pair, on a dated past, in every kind, and refused where no price hears them."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept import Kept

from twin.actors.holders import Holder
from twin.beforehand import checks
from twin.build import build
from twin.economy.clearing import ClearingMarket, DatedFlows, History, inverted, price_by_day
from twin.economy.sellers import sellers_before, sellers_of_history
from twin.errors import InputError
from twin.run import run
from twin.scenario import Scenario, load
from twin.scenario.sections.allocations import AllocationSpec
from twin.scenario.sections.cleared import ClearedPriceSpec
from twin.scenario.series import load_series
from twin.state import USD
from twin.world import World

sys.path.append(str(Path(__file__).parents[1] / "goldens"))
from on_a_market import on_a_market
from worlds import WORLDS

TESTS = Path(__file__).parents[1]
CLIFF = date(2024, 8, 1)
AT_THE_CLIFF = {"tokens": 40_000, "starts": date(2024, 3, 4), "cliff_days": 150, "vesting_days": 0, "sells": {"at_once_share": 0.5, "of_the_rest_share_per_month": 0.5}}


def village(**allocations: Any) -> Scenario:
    """The village of the golden world with these holders in place of its own."""
    return WORLDS["pressure-holders"].scenario().variant("held", {"token.WX.allocations": {"investors": None, "staff": None, "village": None, **allocations}, "token.WX.treasury": None})


def life(scenario: Scenario, days: int, *, unlocks: bool = True) -> tuple[World, Kept]:
    world, kept = build(scenario), Kept()
    if not unlocks:
        world.switch("unlocks", False)
    world.record_with(kept)  # type: ignore[arg-type]
    world.clock.run(until_day=days)
    return world, kept


def holders_of(world: World) -> list[Holder]:
    return [each for each in world.society.agents if isinstance(each, Holder)]


@cache
def pair(cliff: str) -> tuple[tuple[World, Kept], tuple[World, Kept]]:
    """The same life with and without unlocks; `cliff` frees all on one day, or begins a line."""
    scenario = village(seed={**AT_THE_CLIFF, **({} if cliff == "all" else {"vesting_days": 100})})
    return life(scenario, 300), life(scenario, 300, unlocks=False)


@pytest.mark.parametrize(("cliff", "contact"), [("all", 1), ("line", 2)])
def test_nothing_differs_before_the_market_has_heard_of_the_cliff(cliff: str, contact: int) -> None:
    """What comes free on a day is offered on it and taken the next morning; a line that begins at the cliff frees nothing on the cliff itself."""
    (world, on), (_, off) = pair(cliff)
    first = (CLIFF - world.clock.start).days
    with_, without = on.all_series(), off.all_series()
    for name in with_:
        differs = np.flatnonzero(with_[name] != without[name])
        earliest = first + contact - (1 if name == "circulating_tokens" else 0)  # free tokens circulate on the same evening
        assert not len(differs) or differs[0] >= earliest, name
    assert np.flatnonzero(with_["price_usd"] != without["price_usd"])[0] == first + contact


def test_a_cliff_is_felt_within_a_month() -> None:
    (world, on), (_, off) = pair("all")
    first = (CLIFF - world.clock.start).days
    ratio = on.series("price_usd") / off.series("price_usd")
    assert ratio[first + 30] < 0.95
    assert on.series("circulating_tokens")[first] - off.series("circulating_tokens")[first] == pytest.approx(40_000)


def test_every_token_and_dollar_is_somewhere_and_the_table_says_where() -> None:
    world, _ = life(WORLDS["pressure-holders"].scenario(), 1095)
    ledger, token, pool = world.ledger, "WX", world.chronicle.market.pool  # type: ignore[union-attr]
    outside = ("genesis", "mint", "burn")
    supply = ledger.supply(token)
    assert sum(ledger.balance(token, account) for account in ledger.accounts if account not in outside) == pytest.approx(supply, rel=1e-9)
    assert sum(ledger.balance(USD, account) for account in ledger.accounts) == pytest.approx(0.0, abs=1e-9 * float(pool.moved_usd) + 1e-6)
    rows = world.pressure_tables["holders_monthly"]
    assert len(set(map(len, rows.values()))) == 1 and len(rows["month"]) == 36 * 3
    for name, tokens in (("investors", 60_000), ("staff", 30_000), ("village", 20_000)):
        of = [row for row, holder in enumerate(rows["holder"]) if holder == name]
        free, sold, last = (sum(rows["unlocked_tokens"][row] for row in of), sum(rows["sold_tokens"][row] for row in of), of[-1])
        assert free + rows["locked_tokens"][last] == pytest.approx(tokens)
        waiting = free - sold - rows["held_tokens"][last]  # offered on the last evening
        assert -1e-6 < waiting < 0.01 * float(pool.float_tokens) + 1e-6
        assert sold > 0 and sum(rows["sold_usd"][row] for row in of) > 0
    held = sum(rows["held_tokens"][-3:])
    assert ledger.balance(token, "unlocked") == pytest.approx(held, abs=1e-6)
    assert ledger.balance(token, "allocation") == pytest.approx(sum(rows["locked_tokens"][-3:]), abs=1e-6)
    assert ledger.balance(USD, "unlocked") == pytest.approx(sum(rows["sold_usd"]), rel=1e-9)


def test_holders_of_the_golden_world_are_frightened() -> None:
    _, kept = life(WORLDS["pressure-holders"].scenario(), 1095)
    assert {event["subject"] for event in kept.events if event["kind"] == "holders_panic"} == {"village"}


def test_unlocks_go_on_from_where_they_stopped() -> None:
    scenario = village(seed={**AT_THE_CLIFF, "cliff_days": 0, "vesting_days": 100})
    world = build(scenario)
    world.switch("unlocks", False)
    world.clock.run(until_day=99)
    world.switch("unlocks", True)
    world.clock.run(until_day=150)
    (holder,) = holders_of(world)
    assert holder.selling.locked_tokens == pytest.approx(40_000 * (1 - (150 - 63 - 37) / 100), rel=1e-9)  # starts on day 63, 37 days late


# -- a dated past --------------------------------------------------------------------------------------------------
HNT = load_series("hnt-usd-monthly")
START, UNTIL = date(2020, 6, 30), date(2024, 8, 31)
HELD = {
    "line": AllocationSpec.model_validate({"tokens": 20e6, "starts": date(2020, 1, 1), "cliff_days": 365, "vesting_days": 900}),
    "cliff": AllocationSpec.model_validate({"tokens": 5e6, "starts": date(2022, 1, 1), "sells": {"panic": {"fall_share": 0.3}}}),
}


def dated() -> DatedFlows:
    known = HNT.dates <= np.datetime64(UNTIL)
    price = price_by_day(HNT.dates[known].astype(np.int64), HNT.values[known])
    return DatedFlows(START, price, np.full(len(price), 40_000.0), np.linspace(10.0, 6_000.0, len(price)), 30e6)


@cache
def history(start: date = START) -> History:
    return inverted(dated(), usual_share=0.5, noise_per_day=0.06, offers=sellers_of_history(HELD, start=start, begins=START).step)


@pytest.mark.parametrize("start", [START, date(2021, 2, 1), date(2022, 3, 3), START - timedelta(days=300)])
def test_a_life_in_which_the_same_holders_sell_replays_the_dated_price(start: date) -> None:
    """From the first day of history, from days within it and from before it: to rounding."""
    flows, found = dated(), history(min(start, START))
    spec = ClearedPriceSpec.model_validate({"kind": "cleared", "history": {"series": "hnt-usd-monthly", "opening_float_tokens": 30e6}})
    market, sellers = ClearingMarket(spec, start=start, history=found), sellers_before(HELD, start=start, history=found)
    prices, sold = [], 0.0
    for row in range((start - START).days, len(flows.price_usd)):
        market.sell("unlocked", waiting := sum(sellers.offered.values()))
        if row >= 0:
            market.sell("operators", float(flows.offered_tokens[row]))
            market.spend("customers", float(flows.spent_usd[row]), "usage", by_customers=True)
        price, sold = market.clear(START + timedelta(days=row)).price_usd, sold + waiting
        if row >= 0:
            prices.append(price)
        sellers.step(price, float(market.pool.float_tokens) if row >= 0 else 0.0)
    np.testing.assert_allclose(prices, flows.price_usd[max((start - START).days, 0) :], rtol=1e-9)
    assert sold > 5e6
    assert sellers.each["cliff"].panics > 0


def test_what_holders_once_wanted_is_another_thing_when_holders_sold() -> None:
    plain = inverted(dated(), usual_share=0.5, noise_per_day=0.06)
    assert (history().price_usd == plain.price_usd).all()
    assert history().float_tokens[-1] > plain.float_tokens[-1] + 10e6
    assert (history().mood >= plain.mood - 1e-12).mean() > 0.5  # who buys more at the same price wanted more


def test_a_life_within_history_finds_holders_with_what_history_left_them() -> None:
    """Helium's dated price begins years before the calendar of its phones: a part of a line is free by then, and some of it sold."""
    scenario = WORLDS["mobile"].scenario()
    starts = scenario.spec.calendar.start - timedelta(days=100)
    seed = {"tokens": 10e6, "starts": starts, "vesting_days": 1000, "owner": "investors"}
    world = build(scenario.variant("held", {"token.HNT.allocations": {"seed": seed}}))
    (holder,) = holders_of(world)
    market = world.chronicle.market
    assert isinstance(market, ClearingMarket) and market.history is not None and market.history.first < starts
    assert holder.selling.locked_tokens == pytest.approx(10e6 * (1 - 99 / 1000), rel=1e-9)  # the evening before the first day
    assert 0 < holder.selling.held_tokens < 10e6 * 99 / 1000
    assert world.ledger.balance("HNT", "unlocked") == pytest.approx(holder.selling.held_tokens)
    assert world.ledger.balance("HNT", "on_offer") > 0


# -- in every kind -------------------------------------------------------------------------------------------------
QUICK = ("wireless-town", "sensing-score", "mapping-island", "arweave")
ALL = (*QUICK, "mobile", "energy", "compute-grants", "compute-pools", "compute-blocks")


@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in ALL])
def test_holders_sell_in_every_kind(name: str) -> None:
    scenario = on_a_market(WORLDS[name].scenario())
    token, start = scenario.spec.first_token, scenario.spec.calendar.start
    name_of = next(iter(scenario.spec.token))
    tokens = token.price.opening_float_tokens / 4
    held = {
        "locked": {"tokens": tokens, "starts": start, "vesting_days": 60},
        "minted": {"tokens": tokens, "starts": start, "vesting_days": 60, "is_in_supply": False},
    }
    world, kept = life(scenario.variant("held", {f"token.{name_of}.allocations": held}), 120)
    rows = world.pressure_tables["holders_monthly"]
    for each in held:
        assert sum(sold for sold, holder in zip(rows["sold_tokens"], rows["holder"], strict=True) if holder == each) > 0, each
    supply, minted, burned = (kept.series(column) for column in ("supply_tokens", "minted_tokens", "burned_tokens"))
    np.testing.assert_allclose(np.diff(supply), (minted - burned)[1:], atol=1e-9 * supply.max())
    assert (kept.series("circulating_tokens") <= supply * (1 + 1e-12)).all()
    assert world.ledger.minted(name_of) >= tokens
    kept_locked, _ = life(scenario.variant("held", {f"token.{name_of}.allocations": held}), 120, unlocks=False)
    assert not any(kept_locked.pressure_tables["holders_monthly"]["sold_tokens"])
    assert world.ledger.minted(name_of) - kept_locked.ledger.minted(name_of) > 0.9 * tokens


# -- what cannot be ------------------------------------------------------------------------------------------------
def refused(scenario: str | Path, *sets: str) -> list[str]:
    with pytest.raises(InputError) as error:
        load(scenario, sets=sets)
    return [problem.code for problem in error.value.problems]


def test_a_sale_that_no_price_hears_is_refused() -> None:
    held = "{a: {tokens: 1, starts: 2024-01-01}}"
    assert refused(TESTS / "sensing" / "village.yaml", f"token.WX.allocations={held}") == ["open_loop_price"]
    assert refused("filecoin-world", f"token.FIL.allocations={held}") == ["unlocks_twice"]
    assert refused("ionet-world", "token.IO.allocations={operators: {tokens: 1, starts: 2024-07-01}}") == ["counted_twice"]


def test_more_than_there_is_cannot_be_locked() -> None:
    scenario = village(seed={**AT_THE_CLIFF, "tokens": 160_001})
    for ask in (build, lambda each: list(checks(each))):
        with pytest.raises(InputError, match="160,001 tokens are locked.*40,000 are holders' float.*200,000") as error:
            ask(scenario)
        assert [problem.code for problem in error.value.problems] == ["locked_not_there"]
    assert list(checks(village(seed={**AT_THE_CLIFF, "tokens": 160_000})))  # warnings alone
    build(village(seed={**AT_THE_CLIFF, "tokens": 160_001, "is_in_supply": False}))


def test_nothing_is_there_where_nobody_holds() -> None:
    world = build(village())
    assert holders_of(world) == [] and world.pressure_tables == {} and "unlocks" not in world.mechanisms.names
    assert not world.ledger.is_open("unlocked")


# -- a whole run ---------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_a_run_writes_its_tables_and_says_who_holds(tmp_path: Path) -> None:
    done = run(WORLDS["pressure-holders"].scenario(), out=tmp_path)
    held, treasury = done.table("holders_monthly"), done.table("treasury_monthly")
    assert list(held.holder.unique()) == ["investors", "staff", "village"] and len(treasury) == 36
    assert treasury.unpaid_usd.sum() > 0 and treasury.sold_usd.sum() > 0 and treasury.bought_tokens.sum() > 0
    page = done.report.read_text(encoding="utf-8")
    assert "Holders and the treasury" in page and "tokens came free in this run" in page and "It ran short first on" in page
    events = done.table("events")
    assert {"holders_panic", "treasury_short"} <= set(events.kind)
