"""How a town's people are spread over the map.

people(c) = sum over towns of P · k(c) / sum of k, with k(c) = exp(-r/λ) and λ = sqrt(P / (2π·ρ0)): density falls exponentially
from the centre (Clark 1951, J. R. Stat. Soc. A 114), from ρ0 people per km² in the middle (one for all towns, or by city: `densities`). Where a street graph reaches, the
people that a town has there follow street length; how many it has there does not change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from twin.arrays import Floats
from twin.geo import local_plane

REACH_LAMBDAS = 8.0  # beyond it lie (1+8)·exp(-8) = 0.3 % of a town's people; the rest is scaled up to the whole
LEAST_LAMBDA_KM = 0.15  # assumed: a village is not smaller than a few houses
PAIRS_AT_ONCE = 4_000_000


def decay_km(people: Floats, *, centre_density_per_km2: float | Floats) -> Floats:
    """λ of each town in km: the distance at which density has fallen to 1/e of the middle's. One density for all towns, or one each."""
    return np.maximum(np.sqrt(people / (2 * np.pi * centre_density_per_km2)), LEAST_LAMBDA_KM)


def reach_km(people: Floats, *, centre_density_per_km2: float | Floats) -> Floats:
    """How far from its centre a town has people, in km."""
    return REACH_LAMBDAS * decay_km(people, centre_density_per_km2=centre_density_per_km2)


def spread(
    people: Floats,
    lat_deg: Floats,
    lng_deg: Floats,
    *,
    onto_lat_deg: Floats,
    onto_lng_deg: Floats,
    centre_density_per_km2: float | Floats,
    attraction: Floats | None = None,
) -> Floats:
    """People per cell; every town's people are all placed, so the sum is that of the towns.

    `onto_…` are the centres of all cells that any of these towns reaches, inside the study area or not. `attraction` is what draws
    people within reach of streets (km of street, smoothed), NaN where no graph reaches. A town with no cell in reach goes to the nearest.
    """
    result = np.zeros(len(onto_lat_deg))
    if not len(people) or not len(result):
        return result
    cells = cKDTree(local_plane.on_sphere_km(onto_lat_deg, onto_lng_deg))
    towns = local_plane.on_sphere_km(lat_deg, lng_deg)
    nearest_chord, nearest = cells.query(towns)
    decay = decay_km(people, centre_density_per_km2=centre_density_per_km2)
    radius = local_plane.chord_km(REACH_LAMBDAS * decay)
    pairs = cells.query_ball_point(towns, radius, return_length=True)
    for block in np.array_split(np.arange(len(people)), max(1, int(np.ceil(pairs.sum() / PAIRS_AT_ONCE)))):
        found = [
            rows if rows else [first]
            for rows, first in zip(cells.query_ball_point(towns[block], radius[block]), nearest[block].tolist(), strict=True)
        ]
        counts = np.fromiter(map(len, found), np.int64, len(found))
        town = np.repeat(np.arange(len(block)), counts)
        cell = np.concatenate([np.asarray(rows, np.int64) for rows in found])
        chord = np.linalg.norm(cells.data[cell] - towns[block][town], axis=1)
        beyond_nearest_km = local_plane.arc_km(chord) - local_plane.arc_km(nearest_chord[block])[town]
        weight = np.exp(-beyond_nearest_km / decay[block][town])
        if attraction is not None:
            weight = _drawn_to_streets(weight, attraction[cell], town, len(block))
        share = weight / np.bincount(town, weight, minlength=len(block))[town]
        result += np.bincount(cell, share * people[block][town], minlength=len(result))
    return result


def _drawn_to_streets(weight: Floats, attraction: Floats, town: NDArray[np.int64], n_towns: int) -> Floats:
    covered = ~np.isnan(attraction)
    drawn = np.where(covered, weight * np.nan_to_num(attraction), 0.0)
    before = np.bincount(town, np.where(covered, weight, 0.0), minlength=n_towns)
    after = np.bincount(town, drawn, minlength=n_towns)
    scale = np.divide(before, after, out=np.zeros(n_towns), where=after > 0)
    return np.where(covered, drawn * scale[town], weight)


def neighbours_density(rows: NDArray[np.int64], lat_deg: Floats, lng_deg: Floats, decay: Floats, middle_per_km2: Floats) -> Floats:
    """People per km² that other towns add in the middle of each chosen town: `rows` into the other arrays, which hold all towns.

    Sums the kernels of all towns within their reach; a large town's reach covers hundreds of villages, so towns are asked, not pairs.
    """
    position = local_plane.on_sphere_km(lat_deg, lng_deg)
    asked = cKDTree(position[rows])
    result = np.zeros(len(rows))
    for block in np.array_split(np.arange(len(position)), 16):
        found = asked.query_ball_point(position[block], local_plane.chord_km(REACH_LAMBDAS * decay[block]))
        counts = np.fromiter(map(len, found), np.int64, len(found))
        source = np.repeat(block, counts)
        target = np.concatenate([np.asarray(near, np.int64) for near in found])
        distance_km = local_plane.arc_km(np.linalg.norm(position[source] - position[rows[target]], axis=1))
        added = np.where(source == rows[target], 0.0, middle_per_km2[source] * np.exp(-distance_km / decay[source]))
        result += np.bincount(target, added, minlength=len(rows))
    return result
