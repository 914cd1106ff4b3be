"""A stake counts once it is put up: what is only ordered on the market earns nothing and cannot be taken."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from market_days import changed, lived

from twin.kernel import Clock, Streams
from twin.kinds.compute import stakes as stakes_module
from twin.kinds.compute.ground import lay_out
from twin.kinds.compute.stakes import Stakes
from twin.state import Column, Columns

FOUR = np.arange(4)


@pytest.fixture(scope="module")
def small() -> tuple[Any, Any]:
    spec = changed("ionet-world").spec
    return spec, lay_out(spec, Streams(1), base_dir=None, cache=None).sites


def desk_of(small: tuple[Any, Any], *, waits: bool = True) -> Stakes:
    spec, sites = small
    nodes = Columns(sites.n, (Column("online", np.bool_, False, "", "", "providers"), *stakes_module.COLUMNS))
    stakes = Stakes(Clock(date(2025, 1, 1), date(2025, 6, 1)), spec, sites, nodes, waits_for_the_market=lambda: waits)
    stakes.asked = True
    return stakes


def test_who_ordered_first_is_served_first_and_counts_when_all_is_there(small: tuple[Any, Any]) -> None:
    stakes = desk_of(small)
    asked = stakes.asked_tokens[FOUR]
    for node in (2, 0, 3, 1):
        stakes.put_up(np.array([node]))
    stakes.put_up(FOUR)                                    # nobody orders twice
    assert not stakes.count()[FOUR].any() and stakes.take_moves()["ordered_tokens"] == pytest.approx(asked.sum())
    stakes.receive(asked[2] + asked[0] / 2)
    assert stakes.count()[FOUR].tolist() == [False, False, True, False]
    assert stakes.tokens[0] == pytest.approx(asked[0] / 2) and stakes.tokens[[1, 3]].sum() == 0
    stakes.receive(asked.sum())
    assert stakes.count()[FOUR].all() and stakes.take_moves()["ordered_tokens"] == pytest.approx(0.0, abs=1e-6)


def test_who_leaves_gets_back_what_was_put_up_and_orders_no_more(small: tuple[Any, Any]) -> None:
    stakes = desk_of(small)
    stakes.put_up(FOUR)
    found = float(stakes.asked_tokens[0] * 1.5)
    stakes.receive(found)
    put_up = float(stakes.tokens[0])
    assert stakes.slash(np.array([0]), 0.5) == pytest.approx(put_up / 2) and stakes.slash(np.array([3]), 0.5) < put_up
    left = float(stakes.tokens.sum())
    stakes.give_back(FOUR)
    assert stakes.tokens.sum() == stakes.ordered_tokens.sum() == 0
    stakes.put_up(np.array([3]))
    stakes.receive(left)                                   # still cools down: nobody's new stake
    assert stakes.tokens[3] == 0
    stakes.receive(left + stakes.asked_tokens[3])
    assert stakes.count()[3]


def test_an_open_loop_sells_at_once(small: tuple[Any, Any]) -> None:
    stakes = desk_of(small, waits=False)
    stakes.put_up(FOUR)
    assert stakes.count()[FOUR].all() and stakes.take_moves()["bought_tokens"] == pytest.approx(stakes.asked_tokens[FOUR].sum())


def test_nobody_earns_on_the_day_of_the_order_and_the_ledger_holds_what_counts() -> None:
    """On the day on which stakes are asked for nobody has one; the day after, those whom the market served do, and staked tokens are in the account."""
    world, days, _ = lived("ionet-world", 80, variant="honest", calendar__start=date(2024, 7, 1), rewards__stake_starts=date(2024, 8, 1))
    emitted, staked = days.operator_emission_usd, days.staked_tokens
    assert emitted["2024-07-31"] > 0 == emitted["2024-08-01"] == staked["2024-08-01"]
    assert staked["2024-08-02"] > 0 and emitted["2024-08-03"] > 0
    assert world.trade.nodes.stake_tokens.sum() <= world.ledger.balance("IO", "stake") * (1 + 1e-9)
