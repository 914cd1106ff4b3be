"""One rule of law alone: it moves what it should, the ledger agrees, and everything is equal to the bit until the first causal contact.

Unlock cliffs stand in `test_holders.py`, tariffs, privacy duties of everybody and classes of tokens in `test_law_in_every_kind.py`.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from kept import Kept, lived, settled
from world.switch_worlds import WORLDS, before, first_difference

from twin.actors.law_of_grids import FeedingIn
from twin.kernel import Clock
from twin.scenario import load

HERE = Path(__file__).parent
EVERYWHERE = "area: {bbox: [-180, -90, 180, 90]}"
CHEAP = ("sensing", "energy", "arweave", "mapping", "compute by credits")
NAMES = [name if name in CHEAP else pytest.param(name, marks=pytest.mark.slow) for name in WORLDS if not WORLDS[name].only]
IN_COUNTRIES = {"filecoin": "customers", "arweave": "uploaders"}


def day_of(name: str) -> tuple[int, date]:
    """The day of the run on which the rule takes effect, and its date: after the world has got going."""
    day = WORLDS[name].days // 3
    return day, WORLDS[name].scenario().spec.calendar.start + timedelta(days=day)


def placed(name: str) -> list[str]:
    """Buyers of storage stand somewhere, which alone changes nothing."""
    spec = WORLDS[name].scenario().spec
    return [f"{IN_COUNTRIES[name]}.{each}.country_share={{US: 0.5, SG: 0.2}}" for each in getattr(spec, IN_COUNTRIES.get(name, ""), ())]


@cache
def under(name: str, rule: str, where: str = EVERYWHERE) -> tuple[Any, Kept, int]:
    """A life under one rule more than the world has, and the day on which it takes effect."""
    day, when = day_of(name)
    world, kept = settled(WORLDS[name].scenario(f"regulation.zz={{{rule}, {where}, effective: {when}}}", *placed(name)))
    world.clock.run(until_day=WORLDS[name].days - 1)
    return world, kept, day


def regulator(world: Any) -> Any:
    return next(each for each in world.law.regulators if each.name == "zz")


def flows(world: Any, reason: str) -> float:
    """USD of all flows for a reason."""
    return sum(row["amount"] for row in world.ledger.flow_rows() if row["asset"] == "USD" and row["reason"] == reason)


# -- another campaign of cheats ------------------------------------------------------------------------------------
OTHERS = {
    "mapping": (HERE / "drivers.yaml", ("calendar.end=2024-11-10",), "{drivers: 3, most_nodes: 9, from: 2024-10-07, km_per_day: 12, learns: {}}", date(2024, 10, 7)),
    "arweave": (
        "arweave-world",
        (
            "calendar.end=2026-11-10", "miners.farms.operators_count=40", "miners.data_centers.operators_count=20", "verification.copies={detection_probability_per_month: 0.2}",
            "adversaries={mm: {nodes: 12, speed_multiple: 2000, from: 2026-03-01, spread_months: 1, payback_limit_months: 1000}}",
        ),
        "{nodes: 7, most_nodes: 30, speed_multiple: 2000, from: 2026-10-01, learns: {}}", date(2026, 10, 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
def test_another_campaign_moves_nobodys_luck_until_it_is_there(kind: str) -> None:
    """Whatever its name: what checks find of the first campaign, and each digit of every number but what fakes are paid together, which is added up over the places of both (1e-12). Compute has such a test of its own, to the bit."""
    source, sets, other, comes = OTHERS[kind]
    world, alone = lived(load(source, sets=sets))
    assert sum(event["count"] for event in alone.events if event["kind"] in ("cheat_caught", "fabricated_passes_caught")), "checks find some of the first"
    for name in ("aa", "zz"):
        _, both = lived(load(source, sets=(*sets, f"adversaries.{name}={other}")))
        until = (comes - world.clock.start).days
        for column in alone.days[0]:
            one, other_life = alone.series(column)[:until], both.series(column)[:until]
            if column in ("fake_share_of_proof", "fakes_paid_usd"):
                np.testing.assert_allclose(one, other_life, rtol=1e-12, err_msg=column)
            elif column in both.days[0]:
                np.testing.assert_array_equal(one, other_life, err_msg=column)


# -- a levy on usage -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
def test_a_levy_is_paid_on_what_is_used_and_less_is_used(name: str) -> None:
    """The state gets its share of what the network bills under the levy; where grids pay what they always paid, sellers bear it and use stays."""
    (_, free), (world, kept, day) = before(name), under(name, "kind: usage_levy, levy_share: 1.0")
    first = first_difference(free, kept)
    assert first is not None and first >= day
    levied, billed = flows(world, "levy on usage"), kept.series("revenue_usd")[day:].sum()
    assert levied > 0 and levied == pytest.approx(sum(world.law.state_rows["levies_usd"]) + regulator(world).tally["levies_usd"] + other_levies(world))
    used, would = kept.series("usage_constant_usd")[day:].mean(), free.series("usage_constant_usd")[day:].mean()
    if name == "energy":
        assert used == pytest.approx(would) and billed == pytest.approx(free.series("revenue_usd")[day:].sum() / 2, rel=1e-6)
        assert levied == pytest.approx(billed, rel=1e-6)
    else:
        assert used < would
    if name in ("sensing", "compute by credits", "compute by pools", "compute by blocks"):
        buyers = world.customers.each
        rebated = any(each.terms.rebate_share for each in buyers)
        exact = 1e-6 if name == "sensing" else 0.02
        assert rebated or levied == pytest.approx(billed, rel=exact), "where tenants buy credits first, bills and revenue part by some days"


def other_levies(world: Any) -> float:
    """This month's, of rules that the world had before."""
    return sum(each.tally["levies_usd"] for each in world.law.regulators if each.name != "zz")


