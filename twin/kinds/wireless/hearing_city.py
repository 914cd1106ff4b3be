"""City scale: an explicit graph of who hears whose beacons, built once per map.

Link budget per ordered pair: EIRP of the beaconer − median loss − shadowing + gain of the listener − walls of both − sensitivity. The loss
is Hata's for the higher antenna; the lower one stands in the clutter (`lower_hotspot_height_m`); clutter is the mean of both ends.
Shadowing is one normal per unordered pair, hashed, so it is the same both ways and in every replicate. Links keep their margin in half
decibels, so a later power cut is a filter.

Calibration: indoor share and loss and the lower height were fitted on the real places of 271 hotspots in Pittsburgh, August 2021, in the
land classes of twin.geo (27 dBm + gain, SF10, 19 % of hotspots silent as there): real witness distances have median 3.99 km and 95th
percentile 12.3 (all nodes: 3.87, 12.1) with 19.9 neighbours each; the model gives 4.0, 12.9 and 20.1 (tests/radio). Where a simulated pool
is spread wider than the real one, its distances are wider too. Links grow as n²: 4,000 sites of one city of 600,000 have about 130 (EU) to
280 (US) audible neighbours each, 20,000 about 660 to 1,400. There is no thinning (it ruins witness income); instead `max_links` stops a map
that belongs on the planet's kernel.

Rows are dealt with in blocks of neighbouring slots (slots lie in H3 order) against the slots that a bounding ball can reach; exact pairs,
nothing lost. What this cannot answer: see hearing.py; and distances are the true places', so a single hotspot that asserts a wrong place is as
audible as where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from twin.errors import InputError, Problem
from twin.kernel.streams import digest, hash_uniform
from twin.kinds.wireless.hearing import HONEST, ClosedGroups, flipped
from twin.kinds.wireless.radio import LossModel, SiteRadio, Sites, beacon_sensitivity_dbm, loss_model, positions_km
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.regions import REGION_NAMES, REGIONS

STEPS_PER_DB = 2
DEEPEST_SHADOW = 4.0
"""Pairs that only a shadow of more than four standard deviations would join are not looked at (1 in 30,000 of those)."""
BLOCK_ENTRIES = 200_000
CHUNK_LINKS = 200_000
MAX_LINKS = 120_000_000


@dataclass(frozen=True)
class AudibleGraph:
    """Compressed rows by listener: `beaconer[first[j]:first[j + 1]]` are the slots whose beacons j validly hears, ascending."""

    first: NDArray[np.int64]
    beaconer: NDArray[np.int32]
    margin: NDArray[np.uint8]
    """Power to spare in steps of 0.5 dB, rounded down, at most 127.5 dB."""

    @property
    def n(self) -> int:
        """Number of slots."""
        return len(self.first) - 1

    def without(self, cut_db: NDArray[np.float32]) -> AudibleGraph:
        """The links that survive when each beaconer's power falls by `cut_db`."""
        kept = self.margin >= np.ceil(cut_db * STEPS_PER_DB)[self.beaconer]
        before = np.concatenate(([0], np.cumsum(kept)))
        return AudibleGraph(before[self.first], self.beaconer[kept], self.margin[kept])


CLASSES = (AudibleGraph,)


class _Budget:
    """The link budget of one region's sites, ready to be asked for blocks of pairs."""

    def __init__(self, place: NDArray[np.float64], slots: NDArray[np.intp], site: SiteRadio, spec: RadioSpec, region: int) -> None:
        model: LossModel = loss_model(spec, REGIONS[REGION_NAMES[region]].frequency_mhz, lower_height_m=spec.link.lower_hotspot_height_m)
        self.slots, self.sd = slots, spec.path_loss.shadowing_sd_db
        here = place[slots]
        self.place = (here - here.mean(axis=0)).astype(np.float32)
        self.log_height = np.log10(site.height_m[slots]).astype(np.float32)
        self.intercept = model.intercept_db[site.land_class[slots]].astype(np.float32)
        self.slope = model.slope_db[site.land_class[slots]].astype(np.float32)
        self.per_height = np.float32(model.intercept_per_log_height), np.float32(model.slope_per_log_height)
        self.sends = site.eirp_dbm[slots] - site.indoor_loss_db[slots]
        self.hears = site.gain_dbi[slots] - site.indoor_loss_db[slots] - np.float32(beacon_sensitivity_dbm(spec)[region])
        self.reach_km = self._farthest(spec.witness.farthest_km)

    def _farthest(self, limit_km: float) -> NDArray[np.float32]:
        """No partner beyond this can be heard by, or hear, the site even with the best antenna, the best ground and the deepest luck."""
        height = np.maximum(self.log_height, self.log_height.max())
        line = 0.5 * (self.intercept + self.intercept.min()) + self.per_height[0] * height
        room = self.hears + self.sends.max() + DEEPEST_SHADOW * self.sd - line
        flattest, steepest = (0.5 * (self.slope + end) + self.per_height[1] * height for end in (self.slope.min(), self.slope.max()))
        return np.asarray(np.minimum(10 ** np.maximum(room / flattest, room / steepest), limit_km), np.float32)

    def margin_db(self, j: NDArray[np.intp], i: NDArray[np.intp], distance_km: NDArray[np.float32]) -> NDArray[np.float32]:
        """Median power to spare when j listens to i."""
        height = np.maximum(self.log_height[j], self.log_height[i])
        line = np.float32(0.5) * (self.intercept[j] + self.intercept[i]) + self.per_height[0] * height
        slope = np.float32(0.5) * (self.slope[j] + self.slope[i]) + self.per_height[1] * height
        return np.asarray(self.hears[j] + self.sends[i] - line - slope * np.log10(distance_km), np.float32)


