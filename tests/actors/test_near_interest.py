"""Interest within a region: off it is not there, on it keeps the region's mean, and neighbours of devices look sooner."""

from __future__ import annotations

import numpy as np
import pytest
from crowd import crowd, fill, group

from twin.actors.operators.near_interest import FieldOfInterest, NearInterest, Neighbourhoods
from twin.actors.owners import draw_owners
from twin.geo import draws, hexes
from twin.geo.sites import COARSEST, FINEST, SitePool
from twin.geo.smooth_field import smooth_field
from twin.kernel import Streams
from twin.scenario import load
from twin.scenario.sections.operators import InterestSpec
from twin.scenario.sections.place import InterestFieldSpec, PlaceSpec
from twin.world.near_interest import near_interest, near_interest_of, neighbourhoods

REGION = np.array([0, 0, 0, 0, 1, 1], np.int16)
IN_A_ROW = Neighbourhoods(np.array([0, 0, 1, 2, 3, 3], np.int32), 4, np.array([0, 1, 1, 2, 0, 2, 3], np.int32), np.array([0, 1, 0, 2, 1, 1, 3], np.int32))
"""Six sites in four cells; cells 0, 1 and 1, 2 are neighbours."""


def pool(n: int = 3_000) -> SitePool:
    """Sites over some 30 km."""
    rng = draws.generator(1, "test of interest")
    cell = np.sort(hexes.cell_of(57.7 + rng.normal(0, 0.1, n), 12.0 + rng.normal(0, 0.2, n), 12))
    lat, lng = hexes.centres(cell)
    cells, first = {}, {}
    for resolution in range(COARSEST, FINEST + 1):
        climbed = hexes.parents(cell, resolution)
        starts = np.flatnonzero(np.r_[True, climbed[1:] != climbed[:-1]])
        cells[resolution], first[resolution] = climbed[starts], np.append(starts, n).astype(np.int32)
    return SitePool(n, cell, lat, lng, np.zeros(n, np.int16), (), np.zeros(n, np.int8), np.ones(n, bool), cells, first)


def test_neighbours_of_a_device_hear_more_and_the_mean_is_the_regions():
    near = NearInterest(REGION, 2, field=None, around=IN_A_ROW)
    placed = np.array([True, False, False, False, True, False])
    near.see(placed, np.array([0.25, 0.5]))
    assert near.near is not None and near.factor is None
    assert near.near[:4].mean() == pytest.approx(0.25) and near.near[4:].mean() == pytest.approx(0.5)
    assert near.near[1] > near.near[3] == 0


def test_the_field_lifts_some_lowers_others_and_fades_with_adoption():
    normal = np.array([1.0, -1.0, 0.5, -0.5, 2.0, -2.0])
    near = NearInterest(REGION, 2, field=FieldOfInterest(normal, sd=1.0, half_at_share=0.1), around=None)
    near.see(np.zeros(6, bool), np.array([0.0, 0.0]))
    assert near.near is None and near.factor is not None
    early = near.factor.copy()
    assert early[:4].mean() == pytest.approx(1) and early[4:].mean() == pytest.approx(1)
    assert early[0] / early[1] == pytest.approx(np.exp(2.0))
    near.see(np.ones(6, bool), np.array([0.1, 0.9]))
    assert near.factor[0] / near.factor[1] == pytest.approx(np.exp(1.0))
    assert near.factor[4] / near.factor[5] == pytest.approx(np.exp(0.4))


def test_where_nobody_has_a_device_nobody_hears():
    near = NearInterest(REGION, 2, field=None, around=IN_A_ROW)
    near.see(np.zeros(6, bool), np.zeros(2))
    assert near.near is not None and not near.near.any()


