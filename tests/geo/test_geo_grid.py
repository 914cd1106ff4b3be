"""The grid of a study area: nobody lost, nothing depends on order, coarse and fine agree."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from bulk import FACTS, SHARED, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.errors import InputError
from twin.geo import area, grid, hexes, local_plane, places, settlement
from twin.scenario.sections.place import AreaSpec, PopulationSpec

HERE = Path(__file__).parent
ZONES = SHARED / "prototypes" / "geo" / "reference_build" / "zones" / "coquimbo.parquet"
KERNEL = PopulationSpec()
STREETS = PopulationSpec(kind="kernel_with_streets", streets="goteborg")


def made(resolution: int = 8, margin_km: float = 15, population: PopulationSpec = KERNEL, **words: object) -> grid.CellGrid:
    return grid.build_grid(
        area.study_area(AreaSpec(**words), base_dir=HERE), resolution=resolution, margin_km=margin_km, population=population
    )


@pytest.fixture(scope="module")
def goteborg() -> grid.CellGrid:
    return made(population=STREETS, city="Gothenburg", country="SE")


def test_the_city_disc_has_the_radius_of_its_people_and_is_cut_at_the_coast():
    disc = area.study_area(AreaSpec(city="Göteborg"), base_dir=HERE)
    full = np.pi * 608_462 / (np.pi * 2_000)
    assert full * 0.6 < local_plane.area_km2(disc.geometry) < full
    assert disc.name == "Gothenburg, SE" and not disc.is_world
    inland = area.study_area(AreaSpec(city="Pittsburgh", country="US", radius_km=20), base_dir=HERE)
    assert local_plane.area_km2(inland.geometry) == pytest.approx(np.pi * 400, rel=2e-3)
    assert any("GeoNames" in line for line in disc.licences)


def test_cells_are_sorted_unique_and_the_margin_lies_outside(goteborg):
    assert (np.diff(goteborg.ids.astype(object)) > 0).all()
    assert 0 < goteborg.inside.sum() < goteborg.n
    area_there = area.study_area(AreaSpec(city="Gothenburg", country="SE"), base_dir=HERE).geometry
    centres = shapely.points(goteborg.lng_deg, goteborg.lat_deg)
    assert shapely.intersects(area_there, centres[goteborg.inside]).all()
    assert not shapely.intersects(area_there, centres[~goteborg.inside]).any()
    away_km = shapely.distance(area_there, centres) * 111.2
    assert away_km.max() < 30 and (away_km * np.cos(np.radians(57.7))).max() < 15.5


def test_the_whole_of_every_town_is_placed_when_all_its_cells_are_in_the_grid():
    whole = made(margin_km=0, country="NR", resolution=9)
    towns = places.settlements()
    assert whole.people.sum() == pytest.approx(towns.people[towns.cc == "NR"].sum(), rel=1e-9)
    iceland = made(margin_km=0, country="IS", resolution=6)
    assert iceland.people.sum() == pytest.approx(towns.people[towns.cc == "IS"].sum(), rel=1e-3)


@given(
    st.lists(st.tuples(st.floats(1_000, 3e6), st.floats(57.4, 58), st.floats(11.5, 12.5)), min_size=1, max_size=6), st.integers(0, 10**6)
)
@settings(max_examples=25, deadline=None)
def test_totals_are_preserved_whatever_the_towns_and_the_streets(towns, seed):
    people, lat, lng = map(np.array, zip(*towns, strict=True))
    cells = hexes.cells_covering(shapely.box(11.4, 57.3, 12.6, 58.1), 7)
    cell_lat, cell_lng = hexes.centres(cells)
    rng = np.random.default_rng(seed)
    attraction = np.where(rng.random(len(cells)) < 0.4, rng.exponential(3, len(cells)) + 0.02, np.nan)
    for streets in (None, attraction):
        spread = settlement.spread(
            people, lat, lng, onto_lat_deg=cell_lat, onto_lng_deg=cell_lng, centre_density_per_km2=2_000, attraction=streets
        )
        assert spread.sum() == pytest.approx(people.sum(), rel=1e-9)
        assert (spread >= 0).all()


def test_neither_the_order_of_towns_nor_of_cells_matters():
    rng = np.random.default_rng(5)
    people, lat, lng = rng.uniform(1e3, 1e6, 20), rng.uniform(57.4, 58, 20), rng.uniform(11.5, 12.5, 20)
    cell_lat, cell_lng = hexes.centres(hexes.cells_covering(shapely.box(11.4, 57.3, 12.6, 58.1), 7))
    plain = settlement.spread(people, lat, lng, onto_lat_deg=cell_lat, onto_lng_deg=cell_lng, centre_density_per_km2=2_000)
    t, c = rng.permutation(20), rng.permutation(len(cell_lat))
    mixed = settlement.spread(people[t], lat[t], lng[t], onto_lat_deg=cell_lat[c], onto_lng_deg=cell_lng[c], centre_density_per_km2=2_000)
    assert np.allclose(mixed, plain[c], rtol=1e-9)


def test_one_town_thins_out_as_the_exponential_says():
    people, density = 500_000.0, 2_000.0
    lambda_km = np.sqrt(people / (2 * np.pi * density))
    cells = hexes.cells_covering(local_plane.disc(50.0, 10.0, 9 * lambda_km), 8)
    lat, lng = hexes.centres(cells)
    spread = settlement.spread(
        np.array([people]), np.array([50.0]), np.array([10.0]), onto_lat_deg=lat, onto_lng_deg=lng, centre_density_per_km2=density
    )
    per_km2 = spread / hexes.areas_km2(cells)
    km = local_plane.arc_km(np.linalg.norm(local_plane.on_sphere_km(lat, lng) - local_plane.on_sphere_km([50.0], [10.0]), axis=1))
    near = km < 6 * lambda_km
    assert np.allclose(per_km2[near], density * np.exp(-km[near] / lambda_km), rtol=0.02)


def test_a_finer_grid_puts_as_many_people_into_the_area():
    coarse, fine = (made(resolution=r, margin_km=0, county="Allegheny", state="Pennsylvania") for r in (7, 9))
    assert fine.people.sum() == pytest.approx(coarse.people.sum(), rel=0.02)
    at_coarse = np.bincount(hexes.rows_of(coarse.ids, hexes.parents(fine.ids, 7)) + 1, fine.people, minlength=coarse.n + 1)[1:]
    assert np.corrcoef(at_coarse, coarse.people)[0, 1] > 0.98


def test_the_margin_changes_nobody_inside():
    bare, wide = (made(margin_km=km, city="Pittsburgh", country="US") for km in (0, 20))
    assert np.array_equal(bare.ids, wide.ids[wide.inside])
    assert np.allclose(bare.people, wide.people[wide.inside], rtol=1e-6)


def test_streets_move_people_only_within_their_reach_and_lose_nobody(goteborg):
    plain = made(city="Gothenburg", country="SE")
    assert np.array_equal(plain.ids, goteborg.ids)
    assert goteborg.people.sum() == pytest.approx(plain.people.sum(), rel=1e-3)
    moved = ~np.isclose(plain.people, goteborg.people, rtol=1e-9)
    assert 50 < moved.sum() < 400
    core = moved & goteborg.inside
    assert (
        np.corrcoef(goteborg.street_km[core], goteborg.people[core])[0, 1]
        > np.corrcoef(goteborg.street_km[core], plain.people[core])[0, 1] + 0.15
    )
    assert 900 < goteborg.street_km.sum() <= 935.5
    assert any("OpenStreetMap" in line for line in goteborg.licences)


def test_land_class_follows_density(goteborg):
    density = goteborg.people / goteborg.area_km2
    assert np.array_equal(goteborg.land_class, np.where(density >= 1500, 2, np.where(density >= 300, 1, 0)))
    assert set(goteborg.land_class[goteborg.inside].tolist()) == {0, 1, 2}


def test_each_cell_knows_its_law_across_a_border():
    liechtenstein = made(resolution=8, margin_km=10, country="LI")
    country = np.array([j.country for j in liechtenstein.jurisdictions])[liechtenstein.jurisdiction]
    assert set(country[liechtenstein.inside]) == {"LI"}
    assert {"CH", "AT"} <= set(country[~liechtenstein.inside])
    assert any(str(j) == "AT/Vorarlberg" for j in liechtenstein.jurisdictions)


def test_an_area_on_both_sides_of_the_180th_meridian():
    fiji = made(resolution=6, margin_km=5, country="FJ")
    assert fiji.lng_deg[fiji.inside].min() < -178 and fiji.lng_deg.max() > 178
    assert fiji.n < 2 * fiji.inside.sum()


def test_too_fine_a_grid_is_refused_before_it_eats_the_memory():
    with pytest.raises(InputError) as caught:
        made(resolution=11, country="SE")
    assert caught.value.codes == ("too_many_cells",)
    assert "or coarser" in str(caught.value)


def test_an_area_smaller_than_a_cell_is_empty():
    with pytest.raises(InputError) as caught:
        made(resolution=4, margin_km=0, bbox=(11.9, 57.7, 11.901, 57.701))
    assert caught.value.codes == ("empty_area",)


def test_cells_of_the_world_hold_every_town_once():
    towns = places.settlements()
    cells = np.sort(np.array([child for cell in h3.get_res0_cells() for child in h3.cell_to_children(cell, 2)], np.uint64))
    world = grid.grid_of_cells(cells)
    assert world.people.sum() == pytest.approx(towns.people.sum(), rel=1e-9)
    half = grid.grid_of_cells(cells[::2])
    assert np.allclose(half.people, world.people[::2])  # a cell's people do not depend on which others are asked for


def test_cells_of_the_world_agree_with_the_grid_of_a_country():
    country = made(resolution=5, margin_km=0, country="CH")
    world = grid.grid_of_cells(country.ids)
    assert world.people.sum() == pytest.approx(country.people.sum(), rel=0.02)
    assert np.corrcoef(world.people, country.people)[0, 1] > 0.98
    codes = np.array([j.country for j in world.jurisdictions])[world.jurisdiction]
    assert (codes == "CH").all()


def test_the_ring_radii_are_the_quantiles_of_the_kernel():
    from scipy.stats import gamma

    assert np.allclose(grid._RING_LAMBDAS, gamma(2).ppf((np.arange(6) + 0.5) / 6), atol=1e-4)


COQUIMBO = (KERNEL, PopulationSpec(kind="kernel_with_streets", streets="coquimbo"))


def test_people_of_coquimbo_fall_into_their_cells_better_with_streets():
    """Half the sum of differences over all people; spread evenly, half of them would be misplaced."""
    table = rows_of(FACTS / "geo" / "coquimbo_people.csv")
    cells, real = np.array([int(row["h3_r7"], 16) for row in table], np.uint64), np.array([float(row["people"]) for row in table])
    south, north, west, east = (f(hexes.centres(cells)[axis]) for axis in (0, 1) for f in (np.min, np.max))
    misplaced = {}
    for population in COQUIMBO:
        there = made(resolution=10, margin_km=0, population=population, bbox=(west - 0.03, south - 0.03, east + 0.03, north + 0.03))
        row = hexes.rows_of(cells, hexes.parents(there.ids, 7))
        people = np.bincount(row[row >= 0], there.people[row >= 0], minlength=len(cells))
        misplaced[population.kind] = 0.5 * np.abs(people * real.sum() / people.sum() - real).sum() / real.sum()
    assert 0.5 * np.abs(real.mean() - real).sum() / real.sum() == pytest.approx(0.496, abs=0.001)
    assert misplaced["kernel_with_streets"] < 0.16  # 0.154 when written
    assert misplaced["kernel_with_streets"] + 0.02 < misplaced["kernel"] < 0.20  # 0.182


@pytest.mark.bulk
def test_people_fall_into_the_zones_of_coquimbo_better_with_streets():
    zones = gpd.read_parquet(ZONES)
    west, south, east, north = zones.total_bounds
    misplaced = {}
    for population in COQUIMBO:
        there = made(resolution=10, margin_km=0, population=population, bbox=(west - 0.02, south - 0.02, east + 0.02, north + 0.02))
        zone, cell = shapely.STRtree(shapely.points(there.lng_deg, there.lat_deg)).query(zones.geometry.to_numpy(), predicate="contains")
        people = np.bincount(zone, there.people[cell], minlength=len(zones))
        people *= zones.population.sum() / people.sum()
        misplaced[population.kind] = 0.5 * np.abs(people - zones.population).sum() / zones.population.sum()
    assert misplaced["kernel_with_streets"] < 0.225  # 0.216 when written; uniform by area misplaces 0.54
    assert misplaced["kernel_with_streets"] < misplaced["kernel"] < 0.26
