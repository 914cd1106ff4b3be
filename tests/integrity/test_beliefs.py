"""What campaigns believe of checks: closed forms of how fast a change is noticed, of first guesses and of hearsay."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from twin.integrity.beliefs import Beliefs
from twin.kernel import DAYS_PER_MONTH
from twin.scenario.sections.cheating import LearnsSpec

LOOK_DAYS = 30
SIX_LOOKS = 6 * LOOK_DAYS / DAYS_PER_MONTH
"""A half-life of so many months is one of six looks."""


def beliefs(*names: str, exploits: dict[str, str] | None = None, may_turn_to: tuple[str, ...] = (), **learns: Any) -> Beliefs:
    spec = LearnsSpec(**{"memory_half_life_months": SIX_LOOKS, **learns})
    return Beliefs(
        {name: SimpleNamespace(learns=spec, may_turn_to=may_turn_to) for name in names}, ("check",), exploit_of=exploits or dict.fromkeys(names, "fakes")
    )


def run(found: Beliefs, hazards: list[float], *, nodes: float, first_look: int = 0) -> list[float]:
    """The belief after each look at a check that catches exactly as many as it must."""
    seen = []
    for look, hazard in enumerate(hazards, start=first_look + 1):
        found.note(look * LOOK_DAYS, "a", "check", caught=hazard * nodes, node_months=nodes)
        seen.append(found.hazard("a", ("check",)))
    return seen


@pytest.mark.parametrize(
    ("before", "after", "threshold", "looks", "first_guess_weighs"),
    [(0.05, 0.5, 0.2, 4, 0.0), (0.5, 0.0, 0.2, 8, 0.0), (0.02, 0.2, 0.1, 6, 0.0), (0.05, 0.5, 0.2, 4, 12.0)],
)
def test_a_change_is_noticed_after_as_many_looks_as_the_half_life_says(before: float, after: float, threshold: float, looks: int, first_guess_weighs: float) -> None:
    """The belief is after + (before - after) k^m with k = 0.5^(1/6); with a first guess of twelve node-months beside fifteen nodes hardly another."""
    found = beliefs("a", first_guess_catch_probability_per_month=-math.expm1(-0.05), first_guess_node_months=max(first_guess_weighs, 1e-12))
    assert run(found, [before] * 400, nodes=15)[-1] == pytest.approx(before if not first_guess_weighs else 0.05, rel=1e-9)
    path = run(found, [after] * 12, nodes=15, first_look=400)
    kept = 0.5 ** (1 / 6)
    if not first_guess_weighs:
        assert path == pytest.approx([after + (before - after) * kept**m for m in range(1, 13)], rel=1e-9)
        assert looks == math.ceil(6 * math.log2((before - after) / (threshold - after)))
    else:
        assert path[:4] == pytest.approx([0.0952, 0.1354, 0.1711, 0.2031], abs=2e-4)
    passed = [(belief > threshold) == (after > before) for belief in path]
    assert passed.index(True) + 1 == looks


def test_without_anything_seen_it_believes_its_first_guess_shared_among_checks() -> None:
    found = beliefs("a", first_guess_catch_probability_per_month=0.2)
    for checks in (("check",), ("check", "another")):
        assert -math.expm1(-found.hazard("a", checks)) == pytest.approx(0.2)
    assert found.hazard("a", ()) == 0.0
    found.note(0, "a", "check", caught=12 * 0.5, node_months=12)
    assert found.hazard("a", ("check",)) == pytest.approx((-math.log(0.8) + 0.5) / 2)
    assert found.hazard("a", ("check", "another")) == pytest.approx((-math.log(0.8) / 2 + 0.5) / 2 - math.log(0.8) / 2)


def test_hearsay_counts_as_much_as_it_is_said_to_and_only_of_what_one_does_or_might_do() -> None:
    learns = {"first_guess_node_months": 10.0, "first_guess_catch_probability_per_month": 0.0, "hears_share": 0.5}
    same = beliefs("a", "b", **learns)
    same.note(0, "a", "check", caught=1, node_months=10)
    assert same.hazard("a", ("check",)) == pytest.approx(1 / 20) and same.hazard("b", ("check",)) == pytest.approx(0.5 / 15)
    other = beliefs("a", "b", exploits={"a": "fakes", "b": "rooms"}, **learns)
    other.note(0, "a", "check", caught=1, node_months=10)
    assert other.hazard("b", ("check",)) == 0
    might = beliefs("a", "b", exploits={"a": "fakes", "b": "rooms"}, may_turn_to=("fakes",), **learns)
    might.note(0, "a", "check", caught=1, node_months=10)
    assert might.hazard("b", ("check",)) == pytest.approx(0.5 / 15)
    alone = beliefs("a", **learns)
    alone.note(0, "a", "check", caught=1, node_months=10)
    assert alone.hazard("a", ("check",)) == same.hazard("a", ("check",))
