"""Which price zone and which group each household is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from twin.errors import InputError, Problem
from twin.geo import jurisdictions
from twin.geo.sites import SitePool
from twin.kernel import Streams
from twin.kinds.energy.spec import GridMarketSpec, HouseholdSpec


def zones_of(markets: Mapping[str, GridMarketSpec], sites: SitePool) -> NDArray[np.int64]:
    """Price zone of every site: the narrowest jurisdiction that holds there. Raises InputError `no_market` where none does."""
    zone = np.full(sites.n, -1, np.int64)
    order = sorted(enumerate(markets.values()), key=lambda pair: "/" in pair[1].jurisdiction)
    for index, market in order:
        zone[jurisdictions.under(sites.jurisdictions, market.jurisdiction)[sites.jurisdiction]] = index
    missing = np.flatnonzero(zone < 0)
    if len(missing):
        names = sorted({str(sites.jurisdictions[k]) for k in np.unique(sites.jurisdiction[missing])})
        raise InputError(
            Problem("no_market", f"{len(missing)} sites have no price zone: {', '.join(names[:8])}", path="markets", suggestion="add a market for the whole country")
        )
    return zone


def groups_of(groups: Sequence[HouseholdSpec], streams: Streams, n: int) -> NDArray[np.int64]:
    """Group of each household, by its own luck and the groups' shares."""
    bounds = np.cumsum([each.households_share for each in groups])
    luck = streams.uniform("household group", 0, np.arange(n))
    return np.minimum(np.searchsorted(bounds, luck, side="right"), len(bounds) - 1).astype(np.int64)
