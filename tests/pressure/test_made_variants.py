"""Variants that are made of every scenario: in every small world each is either refused with its reason, or moves what it should and nothing before its day."""

from __future__ import annotations

import math
from datetime import date
from functools import cache

import numpy as np
import pytest
from goldens.worlds import WORLDS
from kept import Kept, settled
from odds.small import village

from twin.build import build
from twin.economy.clearing.mood import BEAR, BULL, CALM, Mood
from twin.errors import InputError
from twin.odds.designs import replicates
from twin.odds.rows import BASE, Plan, variants_of
from twin.scenario import Scenario, load
from twin.scenario.made import MADE, Facts, shock_day
from twin.scenario.sections.cleared import MoodSpec
from twin.scenario.sections.price import cleared_of

MARKET = ("bear", "bull", "calm", "crash")
LIVED = {
    "sensing-points": ("attack", "controlled", "demand_shock", "stable_pay"),
    "mapping-island": ("attack", "controlled", "demand_shock", "stable_pay"),
    "energy-glow": ("attack", "demand_shock", "stable_pay"),
    "arweave": ("bear", "bull", "calm", "controlled", "crash", "demand_shock"),
    "filecoin": ("controlled", "attack", "bull", "crash", "demand_shock"),
    "wireless-town": ("controlled", "attack", "demand_shock"),
    "mobile": ("controlled", "bear", "crash", "demand_shock", "stable_pay"),
    "sensing-streets": ("attack", "bear", "crash", "demand_shock", "stable_pay"),
    "energy": ("controlled", "attack", "demand_shock", "stable_pay"),
    "mapping-law": ("attack", "bear", "crash", "demand_shock", "stable_pay"),
    "compute-grants": ("attack", "crash", "demand_shock"),
    "compute-pools": ("controlled", "attack", "crash", "demand_shock", "stable_pay"),
    "compute-blocks": ("controlled", "attack", "crash", "demand_shock", "stable_pay"),
}
"""Made variants that are lived in each small world; storage's and the island's in the short suite too."""
FAST = ("sensing-points", "mapping-island", "arweave")
MOVES = {"attack": "nodes_online_as_seen", "demand_shock": "revenue_usd", "stable_pay": "operator_emission_usd", "controlled": "operator_emission_usd"} | dict.fromkeys(MARKET, "price_usd")


def moved_by(name: str, made: str) -> str:
    """The column that a made variant must move; cards that are claimed are no nodes."""
    return "capacity_as_seen" if made == "attack" and name.startswith("compute") else MOVES[made]


LONGEST_WAIT_DAYS = 400
"""After its day each variant is lived for so long at most."""


@cache
def small(name: str) -> Scenario:
    return WORLDS[name].scenario()


@cache
def base(name: str) -> Kept:
    world, kept = settled(small(name))
    world.clock.run()
    return kept


def facts(scenario: Scenario) -> Facts:
    return Facts(scenario.spec, scenario.path.parent if scenario.path else None)


# -- which there are -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sorted(WORLDS))
def test_each_is_a_sound_scenario_or_is_refused_with_its_reason(name: str) -> None:
    scenario = small(name)
    for made in MADE:
        if made in scenario.variants:
            assert made not in scenario.made and made not in scenario.not_made
        elif made in scenario.made:
            variant = scenario.variant(made)
            assert variant.label == made and variant.hash != scenario.hash
            assert made in variants_of(scenario) and Plan(scenario, variants=(BASE, made)).variant(made).hash == variant.hash
        else:
            why = scenario.not_made[made]
            for ask in (lambda one=made: scenario.variant(one), lambda one=made: Plan(scenario, variants=(BASE, one))):
                with pytest.raises(InputError) as refused:
                    ask()
                assert why in str(refused.value) and "cannot be made of this scenario" in str(refused.value)


def test_what_each_kind_of_scenario_cannot_have() -> None:
    assert set(load("filecoin-world").not_made) == {"stable_pay"} and "pledge" in load("filecoin-world").not_made["stable_pay"]
    assert "`adversaries` is empty" in load("render-world").not_made["attack"] and "crash" in load("render-world").made  # it has news of that name itself
    assert "earn dollars" in load("akash-world").not_made["stable_pay"]
    assert all("no market clears here" in village().not_made[name] for name in MARKET)
    replayed = load("weatherxm-switzerland", sets=["calendar.end=2026-02-01", "taper={from_rules: false, begins: 2025-06-01, done: 2025-09-01}"])
    assert "follows dated prices until" not in str(replayed.not_made)  # it has none
    dated = load("geodnet-world", sets=["calendar.end=2025-02-01", "taper={from_rules: false, begins: 2024-06-01, done: 2024-09-01}"])
    assert all("follows dated prices until" in dated.not_made[name] for name in ("bear", "bull", "calm")) and "crash" in dated.made


def test_a_file_that_states_one_has_its_own() -> None:
    own = load("hivemapper-goteborg", variant="stable_pay")
    assert own.value("token.HONEY.pay_out_reserve_usd") == 20_000 and "stable_pay" not in own.made


