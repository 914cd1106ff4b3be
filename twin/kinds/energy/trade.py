"""What an energy network tells its world. Q is what grids pay for events, readiness, capacity and dear hours at the first prices ever stated; S is committed
power over the power that zones want. Own savings on the bill are no revenue: they are own use, a part of F that nobody pays (docs/networks/energy.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.actors.customers.sale import Terms
from twin.actors.fleet import Fleet
from twin.actors.law_of_demand import Levies
from twin.actors.operators import Parties
from twin.economy.pots_and_rates import PotsAndRates
from twin.kinds.energy.grids import Grid
from twin.kinds.energy.network import BASELINE, OWN_USE, Energy
from twin.kinds.energy.spec import HouseholdSpec
from twin.outcomes import Collateral
from twin.record.tables import Field, capacity_fields
from twin.state import BLOCK, BlockGroup
from twin.units import DAYS_PER_YEAR
from twin.world import World
from twin.world.cells import cells_row
from twin.world.devices import FAKES_PAID, WITHOUT_LEARNERS, DeviceTrade
from twin.world.ground import Ground
from twin.world.trade import Row

CLAIM_GROUPS = 30
ENERGY_DAILY: tuple[Field, ...] = (
    *capacity_fields("kW", "power committed"),
    Field("systems_owned", "int64", "count", "households with panels or battery, in the network or not"),
    Field("committed_kw", "float64", "kW", "power that running batteries hold for an event, wear taken off"),
    Field("delivered_kw", "float64", "kW", "power delivered in today's events"),
    Field("solar_kwh", "float64", "kWh/day", "output of all roofs in the network"),
    Field("token_only_online", "int64", "count", "households online that would not have joined without the token"),
    Field("events_missed", "int64", "count", "missed events of single households since the first day"),
    Field("fakes_flagged", "int64", "count", "fake meters found since the first day"),
    Field("fake_online", "int64", "count", "sites online whose sun never shone"),
    Field("nodes_moved", "int64", "count", "batteries on their way to a new house since this day"),
    Field("operator_own_use_usd", "float64", "USD/day", "own use, the part of F that nobody pays: what the systems save on their households' bills"),
    Field("vested_usd", "float64", "USD/day", "own deposits that flow back to farms; neither fee nor subsidy"),
    FAKES_PAID,
)
ENERGY_ABSENT = frozenset({"operator_grant_usd", "outside_revenue_token_usd"})
"""Nobody gives grants. Who leaves keeps the system on the roof; in a drawer is what a ban switched off."""
ENERGY_WITHOUT_LEARNERS_ABSENT = WITHOUT_LEARNERS
"""No campaign learns."""


class EnergyTrade(DeviceTrade):
    """Households and their batteries at work, as the chronicle and the verdict ask them."""

    daily_fields = ENERGY_DAILY
    group_fields: tuple[Field, ...] = (Field("own_use_usd", "float64", "USD/month", "what the systems save on their own households' bills; in earned_usd"),)
    books: PotsAndRates

    def __init__(self, world: World, network: Energy, parties: Parties[HouseholdSpec], fleet: Fleet, ground: Ground, levies: Levies) -> None:
        super().__init__(world, network, fleet, parties)
        self.absent_fields = ENERGY_ABSENT if world.guard.someone_learns else ENERGY_ABSENT | ENERGY_WITHOUT_LEARNERS_ABSENT
        self.spec, self.network, self.ground, self.accrual, self.customers = network.spec, network, ground, network.accrual, world.customers
        checks = self.spec.verification.meters
        self.slashes_from = self.spec.calendar.start if checks is not None and checks.hardest_slash_share > 0 else None
        for zone, name in enumerate(network.zone_names):
            self.customers.add(name, Grid(network, zone), Terms())
        self.levies = levies
        self._claimed = np.zeros(-(-network.n // BLOCK) * BLOCK)

    # -- customers and claims --------------------------------------------------------------------------------------
    def sales(self) -> None:
        """Usage of the day by grid; revenue as the network counted it, since parts of it do not add up to the last bit."""
        self.customers.sell()
        self.today.revenue_usd = self.network.revenue_usd
        if self.levies.any:
            self.levies.collect(self.network.billed_usd)

    def claim(self) -> None:
        """A thirtieth of the sites claims its tokens and sells the group's share."""
        block = BlockGroup(self.clock.day % CLAIM_GROUPS, CLAIM_GROUPS)
        slots = block.slots(self.network.n)
        self.accrual.settle(block)
        tokens = self.accrual.earned("tokens")[slots]
        fresh = tokens - self._claimed[slots]
        self._claimed[slots] = tokens
        self.books.claim(float(fresh.sum()), self.parties.sell(slots, fresh))

    def at_stake(self) -> Collateral:
        """What a fake meter is paid, and what it risks, as of the last day: a plausible one, which no clear sky gives away. The stake is lost for events that were
        missed; who is found with a fake meter keeps it, unless a step of the check's penalties takes it."""
        network = self.network
        here = network.kind[network.nodes.online] if network.nodes.online.any() else np.arange(network.types.n)
        checks = self.spec.verification.meters
        return Collateral(
            gain_usd_per_year=self.paid_by_claim_usd_per_year((BASELINE,)),
            looks_per_year=DAYS_PER_YEAR * network.meters.inspection.looks_today() if network.meters else 0.0,
            catch_probability_per_look=checks.plausible_probability_per_day if checks else None,
            stake_usd=float(network.year.event_kw[here].mean()) * self.spec.hosts.stake_usd_per_kw,
            slash_share=checks.hardest_slash_share if checks else 0.0,
            honest_margin_usd_per_year=float(network.income_without_token()[here].mean()),
            of="mean household",
        )

    # -- tables ----------------------------------------------------------------------------------------------------
    def facts(self) -> Mapping[str, object]:
        """For the manifest."""
        return {**super().facts(), "kinds_of_household": self.network.types.n}

    def measures(self, counts: Mapping[str, int]) -> Row:
        """Batteries, their power and sun, cheats."""
        network, nodes = self.network, self.nodes
        return {
            "capacity": float(network.kw_of_zone.sum()),
            "capacity_as_seen": float(network.kw_of_zone.sum()) + network.claimed_kw,
            "systems_owned": int(nodes.owns.sum()),
            "committed_kw": float(network.kw_of_zone.sum()),
            "delivered_kw": network.delivered_kw,
            "solar_kwh": network.solar_kwh,
            "token_only_online": int((nodes.online & nodes.token_only).sum()),
            "events_missed": network.missed_events,
            "fakes_flagged": network.meters.inspection.caught if network.meters else 0,
            "fake_online": self.fakes_online(),
            "nodes_moved": counts["moved"],
            "operator_own_use_usd": network.accrual.paid["own_use_usd", OWN_USE],
            "vested_usd": network.vested_usd_per_day(),
        }

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight; `coverage_share` is the part of the cell's sites that are in the network, `users` committed kW."""
        n, row, network = self.ground.map.n, self.ground.site_cell, self.network
        known, online, fake = row >= 0, self.nodes.online, self.nodes.fake >= 0
        true = np.bincount(row[online & ~fake & known], minlength=n)
        kw = np.where(online & ~fake, network.year.event_kw[network.kind], 0.0)
        return cells_row(
            n, row, online=online, fake=fake, pay_usd_per_day=network.pay_usd_per_day(),
            coverage_share=true / np.maximum(np.bincount(row[known], minlength=n), 1), users=np.bincount(row[known], kw[known], minlength=n), covered_too=False,
        )  # fmt: skip
