"""Signs that must come out do, in a small world of every kind: one lever at a time on the same luck.

What does not yet stands in `NOT_YET` with its reason; a row there that comes out is an error too, so the list can only grow shorter.
"""

from __future__ import annotations

import pytest
from goldens.on_a_market import on_a_market
from goldens.worlds import WORLDS

from twin.response import Expectation, Response, expectations, respond
from twin.scenario import Scenario
from twin.scenario.sections.price import cleared_of

SURE = [row for row in expectations() if row.grade == "sure"]
A_WORLD_OF_EVERY_KIND = ("wireless-city", "mobile", "sensing-score", "energy", "mapping-island", "compute-pools", "filecoin", "arweave")
NOT_YET: dict[tuple[str, str, str], str] = {}
"""(world, lever, quantity) -> why it does not come out."""


LARGER = {
    "energy": {"token.E.supply_before_tokens": 100_000_000.0},
    "mapping-island": {
        "operators.drivers.drivers": 400, "adversaries.replays.drivers": 30, "customers.spot.budget_usd": 12_000.0, "customers.port.budget_usd": 6_000.0,
        "token.HONEY.price.start_usd": 1.0,
    },
}  # fmt: skip
"""Where what exists on the first day is minted anew in days, so that no holder's money would be worth a word; and where four drivers live, of whom one comes or goes by luck: twenty times as many, and as much money."""


WHERE = {"US": 0.45, "DE": 0.08, "GB": 0.07, "JP": 0.05, "SG": 0.05, "KR": 0.05}
STAND_SOMEWHERE = {"filecoin": {"customers.cloud_buyers.country_share": WHERE}, "arweave": {"uploaders.archives.country_share": WHERE}}
"""Buyers of storage, so that levies and data localisation reach somebody; where they stand changes nothing else (`tests/pressure/test_each_alone.py`)."""


def on_a_loop_that_closes(name: str) -> Scenario:
    """A small world, its price cleared every day; without noise where its own price is an open loop."""
    scenario = WORLDS[name].scenario()
    for more in (LARGER, STAND_SOMEWHERE):
        if name in more:
            scenario = scenario.variant("as levers need it", more[name])
    if all(cleared_of(token.price) is not None for token in scenario.spec.token.values()):
        return scenario
    return on_a_market(scenario, mood={"noise_per_day": 0.0, "regime_days": None})


@pytest.fixture(scope="module", params=A_WORLD_OF_EVERY_KIND)
def answered(request: pytest.FixtureRequest) -> tuple[str, Response]:
    levers = {row.lever for row in SURE}
    return request.param, respond(on_a_loop_that_closes(request.param), only=lambda lever: lever.name in levers)


@pytest.mark.slow
def test_what_is_sure_comes_out(answered: tuple[str, Response]) -> None:
    name, response = answered
    wrong: list[tuple[str, str]] = []
    for row, said in response.judged():
        if row.grade != "sure":
            continue
        key = name, row.lever, row.quantity
        if said == "fails" and key not in NOT_YET:
            wrong.append((_words(row), _numbers(response, row)))
        elif said == "holds" and key in NOT_YET:
            wrong.append((_words(row), "comes out now: take it off the list"))
    assert wrong == []


def _words(row: Expectation) -> str:
    return f"{row.lever}: {row.quantity} {row.sign}"


def _numbers(response: Response, row: Expectation) -> str:
    answer = response.by_lever[row.lever]
    return answer.failed or f"{response.base.values[row.quantity]:.5g} -> {answer.values[row.quantity]:.5g}"