@pytest.mark.parametrize("name", ["sensing", "energy", "mapping", "compute by credits", "arweave"])
def test_a_levy_that_ends_leaves_nothing_that_law_asks(name: str) -> None:
    day, when = day_of(name)
    rule = f"regulation.zz={{kind: usage_levy, levy_share: 0.7, {EVERYWHERE}, effective: {when}, repealed: {when + timedelta(days=10)}}}"
    world, _ = settled(WORLDS[name].scenario(rule, *placed(name)))
    world.clock.run(until_day=day + 12)
    assert not regulator(world).in_force
    taken = flows(world, "levy on usage")
    world.clock.run(until_day=day + 20)
    assert flows(world, "levy on usage") == taken


# -- a subsidy of investment ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
def test_a_subsidy_comes_from_the_state_until_its_budget_is_spent(name: str) -> None:
    """Half of what is spent on hardware from that day on comes back, as long as the budget lasts; never a cent more than the budget, and all of it through the state."""
    (_, free), (world, kept, day) = before(name), under(name, "kind: investment_subsidy, subsidy_share: 0.5, budget_usd: 5_000")
    first = first_difference(free, kept)
    assert first is None or first >= day
    given = flows(world, "investment subsidy")
    assert 0 <= given <= 5_000 * (1 + 1e-12) and given == pytest.approx(flows(world, "budget of the state"))
    spent = sum(row["amount"] for row in world.ledger.flow_rows() if row["asset"] == "USD" and row["source"] == "operators" and row["reason"] in ("hardware", "disks", "systems"))
    assert given <= 0.5 * spent * (1 + 1e-12)
    assert given > 0 or name == "filecoin", "providers of these weeks follow what was observed, on disks that they have"
    np.testing.assert_array_equal(kept.series("nodes_online")[:day], free.series("nodes_online")[:day])


def test_a_budget_that_ends_ends_the_subsidy() -> None:
    """Once it is spent newcomers reckon with the full price again, and the state gives nothing."""
    world, _, _ = under("energy", "kind: investment_subsidy, subsidy_share: 0.5, budget_usd: 5_000")
    assert flows(world, "investment subsidy") == pytest.approx(5_000) and not world.trade.network.law_price_share.any()
    ample, _, _ = under("energy", "kind: investment_subsidy, subsidy_share: 0.5, budget_usd: 1e9")
    assert flows(ample, "investment subsidy") > 20_000 and (ample.trade.network.law_price_share == -0.5).all()


