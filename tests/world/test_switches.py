"""What each kind of network can be without, on any day or from the first, and that docs/mechanisms.md says so.

A mechanism that is switched off on a day leaves every day before it as it was, to the bit; off and on again at once is nothing at all; and what does not
move a small world is named with the reason, so that no switch is idle by mistake.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept import Kept, lived, settled
from switch_worlds import WORLDS, before, first_difference, switched

from twin.errors import InputError
from twin.scenario import load

DOCS = Path(__file__).parents[2] / "docs" / "mechanisms.md"
KINDS = (
    "wireless",
    "mobile",
    "sensing",
    "energy",
    "mapping",
    "compute by credits",
    "compute by pools",
    "compute by blocks",
    "storage on Filecoin",
    "storage on Arweave",
)
OFFERS: dict[str, str] = {
    "subsidy": "x x x x x x x x x x",
    "taper": "x x x x x x x x x x",
    "rebates": "x - x - - - - - x -",
    "grants": "- - - - x x - - - -",
    "cheats": "x x x x x x x x x x",
    "slashing": "- x - x - - - x x x",
    "unlocks": "- - - - - - - - x -",
    "supply_delay": "x x x x x x x x - -",
    "verification_errors": "x x x x x x x x x x",
    "price_noise": "x x x x x x x x x x",
    "law": "x x x x x x x x x x",
    "shock": "- - - - - x x x - -",
}
"""Which kind must offer what, in the order of `KINDS`. A rule of law and a shock have a switch each. Why one is absent stands in docs/mechanisms.md."""
MOVES: dict[str, str] = {
    "subsidy": "minted_tokens",
    "taper": "minted_tokens",
    "rebates": "usage_constant_usd",
    "grants": "operator_grant_usd",
    "cheats": "nodes_online_as_seen",
    "slashing": "slashed_tokens",
    "unlocks": "vested_tokens",
    "supply_delay": "nodes_arrived",
    "verification_errors": "nodes_denied",
    "price_noise": "price_usd",
    "law:paper": "operator_cost_usd",
    "law:end": "nodes_online",
    "shock:demand_halves": "jobs_arrived",
}
"""The column that each mechanism must move when it is switched off."""
MOVES_HERE: dict[tuple[str, str], str] = {
    ("wireless", "law:duty"): "operator_cost_usd",
    ("wireless", "law:whisper"): "service_share",
    ("wireless", "law:levy"): "usage_constant_usd",
    ("energy", "law:cut"): "committed_kw",
    ("energy", "slashing"): "burned_tokens",
    ("mapping", "law:permit"): "operator_cost_usd",
    ("mapping", "law:ban"): "nodes_left",
    ("compute by credits", "taper"): "operator_grant_usd",
    ("compute by credits", "shock:us_closes"): "nodes_denied",
    ("compute by blocks", "shock:china_closes"): "nodes_denied",
    ("filecoin", "cheats"): "raw_power_eib",  # a provider has disks beside those that are not there
    ("filecoin", "law:china_notice"): "raw_power_eib",
    ("filecoin", "law:end"): "raw_power_eib",
    **{(name, "cheats"): "fakes_caught" for name in ("compute by pools", "compute by blocks")},  # all of them on the day they come
    **{(f"compute by {rule}", "verification_errors"): "false_alarms" for rule in ("credits", "pools", "blocks")},
    **{(f"compute by {rule}", "law:end"): "gpus_online" for rule in ("pools", "blocks")},
}
"""By world: where another column says it, or the switch has a name of its own."""
CHEAP = ("sensing", "mapping", "filecoin", "arweave")
"""Worlds that the short suite lives from a first day without a mechanism, too."""
FULL = [name for name, world in WORLDS.items() if not world.only]
"""Worlds in which everything that their kind offers is at work."""


def offered(name: str) -> set[str]:
    """What the kind of a world must offer."""
    column = KINDS.index(WORLDS[name].kind or name)
    return {mechanism for mechanism, row in OFFERS.items() if row.split()[column] == "x"}


def marked(names: list[str]) -> list[object]:
    return [pytest.param(name, marks=pytest.mark.slow) if WORLDS[name].slow else name for name in names]


EACH = [(name, kind) for name, world in WORLDS.items() for kind in world.only or sorted(offered(name))]


def each_of(fast: Iterable[str]) -> list[object]:
    """Mechanisms of all worlds; slow but for some worlds."""
    return [pytest.param(name, kind, marks=() if name in fast else pytest.mark.slow) for name, kind in EACH]


@cache
def without_taper(name: str) -> tuple[Any, Kept]:
    """A life whose taper never was."""
    return switched(name, "taper", (0, False))


def mechanisms(name: str, kind: str) -> list[str]:
    """The switches of a world that go by one word: every rule of law, every shock."""
    return [each for each in before(name)[0] if each.partition(":")[0] == kind]


# -- who offers what -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", marked(FULL))
def test_a_kind_offers_what_the_table_says(name: str) -> None:
    names, spec = before(name)[0], WORLDS[name].scenario().spec
    assert {each.partition(":")[0] for each in names} == offered(name)
    assert {each for each in names if each.startswith("law:")} == {f"law:{rule}" for rule, each in spec.regulation.items() if each.enabled}
    assert {each.kind for each in spec.regulation.values()} >= {"operator_licence", "ban"}, "the others of ON_EVERY_KIND: tests/pressure"


def test_the_page_says_the_same() -> None:
    lines = DOCS.read_text(encoding="utf-8").split("## Why a kind lacks one")[0].splitlines()
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|"))
    assert head == ["mechanism", "off means", *KINDS]
    page = {row[0].strip("`").partition(":")[0]: " ".join("x" if cell == "yes" else "-" for cell in row[2:]) for row in rows}
    assert page == OFFERS


def test_the_page_has_a_reason_for_whatever_a_kind_lacks() -> None:
    """By mechanism: which kinds lack it, and why; no kind is forgotten, and none is named that has it."""
    lines = DOCS.read_text(encoding="utf-8").split("## Why a kind lacks one")[1].split("\n## ")[0].splitlines()
    _, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|"))
    assert all(len(reason.split()) > 3 for _, _, reason in rows)
    said = sorted((mechanism.strip("`").partition(":")[0], kind.strip()) for mechanism, kinds, _ in rows for kind in kinds.split(","))
    assert said == sorted(
        (mechanism, kind) for mechanism, row in OFFERS.items() for kind, cell in zip(KINDS, row.split(), strict=True) if cell == "-"
    )


def test_a_forecast_has_nothing_to_switch() -> None:
    """`compat: mechafil` is made before its first day."""
    world, _ = settled(load(Path(__file__).parents[1] / "storage" / "mechafil-reference-a.yaml"))
    assert world.mechanisms.names == ()


def test_a_taper_that_lies_before_the_calendar_cannot_be_held() -> None:
    world, _ = settled(WORLDS["arweave"].scenario("calendar.start=2026-02-02", "adversaries=null"))
    assert "taper" not in world.mechanisms.names
    with pytest.raises(InputError, match="no mechanism 'taper'"):
        world.switch("taper", False)


# -- each mechanism of each world ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "kind"), each_of([name for name, world in WORLDS.items() if not world.slow]))
def test_off_on_a_day_leaves_the_days_before_as_they_were_and_moves_those_after(name: str, kind: str) -> None:
    """To the bit before; after, the column that is the mechanism's moves."""
    world, (_, lived_with) = WORLDS[name], before(name)
    for mechanism in mechanisms(name, kind):
        without = switched(name, mechanism, (world.off, False))[1]
        first = first_difference(lived_with, without)
        assert first is not None and first >= world.off, f"{mechanism} off on day {world.off}: first difference on {first}"
        column = MOVES_HERE.get((name, mechanism)) or MOVES[mechanism]
        assert (lived_with.series(column) != without.series(column)).any(), f"{mechanism} does not move {column}"


