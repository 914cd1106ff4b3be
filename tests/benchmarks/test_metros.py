"""The comparison of metropolitan areas: its measures know clumps, and what is grown has the number that was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import metros
from benchmarks.metros import BY_CITY, Ground, Law, Metro
from twin.geo import hexes, local_plane, places
from twin.scenario.sections.place import InterestFieldSpec


@pytest.fixture(scope="module")
def springs() -> Metro:
    """Made up: 120 hotspots on the cells within 10 km of Colorado Springs, at random."""
    centre = places.find("Colorado Springs", country="US")
    ids = hexes.cells_covering(local_plane.disc(centre.lat_deg, centre.lng_deg, 10.0), 8)
    of, member = hexes.disk_pairs(ids, 1)
    hotspots = np.bincount(np.random.default_rng(1).integers(0, len(ids), 120), minlength=len(ids))
    lat, lng = hexes.centres(ids)
    inner = np.hypot((lat - centre.lat_deg) * 111.2, (lng - centre.lng_deg) * 86.8) < 5
    return Metro("colorado_springs", ids, hotspots, inner, of, member)


def test_the_measures_tell_clumps_from_chance(springs):
    even = np.ones(len(springs.ids))
    by_chance = springs.measures(springs.hotspots, even)
    clump = np.zeros(len(springs.ids), np.int64)
    clump[springs.member[springs.of == len(clump) // 2]] = 12
    clumped = springs.measures(clump, even)
    assert by_chance[0] == pytest.approx(1, abs=0.3) and abs(by_chance[3]) < 0.2
    assert clumped[0] > 5 and clumped[1] == 0 and clumped[3] > 0.3
    assert by_chance[2] == springs.hotspots[springs.inner].sum() / 120
    assert metros.loss(by_chance[None], by_chance) == 0 < metros.loss(clumped[None], by_chance)


def test_as_many_stand_there_as_in_reality_and_neighbours_clump(springs):
    ground = Ground(springs, BY_CITY, seed=1)
    plain = metros.grown(ground, Law("", BY_CITY), 1)
    near = metros.grown(ground, Law("", BY_CITY, near_share=1.0, field=InterestFieldSpec(sd=1.0, km=3.0)), 1)
    assert plain.sum() == near.sum() == 120
    assert springs.measures(near, ground.people)[3] > springs.measures(plain, ground.people)[3] + 0.1
    assert np.array_equal(plain, metros.grown(ground, Law("", BY_CITY), 1))


def test_without_the_bulk_file_the_command_says_so(tmp_path):
    with pytest.raises(SystemExit, match="is not there"):
        metros.main(["--observed", str(tmp_path)])
