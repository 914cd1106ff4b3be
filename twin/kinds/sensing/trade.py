"""What a sensing network tells its world. Q is what external customers pay at reference prices, rebates off; S is the served share of all units of demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.economy.pots_and_rates import PotsAndRates
from twin.integrity.fake_devices import DeviceChecks
from twin.kinds.sensing.kernel_spec import ServicePoolSpec
from twin.kinds.sensing.network import Sensing
from twin.outcomes import Collateral
from twin.record.tables import Field, capacity_fields
from twin.units import MONTHS_PER_YEAR
from twin.world import World
from twin.world.cells import cells_row
from twin.world.devices import FAKES_PAID, WITHOUT_LEARNERS, Devices, DeviceTrade
from twin.world.fewest import Reach
from twin.world.ground import Ground
from twin.world.trade import Row

SENSING_DAILY: tuple[Field, ...] = (
    *capacity_fields("stations of full quality", "quality added up"),
    Field("mean_quality", "float64", "1", "mean quality of the honest stations online"),
    Field("median_pay_usd_per_month", "float64", "USD/month", "median pay of an honest station online"),
    Field("fake_online", "int64", "count", "stations online that claim more than they measure"),
    Field("cheats_caught", "int64", "count", "cheats caught since the first day"),
    Field("held_hexes", "int64", "count", "hexagons with a holder (exclusive hexagons only)"),
    Field("nodes_moved", "int64", "count", "stations on their way to a better place since this day"),
    Field("mined_tokens", "float64", "tokens", "paid to stations of the whole network since the first day"),
    Field("outside_stations", "float64", "count", "stations of the rest of the network"),
    Field("affiliates_usd", "float64", "USD/day", "paid by the project's own affiliates, outside Q and R"),
    FAKES_PAID,
)
SENSING_ABSENT = frozenset({"operator_grant_usd"})
"""Nobody gives grants."""
SENSING_WITHOUT_HOLDERS_ABSENT = frozenset({"held_hexes"})
"""Nobody holds a hexagon."""
SENSING_WITHOUT_LEARNERS_ABSENT = WITHOUT_LEARNERS
"""No campaign learns."""


class SensingTrade(DeviceTrade):
    """Stations at work, as the chronicle and the verdict ask them."""

    daily_fields = SENSING_DAILY

    def __init__(
        self, world: World, devices: Devices, checks: DeviceChecks | None, *,
        network: Sensing, books: PotsAndRates, ground: Ground, unit_cell: NDArray[np.int32], stations_elsewhere: Callable[[], float],
    ) -> None:  # fmt: skip
        super().__init__(world, network, devices.fleet, devices.parties)
        self.absent_fields = SENSING_ABSENT if world.spec.location.kind == "exclusive_hex" else SENSING_ABSENT | SENSING_WITHOUT_HOLDERS_ABSENT
        self.absent_fields |= SENSING_WITHOUT_LEARNERS_ABSENT if not world.guard.someone_learns else frozenset()
        self.checks, self.network, self.customers, self.books, self.ground = checks, network, world.customers, books, ground
        self.unit_cell, self.stations_elsewhere = unit_cell, stations_elsewhere

    def reach(self, live: NDArray[np.int64]) -> Reach | None:
        """Units of demand that each station serves; not on the planet, whose stations have no neighbours to speak of."""
        network, units, quality = self.network, self.network.service.units, self.network.quality
        if network.spec.place.area.world:
            return None
        healthy = network.honest()[live] & (quality.share[live] >= network.spec.quality.healthy_from_share)
        worth = np.where(healthy, (quality.share * quality.online_share)[live] if units.saturation_exponent < 1 else 1.0, 0.0)
        rows = units.links.T.tocsr()[live]
        full = np.full(len(units.weight), units.nodes_per_full_unit)
        return Reach(rows.indptr.astype(np.int64), rows.indices.astype(np.int64), worth, units.weight, full, units.saturation_exponent)

    def at_stake(self) -> Collateral:
        """What being there is paid without looking, and how surely it is found with one honest neighbour; nobody stakes."""
        spec = self.network.spec
        pots = [name for name, kernel in spec.rewards.items() if not isinstance(kernel, ServicePoolSpec)]
        guard = self.checks.spec if self.checks is not None and self.checks.inspection.has_begun else None
        monthly = 1 - (1 - guard.blind_probability_per_month) * (1 - guard.detection_probability_per_month) if guard else None
        return Collateral(
            gain_usd_per_year=self.paid_by_claim_usd_per_year(pots) if pots else None, unpaid_because="all pots are shared by customers served",
            looks_per_year=MONTHS_PER_YEAR * self.checks.inspection.looks_today() if guard and self.checks else 0.0, catch_probability_per_look=monthly, of="mean station",
        )  # fmt: skip

    # -- tables ----------------------------------------------------------------------------------------------------
    def facts(self) -> Mapping[str, object]:
        """For the manifest."""
        return {**super().facts(), "units_of_demand": len(self.network.service.share)}

    def measures(self, counts: Mapping[str, int]) -> Row:
        """Stations, their quality and pay, cheats, the rest of the network."""
        quality, fakes = self.network.quality.share[np.flatnonzero(self.network.honest())], self.fakes_online()
        capacity = float(quality.sum())
        return {
            "capacity": capacity,
            "capacity_as_seen": capacity + fakes,
            "mean_quality": capacity / len(quality) if len(quality) else 0.0,
            "median_pay_usd_per_month": self.network.median_pay_usd_per_month,
            "fake_online": fakes,
            "cheats_caught": self.checks.inspection.caught if self.checks else 0,
            "held_hexes": int((self.network.places.holder >= 0).sum()),
            "nodes_moved": counts["moved"],
            "mined_tokens": self.books.mined_tokens,
            "outside_stations": self.stations_elsewhere(),
            "affiliates_usd": self.customers.affiliates_usd,
        }

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight; stations stand where they claim to."""
        network, units = self.network, self.network.service.units
        n, row = self.ground.map.n, self.ground.site_cell[network.places.asserted_at]
        on_map = self.unit_cell >= 0
        cell, weight = self.unit_cell[on_map], units.weight[on_map]
        share = np.bincount(cell, weight * network.service.share[on_map], minlength=n) / np.maximum(np.bincount(cell, weight, minlength=n), 1e-12)
        return cells_row(
            n, row, online=self.nodes.online, fake=self.nodes.fake >= 0, pay_usd_per_day=network.pay_usd_per_day(),
            coverage_share=np.minimum(share, 1.0), users=np.bincount(cell, network.usd_of_unit[on_map], minlength=n),
        )  # fmt: skip
