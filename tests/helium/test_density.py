"""Dossier checks 4, 5 and 6, and the fast rule against the algorithm written out with dictionaries."""

from __future__ import annotations

from collections import Counter
from datetime import date

import h3
import h3.api.basic_int as h3int
import numpy as np
import pytest

from twin.geo import hexes
from twin.kinds.wireless.density import TransmitScale
from twin.kinds.wireless.proof_spec import DensityRowSpec
from twin.kinds.wireless.rules import rules_on

BY_NAME = {"hip17": date(2021, 1, 1), "hip104": date(2024, 1, 28)}
CENTRE = "882664c1a9fffff"
"""Resolution-8 cell of Chicago around which the scenario vectors are laid out."""


def scale_by_dictionaries(cells12, table):
    """The algorithm of the dossier (section 3.3), one hotspot and one cell at a time: the judge."""
    unclipped = Counter(h3int.cell_to_parent(int(cell), 11) for cell in cells12)
    clipped, level = Counter(unclipped), set(unclipped)
    for resolution in range(10, 3, -1):
        above = set()
        for cell in level:
            parent = h3int.cell_to_parent(cell, resolution)
            unclipped[parent] += clipped[cell]
            clipped[parent] += clipped[cell]
            above.add(parent)
        row = table[resolution]
        for cell in above:
            n = sum(clipped[other] >= row.target for other in h3int.grid_disk(cell, 1))
            clipped[cell] = min(unclipped[cell], min(row.most, row.target * max(1, n - row.neighbours + 1)))
        level = above
    chains = ([h3int.cell_to_parent(int(cell), resolution) for resolution in range(11, 3, -1)] for cell in cells12)
    return np.array([np.prod([clipped[cell] / unclipped[cell] for cell in chain]) for chain in chains])


def table_of(helium, name):
    return rules_on(helium.proof, BY_NAME[name]).density


@pytest.mark.parametrize("name", BY_NAME)
def test_unit_vectors(helium, vectors, sites_of, name):
    """Check 4 [1e-4]: the 31 cells (36 hotspots) of the oracle's own unit test; HIP-17 values computed with HIP-17's parameters."""
    rows = vectors("hip17_unit_test_vectors")
    assert len(rows) == 31
    sites = sites_of(np.repeat(rows["h3_res12_int"].to_numpy(np.uint64), rows["hotspots_in_cell"]))
    assert sites.n == 36
    scale = TransmitScale(table_of(helium, name), sites)(np.ones(sites.n, bool))
    got = [scale[sites.cell12 == np.uint64(cell)] for cell in rows["h3_res12_int"]]
    assert all(np.ptp(values) == 0 for values in got)
    assert np.round([float(values[0]) for values in got], 4) == pytest.approx(rows[f"scale_{name}"].to_numpy(), abs=1e-9)


def laid_out(radius: int, per_cell: int) -> np.ndarray:
    """Hotspots in the resolution-12 centre child of the i-th sorted resolution-9 child of each cell of a disk."""
    cells = [sorted(h3.cell_to_children(cell, 9))[i] for cell in h3.grid_disk(CENTRE, radius) for i in range(per_cell)]
    return np.array([int(h3.cell_to_center_child(cell, 12), 16) for cell in cells], np.uint64)


@pytest.mark.parametrize("name", BY_NAME)
def test_crowding_scenarios(helium, vectors, sites_of, name):
    """Checks 5 and 6 [0.05]: lone hotspot, four in a cell, flowers and disks."""
    rows = vectors("hip17_scenario_vectors")
    for row in rows.itertuples():
        sites = sites_of(laid_out(row.res8_disk_radius_k, row.hotspots_per_res8))
        assert sites.n == row.hotspots_total
        scale = TransmitScale(table_of(helium, name), sites)(np.ones(sites.n, bool))
        assert scale.sum() == pytest.approx(getattr(row, f"sum_scale_{name}"), abs=0.05), row.scenario
        centre = hexes.parents(sites.cell12, 8) == np.uint64(int(CENTRE, 16))
        assert scale[centre].mean() == pytest.approx(getattr(row, f"center_scale_{name}"), abs=1e-4), row.scenario


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_stacked_in_one_cell(helium, sites_of, name, n):
    """Check 5: n hotspots in one resolution-12 cell share one hotspot's pay."""
    sites = sites_of(np.full(n, int(h3.cell_to_center_child(CENTRE, 12), 16), np.uint64))
    scale = TransmitScale(table_of(helium, name), sites)(np.ones(n, bool))
    assert scale == pytest.approx(np.full(n, 1 / n), rel=1e-6)


@pytest.mark.parametrize("name", BY_NAME)
def test_same_as_dictionaries(helium, sites_of, name):
    """A dense city, with every other site switched off and with clusters: relative deviation below 1e-5 (float32)."""
    rng = np.random.default_rng(11)
    cells = hexes.cell_of(57.7 + rng.normal(0, 0.05, 4_000), 11.97 + rng.normal(0, 0.09, 4_000), 12)
    sites = sites_of(np.r_[cells, np.repeat(cells[:20], 15)])
    rule = TransmitScale(table_of(helium, name), sites)
    for counted in (np.ones(sites.n, bool), rng.random(sites.n) < 0.5, np.zeros(sites.n, bool)):
        want = scale_by_dictionaries(sites.cell12[counted], table_of(helium, name))
        assert rule(counted)[counted] == pytest.approx(want, rel=1e-5)
    assert rule(np.ones(sites.n, bool)).mean() < 0.9


def test_one_more_hotspot_never_helps_its_own_cell(helium, sites_of):
    """Pay of a cell's other hotspots falls when one joins on the same spot, and nobody far away notices."""
    rng = np.random.default_rng(5)
    near = hexes.cell_of(41.88 + rng.normal(0, 0.02, 300), -87.63 + rng.normal(0, 0.02, 300), 12)
    far = hexes.cell_of(rng.uniform(45, 46, 300), rng.uniform(5, 6, 300), 12)
    sites = sites_of(np.r_[near, near[:1], far])
    twin_slots = np.flatnonzero(sites.cell12 == near[0])
    rule, everyone = TransmitScale(table_of(helium, "hip17"), sites), np.ones(sites.n, bool)
    without = everyone.copy()
    without[twin_slots[-1]] = False
    before, after = rule(without), rule(everyone)
    assert after[twin_slots[0]] < before[twin_slots[0]]
    elsewhere = np.isin(sites.cell12, far)
    assert np.array_equal(before[elsewhere], after[elsewhere])


def test_a_limit_below_the_target_is_refused(sites_of):
    with pytest.raises(ValueError, match="below `target`"):
        TransmitScale({8: DensityRowSpec(neighbours=2, target=5, most=4)}, sites_of(laid_out(1, 1)))
