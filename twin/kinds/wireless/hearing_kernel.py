"""Planet scale: who hears whom as a kernel between occupied cells, O(slots + pairs of near cells) each time it is asked.

Two sites i, j in cells c, d hear each other with probability f_i f_j K[c, d]. K is the link budget of hearing_city.py averaged over
antennas, walls and shadowing, and over the scatter of the sites inside their cells, by region and by land class of both ends. Cells are res
7 up to `NEAR_KM` and res 6 beyond: a res-7 kernel to the end would have 33 M entries for a million sites (measured), this has a fifth of
it. f is how much better than the mean a site is placed (antenna, walls), from the same budget averaged over the distances at which the
pool's sites stand; its mean is about 1. Pairs of cells below `SMALLEST_PROBABILITY` are left out; a sample of cells taken pair by pair says
by how much the rest must grow. Regions (band plans) do not hear each other. On whole towns (tests/radio) mean witnesses come within 10 % of
the city graph's, beacon and witness units within 11 %.

What this cannot answer: which pairs hear each other (only how many, expected), so w is a mean, never a whole number, and the curve of
HIP-15 is taken at that mean; f_i f_j K may pass 1 for two very good sites side by side (sums stay right on average, single sites in crowded
cells are a little too rich); exact places inside a cell; shadowing common to a whole valley. A power cut lowers K by the mean cut of the
beaconer's cell and leaves f.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree
from scipy.special import ndtr

from twin.arrays import Floats
from twin.kernel import weighted
from twin.kinds.wireless.radio import LAND_CLASSES, SiteRadio, Sites, beacon_sensitivity_dbm, loss_model, positions_km
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.regions import REGION_NAMES, REGIONS

DISTANCE_KM = np.geomspace(0.1, 100.0, 112)
"""Middle of each distance band: 6 % apart."""
SCATTER_SHARES = (0.0, 1 / 3, 2 / 3, 1.0)
"""How much of a pair of cells' mean square distance comes from the scatter inside them: 0 two points, 1 one cell with itself."""
SMALLEST_PROBABILITY = 0.01
NEAR_KM = 4.0
FARTHEST_KM = 60.0
PARTNERS = 1024
SAMPLED_CELLS = 1000
CHUNK_CELLS = 50_000
_N_CLASSES = len(LAND_CLASSES)
NEVER = len(SCATTER_SHARES) * len(DISTANCE_KM)
"""Distance code of a pair that does not hear each other."""
Pairs = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint16]]


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
        """Mean chance by pair of land classes (3 x 3) and distance code, transmit power changed by `offset_db`; the last code (NEVER) has 0."""
        m = len(self.sends)
        other = (np.arange(m) * 7 + m // 2 + 1) % m  # each sampled site with another one, the same every time
        power = (self.sends + self.hears[other] + offset_db)[:, None]
        height = np.maximum(self.log_height, self.log_height[other])[:, None]
        out = np.empty((_N_CLASSES, _N_CLASSES, len(DISTANCE_KM)))
        for a in LAND_CLASSES:
            for b in range(a + 1):
                out[a, b] = out[b, a] = self.chance(power, height, (a, b), DISTANCE_KM).mean(axis=0)
        scattered = [weighted(out[..., None, :], scattering) for scattering in _scatterings()]
        return np.concatenate([*scattered, np.zeros((_N_CLASSES, _N_CLASSES, 1))], axis=2)

    def advantage(
        self, extra_db: Floats, log_height: Floats, land_class: NDArray[np.int8], cell_class: NDArray[np.int8], weight: Floats
    ) -> NDArray[np.float32]:
        """How much more often than the mean site of a cell of this class each site is in a heard pair, pairs lying as `weight` says.

        A site whose land is not its cell's is judged by its own. Interpolated on a grid of power and height, against a sample of mates.
        """
        used = np.flatnonzero(weight)
        used = used[:: max(1, len(used) // 24)]
        near_weight = weight[used] / weight[used].sum()
        mates = np.linspace(0, len(self.sends) - 1, min(len(self.sends), 96)).astype(np.intp)
        extra_here, mate = 0.5 * (self.sends + self.hears), 0.5 * (self.sends + self.hears)[mates]
        decibels = np.linspace(extra_db.min(), extra_db.max() + 1e-3, 25)
        heights = np.linspace(log_height.min(), log_height.max() + 1e-6, 6)
        power = (decibels[:, None] + mate[None, :])[..., None]

        def grid(pair: tuple[int, int]) -> Floats:
            columns = []
            for height in heights:
                chance = self.chance(power, np.maximum(height, self.log_height[mates])[None, :, None], pair, DISTANCE_KM[used])
                columns.append(weighted(chance, near_weight).mean(axis=1))
            return np.stack(columns, axis=1)

        out = np.ones(len(extra_db), np.float32)
        for of_cell in np.unique(cell_class).tolist():
            mean = _interpolate(grid((of_cell, of_cell)), decibels, heights, extra_here, self.log_height).mean()
            for own in np.unique(land_class[cell_class == of_cell]).tolist() if mean > 0 else ():
                at = np.flatnonzero((cell_class == of_cell) & (land_class == own))
                out[at] = _interpolate(grid((own, of_cell)), decibels, heights, extra_db[at], log_height[at]) / mean
        return out


def _interpolate(grid: Floats, xs: Floats, ys: Floats, x: Floats, y: Floats) -> Floats:
    """Bilinear, on evenly spaced xs and ys; outside the grid its edge cells go on."""
    a, b = (x - xs[0]) / (xs[1] - xs[0]), (y - ys[0]) / (ys[1] - ys[0])
    row, column = np.clip(a.astype(np.intp), 0, len(xs) - 2), np.clip(b.astype(np.intp), 0, len(ys) - 2)
    u, v = a - row, b - column
    low = (1 - v) * grid[row, column] + v * grid[row, column + 1]
    return np.asarray((1 - u) * low + u * ((1 - v) * grid[row + 1, column] + v * grid[row + 1, column + 1]))


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

    def own_code(self) -> NDArray[np.uint16]:
        """Distance code of two different sites of the same cell; NEVER where there is only one."""
        square = 2 * self.scatter_km2 * self.size / np.maximum(self.size - 1, 1)
        return np.where(self.size > 1, _code(np.zeros_like(square), square), NEVER).astype(np.uint16)

    def pairs(self, reach_km: Mapping[int, float], last_band: NDArray[np.intp] | None = None) -> Pairs:
        """(beaconer's cell, listener's cell, distance code) of all cells of one region within its reach, sorted by the first.

        `last_band` (region, class, class): pairs in a farther band are dropped, a cell with itself never.
        """
        rows: list[NDArray[np.int32]] = []
        columns: list[NDArray[np.int32]] = []
        codes: list[NDArray[np.uint16]] = []
        for region, reach in reach_km.items():
            cells = np.flatnonzero(self.region == region)
            tree = cKDTree(self.centre[cells])
            for begin in range(0, len(cells), CHUNK_CELLS):
                part = cells[begin : begin + CHUNK_CELLS]
                near = cKDTree(self.centre[part]).sparse_distance_matrix(tree, reach, output_type="ndarray")
                a, b = part[near["i"]], cells[near["j"]]
                code = _code(near["v"] ** 2, self.scatter_km2[a] + self.scatter_km2[b])
                if last_band is not None:
                    kept = (code % len(DISTANCE_KM) <= last_band[region, self.land_class[a], self.land_class[b]]) | (a == b)
                    a, b, code = a[kept], b[kept], code[kept]
                rows.append(a.astype(np.int32))
                columns.append(b.astype(np.int32))
                codes.append(code)
        row = np.concatenate(rows)
        order = np.argsort(row, kind="stable")
        return row[order], np.concatenate(columns)[order], np.concatenate(codes)[order]


@dataclass(frozen=True)
class HearingKernel:
    """K in two layers that add up: all pairs of res-6 cells, and for near pairs of res-7 cells what is finer than that."""

    fine: _Cells
    coarse: _Cells
    coarse_row: NDArray[np.int32]
    advantage: NDArray[np.float32]
    coarse_pairs: Pairs
    near_pairs: Pairs
    near_coarse_code: NDArray[np.uint16]
    tail: Floats
    """Factor per region that brings the layers to what a sample of cells, taken pair by pair, says."""
    budgets: dict[int, _RegionBudget]

    def matrices(self, offset_db: NDArray[np.float32]) -> tuple[csr_matrix, csr_matrix, NDArray[np.float32]]:
        """Coarse layer, near layer, and the chance inside each res-7 cell, when each slot's power is changed by that many dB."""
        tables, variant = self._tables(offset_db)
        land, over = self.fine.land_class, self.coarse.land_class
        a, b, code = self.coarse_pairs
        coarse = tables[variant[a], over[a], over[b], code]
        r, c, near_code = self.near_pairs
        ra, ca = self.coarse_row[r], self.coarse_row[c]
        near = tables[variant[ra], land[r], land[c], near_code]
        chance_inside = near[r == c]
        near -= tables[variant[ra], over[ra], over[ca], self.near_coarse_code]
        return _matrix(a, b, coarse, len(over)), _matrix(r, c, near, len(land)), chance_inside

    def _tables(self, offset_db: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Chance tables (variant, class, class, distance code) for each region and half decibel met, and the variant of each coarse cell."""
        steps = np.round(2 * np.add.reduceat(offset_db, self.coarse.first_slot[:-1]) / self.coarse.size).astype(np.int64)
        met, variant = np.unique(steps * len(REGION_NAMES) - self.coarse.region, return_inverse=True)
        tables = []
        for code in met.tolist():
            region = -code % len(REGION_NAMES)
            table = self.budgets[region].table((code + region) / len(REGION_NAMES) / 2) * self.tail[region]
            tables.append(table.astype(np.float32))
        return np.stack(tables), variant.astype(np.intp)


CLASSES = (HearingKernel, _Cells, _RegionBudget)
"""What a kept kernel consists of."""


def build_hearing_kernel(
    sites: Sites, site: SiteRadio, spec: RadioSpec, *, first_fine: NDArray[np.int32], first_coarse: NDArray[np.int32]
) -> HearingKernel:
    """The kernel of a pool; give `pool.first[7]` and `pool.first[6]`. Some 5 to 8 s and 0.5 GB for a million sites of the world."""
    place = positions_km(sites.lat_deg, sites.lng_deg)
    coarse, fine = _Cells.of(place, first_coarse, site), _Cells.of(place, first_fine, site)
    del place
    coarse_row = (np.searchsorted(first_coarse, first_fine[:-1], side="right") - 1).astype(np.int32)
    fine = replace(fine, region=coarse.region[coarse_row])  # a res-6 cell on a border belongs to the region of its first site
    budgets: dict[int, _RegionBudget] = {}
    samples: dict[int, _Sample] = {}
    class_here = np.repeat(fine.land_class, fine.size)
    advantage = np.ones(site.n, np.float32)
    last = np.full((len(REGION_NAMES), _N_CLASSES, _N_CLASSES), -1)
    for region in np.union1d(coarse.region, site.region).tolist():
        slots = np.flatnonzero(site.region == region)
        budget = budgets[region] = _RegionBudget.of(site, spec, region, slots)
        table = budget.table(0.0)
        last[region] = [[_last_above(table[a, b]) for b in LAND_CLASSES] for a in LAND_CLASSES]
        samples[region] = _Sample.of(fine, region, table)
        if len(slots):
            extra = 0.5 * (site.eirp_dbm[slots] + site.gain_dbi[slots] - beacon_sensitivity_dbm(spec)[region]) - site.indoor_loss_db[slots]
            height = np.log10(site.height_m[slots].astype(float))
            advantage[slots] = budget.advantage(extra, height, site.land_class[slots], class_here[slots], samples[region].weight)
    present = np.unique(coarse.region).tolist()
    coarse_pairs = coarse.pairs({region: float(DISTANCE_KM[max(int(last[region].max()), 0)]) for region in present}, last)
    r, c, near_code = fine.pairs(dict.fromkeys(present, NEAR_KM))
    near_code[r == c] = fine.own_code()
    listed = csr_matrix((coarse_pairs[2].astype(np.int32) + 1, coarse_pairs[1], _first(coarse_pairs[0], len(coarse.size))))
    below = np.asarray(listed[coarse_row[r], coarse_row[c]]).ravel()
    near_coarse_code = np.where(below == 0, NEVER, below - 1).astype(np.uint16)
    ones = np.ones(len(REGION_NAMES))
    kernel = HearingKernel(fine, coarse, coarse_row, advantage, coarse_pairs, (r, c, near_code), near_coarse_code, ones, budgets)
    return replace(kernel, tail=_fill_up(kernel, samples))


def _first(row: NDArray[np.int32], n: int) -> NDArray[np.int32]:
    return np.concatenate(([0], np.cumsum(np.bincount(row, minlength=n)))).astype(np.int32)


def _matrix(row: NDArray[np.int32], column: NDArray[np.int32], value: NDArray[np.float32], n: int) -> csr_matrix:
    return csr_matrix((value, column, _first(row, n)), shape=(n, n))


def _code(between_km2: Floats, scatter_km2: Floats) -> NDArray[np.uint16]:
    """Distance code: band of the root mean square distance, and how much of it is scatter."""
    square = np.maximum(between_km2 + scatter_km2, 1e-4)
    level = np.round(scatter_km2 / square * (len(SCATTER_SHARES) - 1)).astype(np.uint16)
    return np.asarray(level * np.uint16(len(DISTANCE_KM)) + _band(np.sqrt(square)), np.uint16)


def _band(distance_km: Floats) -> NDArray[np.uint16]:
    ratio = np.log(DISTANCE_KM[1] / DISTANCE_KM[0])
    return np.asarray(np.clip(np.round(np.log(distance_km / DISTANCE_KM[0]) / ratio), 0, len(DISTANCE_KM) - 1), np.uint16)


def _scatterings() -> list[Floats]:
    """For each share of scatter: the distances (columns) that pairs really have whose root mean square distance is that of the row.

    Sites scatter about their cells' centres like a normal cloud.
    """
    k = np.arange(512)
    turn = np.exp(1j * k * np.pi * (3 - np.sqrt(5)))
    out = []
    for share in SCATTER_SHARES:
        stretch = np.abs(np.sqrt(1 - share) + np.sqrt(-share * np.log1p(-(k + 0.5) / len(k))) * turn)
        band = _band(np.maximum(DISTANCE_KM[:, None] * stretch, 1e-3))
        matrix = np.zeros((len(DISTANCE_KM), len(DISTANCE_KM)))
        np.add.at(matrix, (np.arange(len(DISTANCE_KM))[:, None], band), 1 / len(k))
        out.append(matrix)
    return out


def _last_above(chance: Floats) -> int:
    """Last band of two points that still has a chance worth keeping."""
    above = np.flatnonzero(chance[: len(DISTANCE_KM)] >= SMALLEST_PROBABILITY)
    return int(above[-1]) if len(above) else -1


@dataclass(frozen=True)
class _Sample:
    """Some cells of a region, looked at pair by pair and without a limit: the judge of the two layers."""

    cells: NDArray[np.intp]
    heard: float
    weight: Floats

    @classmethod
    def of(cls, fine: _Cells, region: int, table: Floats) -> _Sample:
        cells = np.flatnonzero(fine.region == region)
        some = cells[np.linspace(0, len(cells) - 1, min(len(cells), SAMPLED_CELLS)).astype(np.intp)]
        if not len(cells):
            return cls(some, 0.0, np.ones(len(DISTANCE_KM)))
        near = cKDTree(fine.centre[some]).sparse_distance_matrix(cKDTree(fine.centre[cells]), FARTHEST_KM, output_type="ndarray")
        a, b = some[near["i"]], cells[near["j"]]
        code = _code(near["v"] ** 2, fine.scatter_km2[a] + fine.scatter_km2[b])
        pairs = fine.size[a].astype(float) * (fine.size[b] - (a == b))
        weight = np.bincount(code % len(DISTANCE_KM), pairs, minlength=len(DISTANCE_KM)).astype(float)
        heard = pairs * table[fine.land_class[a], fine.land_class[b], code]
        return cls(some, float(heard[a != b].sum()), weight)


def _fill_up(kernel: HearingKernel, samples: Mapping[int, _Sample]) -> Floats:
    """By how much each region's layers must grow to give the pairs that its sample has: what was left out, and what res 6 blurs."""
    size = kernel.fine.size.astype(np.float32)
    coarse, near, inside = kernel.matrices(np.zeros(len(kernel.advantage), np.float32))
    sums = near @ size + (coarse @ kernel.coarse.size.astype(np.float32))[kernel.coarse_row]
    factor = np.ones(len(REGION_NAMES))
    for region, sample in samples.items():
        own = float((size * (size - 1) * inside)[sample.cells].sum())
        layered = float((size * (sums - inside))[sample.cells].sum())
        if layered > 0 and len(sample.cells):
            factor[region] = (sample.heard + own) / layered
    return factor
