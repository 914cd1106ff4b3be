"""What is known of every place an access point might stand: people around, footfall class, block, and the luck of who passes by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.geo.sites import SitePool
from twin.kernel import Streams
from twin.kinds.mobile import offload
from twin.kinds.mobile.coverage_points import A, B, C
from twin.kinds.mobile.spec import OffloadSpec


@dataclass(frozen=True, eq=False)
class Places:
    """Columns over the site pool; nothing here changes during a run."""

    people_per_km2: Floats
    footfall: NDArray[np.int8]
    """0 (A, busiest) to 2 (C), by how dense people are around."""
    land: NDArray[np.int8]
    """0 built, 1 green; the dossier's third class, bare land, is not told apart."""
    is_urban: NDArray[np.bool_]
    block: NDArray[np.int64]
    """Dense number of the block in which access points share passers-by."""
    hexagon: NDArray[np.uint64]
    popularity: Floats
    """Users of a lone access point over the mean of all places."""
    expected_popularity: Floats
    """The same as a newcomer can know it: from the density alone."""
    bearing_rad: Floats
    """Where an outdoor access point would look."""


def places_of(sites: SitePool, people_per_km2: Floats, spec: OffloadSpec, streams: Streams) -> Places:
    """Facts of each site; luck keyed by slot."""
    foot, slots = spec.footfall, np.arange(sites.n)
    lognormal = {"median": spec.users_median_per_day, "sigma_ln": spec.users_ln_sd_ratio, "clip": spec.users_clip_per_day}
    score = offload.normal_scores(people_per_km2)
    normal = offload.popularity_normal(score, streams.normal("popularity", 0, slots), footfall_share=foot.explained_share)
    mean = offload.mean_users(**lognormal)
    rank = np.argsort(np.argsort(-people_per_km2, kind="stable"), kind="stable") / max(sites.n, 1)
    klass = np.where(rank < foot.a_share, A, np.where(rank < foot.a_share + foot.b_share, B, C)).astype(np.int8)
    built = sites.land_class >= 1
    return Places(
        people_per_km2=people_per_km2,
        footfall=klass,
        land=np.where(built, A, B).astype(np.int8),
        is_urban=built,
        block=sites.rows(foot.block_h3_resolution).astype(np.int64),
        hexagon=sites.cell12,
        popularity=offload.users_of_normal(normal, **lognormal) / mean,
        expected_popularity=offload.expected_users_of_score(score, footfall_share=foot.explained_share, **lognormal) / mean,
        bearing_rad=streams.uniform("bearing", 0, slots) * 2 * np.pi,
    )