# -- grids ---------------------------------------------------------------------------------------------------------
def test_hours_of_curtailment_take_their_part_of_the_day() -> None:
    """Half of all power in six hours of the day is an eighth of what may be sold."""
    world, _, _ = under("energy", "kind: curtailment, curtailed_share: 0.5, from_hours: 20, until_hours: 2")
    whole, _, _ = under("energy", "kind: curtailment, curtailed_share: 0.125")
    np.testing.assert_allclose(world.trade.network.may_sell_share, whole.trade.network.may_sell_share)


@pytest.mark.parametrize("name", [name if name == "compute by credits" else pytest.param(name, marks=pytest.mark.slow) for name in ("compute by credits", "compute by pools", "compute by blocks")])
def test_machines_stand_still_at_the_grids_call(name: str) -> None:
    """Three hours in ten without pay: about as much less is used, and only from that day on."""
    (_, free), (world, kept, day) = before(name), under(name, "kind: curtailment, curtailed_share: 0.3")
    first = first_difference(free, kept)
    assert first is not None and day <= first <= day + 2
    assert kept.series("usage_constant_usd")[day:].mean() < 0.95 * free.series("usage_constant_usd")[day:].mean()
    assert 0 < world.trade.done.online_hours.max() <= 24


def test_who_joins_waits_for_the_grids_leave_and_pays_for_it() -> None:
    """Systems that were there sell on; those that join after it run and sell nothing for so long; an endless line keeps all that came later out."""
    (_, free), (world, kept, day) = before("energy"), under("energy", "kind: interconnection, wait_days: 400, fee_usd_per_system: 50")
    first = first_difference(free, kept)
    assert first is not None and first >= day
    network = world.trade.network
    late = world.nodes.online & (network.may_sell_share == 0)
    assert late.any() and flows(world, "fee for connection to the grid") >= 50 * late.sum()
    assert kept.series("committed_kw")[-1] < free.series("committed_kw")[-1] and kept.series("committed_kw")[day] == free.series("committed_kw")[day]
    slow, _, _ = under("energy", "kind: interconnection, most_systems_per_month: 1")
    let_in = np.sort(slow.law.effects["interconnection"].feeding_in.let_in_day)
    waits = let_in[let_in > day]
    assert len(waits) > 3 and np.diff(waits).min() >= 30, "one a month"


def test_who_waits_for_one_rule_alone_is_let_in_when_that_rule_ends_whatever_others_ask() -> None:
    """Four sites under two rules, one under each and two under both: of those that a rule lets wait when it ends, only who waits for the other as well waits on."""
    clock, share = Clock(date(2024, 1, 1), date(2025, 1, 1)), np.ones(4)
    feeding_in = FeedingIn(share, clock=clock, changed=lambda slots: None)
    rules = {"long": (np.array([0, 1, 2]), 90), "short": (np.array([1, 2, 3]), 30)}
    each: dict[str, Any] = {
        name: SimpleNamespace(name=name, slots=slots, rule=SimpleNamespace(most_systems_per_month=None, wait_days=days, fee_usd_per_system=0.0)) for name, (slots, days) in rules.items()
    }
    for regulator in each.values():
        feeding_in.ask(regulator, True)
    feeding_in.joined(np.arange(4))
    assert feeding_in.let_in_day.tolist() == [90, 90, 90, 30]
    clock.run(until_day=10)
    feeding_in.ask(each["long"], False)
    assert feeding_in.let_in_day.tolist() == [10, 30, 30, 30] and share.tolist() == [1, 0, 0, 0]
    feeding_in.ask(each["short"], False)
    assert feeding_in.let_in_day.tolist() == [10, 10, 10, 10] and share.tolist() == [1, 1, 1, 1]


# -- data that must stay -------------------------------------------------------------------------------------------
def test_bound_jobs_run_in_the_place_alone_and_others_lose_them() -> None:
    """Users of Frankfurt are served by halls of Germany from that day on; halls elsewhere lease less, and nobody's job that is bound runs abroad."""
    (_, free), (world, kept, day) = before("compute by credits"), under("compute by credits", "kind: data_localisation", "jurisdiction: DE")
    assert first_difference(free, kept) == day
    yard, rows, inside = world.trade.yard, world.trade.demand.rows, regulator(world).slots
    bound = rows.is_bound & (rows.weight > 0)
    assert bound.any() and rows.weight.sum() == pytest.approx(len(world.spec.customers))
    abroad = np.setdiff1d(np.arange(yard.sites.n), inside)
    assert not yard.terms.may_serve[np.ix_(bound, abroad)].any() and yard.terms.may_serve[np.ix_(bound, inside)].any()
    assert kept.series("service_share")[day] < free.series("service_share")[day], "what only halls of Germany may serve, fewer can"
    assert kept.series("usage_constant_usd")[day:].mean() < free.series("usage_constant_usd")[day:].mean()
    world.switch("law:zz", False)
    world.clock.run(until_day=WORLDS["compute by credits"].days)
    assert not (rows.is_bound & (rows.weight > 0)).any()