def test_options_are_in_it_and_luck_and_seed_are_those_of_the_command() -> None:
    made = load("375ai-goteborg", variant="attack", sets=["adversaries.one_roof.nodes=3"], seed=9)
    assert made.value("adversaries.one_roof.nodes") == 30 and made.value("adversaries.borrowed_streets.nodes") == 400 and (made.seed, made.label) == (9, "attack")
    assert made.reference.value("adversaries.one_roof.nodes") == 20


def test_a_reserve_is_a_year_of_emission_at_the_opening_price() -> None:
    scenario = small("sensing-points")
    token, schedule = next(iter(scenario.spec.token)), scenario.network.schedule(scenario.spec)
    first = (scenario.spec.calendar.start - schedule.start).days
    usd = float(schedule.tokens_per_day[max(first, 0) :][:365].sum()) * scenario.value(f"token.{token}.price.start_usd")
    assert scenario.made["stable_pay"][f"token.{token}.pay_out_reserve_usd"] == pytest.approx(usd, rel=5e-3)


def test_a_shock_comes_ninety_days_after_history_or_in_the_middle() -> None:
    assert shock_day(facts(load("filecoin-world"))) == date(2026, 7, 10)
    one = village()
    assert shock_day(facts(one)) == one.spec.calendar.start + (one.spec.calendar.end - one.spec.calendar.start) // 2


# -- what they do ----------------------------------------------------------------------------------------------------
def contact(name: str, made: str) -> int:
    """Day of the run on which a made variant first touches anything."""
    scenario = small(name)
    start = scenario.spec.calendar.start
    if made in ("crash", "demand_shock"):
        return (shock_day(facts(scenario)) - start).days
    if made == "controlled":
        return (scenario.made[made]["policies.controlled"]["starts"] - start).days
    if made == "attack":
        if name == "filecoin":
            return 0  # providers that cheat have a part of the first day's power
        return max(min((each.starts - start).days for each in scenario.spec.adversaries.values()), 0)
    if made in ("bear", "bull", "calm"):
        market = build(scenario).chronicle.market
        ends = market.history_ends_on
        day = max((market.listed_on - start).days, 0) if ends is None else (ends - start).days + 1
        return day if made != "calm" else first_turn(scenario, day)
    return next((day for day, row in enumerate(base(name).days) if row["operator_emission_usd"] > 0), 0)


def is_same(now: float, then: float) -> bool:
    """To the bit."""
    return now == then or (math.isnan(now) and math.isnan(then))


def first_turn(scenario: Scenario, day: int) -> int:
    """From a day on the first whose luck turns the market."""
    market, world = cleared_of(scenario.spec.first_token.price), build(scenario)
    assert market is not None and market.mood.regime_days is not None
    return next(each for each in range(day, world.clock.n_days) if world.streams.uniforms("price", each, 3)[2] * market.mood.regime_days < 1)


@pytest.mark.parametrize(
    ("name", "made"),
    [pytest.param(name, made, marks=() if name in FAST else pytest.mark.slow) for name, several in LIVED.items() for made in several],
)
def test_it_moves_what_it_should_from_its_day_on(name: str, made: str) -> None:
    before, first = base(name), contact(name, made)
    last = min(first + LONGEST_WAIT_DAYS, len(before.days) - 1)
    world, kept = settled(small(name).variant(made))
    moved = None
    for day in range(last + 1):
        world.clock.run(until_day=day)
        now, then = kept.days[day], before.days[day]
        differs = {column for column in then if not is_same(now[column], then[column])}
        assert not differs or day >= first, (day, first, differs)
        moves = moved_by(name, made)
        if moves in differs:
            moved = day
            break
    assert moved is not None, f"{made} does not move {moved_by(name, made)} of {name}"
    now, then = kept.days[moved][moves], before.days[moved][moves]
    assert {"crash": now < then, "bear": now < then, "bull": now > then, "demand_shock": now < then}.get(made, True), (now, then)


def test_a_regime_that_is_given_never_turns_and_one_by_chance_does() -> None:
    luck = np.random.default_rng(3).uniform(size=3000)
    for name, code in (("calm", CALM), ("bull", BULL), ("bear", BEAR)):
        mood = Mood(MoodSpec(regime=name), price_usd=1.0, noise_per_day=0.0)  # type: ignore[arg-type]
        seen = set()
        for each in luck:
            mood.step(0.0, float(each))
            seen.add(mood.regime)
        assert seen == {code}
        shift = {"calm": 0.0, "bull": mood.spec.regime_log_ratio, "bear": -mood.spec.regime_log_ratio}[name]
        assert mood.own == pytest.approx(mood.rest + shift, abs=1e-4)
    mood = Mood(MoodSpec(), price_usd=1.0, noise_per_day=0.0)
    assert {(mood.step(0.0, float(each)), mood.regime)[1] for each in luck} == {CALM, BULL, BEAR}


def test_demand_falls_by_half_for_a_year_and_comes_back() -> None:
    scenario = village("calendar.end=2026-07-01").variant("demand_shock")
    day = shock_day(facts(scenario))
    assert dict(scenario.spec.customers_demand_share) == {day: 0.5, date(day.year + 1, day.month, day.day): 1.0}


def test_a_study_lives_them_on_the_same_luck() -> None:
    plan = Plan(village(), replicates(2), (BASE, "demand_shock"))
    assert plan.stated("demand_shock") == village().made["demand_shock"] and [row.replicate for row in plan.rows()] == [0, 0, 1, 1]
