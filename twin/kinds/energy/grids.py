"""What the grid of a zone buys of households: events, readiness, capacity and dear hours."""

from __future__ import annotations

from datetime import date

import numpy as np

from twin.actors.customers.sale import Bought, Buys
from twin.kinds.energy.network import Energy
from twin.units import DAYS_PER_YEAR


class Grid(Buys):
    """The programme and the markets of one zone."""

    def __init__(self, network: Energy, zone: int) -> None:
        self.network, self.zone = network, zone

    def today(self, today: date) -> Bought:
        """Usage at the first prices ever stated, and the zone's own bill at those of today."""
        usage = float(self.network.usage_usd_of_zone[self.zone])
        return Bought(usage, usage, float(self.network.revenue_usd_of_zone[self.zone]))

    def potential_usd_per_day(self) -> float:
        """What it would pay for all the power that it wants, at reference prices: for readiness and events, and for dear hours."""
        network, market = self.network, self.network.markets[self.zone]
        per_event, ready, capacity, _ = network.prices_on(market, reference=True)
        events = market.programme.n_events_per_season if market.programme else 0
        hours = 24.0 * market.ancillary_won_share
        stated = market.wanted_kw * (per_event * events / DAYS_PER_YEAR + ready / 1000 * hours + capacity / 1000)
        mine = network.types.zone == self.zone
        kw = network.year.event_kw[mine]
        if not kw.any():
            return stated
        return stated + market.wanted_kw * float((network.year.sold_dear_usd[mine] / np.maximum(kw, 1e-9))[kw > 0].mean()) / DAYS_PER_YEAR
