"""Replicas that are one: miners who claim several keep one, and make chunks of the others up when they are asked for.

A packed replica differs from every other, so each chunk that was not kept costs the work of packing it. With n claims to a copy, on claims of W terabytes (3.6 to a partition):

    machines = W / 3.6 x (n - 1) / n x read rate of a partition / rate at which a machine makes chunks up          in time: exp(-delay / block time)
    making a terabyte up costs as much as keeping it where  rent of a machine x read rate / (3.6 x rate of a machine)  is what a kept terabyte costs

Nobody can tell such a replica from one that was kept, but by how late answers come; what one disk cannot read for all that it should be is refused where the scenario says how fast it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.integrity.campaigns import Campaign, luck_of_accounts
from twin.kernel import DAYS_PER_MONTH, Clock, in_turn
from twin.kinds.storage.copies_spec import PackingSpec, SharedCopySpec
from twin.kinds.storage.mining import LEAST_TB, Miners
from twin.state import Note
from twin.units import DAYS_PER_YEAR, MONTHS_PER_YEAR

COPIES = "copies that are one"


def made_up_usd_per_tb_per_year(packing: PackingSpec, *, speed_multiple: float = 1.0) -> float:
    """What it costs to answer for a terabyte that is not kept."""
    machines = packing.read_mib_per_second_per_partition / (packing.made_up_mib_per_second_per_machine * speed_multiple) / LEAST_TB
    return machines * packing.machine_usd_per_month * MONTHS_PER_YEAR


def speed_that_pays(packing: PackingSpec, *, kept_usd_per_tb_per_year: float) -> float:
    """How many times as fast as a machine of the table, for the same money, chunks must be made up for that to cost no more than keeping them."""
    return made_up_usd_per_tb_per_year(packing) / kept_usd_per_tb_per_year


def served_claims(packing: PackingSpec, claims_per_copy: float) -> float:
    """Of so many claims to a copy those that one disk can be read for."""
    if packing.disk_read_mib_per_second is None:
        return claims_per_copy
    return min(claims_per_copy, packing.disk_read_mib_per_second / packing.read_mib_per_second_per_partition)


class SharedCopies:
    """Pretended miners of all campaigns: who is there, what they claim, keep and cost. An exploit for those with a calendar, and the trick of those that learn."""

    name = "shared_copy"

    def __init__(
        self, clock: Clock, miners: Miners, packing: PackingSpec, specs: dict[str, SharedCopySpec], *, block_seconds: float, checks: tuple[str, ...],
        income_usd_per_tb_per_year: Callable[[], float], held_days: float, note: Note, buys: Callable[[float], None],
    ) -> None:  # fmt: skip
        """`held_days`: of pay, what is lost at a find; `buys` pays for disks."""
        self.clock, self.miners, self.packing, self.checks, self.note = clock, miners, packing, checks, note
        self._income, self._held_days, self._buys, self._in_time = income_usd_per_tb_per_year, held_days, buys, math.exp(-packing.delay_seconds / block_seconds)
        each = list(specs.values())
        counts = np.array([spec.at_most for spec in each], np.int64)
        self.campaign = np.repeat(np.arange(len(each)), counts)
        """Number of the campaign of each pretended miner."""
        self.first = len(miners.space_tb)
        """Slot of the first of them: they come after the honest ones."""
        self.luck = luck_of_accounts(self.first, {name: spec.at_most for name, spec in specs.items()})
        """Number of the luck of each slot."""
        self._blocks = [np.arange(start, start + count) for start, count in zip((np.cumsum(counts) - counts).tolist(), counts.tolist(), strict=True)]
        self.here = np.zeros(len(self.campaign), bool)
        self.life = np.zeros(len(self.campaign), np.int16)
        """One pretended miner from the next in its place: a new address, which nobody knows."""
        self.denied_until = np.zeros(len(self.campaign), np.int64)
        self._answered_tb = np.repeat([self.answered_tb(spec) for spec in each], counts)
        self._kept_tb = np.repeat([spec.tb_per_node / spec.claims_per_copy for spec in each], counts)
        self._made_up_usd_per_day = np.repeat([self.machines_usd_per_month(spec) / DAYS_PER_MONTH / miners.decline for spec in each], counts)
        """At the costs of the first day."""
        self._median_running = float(np.median(miners.running_usd_per_tb_per_year)) / miners.decline
        self._claimed_tb = np.zeros(len(self.campaign))

    # -- what one of them is ------------------------------------------------------------------------------------------
    def answered_tb(self, spec: SharedCopySpec) -> float:
        """Claims of one whose challenges are answered in time."""
        served = served_claims(self.packing, spec.claims_per_copy)
        return spec.tb_per_node * (1 + (served - 1) * self._in_time) / spec.claims_per_copy

    def machines_usd_per_month(self, spec: SharedCopySpec) -> float:
        """Rent of what makes up all that is served and not kept; it falls over the years as what disks and their keeping cost (assumed)."""
        served = served_claims(self.packing, spec.claims_per_copy)
        return made_up_usd_per_tb_per_year(self.packing, speed_multiple=spec.speed_multiple) * spec.tb_per_node * (served - 1) / spec.claims_per_copy / MONTHS_PER_YEAR * self.miners.decline

    def running_usd_per_month(self, spec: SharedCopySpec) -> float:
        """Machines, and the copy that is kept, at the cost of a mean miner."""
        kept = self._median_running * self.miners.decline * spec.tb_per_node / spec.claims_per_copy
        return self.machines_usd_per_month(spec) + kept / MONTHS_PER_YEAR

    # -- all of them today --------------------------------------------------------------------------------------------
    def paid(self) -> NDArray[np.bool_]:
        """Who is paid today."""
        return np.asarray(self.here & (self.denied_until <= self.clock.day))

    def claimed_tb(self) -> Floats:
        """What each is paid for today."""
        return self._claimed_tb

    @property
    def kept_tb(self) -> float:
        """On disks that are there."""
        return float(self._kept_tb[self.here].sum())

    @property
    def seen_tb(self) -> float:
        """For which challenges are answered, paid today or not."""
        return float(self._answered_tb[self.here].sum())

    def running_usd_per_day(self) -> float:
        """What all of them cost their owners today."""
        kept = self._median_running * self.kept_tb / DAYS_PER_YEAR
        return (float(self._made_up_usd_per_day[self.here].sum()) + kept) * self.miners.decline

    def take_away(self, slots: Slots) -> None:
        """These are gone; slots as checks and campaigns call them."""
        self.here[slots - self.first] = False

    def count(self) -> None:
        """Miners share with what is claimed from now on."""
        self._claimed_tb = self._answered_tb * self.paid()
        self.miners.claimed_tb = in_turn(self._claimed_tb)

    # -- the trick of those that learn ----------------------------------------------------------------------------------
    def gain_usd_per_month(self, campaign: Campaign) -> float:
        """Pay of the day for what is answered, less machines and the copy that is kept."""
        spec = campaign.spec
        return self._income() * self.answered_tb(spec) / MONTHS_PER_YEAR - self.running_usd_per_month(spec)

    def outlay_usd(self, campaign: Campaign) -> float:
        """Disks of the copy, and what it takes beside them."""
        return self._disks_usd(campaign.spec) + float(campaign.spec.entry_cost_usd_per_node)

    def booked_usd(self, campaign: Campaign) -> float:
        """The disks."""
        return self._disks_usd(campaign.spec)

    def at_stake_usd(self, campaign: Campaign) -> float:
        """Rewards that are held back, as far as a find takes them."""
        return self._income() * self.answered_tb(campaign.spec) * self._held_days / DAYS_PER_YEAR

    def come(self, campaign: Campaign, nodes: int) -> Slots:
        """Up to so many more."""
        block = self._blocks[campaign.number]
        free = block[~self.here[block]][:nodes]
        self.here[free], self.denied_until[free] = True, 0
        self.life[free] += 1
        self._buys(self._disks_usd(campaign.spec) * len(free))
        return free + self.first

    def go(self, campaign: Campaign, slots: Slots) -> None:
        """These leave, uncaught."""
        self.take_away(slots)

    def mine(self, campaign: Campaign) -> Slots:
        """Those that are there."""
        block = self._blocks[campaign.number]
        return np.asarray(block[self.here[block]] + self.first)

    def coming(self, campaign: Campaign) -> int:
        """Nobody: what they need is there at once."""
        return 0

    def _disks_usd(self, spec: SharedCopySpec) -> float:
        return spec.tb_per_node / spec.claims_per_copy * self.miners.new_disk_usd_per_tb

    # -- the exploit of those with a calendar ---------------------------------------------------------------------------
    def act(self, campaign: Any) -> int | None:
        """One more comes, if it would pay back in time; the next some days later."""
        spec, gain = campaign.spec, self.gain_usd_per_month(campaign)
        months = self.outlay_usd(campaign) / gain if gain > 0 else math.inf
        here = len(self.mine(campaign))
        if months > spec.payback_limit_months:
            self.note("cheat_stays_away", subject=campaign.name, count=1, value=min(months, 1000.0), unit="months of payback")
        else:
            at_once = spec.nodes if not spec.spread_months else 1
            slots = self.come(campaign, min(at_once, spec.nodes - here))
            self.note("cheat_enters", subject=campaign.name, count=len(slots), value=self.answered_tb(spec) * len(slots), unit="TB claimed")
        if campaign.step + 1 >= spec.nodes or not spec.spread_months:
            return None
        return self.clock.day + max(round(float(spec.spread_months) * DAYS_PER_MONTH / int(spec.nodes)), 1)

    def stop(self, campaign: Any) -> None:
        """All of a campaign are gone."""
        self.take_away(self.mine(campaign))
