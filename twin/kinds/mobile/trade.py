"""What a mobile network tells its world. Q is the GB carried for external customers at one fixed price; S is the part of all places' passers-by that is served.

What is seen counts made-up access points at what they claim to carry; where nobody cheats it equals what is true.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.actors.customers.sale import Terms
from twin.actors.law_of_demand import Levies
from twin.economy.shared_token_books import SharedTokenBooks
from twin.integrity.fake_devices import LOOKS_EVERY_DAYS
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR
from twin.kinds.mobile.customers import Demand
from twin.kinds.mobile.escrow import HELD_DAYS, Escrow
from twin.kinds.mobile.fake_radios import CarrierChecks
from twin.kinds.mobile.footprint import Footprint
from twin.kinds.mobile.network import Mobile
from twin.outcomes import Collateral
from twin.record.tables import SHARED_TOKEN_DAILY, Field, capacity_fields
from twin.world import World
from twin.world.cells import cells_row
from twin.world.devices import Devices, DeviceTrade
from twin.world.ground import Ground
from twin.world.trade import Row

MOBILE_DAILY: tuple[Field, ...] = (
    *capacity_fields("access points of mean popularity", "passers-by served"),
    *SHARED_TOKEN_DAILY,
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
    Field("fake_online", "int64", "count", "access points that claim coverage and carry nothing"),
    Field("fakes_paid_usd", "float64", "USD/day", "what those are paid"),
    Field("cheats_caught", "int64", "count", "of those, caught since the first day"),
    Field("honest_accused", "int64", "count", "honest access points taken for such since the first day"),
    Field("slashed_tokens", "float64", "tokens", "held in escrow and burned since the first day"),
)
MOBILE_ABSENT = frozenset({"operator_customer_usd", "operator_grant_usd"})
"""Hosts are paid in tokens alone, and nobody gives grants."""
MOBILE_WITHOUT_CHEATS_ABSENT = frozenset({"nodes_denied", "fake", "fake_online", "fakes_paid_usd", "cheats_caught", "honest_accused", "slashed_tokens"})
"""Nobody cheats and nobody looks for cheats: nobody is shut out from pay, and all access points stand where they claim to."""


class MobileTrade(DeviceTrade):
    """Access points at work, as the chronicle and the verdict ask them."""

    daily_fields = MOBILE_DAILY

    def __init__(
        self, world: World, devices: Devices, *, network: Mobile, demand: Demand, books: SharedTokenBooks, ground: Ground, checks: CarrierChecks | None, escrow: Escrow | None, levies: Levies,
    ) -> None:  # fmt: skip
        super().__init__(world, network, devices.fleet, devices.parties)
        self.is_policed, self.checks, self.escrow = world.spec.is_policed, checks, escrow
        if escrow is not None and checks is not None:
            self.slashes_from = max(checks.spec.starts or world.clock.start, world.clock.start)
        self.absent_fields = MOBILE_ABSENT if self.is_policed else MOBILE_ABSENT | MOBILE_WITHOUT_CHEATS_ABSENT
        self.network, self.demand, self.books, self.ground, self.customers = network, demand, books, ground, world.customers
        self.levies = levies
        levies.changed = lambda: network.demand_changed(demand.keen_share(world.spec.customers, levies.share))
        self.customers.usd_per_unit = float(world.spec.offload.reference_usd_per_gb)
        for name, buyer in demand.buyers.items():
            each = world.spec.customers[name]
            buyer.carried_hotspots = lambda: network.carried_hotspots
            self.customers.add(name, buyer, Terms(ends=each.leaves, affiliate_until=each.affiliate_until))
        self.footprint = Footprint(ground.sites.cell12, network.places, network.devices.outdoor)

    # -- customers -------------------------------------------------------------------------------------------------
    def sales(self) -> None:
        """Usage and revenue of the day; all that is billed burns tokens."""
        self.customers.sell()
        if self.levies.any:
            carried, billed = self.network.accrual.weights("data"), sum(sale.paid_usd for sale in self.customers.bought)
            self.levies.collect(carried * (billed / max(float(carried.sum()), 1e-12)))
        self.today.billed_usd = self.today.revenue_usd + self.customers.affiliates_usd

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's external customers together at its largest, at the reference price: what they would hang on an access point at every place."""
        days = [self.clock.start + timedelta(days=day) for day in range(self.clock.n_days)]
        external = np.zeros(self.clock.n_days)
        for customer, buyer in zip(self.customers.each, self.demand.buyers.values(), strict=True):
            external += buyer.gb_per_hotspot * np.array([not customer.terms.is_affiliate_on(day) for day in days])
        return float(np.max(external)) * self.network.hotspots_if_everywhere * self.customers.usd_per_unit

    def at_stake(self) -> Collateral:
        """What points for coverage bring that an access point only claims, how surely carriers' data give it away, and the pay that an escrow holds of it."""
        gain = self.paid_by_claim_usd_per_year(("proof",))
        looks = self.checks is not None and self.checks.inspection.has_begun
        return Collateral(
            gain_usd_per_year=gain, looks_per_year=DAYS_PER_YEAR / LOOKS_EVERY_DAYS * self.checks.inspection.looks_today() if looks and self.checks is not None else 0.0,
            catch_probability_per_look=self.checks.mean_probability_per_look() if looks and self.checks is not None else None,
            stake_usd=gain * HELD_DAYS / DAYS_PER_YEAR if self.escrow else 0.0, slash_share=1.0 if self.escrow else 0.0, of="mean access point",
        )  # fmt: skip

    # -- tables ----------------------------------------------------------------------------------------------------
    def measures(self, counts: Mapping[str, int]) -> Row:
        """Access points by kind, data and pay, the band, what is covered."""
        day, online, network, devices, pay = self.clock.day, self.nodes.online, self.network, self.network.devices, self.today.operator_emission_usd
        gb, n = network.carried_hotspots * self.demand.gb_on(day), int(np.count_nonzero(online))
        return {
            **self.books.beta_row(),
            "capacity": network.carried_hotspots,
            "capacity_as_seen": network.carried_hotspots + (network.claimed_hotspots if self.is_policed else 0.0),
            "gb_carried": gb,
            "users": gb * 1000 / float(self.demand.mb_per_user_day[day]),
            "outdoor_online": int(np.count_nonzero(online & devices.outdoor)),
            "indoor_online": int(np.count_nonzero(online & ~devices.outdoor & devices.earns_points)),
            "converted_online": int(np.count_nonzero(online & ~devices.earns_points)),
            "pay_usd_per_gb": pay / gb if gb > 0 else 0.0,
            "mean_pay_usd_per_month": pay / n * DAYS_PER_MONTH if n else 0.0,
            "proof_pay_usd": network.accrual.paid["usd", "proof"],
            "top_up_tokens": self.books.top_up_tokens,
            "overflow_tokens": self.books.overflow_tokens,
            "affiliates_usd": self.customers.affiliates_usd,
            **self.footprint.today(self.clock, network.honest()),
            **(self._cheats() if self.is_policed else {}),
        }

    def _cheats(self) -> Row:
        """Made-up access points, what they take, and what checks made of them and of honest ones."""
        found, fakes = self.checks.inspection if self.checks is not None else None, np.flatnonzero(self.nodes.online & (self.nodes.fake >= 0))
        return {
            "fake_online": len(fakes),
            "fakes_paid_usd": self._guard.take(self.nodes.fake[fakes], self.network.pay_at_usd_per_day(fakes)),
            "cheats_caught": found.caught if found else 0,
            "honest_accused": found.false_positives if found else 0,
            "slashed_tokens": self.escrow.burned_tokens if self.escrow else 0.0,
        }

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight: access points, users, pay, and the part of each cell's passers-by that is served."""
        network, row, n, online = self.network, self.ground.site_cell, self.ground.map.n, self.nodes.online
        served = np.bincount(row, network.accrual.weights("data"), minlength=n).astype(np.float64)
        potential = np.bincount(row, network.places.popularity, minlength=n)
        return cells_row(
            n, row, online=online, fake=self.nodes.fake >= 0, pay_usd_per_day=network.pay_usd_per_day(),
            coverage_share=np.minimum(served / np.maximum(potential, 1e-12), 1.0), users=network.users_per_day(served), covered_too=False,
        )  # fmt: skip