def build_audible_graph(sites: Sites, site: SiteRadio, spec: RadioSpec, *, seed: int, max_links: int = MAX_LINKS) -> AudibleGraph:
    """Everyone who would hear whom if all were on. 4,000 sites in a city take about a second, 20,000 some 20 to 40 s and 1 GB.

    Raises InputError `too_many_links` above `max_links` (9 bytes each while building, 5 afterwards).
    """
    place, n = positions_km(sites.lat_deg, sites.lng_deg), sites.n
    key = digest(f"{seed}|radio|shadowing")
    columns: list[NDArray[np.int32]] = []
    margins: list[NDArray[np.uint8]] = []
    listeners: list[NDArray[np.int32]] = []
    total = 0
    for region in np.unique(site.region):
        budget = _Budget(place, np.flatnonzero(site.region == region), site, spec, int(region))
        start = 0
        while start < len(budget.slots):
            stop, j, i, d = _near_pairs(budget, start, spec.witness.nearest_km)
            margin = budget.margin_db(j, i, d)
            possible = margin > -DEEPEST_SHADOW * budget.sd
            j, i, margin = budget.slots[j[possible]], budget.slots[i[possible]], margin[possible]
            if budget.sd:
                margin -= (budget.sd * ndtri(hash_uniform(key, np.minimum(j, i), np.maximum(j, i)))).astype(np.float32)
            heard = margin >= 0
            columns.append(i[heard].astype(np.int32))
            listeners.append(j[heard].astype(np.int32))
            margins.append(np.minimum(margin[heard] * STEPS_PER_DB, 255).astype(np.uint8))
            total += len(columns[-1])
            if total > max_links:
                raise InputError(
                    Problem(
                        "too_many_links",
                        f"more than {max_links:,} pairs of sites hear each other; the explicit graph would not fit",
                        path="radio",
                        suggestion="use fewer sites, or let the planet's kernel do it",
                    )
                )
            start = stop
    listener = np.concatenate([*listeners, np.empty(0, np.int32)])
    beaconer, margin8 = np.concatenate([*columns, np.empty(0, np.int32)]), np.concatenate([*margins, np.empty(0, np.uint8)])
    del columns, listeners, margins
    if np.any(np.diff(listener) < 0):  # several regions, interleaved
        order = np.argsort(listener, kind="stable")
        listener, beaconer, margin8 = listener[order], beaconer[order], margin8[order]
    first = np.concatenate(([0], np.cumsum(np.bincount(listener, minlength=n))))
    return AudibleGraph(first.astype(np.int64), beaconer, margin8)