@pytest.mark.parametrize(("name", "kind"), each_of(CHEAP))
def test_off_before_the_first_day(name: str, kind: str) -> None:
    days, (_, lived_with) = WORLDS[name].off, before(name)
    for mechanism in mechanisms(name, kind):
        world, kept = switched(name, mechanism, (0, False), days=days)
        assert len(kept.days) == days and not world.mechanisms.is_on(mechanism)
        assert all(math.isfinite(value) for row in kept.days for value in row.values() if value is not None)
        if mechanism in ("subsidy", "unlocks"):
            assert kept.series(MOVES[mechanism]).sum() < lived_with.series(MOVES[mechanism])[:days].sum()


@pytest.mark.parametrize("name", marked(list(WORLDS)))
def test_off_and_on_again_at_once_changes_nothing(name: str) -> None:
    world, kept = settled(WORLDS[name].scenario())
    for day in (0, WORLDS[name].off, WORLDS[name].off + 7):
        if day:
            world.clock.run(until_day=day - 1)
        for mechanism in world.mechanisms.names:
            world.switch(mechanism, False)
            world.switch(mechanism, True)
    world.clock.run(until_day=WORLDS[name].days - 1)
    assert first_difference(before(name)[1], kept) is None


def test_parts_of_a_subsidy_run_while_both_are_on() -> None:
    """A rebate is off while the subsidy is, and stays off if it was switched off itself."""
    world, _ = settled(WORLDS["wireless"].scenario())

    def on_after(mechanism: str, on: bool) -> bool:
        world.switch(mechanism, on)
        world.clock.run(until_day=world.clock.day)
        return all(customer.gets_rebate for customer in world.customers.each)

    turns = (("subsidy", False), ("rebates", False), ("subsidy", True), ("rebates", True))
    assert [on_after(*turn) for turn in turns] == [False, False, False, True]


