"""Planet scale: who hears whom as a kernel between occupied res-7 cells, O(slots + pairs of near cells) each time it is asked.

Two sites i, j in cells c, d hear each other with probability f_i f_j K[c, d]. K is the link budget of hearing_city.py averaged over antennas, walls and
shadowing, at the root mean square distance of the cells' sites, by region and by land class of both ends. f is how much better than the mean a site
is placed (antenna, walls), from the same budget averaged over the distances at which the pool's sites stand; its mean is 1 in every region and class.
Pairs of cells below `SMALLEST_PROBABILITY` are left out and their share, measured on a sample, is spread over the kept ones. Regions (band plans) do
not hear each other.

What this cannot answer: which pairs hear each other (only how many, expected), so w is a mean, never a whole number, and the curve of HIP-15 is taken
at that mean; f_i f_j K may pass 1 for two very good sites side by side (sums stay right on average, single sites in crowded cells are a little
too rich); exact places inside a cell; shadowing common to a whole valley. A power cut lowers K by the mean cut of the beaconer's cell and leaves f.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from scipy.spatial import cKDTree  # type: ignore[import-untyped]
from scipy.special import ndtr  # type: ignore[import-untyped]

from twin.networks.wireless.hearing import HONEST, ClosedGroups, flipped
from twin.networks.wireless.radio import LAND_CLASSES, SiteRadio, Sites, beacon_sensitivity_dbm, loss_model, positions_km
from twin.networks.wireless.radio_spec import RadioSpec
from twin.networks.wireless.regions import REGION_NAMES, REGIONS

DISTANCE_KM = np.geomspace(0.1, 100.0, 112)
"""Middle of each distance band: 6 % apart."""
SMALLEST_PROBABILITY = 0.02
FARTHEST_KM = 60.0
PARTNERS = 1024
SAMPLED_CELLS = 2000
CHUNK_CELLS = 50_000
_N_CLASSES = len(LAND_CLASSES)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _RegionBudget:
    """Mean chance of hearing in one region, from a sample of its sites."""

    sends: Floats
    hears: Floats
    log_height: Floats
    intercept: Floats
    slope: Floats
    per_height: tuple[float, float]
    sd: float
    nearest_km: float
    farthest_km: float

    @classmethod
    def of(cls, site: SiteRadio, spec: RadioSpec, region: int, slots: NDArray[np.intp]) -> _RegionBudget:
        some = slots[np.linspace(0, len(slots) - 1, min(len(slots), PARTNERS)).astype(np.intp)]
        model = loss_model(spec, REGIONS[REGION_NAMES[region]].frequency_mhz, lower_height_m=spec.link.lower_hotspot_height_m)
        walls = site.indoor_loss_db[some].astype(float)
        return cls(
            site.eirp_dbm[some] - walls,
            site.gain_dbi[some] - walls - beacon_sensitivity_dbm(spec)[region],
            np.log10(site.height_m[some].astype(float)),
            model.intercept_db,
            model.slope_db,
            (model.intercept_per_log_height, model.slope_per_log_height),
            max(spec.path_loss.shadowing_sd_db, 1e-6),
            spec.witness.nearest_km,
            spec.witness.farthest_km,
        )

    def chance(self, power: Floats, log_height: Floats, pair: tuple[int, int], distance_km: Floats) -> Floats:
        """Chance that a link of this power is heard: power and height of shape (m, 1) against distances of shape (k,)."""
        intercept = 0.5 * (self.intercept[pair[0]] + self.intercept[pair[1]]) + self.per_height[0] * log_height
        slope = 0.5 * (self.slope[pair[0]] + self.slope[pair[1]]) + self.per_height[1] * log_height
        heard: Floats = ndtr((power - intercept - slope * np.log10(distance_km)) / self.sd)
        heard[..., (distance_km < self.nearest_km) | (distance_km > self.farthest_km)] = 0
        return heard

    def table(self, offset_db: float) -> Floats:
        """Mean chance by pair of land classes (3 x 3) and distance band, transmit power changed by `offset_db`."""
        m = len(self.sends)
        other = (np.arange(m) * 7 + m // 2 + 1) % m  # each sampled site with another one, the same every time
        power = (self.sends + self.hears[other] + offset_db)[:, None]
        height = np.maximum(self.log_height, self.log_height[other])[:, None]
        out = np.empty((_N_CLASSES, _N_CLASSES, len(DISTANCE_KM)))
        for a in LAND_CLASSES:
            for b in range(a + 1):
                out[a, b] = out[b, a] = self.chance(power, height, (a, b), DISTANCE_KM).mean(axis=0)
        return out

    def advantage(self, extra_db: NDArray[np.float32], log_height: Floats, land_class: int, weight: Floats) -> Floats:
        """How much more often than a mean site each of these is in a heard pair, pairs lying at distances weighted by `weight`."""
        used = np.flatnonzero(weight)
        used = used[:: max(1, len(used) // 24)]
        mates = np.linspace(0, len(self.sends) - 1, min(len(self.sends), 128)).astype(np.intp)
        mate = (0.5 * (self.sends + self.hears))[mates]
        decibels = np.linspace(float(extra_db.min()), float(extra_db.max()) + 1e-3, 25)
        heights = np.linspace(float(log_height.min()), float(log_height.max()) + 1e-6, 6)
        grid = np.empty((len(decibels), len(heights)))
        for k, height in enumerate(heights):
            power = (decibels[:, None] + mate[None, :])[..., None]
            upper = np.maximum(height, self.log_height[mates])[None, :, None]
            chance = self.chance(power, upper, (land_class, land_class), DISTANCE_KM[used])
            grid[:, k] = (chance * weight[used]).sum(axis=2).mean(axis=1)
        x = (extra_db - decibels[0]) / (decibels[1] - decibels[0])
        y = (log_height - heights[0]) / (heights[1] - heights[0])
        row, column = np.minimum(x.astype(np.intp), len(decibels) - 2), np.minimum(y.astype(np.intp), len(heights) - 2)
        u, v = x - row, y - column
        at = (1 - u) * ((1 - v) * grid[row, column] + v * grid[row, column + 1]) + u * (
            (1 - v) * grid[row + 1, column] + v * grid[row + 1, column + 1]
        )
        mean = at.mean()
        return at / mean if mean > 0 else np.ones_like(at)


@dataclass(frozen=True)
class HearingKernel:
    """K between occupied cells: rows are beaconers' cells. `band` says the distance band of each entry, so a power cut only changes the values."""

    first_slot: NDArray[np.int32]
    cell_class: NDArray[np.int8]
    cell_region: NDArray[np.int8]
    advantage: NDArray[np.float32]
    first: NDArray[np.int32]
    listener: NDArray[np.int32]
    band: NDArray[np.uint8]
    own_chance: NDArray[np.float32]
    """Share of the band's chance that holds inside a cell, where some pairs stand too close to count."""
    tail: NDArray[np.float64]
    budgets: dict[int, _RegionBudget]

    def values(self, offset_db: NDArray[np.float32]) -> NDArray[np.float32]:
        """Chance of each entry when each cell's beaconers send with that offset."""
        out = np.empty(len(self.listener), np.float32)
        row = np.repeat(np.arange(len(self.cell_class), dtype=np.int32), np.diff(self.first))
        wanted = np.round(offset_db * 2).astype(np.int32)
        for region, budget in self.budgets.items():
            for step in np.unique(wanted[self.cell_region == region]):
                table = (budget.table(step / 2) * self.tail[region]).astype(np.float32)
                at = np.flatnonzero(((self.cell_region == region) & (wanted == step))[row])
                out[at] = table[self.cell_class[row[at]], self.cell_class[self.listener[at]], self.band[at]]
        own = row == self.listener
        out[own] *= self.own_chance
        return out


