"""Clustered farms and split antennas as rings that learn reckon with them: what one more device brings and costs, where it claims to stand, and what was listed and lies in a drawer.

A device on a desk is worth something beside its siblings alone, so a ring that begins brings as many as it would keep as a probe. One that is listed is unplugged; asserted
anew elsewhere it costs the entry alone, and the ring does its sum by that while any lies in its drawer.
"""

from __future__ import annotations

import numpy as np

from twin.arrays import Floats, Slots
from twin.integrity.campaigns import Campaign
from twin.integrity.farms import Farms, Ring
from twin.state import NodeState

ARRIVES_AFTER_DAYS = 7
"""assumed: from asserting a device anew until it is heard"""
GONE = (NodeState.PROSPECT, NodeState.RETIRED)
UNDER_WAY = (NodeState.ORDERED, NodeState.OFFLINE)


class FarmTrick:
    """The exploit of one ring: all its devices on one desk."""

    name, splits = "spoofed_locations", False

    def __init__(self, farms: Farms, *, checks: tuple[str, ...]) -> None:
        self.farms, self.checks = farms, checks

    def gain_usd_per_month(self, campaign: Campaign) -> float:
        """What one more would be paid at the best free site that the ring sees today; where there is none, what those earn that it has."""
        ring = self._ring(campaign)
        mine, site = self.mine(ring), self.sites(ring, 1)
        if not len(site) and not len(mine):
            return 0.0
        siblings = max(len(mine) + self.coming(ring) + 1, ring.spec.learns.probe_nodes)
        return float(self.pay_usd_per_month(site if len(site) else mine, siblings).mean()) - self.farms.running_usd_per_month

    def sites(self, ring: Ring, count: int) -> Slots:
        """Where so many more would be said to stand."""
        return self.farms.free_sites(ring, count)

    def pay_usd_per_month(self, slots: Slots, nodes: int) -> Floats:
        """What each of so many earns there."""
        return self.farms.network.farm_pay_usd_per_month(slots, nodes)

    def outlay_usd(self, campaign: Campaign) -> float:
        """Onboarding, assert and cabling, and a device unless one lies in the drawer."""
        ring = self._ring(campaign)
        return float(ring.spec.entry_cost_usd_per_node) + (0.0 if len(ring.drawer) else self.farms.new_device_usd())

    def booked_usd(self, campaign: Campaign) -> float:
        """The device, if it is a new one."""
        return self.outlay_usd(campaign) - float(campaign.spec.entry_cost_usd_per_node)

    def at_stake_usd(self, campaign: Campaign) -> float:
        """No slashing of hotspots exists: the loss is proof to come."""
        return 0.0

    def come(self, campaign: Campaign, nodes: int) -> Slots:
        """Those of the drawer first, and only when it is empty new ones; those that failed for good are forgotten."""
        ring, farms = self._ring(campaign), self.farms
        farms.release(ring, ring.slots[np.isin(farms.nodes.state[ring.slots], GONE)])
        drawer = len(ring.drawer)
        sites = self.sites(ring, min(nodes, drawer) if drawer else nodes)
        if not len(sites):
            return sites
        ring.splits = self.splits
        farms.claim(ring, sites)
        ring.active = True
        if drawer:
            born, ring.drawer = ring.drawer[: len(sites)], ring.drawer[len(sites) :]
            farms.fleet.bring(sites, born_day=born, after_days=ARRIVES_AFTER_DAYS)
        else:
            farms.deliver(sites, farms.fleet.order(sites))
        return sites

    def go(self, campaign: Campaign, slots: Slots) -> None:
        """These are switched off for good, and their sites are free for honest ones."""
        self.farms.retire(self._ring(campaign), slots)

    def mine(self, campaign: Campaign) -> Slots:
        """Those that run."""
        slots = self._ring(campaign).slots
        return np.asarray(slots[self.farms.nodes.online[slots]])

    def coming(self, campaign: Campaign) -> int:
        """Those ordered or under repair."""
        return int(np.count_nonzero(np.isin(self.farms.nodes.state[self._ring(campaign).slots], UNDER_WAY)))

    def _ring(self, campaign: Campaign) -> Ring:
        assert isinstance(campaign, Ring)
        return campaign


class SplitAntennaTrick(FarmTrick):
    """Many devices on one antenna, asserted over the free sites beside it: all hear and are heard, each is paid like an honest one there, and the place has one antenna's cover."""

    name, splits = "split_antenna", True

    def sites(self, ring: Ring, count: int) -> Slots:
        """Beside the antenna."""
        return self.farms.sites_beside(ring, count)

    def pay_usd_per_month(self, slots: Slots, nodes: int) -> Floats:
        """What one more honest device could hope for."""
        return self.farms.network.expected_pay_usd_per_month(slots)
