"""Densities by city: what is published is used, what is not is predicted, nobody is lost, and the old law is as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import people as benchmark
from geodata.rebuild import densities as rebuilt
from twin.errors import InputError
from twin.geo import area, densities, grid, held, hexes, places, settlement, shipped, sites
from twin.scenario.sections.place import AreaSpec, PopulationSpec

HERE = Path(__file__).parent
BY_CITY = PopulationSpec(density="by_city")


@pytest.fixture(scope="module")
def by_city() -> densities.Towns:
    return densities.towns_of(BY_CITY)


def test_the_table_names_its_source_and_fits_the_place_list():
    table, listed = densities.published(), places.table().set_index("geonameid")
    assert len(table) >= 100 and table.geonameid.is_unique
    assert set(table.geonameid) <= set(listed.index)
    assert (listed.loc[table.geonameid].cc.to_numpy() == table.cc.to_numpy()).all()
    assert table.source.str.len().min() > 5 and set(table.status) <= {"area checked", "people agree with GeoNames", "unverified"}
    density = table.people / table.area_km2
    assert density.between(500, 50_000).all()
    continents = dict(zip(shipped.table("places/countries.parquet").iso2, shipped.table("places/countries.parquet").continent, strict=True))
    assert {continents[code] for code in table.cc} == {"AF", "AS", "EU", "NA", "OC", "SA"}
    said = table[table.status == "people agree with GeoNames"]
    assert (np.abs(listed.loc[said.geonameid].population.to_numpy() / said.people.to_numpy() - 1) <= 0.1).all()


def test_at_least_thirty_cities_are_held_out_and_change_nothing_in_the_fit():
    table = densities.published()
    out = np.array([rebuilt.is_held_out(identity) for identity in table.geonameid])
    assert 30 <= out.sum() < len(table) / 2
    frame, part = places.table(), shipped.table(densities.BY_CITY).part.to_numpy()
    region = rebuilt.regions(frame.cc.to_numpy(str), shipped.table("places/countries.parquet"))
    crowd = rebuilt.crowds(frame, part)
    spoilt = table.assign(people=np.where(out, table.people * 10, table.people))
    assert rebuilt.fitted(frame, crowd, region, table) == rebuilt.fitted(frame, crowd, region, spoilt)


def test_the_shipped_law_is_what_the_published_table_makes_of_the_place_list():
    law = shipped.table(densities.BY_CITY)
    made = rebuilt.by_city(places.table(), law.part.to_numpy(), densities.published(), shipped.table("places/countries.parquet"))
    pd.testing.assert_frame_equal(made, law)


def test_a_published_city_has_its_published_density_times_the_middle():
    vienna = densities.middle_of(places.find("Vienna", country="AT").geonameid)
    row = densities.published().set_index("geonameid").loc[places.find("Vienna", country="AT").geonameid]
    assert vienna.is_published and vienna.people == 1_691_468
    assert vienna.centre_per_km2 == pytest.approx(rebuilt.CENTRE_OVER_MEAN * row.people / row.area_km2, rel=5e-3)
    assert vienna.decay_km == pytest.approx(np.sqrt(vienna.people / (2 * np.pi * vienna.centre_per_km2)))
    assert not densities.middle_of(places.find("Bergen", country="NO").geonameid).is_published
    with pytest.raises(KeyError):
        densities.middle_of(-1)


def test_suburbs_that_the_old_disc_swallowed_are_places_again():
    tokyo, yokohama = (places.search(name)[0] for name in ("Tokyo", "Yokohama"))
    assert (tokyo.population, yokohama.population) == (9_733_276, 3_777_491)
    for city in (tokyo, yokohama):  # less what Japan's towns hold beyond 95 % of its people
        assert 0.9 * city.population < densities.middle_of(city.geonameid).people <= city.population
    assert (places.settlements().geonameid == tokyo.geonameid).any() and not (places.settlements().geonameid == yokohama.geonameid).any()


def test_no_country_holds_more_than_its_people_but_those_of_one_town(by_city):
    countries = shipped.table("places/countries.parquet")
    national = dict(zip(countries.iso2, countries.population, strict=True))
    held_there = pd.Series(by_city.people).groupby(by_city.cc).sum()
    for code, people in held_there.items():
        if national.get(code):
            assert people <= national[code] * 0.95 + 10_000, code
    assert 3.9e9 < by_city.people.sum() < 4.0e9


def test_one_density_is_the_old_law_to_the_bit():
    towns, table = densities.towns_of(PopulationSpec(centre_density_per_km2=3_000)), places.settlements()
    assert np.array_equal(towns.people, table.people) and (towns.centre_per_km2 == 3_000).all()
    assert np.array_equal(
        settlement.decay_km(towns.people, centre_density_per_km2=towns.centre_per_km2), settlement.decay_km(towns.people, centre_density_per_km2=3_000.0)
    )


def test_everybody_of_an_island_is_placed_and_the_factor_only_moves_them(by_city):
    def island(**words: object) -> grid.CellGrid:
        return grid.build_grid(area.study_area(AreaSpec(country="NR"), base_dir=HERE), resolution=9, margin_km=0, population=PopulationSpec(**words))

    plain, dense = island(density="by_city"), island(density="by_city", density_factor=4)
    expected = by_city.people[by_city.cc == "NR"].sum()
    assert plain.people.sum() == pytest.approx(expected, rel=1e-9) and dense.people.sum() == pytest.approx(expected, rel=1e-9)
    assert dense.people.max() > 1.5 * plain.people.max()
    assert any("City densities" in line for line in plain.licences) and not any("City densities" in line for line in island().licences)


def test_streets_move_people_and_lose_nobody():
    there = area.study_area(AreaSpec(city="Gothenburg", country="SE", radius_km=12), base_dir=HERE)
    plain, streets = (
        grid.build_grid(there, resolution=8, margin_km=30, population=PopulationSpec(density="by_city", kind=kind, streets=graph))
        for kind, graph in (("kernel", None), ("kernel_with_streets", "goteborg"))
    )
    assert streets.people.sum() == pytest.approx(plain.people.sum(), rel=1e-3)
    assert np.abs(streets.people - plain.people).sum() > 0.1 * plain.people.sum()


def test_the_world_draws_where_the_law_puts_people():
    def within_6_km_of_paris(population: PopulationSpec) -> float:
        pool = sites.draw_in_world(30_000, people_power=1.0, country_prior={"FR": 1.0}, seed=3, population=population)
        km = 6371 * np.hypot(np.radians(pool.lat_deg - 48.8534), np.radians(pool.lng_deg - 2.3488) * np.cos(np.radians(48.8534)))
        return float((km < 5.8).mean())

    assert within_6_km_of_paris(BY_CITY) > 5 * within_6_km_of_paris(PopulationSpec())
    cells = hexes.distinct(hexes.cell_of(np.array([48.8534]), np.array([2.3488]), 6))
    assert grid.grid_of_cells(cells, population=BY_CITY).people[0] > 3 * grid.grid_of_cells(cells).people[0]


def test_a_law_does_not_take_the_words_of_the_other():
    for words in ({"density": "by_city", "centre_density_per_km2": 5_000}, {"density_factor": 2}, {"density": "by_town"}, {"density": "by_city", "density_factor": 0}):
        with pytest.raises(ValueError, match="density"):
            PopulationSpec(**words)


def test_a_study_area_says_what_it_holds_beside_the_list():
    paris = places.find("Paris", country="FR")
    there = held.held_by(area.around(paris, 10, base_dir=HERE), paris)
    assert there.listed == 2_138_551 and there.others > 50 and there.others_people > 2_000_000
    assert there.one < there.listed / 4 < there.listed < there.by_city
    with pytest.raises(InputError, match="empty_area|no cell"):
        held.held_by(area.around(paris, 0.01, base_dir=HERE), paris)


def test_some_held_out_cities_have_their_people_on_their_disc():
    law = benchmark.law_without()
    chosen = [city for city in benchmark.cities() if city.name in ("Graz", "Basel", "Toronto", "Bengaluru", "Denver", "Malmö") and city.is_held_out]
    assert len(chosen) == 6
    found = benchmark.ratios(chosen, law, benchmark.radius_km)
    assert np.median(np.abs(found - 1)) < 0.2 and (found > 0.5).all() and (found < 2).all()
    assert "0 of 6" in benchmark.summary("by city", found)