# -- never there is never there --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "mechanism", "without"),
    [
        ("wireless", "law:levy", "regulation.levy.enabled=false"),
        ("wireless", "law:duty", "regulation.duty.enabled=false"),
        pytest.param("sensing", "law:end", "regulation.end.enabled=false", marks=pytest.mark.slow),
        pytest.param("energy", "law:cut", "regulation.cut.enabled=false", marks=pytest.mark.slow),
        ("mapping", "law:permit", "regulation.permit.enabled=false"),
        pytest.param("compute by credits", "law:paper", "regulation.paper.enabled=false", marks=pytest.mark.slow),
        pytest.param("compute by credits", "shock:us_closes", "shocks.us_closes.enabled=false", marks=pytest.mark.slow),
        pytest.param("compute by credits", "shock:demand_halves", "shocks.demand_halves.enabled=false", marks=pytest.mark.slow),
        ("filecoin", "law:china_notice", "regulation.china_notice.enabled=false"),
        ("arweave", "law:end", "regulation.end.enabled=false"),
    ],
)
def test_a_rule_or_shock_that_is_off_from_the_start_was_never_made(name: str, mechanism: str, without: str) -> None:
    _, off = switched(name, mechanism, (0, False))
    _, never = lived(WORLDS[name].scenario(without), WORLDS[name].days - 1)
    assert first_difference(off, never) is None


# -- the taper -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", marked(list(WORLDS)))
def test_a_taper_that_is_off_is_felt_from_its_first_day(name: str) -> None:
    world, kept = without_taper(name)
    begins = (world.taper.begins - world.clock.start).days
    first = first_difference(before(name)[1], kept)
    assert first is not None and 0 <= first - begins < 7  # pools and maps are paid once a week


SUBSIDY = {"arweave": "inflation_tokens_per_day"}
"""Column that is the subsidy; else all that is minted is."""


@pytest.mark.parametrize("name", marked(["sensing", "sensing at fixed rates", "compute by the engine", "filecoin", "arweave"]))
def test_the_level_of_the_first_day_is_held(name: str) -> None:
    """Minted after T0 is the mean of the 28 days before it, where all that is minted is the subsidy; the ledger marks what the rules would not pay."""
    world, kept = without_taper(name)
    begins, column = (world.taper.begins - world.clock.start).days, SUBSIDY.get(name, "minted_tokens")
    minted = kept.series(column)
    held, by_rules = minted[begins + 1 :], before(name)[1].series(column)[begins + 1 :]
    np.testing.assert_allclose(held, minted[begins - 28 : begins].mean(), rtol=0.02)
    beyond = sum(row["amount"] for row in world.ledger.flow_rows() if row["reason"].endswith("counterfactual"))
    assert beyond > 0 and held.sum() > by_rules.sum()


@pytest.mark.slow
def test_block_rewards_are_held_at_what_the_schedule_said() -> None:
    """A month's tokens over its days: the days of September have more than those of August, from whose mean nothing moves without the taper."""

    def of_the_day(life: Kept) -> np.ndarray:
        """Paid, or carried to a day on which a pool has somebody to pay."""
        return life.series("minted_tokens") + np.diff(life.series("undistributed_tokens"), prepend=0.0)

    world, kept = without_taper("compute by blocks")
    begins = (world.taper.begins - world.clock.start).days
    of_schedule = (world.taper.begins - world.schedule.start).days
    level = world.schedule.tokens_per_day[of_schedule - 28 : of_schedule].mean()
    assert 0.02 < abs(of_the_day(before("compute by blocks")[1])[begins] / level - 1)
    np.testing.assert_allclose(of_the_day(kept)[begins:], level, rtol=1e-9)


def test_grants_are_held_at_what_they_were() -> None:
    """The programme of Akash ends on 25 May; without the taper its pay goes on from T0, 1 May, at the mean of the four weeks before."""
    world, kept = without_taper("compute by credits")
    begins = (world.taper.begins - world.clock.start).days
    grants = kept.series("operator_grant_usd")
    assert before("compute by credits")[1].series("operator_grant_usd")[-1] == 0 < grants[-1]
    np.testing.assert_allclose(grants[begins:], grants[begins - 28 : begins].mean(), rtol=1e-9)
    assert {row["reason"] for row in world.ledger.flow_rows()} >= {"incentive programmes", "incentive programmes, counterfactual"}


@pytest.mark.parametrize("name", marked(["wireless", "mobile", "energy", "mapping", "compute by pools"]))
def test_more_is_paid_where_more_than_the_subsidy_is_minted(name: str) -> None:
    world, kept = without_taper(name)
    begins = (world.taper.begins - world.clock.start).days
    beyond = sum(row["amount"] for row in world.ledger.flow_rows() if row["reason"].endswith("counterfactual"))
    gained = (kept.series("minted_tokens") - before(name)[1].series("minted_tokens"))[begins:].sum()
    assert 0 < beyond and gained > 0