def build_hearing_kernel(sites: Sites, first_slot: NDArray[np.int32], site: SiteRadio, spec: RadioSpec) -> HearingKernel:
    """The kernel of a pool; `first_slot` is `pool.first[7]`. About 10 s and 0.5 GB for a million sites of the world."""
    size = np.diff(first_slot)
    starts = first_slot[:-1]
    place = positions_km(sites.lat_deg, sites.lng_deg)
    centre = np.add.reduceat(place, starts) / size[:, None]
    scatter = np.maximum(np.add.reduceat((place * place).sum(axis=1), starts) / size - (centre * centre).sum(axis=1), 0)
    del place
    cell_class = np.round(np.add.reduceat(site.land_class.astype(np.float32), starts) / size).astype(np.int8)
    cell_region = site.region[starts]
    budgets: dict[int, _RegionBudget] = {}
    tail, advantage = np.ones(len(REGION_NAMES)), np.ones(site.n, np.float32)
    rows: list[NDArray[np.int32]] = []
    columns: list[NDArray[np.int32]] = []
    bands: list[NDArray[np.uint8]] = []
    for region in np.unique(cell_region).tolist():
        slots = np.flatnonzero(site.region == region)
        budget = budgets[region] = _RegionBudget.of(site, spec, region, slots)
        table = budget.table(0.0)
        cells = np.flatnonzero(cell_region == region)
        tree = cKDTree(centre[cells])
        kept_to = np.array([[_last_above(table[a, b]) for b in LAND_CLASSES] for a in LAND_CLASSES])
        weight, tail[region] = _sampled_distances(tree, centre, scatter, cells, size, cell_class, table, kept_to)
        reach = float(DISTANCE_KM[max(int(kept_to.max()), 0)])
        for begin in range(0, len(cells), CHUNK_CELLS):
            part = cells[begin : begin + CHUNK_CELLS]
            near = cKDTree(centre[part]).sparse_distance_matrix(tree, reach, output_type="ndarray")
            a, b = part[near["i"]], cells[near["j"]]
            band = _band(near["v"] ** 2 + scatter[a] + scatter[b])
            kept = ((band <= kept_to[cell_class[a], cell_class[b]]) & ((a != b) | (size[a] > 1)))
            rows.append(a[kept].astype(np.int32))
            columns.append(b[kept].astype(np.int32))
            bands.append(band[kept].astype(np.uint8))
        for land in LAND_CLASSES:
            of_class = slots[site.land_class[slots] == land]
            if len(of_class):
                extra = 0.5 * (site.eirp_dbm[of_class] + site.gain_dbi[of_class]) - site.indoor_loss_db[of_class]
                extra = extra - np.float32(0.5 * beacon_sensitivity_dbm(spec)[region])
                advantage[of_class] = budget.advantage(extra, np.log10(site.height_m[of_class].astype(float)), land, weight)
    row = np.concatenate(rows)
    order = np.argsort(row, kind="stable")
    listener, band8 = np.concatenate(columns)[order], np.concatenate(bands)[order]
    first = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=len(size))))).astype(np.int32)
    own = np.flatnonzero(row[order] == listener)
    own_cell = listener[own]
    # inside a cell: mean square distance of two different sites, and the share of pairs far enough apart if they scatter like a normal cloud
    mean_square = 2 * scatter[own_cell] * size[own_cell] / (size[own_cell] - 1)
    band8[own] = _band(np.maximum(mean_square, spec.witness.nearest_km**2 * 1.2))
    far_enough = np.exp(-(spec.witness.nearest_km**2) / np.maximum(mean_square, 1e-6)).astype(np.float32)
    return HearingKernel(first_slot, cell_class, cell_region, advantage, first, listener, band8, far_enough, tail, budgets)


