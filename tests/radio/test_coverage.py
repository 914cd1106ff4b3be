"""Probes against a plain loop, upkeep by change, and the cell kernel against explicit disks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from cell_kernel import CellCoverage, mean_overlap_share
from radio_maps import radio_of, town
from scipy.spatial import cKDTree
from scipy.special import ndtr, ndtri

from twin.kernel.streams import digest, hash_uniform
from twin.kinds.wireless import probe_links
from twin.kinds.wireless.coverage import Coverage
from twin.kinds.wireless.probe_links import ProbeLinks, link_disks, link_probes
from twin.kinds.wireless.radio import horizon_km, loss_model, positions_km, uplink_reach_km
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.regions import REGION_NAMES

SPEC = RadioSpec()
SITES, PROBES = town(400), town(3000, seed=9)
SITE = radio_of(SITES)
DISTANCE = np.linalg.norm(positions_km(SITES.lat_deg, SITES.lng_deg)[:, None] - positions_km(PROBES.lat_deg, PROBES.lng_deg)[None], axis=2)


def test_disks_link_exactly_what_is_within_reach() -> None:
    links = link_probes(SITES, SITE, PROBES, SPEC, shadowing=False, seed=1)
    expected = uplink_reach_km(SITE, SPEC)[:, None] >= DISTANCE
    assert np.array_equal(links.matrix().toarray() > 0, expected)
    assert 500 < expected.sum() < 0.5 * expected.size


def in_bytes(links: ProbeLinks) -> tuple[bytes, ...]:
    assert links.margin is not None
    return links.first.tobytes(), links.probe.tobytes(), links.margin.tobytes()


def test_how_many_pairs_at_once_and_the_bound_of_luck_change_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    mixed = replace(SITE, region=np.where(np.arange(400) % 3 == 0, REGION_NAMES.index("EU868"), SITE.region).astype(np.int8))
    whole = link_probes(SITES, mixed, PROBES, SPEC, shadowing=True, seed=1)
    monkeypatch.setattr(probe_links, "BLOCK_PAIRS", 20_000)
    assert in_bytes(link_probes(SITES, mixed, PROBES, SPEC, shadowing=True, seed=1)) == in_bytes(whole)
    monkeypatch.setattr(probe_links, "_most_luck", np.ones_like)
    assert in_bytes(link_probes(SITES, mixed, PROBES, SPEC, shadowing=True, seed=1)) == in_bytes(whole)
    monkeypatch.setattr(probe_links, "_most_luck", lambda deviations: ndtr(deviations) * (1 + 1e-9))
    assert in_bytes(link_probes(SITES, mixed, PROBES, SPEC, shadowing=True, seed=1)) == in_bytes(whole)


def test_the_bound_of_luck_is_above_the_normal_and_close_to_it() -> None:
    deviations = np.r_[np.linspace(-12, 12, 100_001), -np.inf, np.inf]
    bound = probe_links._most_luck(deviations)
    assert np.all(bound >= ndtr(deviations))
    inner = np.abs(deviations) < 3
    assert np.all(bound[inner] < 1.5 * ndtr(deviations[inner]))


def test_shadowed_links_are_the_budget_of_every_pair() -> None:
    links = link_probes(SITES, SITE, PROBES, SPEC, shadowing=True, seed=1)
    model = loss_model(SPEC, 904.6, lower_height_m=1.5)
    loss = 0.5 * sum(
        model.loss_db(DISTANCE, land_class=land, height_m=SITE.height_m[:, None])
        for land in (SITE.land_class[:, None] + 0 * PROBES.land_class, PROBES.land_class + 0 * SITE.land_class[:, None])
    )
    slot, probe = np.indices(DISTANCE.shape)
    shadow = 7.8 * ndtri(hash_uniform(digest("1|radio|probe shadowing"), slot.ravel(), probe.ravel())).reshape(DISTANCE.shape)
    margin = SITE.uplink_budget_db[:, None] - loss - shadow
    heard = links.matrix().toarray() > 0
    judged = (np.abs(shadow) < 3.9 * 7.8) & (np.abs(margin) > 1e-3)
    possible = (margin >= 0) & (horizon_km(SITE.height_m, 1.5)[:, None] >= DISTANCE)
    assert np.array_equal(heard[judged], possible[judged])
    stored = np.repeat(np.arange(400), np.diff(links.first)), links.probe
    assert links.margin is not None
    assert np.max(np.abs(links.margin / 2 - margin[stored])) < 0.51


def test_counts_kept_by_change_equal_counts_afresh() -> None:
    links, rng = link_probes(SITES, SITE, PROBES, SPEC, shadowing=True, seed=1), np.random.default_rng(4)
    coverage, linked = Coverage(links), links.matrix(np.int32)
    online, fake = np.zeros(400, bool), np.zeros(400, bool)
    for step in range(80):
        slots, on = rng.choice(400, 40), bool(rng.random() < 0.55)
        before = coverage.count()
        touched = coverage.set_online(slots, on)
        online[slots] = on
        changed = np.flatnonzero(coverage.count() != before)
        assert set(changed.tolist()) <= set(touched.tolist())
        if step % 9 == 4:
            some, lies = rng.choice(400, 15), bool(rng.random() < 0.7)
            coverage.set_fake(some, lies)
            fake[some] = lies
    honest, seen = linked.T @ (online & ~fake).astype(np.int32), linked.T @ online.astype(np.int32)
    assert (online & fake).sum() > 5
    assert np.array_equal(coverage.count(), honest)
    assert np.array_equal(coverage.count(as_seen=True), seen)
    assert coverage.covered_share() == pytest.approx((honest > 0).mean())
    assert coverage.covered_share(as_seen=True) == pytest.approx((seen > 0).mean())
    weights = rng.random(3000)
    assert coverage.covered_share(weights) == pytest.approx(weights[honest > 0].sum() / weights.sum())


def test_a_cut_of_sensor_power_is_a_smaller_budget() -> None:
    cut = np.where(np.arange(400) < 200, -6.0, 0.0).astype(np.float32)
    coverage = Coverage(link_probes(SITES, SITE, PROBES, SPEC, shadowing=True, seed=1))
    coverage.set_online(np.arange(400), True)
    coverage.set_fake([7], True)
    weaker = Coverage(link_probes(SITES, replace(SITE, uplink_budget_db=SITE.uplink_budget_db + cut), PROBES, SPEC, shadowing=True, seed=1))
    weaker.set_online(np.arange(400), True)
    weaker.set_fake([7], True)
    after = coverage.with_power_offset(cut)
    assert np.array_equal(after.count(), weaker.count())
    assert after.count().sum() < coverage.count().sum()
    disks = Coverage(link_probes(SITES, SITE, PROBES, SPEC, shadowing=False, seed=1))
    with pytest.raises(ValueError, match="disks keep no margin"):
        disks.with_power_offset(-3)


def test_nobody_on_covers_nobody() -> None:
    coverage = Coverage(link_probes(SITES, SITE, PROBES, SPEC, shadowing=False, seed=1))
    assert coverage.covered_share() == 0
    assert coverage.covered_share(np.zeros(3000)) == 0
    assert len(coverage.set_online([], True)) == 0


def test_mean_overlap_is_a_share_that_adds_up_to_the_disk() -> None:
    area, reach = 5.0, 3.0
    share = mean_overlap_share([0.0, 100.0], reach_km=reach, area_km2=area)
    assert share[0] == pytest.approx(1)
    assert share[1] == 0
    distance = np.linspace(0, 8, 400)
    ring = mean_overlap_share(distance, reach_km=reach, area_km2=area) * 2 * np.pi * distance
    assert float(np.trapezoid(ring, distance)) == pytest.approx(np.pi * reach**2, rel=0.01)


@pytest.mark.parametrize(
    ("reach_km", "per_cell", "clustered"), [(0.3, 2.0, False), (1.0, 0.4, False), (3.0, 0.08, False), (1.0, 0.4, True), (3.0, 0.08, True)]
)
def test_closures_against_explicit_disks(reach_km: float, per_cell: float, clustered: bool) -> None:
    """Flat hexagons of 0.737 km2 near the equator: own cell, kernel, probes, each against 200,000 points."""
    rng, area = np.random.default_rng(3), 0.737
    pitch, half_km = np.sqrt(2 * area / np.sqrt(3)), 14.0
    i, j = (x.ravel() for x in np.meshgrid(np.arange(-22, 23), np.arange(-22, 23)))
    centre = np.stack([pitch * (i + j / 2), pitch * np.sqrt(3) / 2 * j], axis=1) / 111.195
    n = rng.poisson(per_cell * 4 * half_km**2 / area)
    hot = rng.uniform(-half_km, half_km, (n, 2))
    if clustered:
        hot = hot[rng.integers(0, max(3, n // 8), n)] + rng.normal(0, 0.25, (n, 2))
    points = rng.uniform(-half_km, half_km, (200_000, 2)) / 111.195
    hot /= 111.195
    tree = cKDTree(centre)
    cell_of_hot, cell_of_point = tree.query(hot)[1], tree.query(points)[1]
    links = link_disks(hot[:, 1], hot[:, 0], np.full(n, reach_km), Points(points[:, 0], points[:, 1], np.zeros(len(points), np.int8)))
    coverage = Coverage(links)
    coverage.set_online(np.arange(n), True)
    truth, seen = coverage.share_by_cell(cell_of_point, len(centre))
    nearest_km = cKDTree(positions_km(hot[:, 1], hot[:, 0])).query(positions_km(points[:, 1], points[:, 0]))[0]
    assert np.array_equal(coverage.covered(), nearest_km <= np.float32(reach_km))
    kernel = CellCoverage(centre[:, 1], centre[:, 0], area_km2=area, cell_of_slot=cell_of_hot, reach_km=np.full(n, reach_km))
    inner = (np.hypot(*centre.T) * 111.195 < half_km - reach_km - 1.5) & (seen > 40)
    by_kernel = kernel.share(np.ones(n, bool))
    own = 1 - np.exp(-np.bincount(cell_of_hot, minlength=len(centre)) * np.pi * reach_km**2 / area)
    error, own_error = 100 * (by_kernel - truth)[inner].mean(), 100 * (own - truth)[inner].mean()
    print(
        f"\nreach {reach_km} km, {per_cell} per cell, {'clustered' if clustered else 'even'}: covered {truth[inner].mean():.2f}, kernel {error:+.1f} points, own cell {own_error:+.1f}"
    )
    assert abs(error) < (17 if clustered else 2.0)
    if reach_km >= 1:
        assert abs(own_error) > abs(error)


@dataclass(frozen=True)
class Points:
    lng_deg: np.ndarray
    lat_deg: np.ndarray
    land_class: np.ndarray