@pytest.mark.slow
def test_data_of_a_country_moves_to_its_providers() -> None:
    """Filecoin: what customers in the United States keep lies on providers there, who have more of it than their room alone would bring; providers elsewhere less. Where nobody
    of a country has room for data, what is bound to it goes without."""
    (_, free), (world, kept, day) = before("filecoin"), under("filecoin", "kind: data_localisation", "jurisdiction: US")
    first = first_difference(free, kept)
    assert first is not None and first >= day
    providers, inside = world.trade.providers, regulator(world).slots
    room = providers.serving_pib()
    even, share = room / room.sum(), providers.paid_pib / providers.paid_pib.sum()
    assert room[inside].sum() > 0 and share[inside].sum() > even[inside].sum()
    bare, without, _ = under("filecoin", "kind: data_localisation", "jurisdiction: SG")
    assert bare.trade.providers.serving_pib()[regulator(bare).slots].sum() == 0
    assert without.series("service_share")[-1] == pytest.approx(0.8 * free.series("service_share")[-1]), "a fifth of all customers stand there"
    assert without.series("usage_constant_usd")[day] == pytest.approx(0.8 * free.series("usage_constant_usd")[day], rel=0.01)


# -- older rules, alone --------------------------------------------------------------------------------------------
def test_a_ban_in_one_country_closes_that_country_alone() -> None:
    (_, free), (world, kept, day) = before("compute by credits"), under("compute by credits", "kind: ban", "jurisdiction: US")
    first = first_difference(free, kept)
    assert first is not None and first >= day
    here = regulator(world).slots
    assert len(here) and not world.nodes.online[here].any() and world.nodes.online.any()
    assert kept.series("nodes_online")[day:].mean() < free.series("nodes_online")[day:].mean()


def test_a_privacy_duty_in_one_state_costs_that_state_alone() -> None:
    rule = "kind: privacy_duty, answers: {compliance_usd_per_node_per_year: {median: 3652.5, p90: 3652.5}, hide: false}"
    plain, _, _ = under("compute by credits", "kind: usage_levy, levy_share: 1.0")
    spots = plain.ground.spots
    states = [str(spots.jurisdictions[number]) for number in spots.jurisdiction[plain.nodes.online & ~plain.trade.sites.is_fake]]
    state = max((each for each in states if each.startswith("US/")), key=states.count)
    (_, free), (world, kept, day) = before("compute by credits"), under("compute by credits", rule, f"jurisdiction: {state}")
    first = first_difference(free, kept)
    assert first is not None and first >= day
    here, duty = regulator(world).slots, world.trade.costs.duty_usd_per_day
    others = np.setdiff1d(np.arange(len(duty)), np.concatenate([each.slots for each in world.law.regulators]))
    assert 0 < len(here) < len(duty) and (duty[here] >= 10).all() and not duty[others].any()


def test_a_holiday_of_checks_is_the_same_to_the_bit_until_it_begins() -> None:
    """Nobody is caught any more from that day on; until then nobody can have known."""
    town = Path(__file__).parent / "stations.yaml"
    lives = []
    for multiple in ("{2024-09-01: 4}", "{2024-09-01: 4, 2025-03-01: 0}"):
        world, kept = settled(load(town, sets=[f"verification.checks.detection_multiple={multiple}", "calendar.end=2025-12-01"]))
        world.clock.run(until_day=world.clock.n_days - 1)
        lives.append((world, kept))
    (world, on), (_, holiday) = lives
    day, first = (date(2025, 3, 1) - world.clock.start).days, first_difference(on, holiday)
    assert first is not None and day <= first <= day + 62, "the first cheat whom nobody finds"
    fakes = [kept.series("fake_online")[-1] for kept in (on, holiday)]
    assert fakes[1] > fakes[0]
