"""Who is covered: fixed population probes with an integer count of hotspots within reach, and a cell kernel for maps.

A probe is a point drawn like people; it is covered when at least one honest hotspot that is on hears a sensor there. Which hotspots could is found once
per map by KD-tree; afterwards a change touches only the probes of the slots that flipped, and integers never drift.

* City (`shadowing=True`): each slot and probe have their own hashed shadow, and each link keeps its margin, so a power cut is a filter. The required
  `margin_db` then stands for fading and interference alone.
* Planet (`shadowing=False`): a disk per slot, by its own land class, antenna and walls; the required margin stands for shadowing too.

Boxes that lie about their place (fakes) serve nobody; `as_seen` counts them at the place they assert, as an outsider's map would.
What this cannot answer: capacity and collisions (a covered probe is served whatever else is sent), sensors deep in cellars, downlinks, and the
standard error of the sample (0.05 to 0.16 points for 400,000 to 100,000 probes, at half covered).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree
from scipy.special import ndtri

from twin.kernel.streams import digest, hash_uniform
from twin.kinds.wireless.hearing import flipped
from twin.kinds.wireless.hearing_city import DEEPEST_SHADOW, STEPS_PER_DB
from twin.kinds.wireless.radio import SiteRadio, Sites, clutter_class, horizon_km, loss_model, positions_km, uplink_reach_km
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.regions import REGION_NAMES, REGIONS

CHUNK_SLOTS = 50_000
REACH_QUANTILES = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Slots of similar reach are searched together, so that one good antenna does not widen the search for all."""
Floats = NDArray[np.float64]


class Places(Protocol):
    """Points drawn like people (twin.geo Points): where they are and what land they stand on."""

    @property
    def lat_deg(self) -> NDArray[np.float64]:
        """North of the equator."""

    @property
    def lng_deg(self) -> NDArray[np.float64]:
        """East of Greenwich."""

    @property
    def land_class(self) -> NDArray[np.int8]:
        """0 open, 1 suburban, 2 urban."""


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
        return self.probe[_ranges(self.first[slots], self.first[slots + 1])]

    def of_each(self, slots: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """The same with the row in `slots` that each belongs to, in that order: (row, probe)."""
        low = self.first[slots]
        size = self.first[slots + 1] - low
        row = np.repeat(np.arange(len(slots)), size)
        return row, self.probe[np.arange(len(row)) + (low - (np.cumsum(size) - size))[row]]

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
    slot, probe, _ = _pairs(positions_km(lat_deg, lng_deg), positions_km(probes.lat_deg, probes.lng_deg), reach)
    return _links(slot, probe, None, len(reach), len(probes.lat_deg))


def _links_with_shadows(sites: Sites, site: SiteRadio, probes: Places, spec: RadioSpec, *, seed: int) -> ProbeLinks:
    sd, key = spec.path_loss.shadowing_sd_db, digest(f"{seed}|radio|probe shadowing")
    ground = clutter_class(spec, probes.land_class)
    place, there = positions_km(sites.lat_deg, sites.lng_deg), positions_km(probes.lat_deg, probes.lng_deg)
    slots, found, spare = [], [], []
    for region in np.unique(site.region):
        of_region = np.flatnonzero(site.region == region)
        model = loss_model(spec, REGIONS[REGION_NAMES[region]].frequency_mhz, lower_height_m=spec.link.device_height_m)
        budget, height = site.uplink_budget_db[of_region], np.log10(site.height_m[of_region].astype(float))
        best_line = (
            0.5 * (model.intercept_db[site.land_class[of_region]] + model.intercept_db.min()) + model.intercept_per_log_height * height
        )
        room, steeper = budget + DEEPEST_SHADOW * sd - best_line, model.slope_per_log_height * height
        decades = np.maximum(room / (model.slope_db.min() + steeper), room / (model.slope_db.max() + steeper))
        farthest = np.minimum(10**decades, horizon_km(site.height_m[of_region], spec.link.device_height_m))
        row, probe, distance = _pairs(place[of_region], there, farthest.astype(np.float32))
        a, b = site.land_class[of_region[row]], ground[probe]
        line = 0.5 * (model.intercept_db[a] + model.intercept_db[b]) + model.intercept_per_log_height * height[row]
        slant = 0.5 * (model.slope_db[a] + model.slope_db[b]) + model.slope_per_log_height * height[row]
        margin = budget[row] - line - slant * np.log10(np.maximum(distance, 0.02))
        margin -= sd * ndtri(hash_uniform(key, of_region[row], probe))
        heard = margin >= 0
        slots.append(of_region[row[heard]])
        found.append(probe[heard])
        spare.append(np.minimum(margin[heard] * STEPS_PER_DB, 255).astype(np.uint8))
    return _links(np.concatenate(slots), np.concatenate(found), np.concatenate(spare), site.n, len(there))


def _pairs(place: Floats, probes: Floats, reach_km: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.int32], Floats]:
    """(slot, probe, distance km) of all probes within each slot's own reach; slots in H3 order keep the trees compact."""
    tree = cKDTree(probes, balanced_tree=False, compact_nodes=False)
    order = np.argsort(reach_km, kind="stable")
    slots: list[NDArray[np.intp]] = [np.empty(0, np.intp)]
    found: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
    distances: list[Floats] = [np.empty(0)]
    for group in np.split(order, [int(share * len(order)) for share in REACH_QUANTILES]):
        group = np.sort(group)
        for begin in range(0, len(group), CHUNK_SLOTS):
            part = group[begin : begin + CHUNK_SLOTS]
            near = cKDTree(place[part], balanced_tree=False, compact_nodes=False).sparse_distance_matrix(
                tree, float(reach_km[part].max()), output_type="ndarray"
            )
            slot, distance = part[near["i"]], near["v"]
            within = distance <= reach_km[slot]
            slots.append(slot[within])
            found.append(near["j"][within].astype(np.int32))
            distances.append(distance[within])
    return np.concatenate(slots), np.concatenate(found), np.concatenate(distances)


