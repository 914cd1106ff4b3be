"""Holders whose tokens the network mints into an account: they come free out of it as far as they are there, and are sold by the same rule as any others."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept import Kept, settled
from pydantic import ValidationError
from world.switch_worlds import first_difference

from twin.build import build
from twin.errors import InputError
from twin.scenario import load
from twin.scenario.sections.allocations import AllocationSpec
from twin.scenario.shipped import bundled_names

TOWN = Path(__file__).parents[1] / "goldens" / "town-of-laws.yaml"
MARKET = "token.TWN.price={kind: cleared, start_usd: 1, opening_float_tokens: 5_000}"
MINTS = "token.TWN.other_mints={fund: {account: fund, starts: 2021-02-01, tokens_per_day: 50, flat_days: 100}}"
HOLDER = "token.TWN.allocations={fund: {account: %s, tokens: %s, starts: 2021-02-01, vesting_days: 100, owner: foundation, sells: {at_once_share: %s, of_the_rest_share_per_month: 0}}}"
FIRST = (date(2021, 2, 1) - date(2021, 1, 1)).days


@cache
def lived(*sets: str) -> tuple[Any, Kept]:
    world, kept = settled(load(TOWN, sets=[MARKET, MINTS, *sets]))
    world.clock.run(until_day=260)
    return world, kept


def months(world: Any, column: str) -> np.ndarray:
    return np.array(world.pressure_tables["holders_monthly"][column], np.float64)


def test_what_is_minted_into_an_account_comes_free_and_is_sold() -> None:
    """5,000 tokens are minted for a fund in a hundred days, all for sale as they come: they are sold on the market, the price falls, and the account is left with nothing."""
    (world, kept), (silent, free) = lived(HOLDER % ("fund", 5_000, 1)), lived()
    first = first_difference(free, kept)
    assert first is not None and FIRST < first <= FIRST + 3
    assert months(world, "sold_tokens").sum() == pytest.approx(5_000, rel=0.02)
    assert silent.ledger.balance("TWN", "fund") == pytest.approx(5_000) and world.ledger.balance("TWN", "fund") < 100
    assert kept.series("price_usd")[-1] < free.series("price_usd")[-1]
    unlocks = [row for row in world.ledger.flow_rows() if row["reason"] == "unlock of fund"]
    assert {row["source"] for row in unlocks} == {"fund"} and sum(row["amount"] for row in unlocks) == pytest.approx(5_000, rel=0.02), "nothing is minted twice"


def test_no_more_comes_free_than_is_there() -> None:
    """A calendar that states ten times what the rules mint sells what the rules mint."""
    world, _ = lived(HOLDER % ("fund", 50_000, 1))
    assert months(world, "sold_tokens").sum() <= 5_000 * (1 + 1e-9)
    assert world.ledger.balance("TWN", "unlocked") >= -1e-9


def test_who_sells_nothing_moves_no_price() -> None:
    (_, kept), (_, free) = lived(HOLDER % ("fund", 5_000, 0)), lived()
    np.testing.assert_array_equal(kept.series("price_usd"), free.series("price_usd"))


def test_an_account_that_nobody_keeps_is_refused() -> None:
    with pytest.raises(InputError, match=r"no account 'nobodys'"):
        build(load(TOWN, sets=[MARKET, MINTS, HOLDER % ("nobodys", 5_000, 1)]))
    with pytest.raises(ValidationError, match=r"minted into it"):
        AllocationSpec.model_validate({"tokens": 1, "starts": date(2021, 1, 1), "account": "fund", "is_in_supply": False})


@pytest.mark.parametrize("name", [name for name in bundled_names() if "with_holders" in load(name).variants])
def test_how_holders_sell_is_drawn_in_ensembles_of_the_variant_alone(name: str) -> None:
    held, base = load(name, variant="with_holders"), load(name)
    drawn = [path for path in held.unknowns if ".allocations." in path]
    frightened = [each for token in held.spec.token.values() for each in token.allocations.values() if each.owner in ("investors", "staff")]  # a foundation is not
    assert any(path.endswith("at_once_share") for path in drawn) and any(path.endswith("panic.fall_share") for path in drawn) == bool(frightened)
    assert not any(".allocations." in path for path in base.unknowns)
    shares = {draw: held.drawn(draw).value(drawn[0]) for draw in range(3)}
    assert len(set(shares.values())) == 3
