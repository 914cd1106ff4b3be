"""Sites and probes: sorted in H3 order, drawn like people, the same for the same seed of the place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from twin.errors import InputError
from twin.geo import area, countries, grid, hexes, land, places, sites
from twin.scenario.sections.place import AreaSpec, PopulationSpec

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def city() -> grid.CellGrid:
    there = area.study_area(AreaSpec(city="Pittsburgh", country="US"), base_dir=HERE)
    return grid.build_grid(there, resolution=8, margin_km=10, population=PopulationSpec())


@pytest.fixture(scope="module")
def pool(city) -> sites.SitePool:
    return sites.draw_in_grid(city, 20_000, people_power=1.0, seed=7)


def test_slots_stand_in_h3_order_and_each_cell_holds_a_run_of_them(pool):
    assert pool.n == 20_000
    assert np.array_equal(pool.cell12, np.sort(pool.cell12))
    for resolution in range(4, 12):
        cells, first = pool.cells[resolution], pool.first[resolution]
        assert first[0] == 0 and first[-1] == pool.n and (np.diff(first) > 0).all()
        assert np.array_equal(cells, np.unique(cells))
        assert np.array_equal(cells[pool.rows(resolution)], hexes.parents(pool.cell12, resolution))


def test_coarse_runs_are_unions_of_fine_runs(pool):
    for coarse, fine in zip(range(4, 11), range(5, 12), strict=True):
        assert set(pool.first[coarse].tolist()) <= set(pool.first[fine].tolist())


def test_sites_stand_in_the_grid_with_the_law_and_land_of_their_cell(city, pool):
    rows = city.rows_of(hexes.parents(pool.cell12, 8))
    assert (rows >= 0).all()
    assert np.array_equal(city.jurisdiction[rows], pool.jurisdiction)
    assert np.array_equal(city.land_class[rows], pool.land_class)
    assert np.array_equal(city.inside[rows], pool.inside)


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_sites_follow_people_to_the_power(city, power):
    drawn = sites.draw_in_grid(city, 200_000, people_power=power, seed=3)
    counts = np.bincount(city.rows_of(hexes.parents(drawn.cell12, 8)), minlength=city.n)
    expected = city.people**power / (city.people**power).sum() * 200_000
    chi2 = ((counts - expected) ** 2 / expected)[expected > 5]
    assert abs(chi2.mean() - 1) < 0.2  # some 1,500 cells: five standard deviations


def test_the_same_seed_gives_the_same_sites_and_another_gives_others(city, pool):
    again, other = (sites.draw_in_grid(city, 20_000, people_power=1.0, seed=seed) for seed in (7, 8))
    assert np.array_equal(again.cell12, pool.cell12)
    assert not np.array_equal(other.cell12, pool.cell12)


def test_probes_are_drawn_like_people_and_say_who_is_inside(city):
    probes = sites.draw_people(city, 50_000, seed=1)
    rows = city.rows_of(hexes.parents(probes.cell12, 8))
    assert (rows >= 0).all() and np.array_equal(city.inside[rows], probes.inside)
    assert probes.inside.mean() == pytest.approx(city.people[city.inside].sum() / city.people.sum(), abs=0.012)


def test_nobody_lives_on_the_open_sea():
    there = area.study_area(AreaSpec(bbox=(-40.0, 30.0, -39.5, 30.5)), base_dir=HERE)
    sea = grid.build_grid(there, resolution=6, margin_km=0, population=PopulationSpec())
    assert {str(j) for j in sea.jurisdictions} == {""} and sea.people.sum() == 0
    with pytest.raises(InputError) as caught:
        sites.draw_in_grid(sea, 10, people_power=1, seed=1)
    assert caught.value.codes == ("nobody_lives_there",)


def test_a_million_sites_of_the_world():
    places.settlements(), countries.polygons()
    world = sites.draw_in_world(1_000_000, people_power=0.9, country_prior={"US": 0.45, "DE": 0.08}, seed=1)
    assert world.n == 1_000_000 and np.array_equal(world.cell12, np.sort(world.cell12))
    country = np.array([j.country for j in world.jurisdictions])[world.jurisdiction]
    assert (country == "US").mean() == pytest.approx(0.45, abs=0.002)
    assert (country == "DE").mean() == pytest.approx(0.08, abs=0.002)
    assert len(np.unique(country)) > 150
    assert {0, 1, 2} == set(np.unique(world.land_class).tolist())


def test_world_sites_scatter_around_their_towns_as_people_live():
    town = places.settlements()
    only = {"SG": 1.0}
    drawn = sites.draw_in_world(20_000, people_power=1, country_prior=only, seed=2)
    assert {j.country for j in drawn.jurisdictions} == {"SG"}
    largest = town[town.cc == "SG"].sort_values("people").iloc[-1]
    lambda_km = np.sqrt(largest.people / (2 * np.pi * 2_000))
    from twin.geo.local_plane import arc_km, on_sphere_km

    km = arc_km(np.linalg.norm(on_sphere_km(drawn.lat_deg, drawn.lng_deg) - on_sphere_km([largest.lat_deg], [largest.lng_deg]), axis=1))
    assert np.median(km) == pytest.approx(1.678 * lambda_km, rel=0.25)  # median of a gamma of shape 2; spots at sea are drawn again


def test_world_sites_stand_on_land_and_inland_towns_scatter_exactly():
    drawn = sites.draw_in_world(30_000, people_power=1, country_prior={}, seed=5)
    dry = land.is_land(drawn.lat_deg, drawn.lng_deg)
    assert dry.mean() > 0.985  # the rest: middles of towns on islets and shores that the outlines do not know
    points = shapely.points(drawn.lng_deg, drawn.lat_deg)
    exact = np.zeros(drawn.n, bool)
    exact[shapely.STRtree(points).query(countries.polygons().to_numpy(), predicate="intersects")[1]] = True
    assert (exact != dry).mean() < 0.002  # narrow bays pass as land
    swiss = sites.draw_in_world(20_000, people_power=1, country_prior={"CH": 1.0}, seed=6)
    assert land.is_land(swiss.lat_deg, swiss.lng_deg).all()


def test_probes_of_the_world_need_no_grid():
    world = area.study_area(AreaSpec(world=True), base_dir=HERE)
    probes = sites.draw_people(world, 20_000, seed=4)
    country = np.array([j.country for j in probes.jurisdictions])[probes.jurisdiction]
    towns = places.settlements()
    assert (country == "CN").mean() == pytest.approx(towns.people[towns.cc == "CN"].sum() / towns.people.sum(), abs=0.012)
    assert probes.inside.all()


@pytest.mark.parametrize(
    ("prior", "code"), [({"SW": 0.5}, "unknown_country"), ({"SE": 0.7, "NO": 0.7}, "bad_country_prior"), ({"AQ": 0.5}, "bad_country_prior")]
)
def test_a_wrong_country_prior_is_refused(prior, code):
    with pytest.raises(InputError) as caught:
        sites.draw_in_world(100, people_power=1, country_prior=prior, seed=1)
    assert caught.value.codes == (code,)