def _links(slot: NDArray[np.intp], probe: NDArray[np.int32], margin: NDArray[np.uint8] | None, n: int, n_probes: int) -> ProbeLinks:
    order = np.lexsort((probe, slot))
    first = np.concatenate(([0], np.cumsum(np.bincount(slot, minlength=n)))).astype(np.int64)
    return ProbeLinks(n_probes, first, probe[order], None if margin is None else margin[order])


def _ranges(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """low[0], …, high[0] − 1, low[1], … as one array."""
    size = high - low
    total = int(size.sum())
    if not total:
        return np.empty(0, np.int64)
    return np.arange(total) + np.repeat(low - np.concatenate(([0], np.cumsum(size[:-1]))), size)


class Coverage:
    """Counts of hotspots that are on, per probe: honest ones, and fakes apart."""

    def __init__(self, links: ProbeLinks) -> None:
        self.links, self.n, self.n_probes = links, links.n, links.n_probes
        self._online = np.zeros(self.n, np.bool_)
        self._fake = np.zeros(self.n, np.bool_)
        self._counts = np.zeros((2, self.n_probes), np.int32)

    def set_online(self, slots: ArrayLike, on: bool) -> NDArray[np.int32]:
        """Puts boxes on or off; returns the probes whose honest count changed (repeats possible)."""
        changed = flipped(slots, on, self._online)
        self._online[changed] = on
        fake = self._fake[changed]
        self._add(1, changed[fake], 1 if on else -1)
        return self._add(0, changed[~fake], 1 if on else -1)

    def set_fake(self, slots: ArrayLike, fake: bool = True) -> NDArray[np.int32]:
        """Marks slots as fakes (they serve nobody) or as honest again; returns the probes whose honest count changed."""
        changed = flipped(slots, fake, self._fake)
        self._fake[changed] = fake
        on = changed[self._online[changed]]
        self._add(1, on, 1 if fake else -1)
        return self._add(0, on, -1 if fake else 1)

    def count(self, *, as_seen: bool = False) -> NDArray[np.int32]:
        """Hotspots on within reach of each probe: honest ones, or all that claim to be there."""
        return np.asarray(self._counts.sum(axis=0, dtype=np.int32) if as_seen else self._counts[0].copy())

    def covered(self, *, as_seen: bool = False) -> NDArray[np.bool_]:
        """Which probes have at least one."""
        return np.asarray((self._counts > 0).any(axis=0) if as_seen else self._counts[0] > 0)

    def covered_share(self, weights: ArrayLike | None = None, *, as_seen: bool = False) -> float:
        """Share of probes covered, each weighing the same or `weights` (people, sensors of one customer); 0 if nothing weighs anything."""
        covered = self.covered(as_seen=as_seen)
        if weights is None:
            return np.count_nonzero(covered) / len(covered) if len(covered) else 0.0
        weight = np.asarray(weights, float)
        total = weight.sum()
        return float(weight[covered].sum() / total) if total > 0 else 0.0

    def share_by_cell(self, cell_of_probe: NDArray[np.integer], n_cells: int, *, as_seen: bool = False) -> tuple[Floats, NDArray[np.int64]]:
        """Covered share per cell by its probes (nan where it has none), and how many probes that rests on; cell −1 is outside."""
        inside = cell_of_probe >= 0
        probes = np.bincount(cell_of_probe[inside], minlength=n_cells)
        covered = np.bincount(cell_of_probe[inside], self.covered(as_seen=as_seen)[inside], minlength=n_cells)
        with np.errstate(invalid="ignore"):
            return covered / probes, probes

    def with_power_offset(self, db_per_slot: ArrayLike) -> Coverage:
        """The same boxes on, when sensors near each slot send with that many dB more (at most 0). Cities only: disks keep no margin."""
        cut = -np.broadcast_to(np.asarray(db_per_slot, np.float32), self.n)
        if np.any(cut < -1e-3):
            raise ValueError("power can only be cut: build the map with the greatest power it ever has")
        other = Coverage(self.links.without(cut))
        other.set_fake(np.flatnonzero(self._fake))
        other.set_online(np.flatnonzero(self._online), True)
        return other

    @property
    def online(self) -> NDArray[np.bool_]:
        """Slots that are on and honest."""
        return self._online & ~self._fake

    @property
    def fake(self) -> NDArray[np.bool_]:
        """Slots whose box lies about its place, on or off."""
        return self._fake.copy()

    @property
    def online_fake(self) -> NDArray[np.bool_]:
        """Fakes that are on."""
        return self._online & self._fake

    @property
    def online_as_seen(self) -> NDArray[np.bool_]:
        """Slots that are on, fakes included."""
        return self._online.copy()

    def serves(self, slots: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether these slots are on and honest."""
        return self._online[slots] & ~self._fake[slots]

    def count_at(self, probes: NDArray[np.integer] | slice) -> NDArray[np.int32]:
        """Honest hotspots on within reach of these probes."""
        return np.asarray(self._counts[0, probes])

    def _add(self, kind: int, slots: NDArray[np.intp], step: int) -> NDArray[np.int32]:
        if not len(slots):
            return np.empty(0, np.int32)
        touched = self.links.of(slots)
        if len(touched) > self.n_probes:
            self._counts[kind] += step * np.bincount(touched, minlength=self.n_probes).astype(np.int32)
        else:
            np.add.at(self._counts[kind], touched, np.int32(step))
        return touched
