"""A scenario moved to another city, and what `twin check` says of one that does not fit its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.beforehand import checks
from twin.elsewhere import kept, new_scenario_at, place_of
from twin.errors import InputError
from twin.plausible import people_in, people_on_the_map
from twin.scenario import load
from twin.world.ground import lay_out


def said(name: str | Path, *sets: str) -> set[str]:
    return {warning.code for warning in checks(load(name, sets=sets))} - {"rests_on_the_pot", "small_pot_elsewhere"}


def test_what_belongs_to_the_place_is_scaled_by_its_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    there, here = load(new_scenario_at("mine", "Bergen, NO", like="helium-iot-goteborg")), load("helium-iot-goteborg")
    share = people_in(there) / people_in(here)
    assert there.spec.place.area.city == "Bergen" and there.spec.place.area.country == "NO"
    assert there.spec.place.population.kind == "kernel" and there.spec.place.population.streets is None
    assert 0.2 < share < 0.8
    assert there.spec.place.sites.count == pytest.approx(here.spec.place.sites.count * share, rel=0.25)
    assert there.spec.customers == here.spec.customers  # by household and person
    assert {rule.jurisdiction for rule in there.spec.regulation.values()} == {"NO"}
    assert said("mine.yaml") == set()
    assert there.spec.title == f"mine in Bergen, after {here.spec.title}"
    assert "with the values of helium-iot-goteborg, before anything is scaled" in Path("mine.yaml").read_text("utf-8")


def test_one_of_many_towns_of_a_name_is_told_by_its_state() -> None:
    with pytest.raises(InputError) as refused:
        place_of("Springfield, US")
    assert refused.value.problems[0].code == "ambiguous_place"
    assert place_of("Springfield, Missouri, US").admin1 == "Missouri"
    assert place_of("Bergen, NO").country == "NO"


def test_streets_of_one_city_do_not_come_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for like, code in (("375ai-goteborg", "no_streets_here"), ("helium-iot-world", "not_a_city")):
        with pytest.raises(InputError) as refused:
            new_scenario_at("mine", "Bergen, NO", like=like)
        assert refused.value.problems[0].code == code
    assert list(tmp_path.iterdir()) == []


def test_the_people_of_a_warning_are_those_of_the_runs_map() -> None:
    scenario = load("helium-iot-goteborg", sets=["customers.water_meters.sensors_per_household=1.5"])
    ground = lay_out(scenario.spec.place, base_dir=None, map_resolution=scenario.spec.record.cells_h3_resolution)
    residents = float(ground.map.people[ground.map.inside].sum())
    assert people_on_the_map(scenario) == residents and residents == pytest.approx(ground.people_of_point.sum())
    (told,) = (warning for warning in checks(scenario) if warning.code == "too_many_meters")
    assert f"{residents / 2.2:,.0f} households" in told.message
    assert people_on_the_map(load("helium-iot-world")) == 0.0


def left_behind(name: str | Path, *sets: str) -> list[str]:
    return [f"{warning.message} {warning.suggestion}" for warning in checks(load(name, sets=sets)) if warning.code == "kept_of_another_place"]


def test_a_city_moved_by_an_option_or_a_child_is_told_what_it_keeps(tmp_path: Path) -> None:
    moved = ("place.area.city=Bergen", "place.area.country=NO")
    (told,) = left_behind("helium-iot-goteborg", *moved)
    assert "place.sites.count" in told and "place.population.streets" in told and '--place "Bergen, NO"' in told
    own = tmp_path / "own.yaml"
    own.write_text("schema: 1\ntitle: moved\nextends: helium-iot-goteborg\nplace: {area: {city: Bergen, country: NO}}\n", "utf-8")
    (told,) = left_behind(own)
    assert "place.sites.count" in told and "--like helium-iot-goteborg" in told
    assert left_behind("helium-iot-goteborg") == []
    assert left_behind("helium-iot-goteborg", "place.area.city=Göteborg") == []
    scaled = ("place.sites.count=2_000", "place.population.kind=kernel", "place.population.streets=null", "hardware.makers.main.units_per_month=20", "adversaries.desk_farm.nodes=5")
    assert left_behind("helium-iot-goteborg", *moved, *scaled) == []


def test_a_village_with_a_citys_meters_is_told() -> None:
    assert said("helium-iot-goteborg") == set()
    assert said("helium-iot-goteborg", "customers.water_meters.sensors_per_household=1.5") == {"too_many_meters"}
    assert said("helium-iot-goteborg", "place.sites.count=400_000") == {"more_sites_than_dwellings"}
    village = ("place.area.city=Kungälv", "place.population.kind=kernel", "place.population.streets=null")
    assert said("helium-iot-goteborg", *village, "place.sites.count=20_000") == {"more_sites_than_dwellings", "kept_of_another_place"}


def test_a_price_zone_becomes_the_new_countrys_and_what_nobody_knows_of_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    there, here = load(new_scenario_at("norge", "Bergen, NO", like="energy-coquimbo")), load("energy-coquimbo")
    share = people_in(there) / people_in(here)
    assert {market.jurisdiction for market in there.spec.markets.values()} == {"NO"}
    assert there.spec.first_token.emission_scale_share == pytest.approx(0.15 * share, rel=0.2)
    assert there.spec.first_token.price.opening_float_tokens == pytest.approx(3e9 * share, rel=0.2)
    rest = kept(here, place_of("Bergen, NO"))
    assert {"markets.chile", "solar.skies", "operators.houses"} <= set(rest) and "place.sites.count" not in rest
    text = Path("norge.yaml").read_text("utf-8")
    assert "not known of Bergen" in text and "markets.chile" in text
    assert said("norge.yaml") == set()


def test_what_belongs_to_another_country_is_told() -> None:
    assert said("energy-coquimbo", "place.area.city=Bergen", "place.area.country=NO", "place.population.kind=kernel", "place.population.streets=null") == {"another_country", "kept_of_another_place"}
    assert said("helium-iot-goteborg", "regulation.licence_duty.jurisdiction=CL") == set()  # it is not enabled
    assert said("helium-iot-goteborg", "regulation.licence_duty.jurisdiction=CL", "regulation.licence_duty.enabled=true") == {"another_country"}


@pytest.mark.parametrize("name", ["helium-iot-goteborg", "hivemapper-goteborg", "375ai-goteborg"])
def test_a_network_that_nobody_buys_from_is_told(name: str) -> None:
    assert said(name, "customers=null") == {"nobody_buys"}
    assert said(name) == set()