def _band(squared_km: Floats) -> NDArray[np.intp]:
    ratio = np.log(DISTANCE_KM[1] / DISTANCE_KM[0])
    band = np.round((0.5 * np.log(np.maximum(squared_km, 1e-4)) - np.log(DISTANCE_KM[0])) / ratio)
    return np.clip(band, 0, len(DISTANCE_KM) - 1).astype(np.intp)


def _last_above(chance: Floats) -> int:
    above = np.flatnonzero(chance >= SMALLEST_PROBABILITY)
    return int(above[-1]) if len(above) else -1


def _sampled_distances(
    tree: cKDTree,
    centre: Floats,
    scatter: Floats,
    cells: NDArray[np.intp],
    size: NDArray[np.int32],
    cell_class: NDArray[np.int8],
    table: Floats,
    kept_to: NDArray[np.intp],
) -> tuple[Floats, float]:
    """Pairs of sites per distance band on a sample of cells, and by how much the kept chances fall short of all."""
    some = cells[np.linspace(0, len(cells) - 1, min(len(cells), SAMPLED_CELLS)).astype(np.intp)]
    near = cKDTree(centre[some]).sparse_distance_matrix(tree, FARTHEST_KM, output_type="ndarray")
    a, b = some[near["i"]], cells[near["j"]]
    pairs = size[a].astype(float) * (size[b] - (a == b))
    band = _band(near["v"] ** 2 + scatter[a] + scatter[b])
    heard = pairs * table[cell_class[a], cell_class[b], band]
    kept = heard[band <= kept_to[cell_class[a], cell_class[b]]].sum()
    weight = np.bincount(band, pairs, minlength=len(DISTANCE_KM)).astype(float)
    return weight, float(heard.sum() / kept) if kept > 0 else 1.0


