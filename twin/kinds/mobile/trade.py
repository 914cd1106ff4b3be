"""What a mobile network tells its world. Q is the GB carried for external customers at one fixed price; S is the part of all places' passers-by that is served.

What is seen equals what is true, since nobody cheats in this kind yet (location and call-record fraud of HIP-119 to HIP-144 is not modelled).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.economy.shared_token_books import SharedTokenBooks
from twin.kernel import DAYS_PER_YEAR
from twin.kinds.mobile.customers import Demand
from twin.kinds.mobile.footprint import Footprint
from twin.kinds.mobile.network import Mobile
from twin.record.tables import Field
from twin.world import World
from twin.world.boxes import Boxes, BoxTrade
from twin.world.cells import cells_row
from twin.world.ground import Ground
from twin.world.payments import Payments
from twin.world.trade import Row

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
MOBILE_ABSENT = frozenset({"nodes_denied", "operator_customer_usd", "operator_grant_usd"})
"""Hosts are paid in tokens alone, nobody gives grants, and nobody is shut out from pay."""


class MobileTrade(BoxTrade):
    """Access points at work, as the chronicle and the verdict ask them."""

    daily_fields = MOBILE_DAILY
    absent_fields = MOBILE_ABSENT

    def __init__(
        self, world: World, boxes: Boxes, *, network: Mobile, demand: Demand, books: SharedTokenBooks, ground: Ground
    ) -> None:  # fmt: skip
        super().__init__(world, network, boxes.fleet, boxes.parties)
        self.network, self.demand, self.books, self.ground = network, demand, books, ground
        self.reference_usd_per_gb = world.spec.offload.reference_usd_per_gb
        self.payments = Payments((buyer.name for buyer in demand.buyers), world.clock.n_days)
        self.footprint = Footprint(ground.sites.cell12, network.places, network.devices.outdoor)
        self.affiliates_usd = 0.0

    # -- customers -------------------------------------------------------------------------------------------------
    def sales(self) -> None:
        """Usage and revenue of the day: each buyer's GB for an access point of mean popularity, times what runs."""
        today, day, carried = self.today, self.clock.day, self.network.carried_hotspots
        external_usd = affiliates_usd = external_gb = all_gb = 0.0
        for buyer in self.demand.buyers:
            gb = float(buyer.gb_per_hotspot[day]) * carried
            usd = gb * float(self.demand.usd_per_gb[day])
            self.payments.note(buyer.name, day, usd, affiliate=not buyer.is_external[day])
            all_gb += gb
            if buyer.is_external[day]:
                external_usd, external_gb = external_usd + usd, external_gb + gb
            else:
                affiliates_usd += usd
        reference = self.reference_usd_per_gb
        today.usage_constant_usd, today.usage_constant_usd_as_seen = external_gb * reference, all_gb * reference
        today.revenue_usd, today.billed_usd, self.affiliates_usd = external_usd, external_usd + affiliates_usd, affiliates_usd

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's external customers at its largest, at the reference price: the GB that reality carried for them."""
        external: NDArray[np.float64] = sum((buyer.gb_wanted * buyer.is_external for buyer in self.demand.buyers), np.zeros(self.clock.n_days))
        return float(np.max(external)) * float(self.reference_usd_per_gb)

    # -- tables ----------------------------------------------------------------------------------------------------
    def measures(self, counts: Mapping[str, int]) -> Row:
        """Access points by kind, data and pay, the band, what is covered."""
        day, online, network, devices, pay = self.clock.day, self.nodes.online, self.network, self.network.devices, self.today.operator_emission_usd
        gb, n = network.carried_hotspots * float(self.demand.gb_per_hotspot[day]), int(online.sum())
        return {
            "gb_carried": gb,
            "users": gb * 1000 / float(self.demand.mb_per_user_day[day]),
            "outdoor_online": int((online & devices.outdoor).sum()),
            "indoor_online": int((online & ~devices.outdoor & devices.earns_points).sum()),
            "converted_online": int((online & ~devices.earns_points).sum()),
            "pay_usd_per_gb": pay / gb if gb > 0 else 0.0,
            "mean_pay_usd_per_month": pay / n * DAYS_PER_YEAR / 12 if n else 0.0,
            "proof_pay_usd": network.accrual.paid["usd", "proof"],
            "top_up_tokens": self.books.top_up_tokens,
            "overflow_tokens": self.books.overflow_tokens,
            "affiliates_usd": self.affiliates_usd,
            **self.footprint.today(self.clock, online),
        }

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight: access points, users, pay, and the part of each cell's passers-by that is served."""
        network, row, n, online = self.network, self.ground.site_cell, self.ground.map.n, self.nodes.online
        served = np.bincount(row, network.accrual.weights("data"), minlength=n).astype(np.float64)
        potential = np.bincount(row, network.places.popularity, minlength=n)
        return cells_row(
            n, row, online=online, fake=np.zeros(len(online), bool), pay_usd_per_day=network.pay_usd_per_day(),
            coverage_share=np.minimum(served / np.maximum(potential, 1e-12), 1.0), users=network.users_per_day(served), covered_too=False,
        )  # fmt: skip
