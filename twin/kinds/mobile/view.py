"""What the tables show of a mobile network beside the common columns: data and pay, what is covered by which signal, the map, the groups of hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from twin.kernel import DAYS_PER_MONTH, Clock
from twin.kinds.mobile import coverage
from twin.kinds.mobile.places import Places
from twin.record.tables import Field
from twin.state import NodeState

if TYPE_CHECKING:
    from twin.kinds.mobile.world import MobileTwin

FOOTPRINT_EVERY_DAYS = 91
MOBILE_DAILY: tuple[Field, ...] = (
    Field("gb_carried", "float64", "GB/day", "data carried for all customers"),
    Field("users", "float64", "count", "phones that hung on an access point today"),
    Field("outdoor_online", "int64", "count", "outdoor access points that run"),
    Field("indoor_online", "int64", "count", "indoor access points that run"),
    Field("converted_online", "int64", "count", "converted routers that run"),
    Field("pay_usd_per_gb", "float64", "USD/GB", "pay of all hosts over the data carried"),
    Field("mean_pay_usd_per_month", "float64", "USD/month", "mean pay of an access point that runs"),
    Field("proof_pay_usd", "float64", "USD/day", "pay for coverage points"),
    Field("top_up_tokens", "float64", "tokens/day", "minted on top from burned credits (HIP-149, HIP-150)"),
    Field("overflow_tokens", "float64", "tokens/day", "above three times the charge, to stakers"),
    Field("affiliates_usd", "float64", "USD/day", "credits burned for the project's own subscribers, outside Q and R"),
    Field("outdoor_strong_km2", "float64", "km2", "hexagons of resolution 12 with a strong outdoor signal; counted four times a year"),
    Field("outdoor_medium_km2", "float64", "km2", "hexagons with a medium outdoor signal"),
    Field("indoor_km2", "float64", "km2", "hexagons that only an indoor access point covers"),
    Field("outdoor_strong_people", "float64", "count", "residents of the hexagons with a strong outdoor signal"),
    Field("outdoor_medium_people", "float64", "count", "residents of those with a medium one"),
    Field("indoor_people", "float64", "count", "residents of those that only an indoor access point covers"),
)


class Footprint:
    """Hexagons under the access points, counted anew four times a year and held in between."""

    def __init__(self, cell12: NDArray[np.uint64], places: Places, outdoor: NDArray[np.bool_]) -> None:
        self._cell12, self._places, self._outdoor = cell12, places, outdoor
        self._row: dict[str, float] = {}

    def today(self, clock: Clock, online: NDArray[np.bool_]) -> dict[str, float]:
        """Area and residents by class of signal."""
        if not self._row or clock.day % FOOTPRINT_EVERY_DAYS == 0 or clock.day == clock.n_days - 1:
            on = np.flatnonzero(online)
            found = coverage.covered_hexes(
                self._cell12[on], outdoor=self._outdoor[on], bearing_rad=self._places.bearing_rad[on], people_per_km2=self._places.people_per_km2[on]
            )
            self._row = {f"{name}_km2": float(found.area_km2[row]) for row, name in enumerate(coverage.CLASSES)}
            self._row |= {f"{name}_people": float(found.people[row]) for row, name in enumerate(coverage.CLASSES)}
        return self._row


def cells_row(twin: MobileTwin) -> dict[str, NDArray[Any]]:
    """The map tonight: access points, users, pay, and the part of each cell's passers-by that is served."""
    n, row, online, network = twin.ground.map.n, twin.ground.site_cell, twin.nodes.online, twin.network
    seen = np.bincount(row[online], minlength=n)
    cells = np.flatnonzero(seen > 0)
    weight = network.accrual.weights("data")[: network.n]
    potential = np.bincount(row, twin.places.popularity, minlength=n)
    served = np.bincount(row, weight, minlength=n).astype(np.float64)
    pay = np.bincount(row, network.pay_usd_per_day(), minlength=n) * DAYS_PER_MONTH / np.maximum(seen, 1)
    return {
        "cell": cells.astype(np.int32),
        "online": seen[cells].astype(np.int32),
        "online_as_seen": seen[cells].astype(np.int32),
        "coverage_share": np.minimum(served / np.maximum(potential, 1e-12), 1.0)[cells].astype(np.float32),
        "users": network.users_per_day(served)[cells].astype(np.float32),
        "pay_usd": pay[cells].astype(np.float32),
        "fake": np.zeros(len(cells), np.int32),
    }


def groups_row(twin: MobileTwin) -> dict[str, Any]:
    """Who earns and who loses, by group of hosts."""
    owners, nodes = twin.owners, twin.nodes
    n = len(owners.group_names)
    total = twin.sums.take()
    entered, left, sold = twin.operators.take_counts()

    def count(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(owners.group[mask], minlength=n)

    online = count(nodes.online)
    return {
        "group": list(owners.group_names), "nodes_online": online, "nodes_ordered": count(nodes.state == NodeState.ORDERED),
        "boxes_in_drawer": count(nodes.drawer), "entered": entered, "left": left,
        "earned_tokens": total["tokens"], "earned_usd": total["usd"], "fee_funded_usd": total["backed_usd"], "cost_usd": total["cost_usd"],
        "profit_usd": total["usd"] - total["cost_usd"],
        "share_in_profit": count(nodes.online & twin.network.pays_its_cost()) / np.maximum(online, 1), "sold_tokens": sold,
    }  # fmt: skip
