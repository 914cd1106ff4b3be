"""Made-up coordinates, rooms without a sky and many devices on one roof, as campaigns that learn reckon with them: what one more brings and costs, and where it goes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.integrity.campaigns import Campaign
from twin.integrity.fake_devices import FakeDevices
from twin.state import NodeState

GONE = (NodeState.PROSPECT, NodeState.RETIRED)
UNDER_WAY = (NodeState.ORDERED, NodeState.OFFLINE)


class DeviceTrick:
    """One exploit of devices. Only what a campaign buys costs power; made-up devices run on nothing."""

    def __init__(self, name: str, fakes: FakeDevices, *, checks: tuple[str, ...], running_usd_per_month: Callable[[Slots], Floats]) -> None:
        self.name, self.checks, self.fakes, self._running_usd_per_month = name, checks, fakes, running_usd_per_month

    def gain_usd_per_month(self, campaign: Campaign) -> float:
        """What one more of them would be paid at the best free place that it sees today; where there is none, what those earn that it has."""
        mine = self.mine(campaign)
        if self.name == "colocated" and len(mine):
            home = self.fakes.asserted_at[mine[:1]]
            pay = self.fakes.network.expected_pay_usd_per_month(home)
            return self._net(campaign, home, pay / (len(mine) + 1) if not self.fakes.one_roof_pays_once else 0.0 * pay)
        place, pay = self.fakes.best_places(campaign.name, 1)
        if not len(place):
            place, pay = mine, self.fakes.network.expected_pay_usd_per_month(mine)
        return self._net(campaign, place, pay)

    def outlay_usd(self, campaign: Campaign) -> float:
        """The device, if it buys one, and what it takes beside it."""
        return self.fakes.outlay_usd(campaign.spec)

    def booked_usd(self, campaign: Campaign) -> float:
        """The device, and where it takes one a fee for it."""
        return self.outlay_usd(campaign) - float(campaign.spec.entry_cost_usd_per_node)

    def at_stake_usd(self, campaign: Campaign) -> float:
        """Nobody stakes anything for a device."""
        return 0.0

    def come(self, campaign: Campaign, nodes: int) -> Slots:
        """Devices for the best free places; those that are worn out are forgotten first."""
        fakes, mine = self.fakes, self.fakes.of(campaign.number)
        fakes.forget(mine[np.isin(fakes.nodes.state[mine], GONE)])
        chosen, _ = fakes.best_places(campaign.name, nodes)
        if not len(chosen):
            return chosen
        fakes.forget(chosen)
        home, there = None, self.mine(campaign)
        if self.name == "colocated":
            home = int(fakes.asserted_at[there[0]]) if len(there) else int(chosen[0])
        fakes.put_up(campaign.number, chosen, home=home, buys=campaign.spec.buys_nodes)
        return np.sort(chosen)

    def go(self, campaign: Campaign, slots: Slots) -> None:
        """These are taken away, and their places are free for honest ones."""
        self.fakes.unmask(slots)

    def mine(self, campaign: Campaign) -> Slots:
        """Those that run."""
        mine = self.fakes.of(campaign.number)
        return np.asarray(mine[self.fakes.nodes.online[mine]])

    def coming(self, campaign: Campaign) -> int:
        """Those ordered or under repair."""
        return int(np.count_nonzero(np.isin(self.fakes.nodes.state[self.fakes.of(campaign.number)], UNDER_WAY)))

    def _net(self, campaign: Campaign, slots: Slots, pay: NDArray[np.float64]) -> float:
        if not len(slots):
            return 0.0
        return float(np.mean(pay - self._running_usd_per_month(slots) if campaign.spec.buys_nodes else pay))
