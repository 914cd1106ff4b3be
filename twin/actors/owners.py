"""Who could own which site: groups, owners and their limits, drawn once from the map's own luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.actors.spreads import draw_spread
from twin.kernel import Streams
from twin.scenario.sections.operators import OperatorSpec


@dataclass(frozen=True)
class Owners:
    """Owner and cohort of every site; a cohort is a group of owners in one region."""

    group_names: tuple[str, ...]
    group: NDArray[np.int8]
    owner: NDArray[np.int32]
    payback_limit_months: NDArray[np.float32]
    region: NDArray[np.int16]
    n_regions: int

    def cohort(self, slots: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.int32]:
        """Region x group, dense, of some sites."""
        return self.region[slots].astype(np.int32) * len(self.group_names) + self.group[slots]


def draw_owners(specs: dict[str, OperatorSpec], region: NDArray[np.int16], streams: Streams) -> Owners:
    """Deals the sites of each region to owners of each group, largest luck first.

    A group's share of sites is its share of owners times its mean devices per owner. Sites of one owner lie anywhere in the region.
    """
    n = len(region)
    slots = np.arange(n)
    luck = streams.uniform("owner deal", 0, slots)
    order = np.lexsort((luck, region))
    names = tuple(specs)
    mean_nodes = np.array([_mean_nodes(spec) for spec in specs.values()])
    share = np.array([spec.owners_share for spec in specs.values()]) * mean_nodes
    share /= share.sum()
    bounds = np.cumsum(share)
    # the group of a site is the bin of a second luck, so it does not hang on how many sites a region has
    group = np.minimum(np.searchsorted(bounds, streams.uniform("owner group", 0, slots), side="right"), len(names) - 1).astype(np.int8)
    owner = np.empty(n, np.int32)
    next_owner = 0
    for index, spec in enumerate(specs.values()):
        mine = order[group[order] == index]
        size = _sizes(spec, len(mine), streams, names[index])
        new_region = np.r_[True, region[mine][1:] != region[mine][:-1]] if len(mine) else np.empty(0, bool)
        starts = np.zeros(len(mine), bool)
        starts[np.cumsum(size)[np.cumsum(size) < len(mine)]] = True
        owner[mine] = next_owner + np.cumsum(starts | new_region) - 1
        next_owner = int(owner[mine].max(initial=next_owner - 1)) + 1
    limits = np.empty(n, np.float32)
    for index, spec in enumerate(specs.values()):
        mine = np.flatnonzero(group == index)
        limits[mine] = draw_spread(streams, "payback limit", mine, spread=spec.payback_limit_months)
    return Owners(names, group, owner, limits, region, int(region.max(initial=0)) + 1)


def _mean_nodes(spec: OperatorSpec) -> float:
    """Mean of the lognormal of devices per owner, at least one."""
    spread = spec.nodes_per_owner
    return float(max(spread.median * np.exp(spread.sigma**2 / 2), 1))


def _sizes(spec: OperatorSpec, n: int, streams: Streams, name: str) -> NDArray[np.int64]:
    """Devices of each owner in turn, enough owners for n sites."""
    sizes: list[NDArray[np.int64]] = []
    total, first = 0, 0
    while total < n:
        block = np.arange(first, first + max(16, (n - total) // 2))
        drawn = draw_spread(streams, f"devices of an owner: {name}", block, spread=spec.nodes_per_owner)
        sizes.append(np.maximum(np.rint(drawn), 1).astype(np.int64))
        total, first = total + int(sizes[-1].sum()), int(block[-1]) + 1
    return np.concatenate(sizes) if sizes else np.empty(0, np.int64)