def test_the_smooth_field_is_standard_and_correlates_as_said():
    sites = pool()
    many = np.array([smooth_field(sites.lat_deg[::8], sites.lng_deg[::8], km=3.0, seed=seed, purpose="test") for seed in range(60)])
    assert abs(many.mean()) < 0.08 and many.std() == pytest.approx(1, abs=0.05)
    x = np.array([[57.7, 12.0], [57.7 + 3 / 111.2, 12.0], [57.7 + 12 / 111.2, 12.0]])
    three = np.array([smooth_field(x[:, 0], x[:, 1], km=3.0, seed=seed, purpose="test") for seed in range(800)])
    correlation = np.corrcoef(three.T)
    assert correlation[0, 1] == pytest.approx(np.exp(-0.5), abs=0.06)
    assert abs(correlation[0, 2]) < 0.1
    some = smooth_field(sites.lat_deg[5:9], sites.lng_deg[5:9], km=3.0, seed=2, purpose="test")
    assert np.array_equal(some, smooth_field(sites.lat_deg, sites.lng_deg, km=3.0, seed=2, purpose="test")[5:9])


def test_neighbourhoods_of_sites_are_the_cell_and_those_around_it():
    sites = pool()
    around = neighbourhoods(sites)
    counted = around.sums(None)
    row = 1_500
    cell = hexes.parents(sites.cell12, 8)
    _, ring = hexes.disks(cell[row : row + 1], 1)
    assert counted[row] == np.isin(cell, ring).sum()


def entrants(near_share: float, near: NearInterest | None) -> np.ndarray:
    """Sites that got a box in four months, of two neighbourhoods of 200 where the first has twenty boxes."""
    spec = group(interest=InterestSpec(innovation_per_month=0.0, imitation_per_month=2.0, near_share=near_share))
    there = crowd(400, 120, specs={"all": spec}, pay=200.0, near=near)
    fill(there, np.arange(20))
    there.clock.run()
    return np.concatenate([slots for _, slots in there.ordered] or [np.empty(0, np.int64)])


def test_owners_look_where_neighbours_have_devices():
    apart = Neighbourhoods(np.repeat([0, 1], 200).astype(np.int32), 2, np.array([0, 1], np.int32), np.array([0, 1], np.int32))
    everywhere = entrants(0.0, None)
    near = entrants(1.0, NearInterest(np.zeros(400, np.int16), 1, field=None, around=apart))
    assert 0.3 < (everywhere >= 200).mean() < 0.7
    assert len(near) > 20 and (near < 200).all()


def test_owners_look_where_the_field_is_high():
    normal = np.repeat([-1.0, 1.0], 200)
    lifted = entrants(0.0, NearInterest(np.zeros(400, np.int16), 1, field=FieldOfInterest(normal, sd=1.0, half_at_share=10.0), around=None))
    assert (lifted[:25] >= 200).mean() > 0.7  # the first; in the end they are all there


def test_bundled_scenarios_have_none_of_it():
    spec = load("helium-iot-pittsburgh").spec
    sites = pool(10)
    owners = draw_owners(spec.operators, np.zeros(10, np.int16), Streams(1, 0))
    assert spec.place.interest == InterestFieldSpec() and near_interest(spec, sites, owners) is None
    looking = load("helium-iot-pittsburgh", sets=("operators.hobbyists.interest.near_share=0.5", "place.interest.sd=0.4")).spec
    assert near_interest(looking, sites, owners) is not None


def test_a_field_alone_and_neighbours_alone():
    sites, place = pool(), PlaceSpec(area={"world": True})
    region = np.zeros(sites.n, np.int16)
    with_field = near_interest_of(place.model_copy(update={"interest": InterestFieldSpec(sd=0.5)}), sites, region, 1, looks_near=False)
    with_neighbours = near_interest_of(place, sites, region, 1, looks_near=True)
    assert with_field is not None and with_neighbours is not None
    for each in (with_field, with_neighbours):
        each.see(np.arange(sites.n) < 100, np.array([100 / sites.n]))
    assert with_field.near is None and with_field.factor is not None and with_field.factor.mean() == pytest.approx(1)
    assert with_neighbours.factor is None and with_neighbours.near is not None and with_neighbours.near.mean() == pytest.approx(100 / sites.n)


@pytest.mark.parametrize("name", ["energy-us", "hivemapper-goteborg"])
def test_networks_that_do_not_go_by_interest_refuse_a_field(name):
    with pytest.raises(Exception, match="does not go by interest"):
        load(name, sets=("place.interest.sd=0.5",))