def _near_pairs(budget: _Budget, start: int, nearest_km: float) -> tuple[int, NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """A block of listeners from `start`, and every beaconer within their reach: (end of block, listener, beaconer, distance km)."""
    place, n = budget.place, len(budget.slots)
    stop = min(n, start + max(1, BLOCK_ENTRIES // n))
    block = place[start:stop]
    centre = block.mean(axis=0)
    ball = float(np.sqrt(((block - centre) ** 2).sum(axis=1)).max() + budget.reach_km[start:stop].max())
    others = np.flatnonzero(((place - centre) ** 2).sum(axis=1) <= ball * ball)
    squared = np.zeros((stop - start, len(others)), np.float32)
    for axis in range(3):
        gap = block[:, axis, None] - place[None, others, axis]
        gap *= gap
        squared += gap
    near = squared <= (budget.reach_km[start:stop, None]) ** 2
    near &= squared >= max(nearest_km, 1e-3) ** 2  # also leaves out the hotspot itself
    row, column = np.nonzero(near)
    return stop, row + start, others[column], np.sqrt(squared[row, column])


class HearingCity:
    """`Hearing` on an explicit graph: integer counts, kept by the neighbours of what flipped."""

    def __init__(self, graph: AudibleGraph, *, power_offset_db: ArrayLike = 0.0) -> None:
        cut = -np.broadcast_to(np.asarray(power_offset_db, np.float32), graph.n)
        if np.any(cut < -1e-3):
            raise ValueError("power can only be cut: build the map with the greatest power it ever has")
        self.n, self._built = graph.n, graph
        self.graph = graph.without(cut) if np.any(cut) else graph
        self._bounds = self.graph.first.tolist()
        self._online = np.zeros(self.n, np.bool_)
        self._heard = np.zeros(self.n, np.int32)
        self._fakes = ClosedGroups(self.n)

    def set_online(self, slots: ArrayLike, on: bool) -> None:
        """See Hearing."""
        changed = flipped(slots, on, self._online)
        self._count(changed[self._fakes.group[changed] == HONEST], 1 if on else -1)
        self._online[changed] = on

    def set_fake(self, slots: ArrayLike, group: ArrayLike) -> None:
        """See Hearing."""
        asked = np.asarray(slots, np.intp)
        on = asked[self._online[asked]]
        self._count(on[self._fakes.group[on] == HONEST], -1)
        self._fakes.assign(asked, group)
        self._count(on[self._fakes.group[on] == HONEST], 1)

    def witnesses(self, *, everywhere: bool = False) -> NDArray[np.float32]:
        """See Hearing."""
        out = (self._heard if everywhere else np.where(self._online, self._heard, 0)).astype(np.float32)
        self._fakes.fill(out, np.ones(self.n, np.float32), self._online, everywhere=everywhere)
        return out

    def near_honest(self) -> NDArray[np.float32]:
        """See Hearing."""
        return self._heard.astype(np.float32)

    def spread(self, q: ArrayLike, *, everywhere: bool = False) -> NDArray[np.float32]:
        """See Hearing."""
        given = np.asarray(q, np.float32)
        honest = self._online & (self._fakes.group == HONEST)
        out = self._rows_sum(np.where(honest, given, np.float32(0)))
        if not everywhere:
            out[~honest] = 0
        self._fakes.fill(out, given, self._online, everywhere=everywhere)
        return out

    def pairs(self, slots: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """See Hearing."""
        asked = np.asarray(slots, np.intp)
        asked = asked[self._online[asked]]
        honest = np.zeros(self.n, np.bool_)
        honest[asked[self._fakes.group[asked] == HONEST]] = True
        rows, first = np.flatnonzero(honest), self.graph.first
        length = first[rows + 1] - first[rows]
        link = np.repeat(first[rows] - np.cumsum(length) + length, length) + np.arange(int(length.sum()))
        listener, beaconer = np.repeat(rows, length), self.graph.beaconer[link].astype(np.intp)
        on_a_desk = self._fakes.pairs(asked)
        heard = honest[beaconer]
        return np.concatenate([listener[heard], on_a_desk[0]]), np.concatenate([beaconer[heard], on_a_desk[1]])

    def with_power_offset(self, db_per_slot: ArrayLike) -> HearingCity:
        """See Hearing."""
        other = HearingCity(self._built, power_offset_db=db_per_slot)
        fake = np.flatnonzero(self._fakes.group != HONEST)
        other.set_fake(fake, self._fakes.group[fake])
        other.set_online(np.flatnonzero(self._online), True)
        return other

    def _count(self, slots: NDArray[np.intp], step: int) -> None:
        bounds, beaconer, heard = self._bounds, self.graph.beaconer, self._heard
        for j in slots.tolist():
            heard[beaconer[bounds[j] : bounds[j + 1]]] += step

    def _rows_sum(self, q: NDArray[np.float32]) -> NDArray[np.float32]:
        """Sum of q over each listener's row, some rows at a time."""
        first, out = self.graph.first, np.zeros(self.n, np.float32)
        row = 0
        while row < self.n:
            stop = max(row + 1, int(np.searchsorted(first, first[row] + CHUNK_LINKS, side="right")) - 1)
            stop = min(stop, self.n)
            values = q.take(self.graph.beaconer[first[row] : first[stop]])
            filled = row + np.flatnonzero(np.diff(first[row : stop + 1]))
            if len(filled):
                out[filled] = np.add.reduceat(values, first[filled] - first[row])
            row = stop
        return out
