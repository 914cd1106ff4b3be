"""Which population probes each slot could serve, found once per map: a probe is a point drawn like people.

* City (`shadowing=True`): each slot and probe have their own hashed shadow, and each link keeps its margin, so a power cut is a filter. The required
  `margin_db` then stands for fading and interference alone.
* Planet (`shadowing=False`): a disk per slot, by its own land class, antenna and walls; the required margin stands for shadowing too.

What this cannot answer: sensors deep in cellars, downlinks, a hill in the way (it is shadowing like any other).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree
from scipy.special import ndtr, ndtri

from twin.arrays import Floats
from twin.kernel.streams import digest, hash_uniform
from twin.kinds.wireless.hearing_city import DEEPEST_SHADOW, STEPS_PER_DB
from twin.kinds.wireless.radio import (
    MIN_DISTANCE_KM,
    Places,
    SiteRadio,
    Sites,
    clutter_class,
    horizon_km,
    loss_model,
    positions_km,
    uplink_reach_km,
)
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.regions import REGION_NAMES, REGIONS

CHUNK_SLOTS = 50_000
BLOCK_PAIRS = 250_000
CHUNK_LINKS = 200_000
FEW_SLOTS = 12
"""Up to so many it is quicker to put their rows behind one another than to reckon where each stands (measured)."""
REACH_QUANTILES = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Slots of similar reach are searched together, so that one good antenna does not widen the search for all."""


