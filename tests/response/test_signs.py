"""Signs that must come out do, in a small world of every kind: one lever at a time on the same luck.

What does not yet stands in `NOT_YET` with its reason; a row there that comes out is an error too, so the list can only grow shorter.
"""

from __future__ import annotations

import pytest
from goldens.worlds import WORLDS

from twin.response import Expectation, Response, expectations, respond

SURE = [row for row in expectations() if row.grade == "sure"]
A_WORLD_OF_EVERY_KIND = ("wireless-city", "mobile", "sensing-score", "energy", "mapping-island", "compute-pools", "filecoin", "arweave")
NOT_YET: dict[tuple[str, str, str], str] = {}
"""(world, lever, quantity) -> why it does not come out."""


@pytest.fixture(scope="module", params=A_WORLD_OF_EVERY_KIND)
def answered(request: pytest.FixtureRequest) -> tuple[str, Response]:
    levers = {row.lever for row in SURE}
    return request.param, respond(WORLDS[request.param].scenario(), only=lambda lever: lever.name in levers)


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
