"""Levers: what they change in a scenario, and what they leave."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from twin.response import Answer, Response, expectations, levers_of
from twin.response.levers import Lever, multiplied, stated
from twin.response.table import QUANTITIES
from twin.scenario import load
from twin.scenario.shipped import bundled_names

HERE = Path(__file__).parent


def levers(name: str) -> dict[str, Lever]:
    return {lever.name: lever for lever in levers_of(load(name), jurisdictions=["SE"], at=date(2023, 1, 1))}


def test_numbers_are_multiplied_and_rounded_where_they_count_things() -> None:
    found = levers("helium-iot-goteborg")
    assert found["running_cost x5"].changes == {"hardware.every.power_w": 25.0, "operators.fleet.site_rent_usd_per_month": 25.0}
    assert found["fakes x30"].changes == {"adversaries.desk_farm.farms": 30}
    assert found["emission x0"].changes == {"token.HNT.emission.scale_share": 0.0}



def test_thirty_times_a_ring_that_learns_is_thirty_times_its_hotspots_and_the_limit_to_which_it_grows() -> None:
    scenario = load("helium-iot-goteborg", variant="under_attack")
    lever = multiplied(scenario, "fakes", 30)
    assert not lever.absent and lever.changes == {
        "adversaries.desk_farm.nodes": 450, "adversaries.desk_farm.most_nodes": 12_000, "adversaries.rich_farm.nodes": 900, "adversaries.rich_farm.most_nodes": 12_000,
        "adversaries.rich_farm.budget_usd": 3_000_000,
    }  # fmt: skip


def test_policies_are_switched_off_together_and_absent_where_there_are_none() -> None:
    """By the names of the mechanisms of the run; where nobody steers the table says so."""
    plain = load("weatherxm-switzerland")
    for mechanisms, off in ((("cheats", "policy:aim", "policy:band"), ("policy:aim", "policy:band")), (("cheats",), ())):
        lever = next(each for each in levers_of(plain, jurisdictions=["CH"], at=date(2026, 1, 1), mechanisms=mechanisms) if each.name == "policies_off")
        assert (lever.switch_off if not lever.absent else ()) == off and bool(lever.absent) is (not off)


def test_a_spread_is_scaled_as_a_whole_and_a_table_by_its_multiple() -> None:
    assert set(levers("energy-us")["running_cost x5"].changes) >= {"operators.token_roofs.bother_usd_per_year.median", "operators.token_roofs.bother_usd_per_year.p90"}
    assert levers("helium-mobile-us")["customers x2"].changes["customers.carriers.gb_per_day.value_multiple"] == 2.0


def test_ten_times_the_emission_is_turned_again_with_money_that_follows_the_pot() -> None:
    """Where the price clears both rows stand in the table; where it is an open loop the second says why not."""
    found = levers("helium-iot-goteborg")
    pot, ten, both = found["new_money pot"], found["emission x10"], found["emission x10 new_money pot"]
    assert both.changes == {**ten.changes, **pot.changes} and len(both.changes) == 2
    assert both.again == "emission x10" and pot.again == "base" and not ten.again
    flat = load("akash-world", variant="flat_price")
    opened = {lever.name: lever for lever in levers_of(flat, jurisdictions=["US"], at=date(2025, 1, 1))}
    assert "open loop" in opened["emission x10 new_money pot"].absent and not opened["emission x10"].absent


def test_without_a_history_all_new_money_follows_the_pot_anyway() -> None:
    """A second row there would be a copy of the first."""
    found = levers("weatherxm-switzerland")
    assert not found["emission x10"].absent
    for name in ("new_money pot", "emission x10 new_money pot"):
        assert "no history is replayed" in found[name].absent and not found[name].changes


def test_a_class_that_hangs_on_what_money_follows_is_said() -> None:
    def answer(name: str, outcome: str, again: str = "") -> Answer:
        return Answer(Lever(name, "", again=again), {}, outcome)

    answers = (answer("emission x10", "niche"), answer("emission x10 new_money pot", "collapsed", "emission x10"), answer("new_money pot", "niche", "base"))
    response = Response(None, None, answer("base", "niche"), answers)  # type: ignore[arg-type]
    assert list(response.money_decides()) == [("emission x10", "niche", "collapsed")]


def test_a_probability_stays_one() -> None:
    assert levers("helium-iot-goteborg")["detection x5"].changes["verification.denylist.detection_probability_per_month"] == 1.0


def test_errors_of_checks_are_no_detection() -> None:
    assert not any("false" in path for name in bundled_names() for path in levers(name)["detection x5"].changes)


@pytest.mark.parametrize("name", bundled_names())
def test_thirty_times_the_cheats_are_thirty_times_as_many(name: str) -> None:
    """One number of each campaign of made-up nodes: thirty farms of fifteen, not thirty of 450."""
    scenario, changes = load(name), levers(name)["fakes x30"].changes
    if (attacked := getattr(scenario.spec, "attacked", None)) is not None and not scenario.spec.adversaries:  # on Filecoin a part of the providers
        assert dict(changes) == attacked(30)
        return
    campaigns = [path.rpartition(".")[0] for path in changes]
    assert sorted(campaigns) == sorted(f"adversaries.{each}" for each in getattr(scenario.spec, "adversaries", ())) and all(new == 30 * scenario.value(path) for path, new in changes.items())


def test_campaigns_that_learn_may_grow_thirty_times_as_far() -> None:
    scenario = load("arweave-world", variant="under_attack")
    changes = multiplied(scenario, "fakes", 30).changes
    assert changes == {"adversaries.one_of_ten.nodes": 300, "adversaries.one_of_ten.most_nodes": 4500}
    assert multiplied(load("arweave-world"), "fakes", 30).absent


def test_hiding_is_dearer_than_a_licence() -> None:
    rule = levers("helium-iot-goteborg")["licence 50000"].changes["regulation.tried_se"]
    assert rule["enforcement"]["fine_usd"] * rule["enforcement"]["inspection_probability_per_year"] > rule["cost_usd_per_node_per_year"]


LAWS = ("privacy_duty", "import_tariff", "subsidy", "levy", "power_limit", "data_localisation", "curtailment", "interconnection", "token_class")


def test_a_rule_of_law_is_made_of_the_scenarios_own_countries_or_says_why_not() -> None:
    """Rules on nodes hold in each country of nodes, those on who serves customers in each country of customers, a levy and a class everywhere at once."""
    found = {lever.name.split(" ")[0]: lever for lever in levers_of(load("akash-world"), jurisdictions=["DE", "US"], customers_in=["SG"], at=date(2025, 1, 1))}
    assert list(found["curtailment"].changes) == ["regulation.tried_de", "regulation.tried_us"] == list(found["import_tariff"].changes)
    assert list(found["data_localisation"].changes) == ["regulation.tried_sg"] and found["levy"].changes["regulation.tried"]["area"] == {"world": True}
    assert found["token_class"].changes["regulation.tried"]["announced"] == date(2024, 10, 3)
    assert "no load for a grid" in levers("helium-iot-goteborg")["curtailment 0.5"].absent and not levers("helium-iot-goteborg")["power_limit 10"].absent
    assert "one weave" in levers("arweave-world")["data_localisation all"].absent and "no customer here has one" in levers("filecoin-world")["levy 1"].absent
    opened = {lever.name: lever for lever in levers_of(load(HERE.parent / "sensing" / "village.yaml"), jurisdictions=["SE"], at=date(2024, 5, 1))}
    assert "open loop" in opened["token_class security"].absent
    for name, variant, countries in (("filecoin-world", "customers_by_country", ("DE",)), ("arweave-world", "uploaders_by_country", ())):
        told = {lever.name: lever for lever in levers_of(load(name, variant=variant), jurisdictions=["US"], customers_in=list(countries), at=date(2026, 6, 1))}
        assert told["levy 1"].changes and bool(told["data_localisation all"].changes) == bool(countries)
    alone = {lever.name: lever for lever in levers_of(load("akash-world"), jurisdictions=["US"], customers_in=[], at=date(2025, 1, 1))}
    assert "no country" in alone["data_localisation all"].absent
    assert set(LAWS) <= set(stated())


@pytest.mark.parametrize("name", bundled_names())
def test_every_bundled_scenario_has_most_levers(name: str) -> None:
    """What a scenario does not have says why."""
    found = levers(name)
    assert all(lever.absent or lever.changes or lever.switch_off for lever in found.values())
    for needed in ("emission x0", "emission x10", "customers x2", "running_cost x5", "hardware_price x3"):
        assert not found[needed].absent, needed


def test_expected_signs_speak_of_levers_and_quantities_that_are() -> None:
    names = set(levers("helium-iot-goteborg"))
    for row in expectations():
        assert row.lever in names, row
        assert row.quantity in QUANTITIES, row
        assert row.because and row.sign in ("up", "down", "not_up", "not_down") and row.grade in ("sure", "usual", "open")
    assert set(stated()) == {name.split(" ")[0] for name in names}