@dataclass(frozen=True)
class ProbeLinks:
    """Compressed rows by slot: `probe[first[i]:first[i + 1]]` are the probes that slot i can serve."""

    n_probes: int
    first: NDArray[np.int64]
    probe: NDArray[np.int32]
    margin: NDArray[np.uint8] | None
    """Power to spare above the required margin, in steps of 0.5 dB rounded down; None for disks."""

    @property
    def n(self) -> int:
        """Number of slots."""
        return len(self.first) - 1

    def of(self, slots: NDArray[np.intp]) -> NDArray[np.int32]:
        """All probes of these slots, one after the other, repeats kept."""
        if len(slots) > FEW_SLOTS:
            return self.probe[_ranges(self.first[slots], self.first[slots + 1])]
        rows = [self.probe[begin:end] for begin, end in zip(self.first[slots].tolist(), self.first[slots + 1].tolist(), strict=True)]
        return rows[0] if len(rows) == 1 else np.concatenate([*rows, self.probe[:0]])

    def of_each(self, slots: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """The same with the row in `slots` that each belongs to, in that order: (row, probe)."""
        return np.arange(len(slots)).repeat(self.first[slots + 1] - self.first[slots]), self.of(slots)

    def sums(self, value_at_probe: Floats) -> Floats:
        """For each slot the sum of the values at its probes, added in their order."""
        return np.concatenate([rows @ value_at_probe for rows in self._matrices] or [np.empty(0)])

    @cached_property
    def _matrices(self) -> list[csr_matrix]:
        """Ones where linked, some slots at a time: all share the ones of the largest."""
        cuts = [0]
        while cuts[-1] < self.n:
            stop = int(np.searchsorted(self.first, self.first[cuts[-1]] + CHUNK_LINKS, side="right")) - 1
            cuts.append(min(max(stop, cuts[-1] + 1), self.n))
        bounds = self.first[cuts]
        ones, found = np.ones(int(np.diff(bounds).max(initial=0))), []
        for begin, stop, low, high in zip(cuts[:-1], cuts[1:], bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            rows = csr_matrix((stop - begin, self.n_probes))
            # set one by one: given to the constructor they would be copied
            rows.indptr, rows.indices, rows.data = (self.first[begin : stop + 1] - low).astype(np.int32), self.probe[low:high], ones[: high - low]
            found.append(rows)
        return found

    def without(self, cut_db: NDArray[np.float32]) -> ProbeLinks:
        """The links that survive when sensors near each slot send with `cut_db` less. Raises ValueError for disks, which keep no margin."""
        if self.margin is None:
            raise ValueError("disks keep no margin: build them again from a smaller uplink budget (SiteRadio.uplink_budget_db)")
        kept = self.margin >= np.repeat(np.ceil(cut_db * STEPS_PER_DB), np.diff(self.first))
        before = np.concatenate(([0], np.cumsum(kept)))
        return ProbeLinks(self.n_probes, before[self.first], self.probe[kept], self.margin[kept])

    def matrix(self, dtype: type = np.float32) -> csr_matrix:
        """Slots by probes, ones where linked."""
        return csr_matrix((np.ones(len(self.probe), dtype), self.probe, self.first), shape=(self.n, self.n_probes))


def link_probes(sites: Sites, site: SiteRadio, probes: Places, spec: RadioSpec, *, shadowing: bool, seed: int) -> ProbeLinks:
    """Which probes each slot can serve. A million slots against 200,000 probes take about 2 s without shadowing."""
    if shadowing and spec.path_loss.shadowing_sd_db > 0:
        return _links_with_shadows(sites, site, probes, spec, seed=seed)
    return link_disks(sites.lat_deg, sites.lng_deg, uplink_reach_km(site, spec), probes)


def link_disks(lat_deg: ArrayLike, lng_deg: ArrayLike, reach_km: ArrayLike, probes: Places) -> ProbeLinks:
    """Probes within each slot's reach."""
    reach = np.asarray(reach_km, np.float32)
    slot, probe = _pairs(positions_km(lat_deg, lng_deg), positions_km(probes.lat_deg, probes.lng_deg), reach)
    order = np.lexsort((probe, slot))
    first = np.concatenate(([0], np.cumsum(np.bincount(slot, minlength=len(reach))))).astype(np.int64)
    return ProbeLinks(len(probes.lat_deg), first, probe[order], None)


def _links_with_shadows(sites: Sites, site: SiteRadio, probes: Places, spec: RadioSpec, *, seed: int) -> ProbeLinks:
    sd, key = spec.path_loss.shadowing_sd_db, digest(f"{seed}|radio|probe shadowing")
    ground = clutter_class(spec, probes.land_class)
    place, there = positions_km(sites.lat_deg, sites.lng_deg), positions_km(probes.lat_deg, probes.lng_deg)
    blocks: list[_Block] = []
    for region in np.unique(site.region):
        of_region = np.flatnonzero(site.region == region)
        model = loss_model(spec, REGIONS[REGION_NAMES[region]].frequency_mhz, lower_height_m=spec.link.device_height_m)
        budget, height = site.uplink_budget_db[of_region], np.log10(site.height_m[of_region].astype(float))
        own = site.land_class[of_region]
        best_line = 0.5 * (model.intercept_db[own] + model.intercept_db.min()) + model.intercept_per_log_height * height
        room, steeper = budget + DEEPEST_SHADOW * sd - best_line, model.slope_per_log_height * height
        decades = np.maximum(room / (model.slope_db.min() + steeper), room / (model.slope_db.max() + steeper))
        farthest = np.minimum(10**decades, horizon_km(site.height_m[of_region], spec.link.device_height_m)).astype(np.float32)
        # by slot and land class of the probe: power to spare at 1 km, and what ten times the distance takes of it
        line = 0.5 * (model.intercept_db[own][:, None] + model.intercept_db) + (model.intercept_per_log_height * height)[:, None]
        at_1_km, per_decade = budget[:, None] - line, 0.5 * (model.slope_db[own][:, None] + model.slope_db) + steeper[:, None]
        for part in _of_like_reach(farthest, max(1, BLOCK_PAIRS // max(len(there), 1))):
            slots = of_region[part]
            row, probe, distance = _pairs_of_block(place[slots], there, farthest[part])
            cell = part[row] * per_decade.shape[1] + ground[probe]
            margin = at_1_km.ravel()[cell] - per_decade.ravel()[cell] * np.log10(np.maximum(distance, MIN_DISTANCE_KM))
            luck = hash_uniform(key, slots[row], probe)
            possible = np.flatnonzero(luck <= _most_luck(margin / sd))
            margin = margin[possible] - sd * ndtri(luck[possible])
            heard = margin >= 0
            possible = possible[heard]
            spare = np.minimum(margin[heard] * STEPS_PER_DB, 255).astype(np.uint8)
            blocks.append(_Block(slots, np.bincount(row[possible], minlength=len(slots)), probe[possible].astype(np.int32), spare))
    return _joined(blocks, site.n, len(there))


LUCK_STEPS, LUCK_ENDS_AT = 16, 9.0
_MOST_LUCK = ndtr(np.arange(2 * LUCK_ENDS_AT * LUCK_STEPS + 1) / LUCK_STEPS - LUCK_ENDS_AT + 1 / LUCK_STEPS) * (1 + 1e-6)


def _most_luck(deviations: Floats) -> Floats:
    """No greater uniform has a normal below so many standard deviations: a rough bound, so that few normals need be computed."""
    step = (deviations + LUCK_ENDS_AT) * LUCK_STEPS
    return np.asarray(_MOST_LUCK[np.clip(step, 0, len(_MOST_LUCK) - 1).astype(np.intp)])


def _of_like_reach(reach_km: NDArray[np.float32], at_most: int) -> Iterator[NDArray[np.intp]]:
    """All rows, some at a time, ascending; those of similar reach together."""
    order = np.argsort(reach_km, kind="stable")
    for group in np.split(order, [int(share * len(order)) for share in REACH_QUANTILES]):
        group = np.sort(group)
        for begin in range(0, len(group), at_most):
            yield group[begin : begin + at_most]


def _pairs_of_block(place: Floats, probes: Floats, reach_km: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """(row, probe, distance km) of all probes within reach of a few neighbouring sites, in that order; probes outside the ball around all are passed over."""
    middle = place.mean(axis=0)
    ball = float(np.sqrt(((place - middle) ** 2).sum(axis=1).max())) + float(reach_km.max()) + 1e-3
    near = np.flatnonzero(((probes - middle) ** 2).sum(axis=1) <= ball * ball)
    squared = np.zeros((len(place), len(near)))
    for axis in range(3):
        gap = place[:, axis, None] - probes[None, near, axis]
        gap *= gap
        squared += gap
    distance = np.sqrt(squared, out=squared)
    row, column = np.nonzero(distance <= reach_km[:, None])
    return row, near[column], distance[row, column]


@dataclass(frozen=True)
class _Block:
    """Links of some slots, slot by slot."""

    slots: NDArray[np.intp]
    size: NDArray[np.intp]
    probe: NDArray[np.int32]
    margin: NDArray[np.uint8]


def _joined(blocks: list[_Block], n: int, n_probes: int) -> ProbeLinks:
    """One table of blocks that hold each slot once."""
    size = np.zeros(n, np.int64)
    for block in blocks:
        size[block.slots] = block.size
    first = np.concatenate(([0], np.cumsum(size)))
    probe, margin = np.empty(first[-1], np.int32), np.empty(first[-1], np.uint8)
    for block in blocks:
        rows = _ranges(first[block.slots], first[block.slots + 1])
        probe[rows], margin[rows] = block.probe, block.margin
    return ProbeLinks(n_probes, first, probe, margin)


def _pairs(place: Floats, probes: Floats, reach_km: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """(slot, probe) of all probes within each slot's own reach; slots in H3 order keep the trees compact."""
    tree = cKDTree(probes, balanced_tree=False, compact_nodes=False)
    slots: list[NDArray[np.intp]] = [np.empty(0, np.intp)]
    found: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
    for part in _of_like_reach(reach_km, CHUNK_SLOTS):
        near = cKDTree(place[part], balanced_tree=False, compact_nodes=False).sparse_distance_matrix(
            tree, float(reach_km[part].max()), output_type="ndarray"
        )
        slot = part[near["i"]]
        within = near["v"] <= reach_km[slot]
        slots.append(slot[within])
        found.append(near["j"][within].astype(np.int32))
    return np.concatenate(slots), np.concatenate(found)


def _ranges(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """low[0], …, high[0] − 1, low[1], … as one array."""
    size = high - low
    ends = size.cumsum()
    in_order: NDArray[np.int64] = np.arange(int(ends[-1]) if len(ends) else 0) + (low - (ends - size)).repeat(size)
    return in_order