class HearingPlanet:
    """`Hearing` on the kernel: asked monthly, it adds up cells; a change costs nothing."""

    def __init__(self, kernel: HearingKernel, *, power_offset_db: ArrayLike = 0.0) -> None:
        self.kernel, self.n = kernel, len(kernel.advantage)
        self._starts, self._size = kernel.first_slot[:-1], np.diff(kernel.first_slot)
        offset = np.broadcast_to(np.asarray(power_offset_db, np.float32), self.n)
        if np.any(offset > 0):
            raise ValueError("power can only be cut: build the map with the greatest power it ever has")
        values = kernel.values(np.add.reduceat(offset, self._starts) / self._size)
        cells = len(self._size)
        self._matrix = csr_matrix((values, kernel.listener, kernel.first), shape=(cells, cells))
        self._back = self._matrix.T
        self._own = self._matrix.diagonal()
        self._online = np.zeros(self.n, np.bool_)
        self._fakes = ClosedGroups(self.n)

    def set_online(self, slots: ArrayLike, on: bool) -> None:
        """See Hearing."""
        self._online[flipped(slots, on, self._online)] = on

    def set_fake(self, slots: ArrayLike, group: ArrayLike) -> None:
        """See Hearing."""
        self._fakes.assign(np.asarray(slots, np.intp), group)

    def witnesses(self) -> NDArray[np.float32]:
        """See Hearing."""
        out = self._through(self._matrix, self._honest().astype(np.float32))
        self._fakes.fill_witnesses(out, self._online)
        return out

    def spread(self, q: ArrayLike) -> NDArray[np.float32]:
        """See Hearing."""
        given = np.asarray(q, np.float32)
        out = self._through(self._back, np.where(self._honest(), given, np.float32(0)))
        self._fakes.fill_spread(out, given, self._online)
        return out

    def with_power_offset(self, db_per_slot: ArrayLike) -> HearingPlanet:
        """See Hearing."""
        other = HearingPlanet(self.kernel, power_offset_db=db_per_slot)
        fake = np.flatnonzero(self._fakes.group != HONEST)
        other.set_fake(fake, self._fakes.group[fake])
        other.set_online(np.flatnonzero(self._online), True)
        return other

    def _honest(self) -> NDArray[np.bool_]:
        return self._online & (self._fakes.group == HONEST)

    def _through(self, matrix: csr_matrix, given: NDArray[np.float32]) -> NDArray[np.float32]:
        """f_i times the kernel's sum of f_j given_j, a box's own part taken out, for honest boxes that are on."""
        own_part = self.kernel.advantage * given
        sums = matrix @ np.add.reduceat(own_part, self._starts)
        out = np.repeat(sums, self._size)
        own_part *= np.repeat(self._own, self._size)
        out -= own_part
        out *= self.kernel.advantage
        np.maximum(out, 0, out=out)
        out[~self._honest()] = 0
        return out
