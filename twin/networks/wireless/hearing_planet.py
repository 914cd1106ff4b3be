"""Planet scale: who hears whom as a kernel between occupied cells, O(slots + pairs of near cells) each time it is asked.

Two sites i, j in cells c, d hear each other with probability f_i f_j K[c, d]. K is the link budget of hearing_city.py averaged over antennas, walls and
shadowing, at the root mean square distance of the cells' sites, by region and by land class of both ends. Cells are res 7 up to `NEAR_KM` and res 6
beyond: a res-7 kernel to the end would have 33 M entries for a million sites (measured), this has a fifth of it. f is how much better than the mean a site
is placed (antenna, walls), from the same budget averaged over the distances at which the pool's sites stand; its mean is 1 in every region and class.
Pairs of cells below `SMALLEST_PROBABILITY` are left out and their share, measured on a sample, is spread over the kept ones. Regions (band plans) do
not hear each other.

What this cannot answer: which pairs hear each other (only how many, expected), so w is a mean, never a whole number, and the curve of HIP-15 is taken
at that mean; f_i f_j K may pass 1 for two very good sites side by side (sums stay right on average, single sites in crowded cells are a little
too rich); exact places inside a cell; shadowing common to a whole valley. A power cut lowers K by the mean cut of the beaconer's cell and leaves f.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree
from scipy.special import ndtr

from twin.networks.wireless.hearing import HONEST, ClosedGroups, flipped
from twin.networks.wireless.radio import LAND_CLASSES, SiteRadio, Sites, beacon_sensitivity_dbm, loss_model, positions_km
from twin.networks.wireless.radio_spec import RadioSpec
from twin.networks.wireless.regions import REGION_NAMES, REGIONS

DISTANCE_KM = np.geomspace(0.1, 100.0, 112)
"""Middle of each distance band: 6 % apart."""
SMALLEST_PROBABILITY = 0.02
NEAR_KM = 4.0
FARTHEST_KM = 60.0
PARTNERS = 1024
SAMPLED_CELLS = 1000
CHUNK_CELLS = 50_000
_N_CLASSES = len(LAND_CLASSES)
Floats = NDArray[np.float64]
Pairs = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]


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
class _Cells:
    """The occupied cells of one resolution: where their sites stand on average, how far they scatter, what land and which region they are."""

    first_slot: NDArray[np.int32]
    size: NDArray[np.int32]
    centre: Floats
    scatter_km2: Floats
    land_class: NDArray[np.int8]
    region: NDArray[np.int8]

    @classmethod
    def of(cls, place: Floats, first_slot: NDArray[np.int32], site: SiteRadio) -> _Cells:
        size, starts = np.diff(first_slot), first_slot[:-1]
        centre = np.add.reduceat(place, starts) / size[:, None]
        spread = np.add.reduceat((place * place).sum(axis=1), starts) / size - (centre * centre).sum(axis=1)
        land = np.round(np.add.reduceat(site.land_class.astype(np.float32), starts) / size).astype(np.int8)
        return cls(first_slot, size, centre, np.maximum(spread, 0), land, site.region[starts])

    def pairs(self, reach_km: Mapping[int, float], last_band: NDArray[np.intp] | None = None) -> Pairs:
        """(beaconer's cell, listener's cell, distance band) of all cells of one region within its reach, sorted by the first.

        `last_band` (region, class, class): pairs in a farther band are dropped, a cell with itself never.
        """
        rows: list[NDArray[np.int32]] = []
        columns: list[NDArray[np.int32]] = []
        bands: list[NDArray[np.uint8]] = []
        for region, reach in reach_km.items():
            cells = np.flatnonzero(self.region == region)
            tree = cKDTree(self.centre[cells])
            for begin in range(0, len(cells), CHUNK_CELLS):
                part = cells[begin : begin + CHUNK_CELLS]
                near = cKDTree(self.centre[part]).sparse_distance_matrix(tree, reach, output_type="ndarray")
                a, b = part[near["i"]], cells[near["j"]]
                band = _band(near["v"] ** 2 + self.scatter_km2[a] + self.scatter_km2[b])
                if last_band is not None:
                    kept = (band <= last_band[region, self.land_class[a], self.land_class[b]]) | (a == b)
                    a, b, band = a[kept], b[kept], band[kept]
                rows.append(a.astype(np.int32))
                columns.append(b.astype(np.int32))
                bands.append(band.astype(np.uint8))
        row = np.concatenate(rows)
        order = np.argsort(row, kind="stable")
        return row[order], np.concatenate(columns)[order], np.concatenate(bands)[order]


@dataclass(frozen=True)
class HearingKernel:
    """K in two layers that add up: all pairs of res-6 cells, and for near pairs of res-7 cells what is finer than that."""

    fine: _Cells
    coarse: _Cells
    coarse_row: NDArray[np.int32]
    advantage: NDArray[np.float32]
    coarse_pairs: Pairs
    near_pairs: Pairs
    near_coarse_band: NDArray[np.uint8]
    far_enough: NDArray[np.float32]
    """Share of the pairs inside a res-7 cell that stand far enough apart to count."""
    tail: Floats
    budgets: dict[int, _RegionBudget]

    def matrices(self, offset_db: NDArray[np.float32]) -> tuple[csr_matrix, csr_matrix, NDArray[np.float32]]:
        """Coarse layer, near layer, and the chance inside each res-7 cell, when each slot's power is changed by that many dB."""
        tables, variant = self._tables(offset_db)
        land, over = self.fine.land_class, self.coarse.land_class
        a, b, band = self.coarse_pairs
        coarse = tables[variant[a], over[a], over[b], band]
        r, c, near_band = self.near_pairs
        ra, ca = self.coarse_row[r], self.coarse_row[c]
        near = tables[variant[ra], land[r], land[c], near_band]
        own = np.flatnonzero(r == c)
        near[own] *= self.far_enough
        chance_inside = near[own].copy()
        near -= tables[variant[ra], over[ra], over[ca], self.near_coarse_band]
        return _matrix(a, b, coarse, len(over)), _matrix(r, c, near, len(land)), chance_inside

    def _tables(self, offset_db: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Chance tables (variant, class, class, band) for each region and half decibel met, and the variant of each coarse cell."""
        steps = np.round(2 * np.add.reduceat(offset_db, self.coarse.first_slot[:-1]) / self.coarse.size).astype(np.int64)
        met, variant = np.unique(steps * len(REGION_NAMES) - self.coarse.region, return_inverse=True)
        tables = []
        for code in met.tolist():
            region = -code % len(REGION_NAMES)
            table = self.budgets[region].table((code + region) / len(REGION_NAMES) / 2) * self.tail[region]
            table[..., -1] = 0  # the last band stands for a pair that the coarse layer leaves out
            tables.append(table.astype(np.float32))
        return np.stack(tables), variant.astype(np.intp)


def build_hearing_kernel(
    sites: Sites, site: SiteRadio, spec: RadioSpec, *, first_fine: NDArray[np.int32], first_coarse: NDArray[np.int32]
) -> HearingKernel:
    """The kernel of a pool; give `pool.first[7]` and `pool.first[6]`. A few seconds for a million sites of the world."""
    place = positions_km(sites.lat_deg, sites.lng_deg)
    coarse, fine = _Cells.of(place, first_coarse, site), _Cells.of(place, first_fine, site)
    del place
    coarse_row = (np.searchsorted(first_coarse, first_fine[:-1], side="right") - 1).astype(np.int32)
    fine = replace(fine, region=coarse.region[coarse_row])  # a res-6 cell on a border belongs to the region of its first site
    budgets: dict[int, _RegionBudget] = {}
    tail, advantage = np.ones(len(REGION_NAMES)), np.ones(site.n, np.float32)
    last = np.full((len(REGION_NAMES), _N_CLASSES, _N_CLASSES), -1)
    for region in np.union1d(coarse.region, site.region).tolist():
        slots = np.flatnonzero(site.region == region)
        budget = budgets[region] = _RegionBudget.of(site, spec, region, slots)
        table = budget.table(0.0)
        last[region] = [[_last_above(table[a, b]) for b in LAND_CLASSES] for a in LAND_CLASSES]
        weight, tail[region] = _sampled_distances(fine, region, table, last[region])
        for land in LAND_CLASSES:
            of_class = slots[site.land_class[slots] == land]
            if len(of_class):
                extra = 0.5 * (site.eirp_dbm[of_class] + site.gain_dbi[of_class]) - site.indoor_loss_db[of_class]
                extra = extra - np.float32(0.5 * beacon_sensitivity_dbm(spec)[region])
                advantage[of_class] = budget.advantage(extra, np.log10(site.height_m[of_class].astype(float)), land, weight)
    present = np.unique(coarse.region).tolist()
    coarse_pairs = coarse.pairs({region: float(DISTANCE_KM[max(int(last[region].max()), 0)]) for region in present}, last)
    r, c, near_band = fine.pairs(dict.fromkeys(present, NEAR_KM))
    own = np.flatnonzero(r == c)
    # inside a cell: mean square distance of two different sites, and the share of pairs far enough apart if they scatter like a normal cloud
    size, scatter, nearest2 = fine.size[c[own]], fine.scatter_km2[c[own]], spec.witness.nearest_km**2
    mean_square = 2 * scatter * size / np.maximum(size - 1, 1)
    near_band[own] = _band(np.maximum(mean_square, 1.2 * nearest2)).astype(np.uint8)
    far_enough = np.where(size > 1, np.exp(-nearest2 / np.maximum(mean_square, 1e-6)), 0).astype(np.float32)
    listed = csr_matrix((coarse_pairs[2].astype(np.int16) + 1, coarse_pairs[1], _first(coarse_pairs[0], len(coarse.size))))
    ra, ca = coarse_row[r], coarse_row[c]
    below = np.asarray(listed[ra, ca]).ravel() - 1
    near_coarse_band = np.where(below < 0, len(DISTANCE_KM) - 1, below).astype(np.uint8)
    return HearingKernel(
        fine, coarse, coarse_row, advantage, coarse_pairs, (r, c, near_band), near_coarse_band, far_enough, tail, budgets
    )


def _first(row: NDArray[np.int32], n: int) -> NDArray[np.int32]:
    return np.concatenate(([0], np.cumsum(np.bincount(row, minlength=n)))).astype(np.int32)


def _matrix(row: NDArray[np.int32], column: NDArray[np.int32], value: NDArray[np.float32], n: int) -> csr_matrix:
    return csr_matrix((value, column, _first(row, n)), shape=(n, n))


def _band(squared_km: Floats) -> NDArray[np.intp]:
    ratio = np.log(DISTANCE_KM[1] / DISTANCE_KM[0])
    band = np.round((0.5 * np.log(np.maximum(squared_km, 1e-4)) - np.log(DISTANCE_KM[0])) / ratio)
    return np.asarray(np.clip(band, 0, len(DISTANCE_KM) - 1), np.intp)


def _last_above(chance: Floats) -> int:
    above = np.flatnonzero(chance >= SMALLEST_PROBABILITY)
    return int(above[-1]) if len(above) else -1


def _sampled_distances(fine: _Cells, region: int, table: Floats, last: NDArray[np.intp]) -> tuple[Floats, float]:
    """Pairs of sites per distance band on a sample of a region's cells, and by how much the kept chances fall short of all."""
    cells = np.flatnonzero(fine.region == region)
    if not len(cells):
        return np.ones(len(DISTANCE_KM)), 1.0
    some = cells[np.linspace(0, len(cells) - 1, min(len(cells), SAMPLED_CELLS)).astype(np.intp)]
    near = cKDTree(fine.centre[some]).sparse_distance_matrix(cKDTree(fine.centre[cells]), FARTHEST_KM, output_type="ndarray")
    a, b = some[near["i"]], cells[near["j"]]
    pairs = fine.size[a].astype(float) * (fine.size[b] - (a == b))
    band = _band(near["v"] ** 2 + fine.scatter_km2[a] + fine.scatter_km2[b])
    heard = pairs * table[fine.land_class[a], fine.land_class[b], band]
    kept = heard[band <= last[fine.land_class[a], fine.land_class[b]]].sum()
    weight = np.bincount(band, pairs, minlength=len(DISTANCE_KM)).astype(float)
    return weight, float(heard.sum() / kept) if kept > 0 else 1.0


class HearingPlanet:
    """`Hearing` on the kernel: asked monthly, it adds up cells; a change costs nothing."""

    def __init__(self, kernel: HearingKernel, *, power_offset_db: ArrayLike = 0.0) -> None:
        self.kernel, self.n = kernel, len(kernel.advantage)
        self._starts, self._size = kernel.fine.first_slot[:-1], kernel.fine.size
        offset = np.broadcast_to(np.asarray(power_offset_db, np.float32), self.n)
        if np.any(offset > 0):
            raise ValueError("power can only be cut: build the map with the greatest power it ever has")
        coarse, near, self._own = kernel.matrices(offset)
        self._matrix, self._back = (coarse, near), (coarse.T, near.T)
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
        return np.asarray(self._online & (self._fakes.group == HONEST))

    def _through(self, layers: tuple[csr_matrix, csr_matrix], given: NDArray[np.float32]) -> NDArray[np.float32]:
        """f_i times the kernel's sum of f_j given_j, a box's own part taken out, for honest boxes that are on."""
        own_part = self.kernel.advantage * given
        fine = np.add.reduceat(own_part, self._starts)
        coarse = np.bincount(self.kernel.coarse_row, fine, minlength=len(self.kernel.coarse.size)).astype(np.float32)
        sums = layers[1] @ fine
        sums += (layers[0] @ coarse)[self.kernel.coarse_row]
        out = np.repeat(sums, self._size)
        own_part *= np.repeat(self._own, self._size)
        out -= own_part
        out *= self.kernel.advantage
        np.maximum(out, 0, out=out)
        out[~self._honest()] = 0
        return out
