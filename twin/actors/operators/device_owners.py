"""Owners of devices on a map: hotspots, access points, stations. They look at their pay once in thirty days, and each group of each region once in thirty
days at the numbers of a new device.

How many of a region's prospects look follows those there who ever had a device (Bass). Whether one of them buys, stays, leaves or moves is one column
operation over the sites of the day, with luck keyed by site.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.actors.fleet import Fleet
from twin.actors.operators import staying as staying_module
from twin.actors.operators.entering import PayHeard, interest, payback_months
from twin.actors.operators.near_interest import NearInterest
from twin.actors.operators.parties import Choice, Parties, Party
from twin.actors.operators.reckoning import Reckoning
from twin.actors.operators.staying import Staying
from twin.actors.owners import Owners
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.scenario.sections.operators import OperatorSpec
from twin.state import Accrual, BlockGroup, Column, Columns, NodeState

Slots = NDArray[np.int64]
Floats = NDArray[np.float64]
LOOKS_EVERY_DAYS = 30
USED_DEVICE_DAYS = 7
"""assumed: from one owner to the next"""

COLUMNS = (
    Column("looked_day", np.int16, 0, "day", "day of the owner's last look at the numbers", "operators"),
    Column("looked_usd", np.float64, 0.0, "USD", "pay up to that look", "operators"),
    Column("looked_tokens", np.float64, 0.0, "tokens", "tokens claimed up to that look", "operators"),
    Column("watched", np.bool_, False, "", "ran at the owner's last look", "operators"),
    *staying_module.COLUMNS,
)


@dataclass(frozen=True, eq=False)
class _Month:
    """What owners see of devices that run: what they would rather do, and who may judge."""

    slots: Slots
    """Ascending."""
    pay_usd_per_month: Floats
    """What came since the last look."""
    leaves: NDArray[np.bool_]
    """Leaving brings more than the months ahead."""
    settled: NDArray[np.bool_]
    """Has run here for a month: nobody judges a device by its first days, or by a month in which it stood still or somewhere else."""
    patience: Floats
    """Luck of each: who is annoyed, a uniform number."""
    roaming: Floats
    """Luck of each: who looks for another place."""
    tempted: Slots
    """Rows of those who may leave or look for another place; the others stay as they are, whatever group they are of."""


@dataclass(frozen=True, eq=False)
class _Sum:
    """What those who look at the numbers reckon with: monthly pay less cost counted, USD; who has a device in a drawer plugs it in or leaves it there."""

    slots: Slots
    margin_usd_per_month: Floats
    price_usd: Floats
    """Of a new device, by site."""
    used_usd: float
    drawer: NDArray[np.bool_]


class DeviceOwnerPolicy:
    """All groups of owners over the site pool."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, parties: Parties[OperatorSpec], *, owners: Owners, fleet: Fleet, accrual: Accrual,
        reckoning: Reckoning, claimed: Callable[[float, float], None], neighbourhood: tuple[NDArray[np.int32], NDArray[np.int32]],
        paid_assert: Callable[[int], None], near: NearInterest | None = None,
    ) -> None:  # fmt: skip
        """`claimed` hears of tokens claimed and sold, `paid_assert` of devices that moved; `neighbourhood` is where each row of sites begins, and each site's row.

        `near`: interest differs within a region; None: it does not.
        """
        self.clock, self.streams, self.nodes, self.parties, self.owners, self.fleet = clock, streams, nodes, parties, owners, fleet
        self.accrual, self.reckoning, self.claimed = accrual, reckoning, claimed
        parties.decide_by(self)
        self._annoyed_share = [-np.expm1(-spec.leaving.annoyance_hazard_per_month * LOOKS_EVERY_DAYS / DAYS_PER_MONTH) for spec in parties.specs]
        """By group: who leaves between two looks without a reason that counts here."""
        self._most_annoyed, self._most_roaming = max(self._annoyed_share), max(spec.relocation.hazard_per_month for spec in parties.specs)
        self._own = nodes.writer("operators")
        self.staying = Staying(nodes, streams, [spec.staying for spec in parties.specs], owners.group)
        self._looking_today = _looking_on(owners)
        self._blocks = [BlockGroup(group, LOOKS_EVERY_DAYS) for group in range(LOOKS_EVERY_DAYS)]
        self._slots = [block.slots(len(owners.group)) for block in self._blocks]
        """Sites whose owners look at their pay on each of thirty days."""
        self._region_sites = np.bincount(owners.region, minlength=owners.n_regions).astype(float)
        self._first, self._row = neighbourhood
        self._paid_assert, self._near = paid_assert, near
        self._adopted = np.zeros(owners.n_regions)
        """Share of each region's sites that hold or held a device, looked up every thirty days."""
        self._promise = np.ones(owners.n_regions * len(parties))
        """By cohort, how much likelier one looks for what those who looked before were promised."""
        self._heard = PayHeard()
        self.used_devices: list[list[int]] = [[] for _ in range(owners.n_regions)]
        """Birth days of used devices for sale, by region, oldest offer first."""

    # -- staying and leaving -------------------------------------------------------------------------------------
    def review_devices(self) -> None:
        """One thirtieth of the sites: claim, sell, stay or leave or move."""
        own, nodes, day = self._own, self.nodes, self.clock.day
        block, slots = self._blocks[day % LOOKS_EVERY_DAYS], self._slots[day % LOOKS_EVERY_DAYS]
        live, n_sites = nodes.online[slots], len(slots)
        ran = (live | own.watched[slots] | (nodes.running_since_day[slots] >= own.looked_day[slots])).nonzero()[0]
        if not len(ran):
            return
        slots, live = slots[ran], live[ran]
        own.watched[slots] = live
        self.accrual.settle(block if 2 * len(slots) > n_sites else slots)
        usd, tokens = self.accrual.earned("usd")[slots], self.accrual.earned("tokens")[slots]
        days = np.maximum(day - own.looked_day[slots], 1)
        pay = (usd - own.looked_usd[slots]) / days
        fresh = tokens - own.looked_tokens[slots]
        own.looked_day[slots], own.looked_usd[slots], own.looked_tokens[slots] = day, usd, tokens
        self.claimed(float(np.add.reduce(fresh)), self.parties.sell(slots, fresh))
        judges = (live & (nodes.fake[slots] < 0)).nonzero()[0]  # what becomes of a farm's devices its ring decides
        slots, pay, days = slots[judges], pay[judges], days[judges]
        settled = day - nodes.running_since_day[slots] >= LOOKS_EVERY_DAYS
        since = settled.nonzero()[0]
        settled_pay, settled_days = pay[since], days[since]
        self._heard.note(float(np.add.reduce(settled_pay * settled_days)), float(settled_days.sum()))
        self.staying.see(slots[since], settled_pay, settled_days)
        brings = self._resale_usd(slots)
        leaves = self.staying.leaves(slots, cost_usd_per_day=self.reckoning.cost_usd_per_day(slots), leaving_brings_usd=brings)
        patience, roaming = self.streams.uniform_of_each(("leave", "move"), day, slots)
        leaves &= settled
        tempted = (leaves | (patience < self._most_annoyed) | (settled & (roaming < self._most_roaming))).nonzero()[0]
        if not len(tempted):
            return
        self._month = _Month(slots, pay * DAYS_PER_MONTH, leaves, settled, patience, roaming, tempted)
        chosen = self.parties.do("review")
        self._move(chosen.move)
        self._retire(chosen.leave)

    def review(self, party: Party[OperatorSpec]) -> Choice:
        """Who would rather leave leaves; others may for other reasons; of those who stay some look at another place."""
        month = self._month
        rows = month.tempted[party.among(month.slots[month.tempted])]
        if not len(rows):
            return Choice()
        leaves = month.leaves[rows] | (month.patience[rows] < self._annoyed_share[party.index])
        tries = ~leaves & month.settled[rows] & (month.roaming[rows] < party.spec.relocation.hazard_per_month)
        return Choice(leave=month.slots[rows[leaves]], move=month.slots[rows[tries]])

    def _resale_usd(self, slots: Slots) -> Floats:
        """What selling brings on average, USD: the used price for the share of those who sell; nothing where used devices already wait for a buyer."""
        usd = self.reckoning.offer.new_usd() * self.reckoning.offer.used_share
        usd = usd if math.isfinite(usd) else 0.0
        brings = usd * self.parties.of("leaving.resale_share", slots)
        if any(self.used_devices):
            brings[np.array([bool(stock) for stock in self.used_devices])[self.owners.region[slots]]] = 0.0
        return np.asarray(brings)

    def _retire(self, gone: Slots) -> None:
        """A device that leaves goes into a drawer, is sold on or is thrown away."""
        if not len(gone):
            return
        fate, kept = self.streams.uniform("after leaving", self.clock.day, gone), self.parties.of("leaving.drawer_share", gone)
        drawer = fate < kept
        sold = ~drawer & (fate < kept + self.parties.of("leaving.resale_share", gone))
        self.parties.count_left(gone)
        for slot in gone[sold]:
            self.used_devices[self.owners.region[slot]].append(int(self.nodes.born_day[slot]))
        self.staying.forget(gone)
        self.fleet.retire(gone, keep_in_drawer=drawer)

    def _move(self, slots: Slots) -> None:
        """Each tries one free roof of the same neighbourhood and goes there if it promises enough.

        Two places are compared at the same numbers: what the roof promises at today's pots and price against what came here since the last look. The pay that is
        counted on remembers better months, and what promises are discounted by (devices on the way, risk) would lower the pay here as well.
        """
        if not len(slots):
            return
        row = self._row[slots]
        size = self._first[row + 1] - self._first[row]
        target = (self._first[row] + self.streams.uniform("move to", self.clock.day, slots) * size).astype(np.int64)
        free = self._free(target)
        slots, target = slots[free], target[free]
        if not len(slots):
            return
        here = self._month.pay_usd_per_month[self._month.slots.searchsorted(slots)]
        there = self.reckoning.today_usd_per_month(target)
        gain = (there - here) * self.reckoning.kept_of_promise(slots) * self.staying.horizon_months[slots]
        needs, cost = self.parties.of("relocation.needs_gain", slots), self.parties.of("relocation.cost_usd", slots)
        good = ((there > needs * here) & (gain > cost)).nonzero()[0]
        if not len(good):
            return
        _, first = np.unique(target[good], return_index=True)  # two devices cannot take one roof
        chosen = good[first]
        source, target = slots[chosen], target[chosen]
        born = self.nodes.born_day[source].copy()
        self.staying.forget(np.concatenate((source, target)))
        self.fleet.take_down(source)
        self._paid_assert(len(source))
        takes = self.parties.of("relocation.takes_days", source)
        for days in np.unique(takes):
            some = takes == days
            self.fleet.bring(target[some], born_day=born[some], after_days=int(days))

    def _free(self, slots: Slots) -> NDArray[np.bool_]:
        """Roofs without a device: nobody has had one there yet, or it has gone for good; where one lies in a drawer the owner may plug it in again."""
        state = self.nodes.state[slots]
        return np.asarray((state == NodeState.PROSPECT) | ((state == NodeState.RETIRED) & ~self.nodes.drawer[slots] & (self.nodes.fake[slots] < 0)))

    # -- entering ------------------------------------------------------------------------------------------------
    def look_at_numbers(self) -> None:
        """Prospects of the groups and regions whose day it is: some look at the numbers, some of them enter."""
        today, nodes = self.clock.day % LOOKS_EVERY_DAYS, self.nodes
        if not len(self._looking_today[today]):
            return
        if today == 0:
            placed = np.bincount(self.owners.region, nodes.life > 0, minlength=self.owners.n_regions)
            self._adopted = placed / np.maximum(self._region_sites, 1)
            if self._near is not None:
                self._near.see(nodes.life > 0, self._adopted)
            self._heard.month_over()
            self.reckoning.hear(self._heard)
        slots = self._looking_today[today]
        state = nodes.state[slots]
        slots = slots[(nodes.fake[slots] < 0) & ((state == NodeState.PROSPECT) | (state == NodeState.RETIRED))]
        slots = slots[self.streams.uniform("look", self.clock.day, slots) < self._interest(slots)]
        if not len(slots):
            return
        price = np.broadcast_to(np.asarray(self.reckoning.new_usd(slots)), len(slots))
        used = self.reckoning.offer.new_usd() * self.reckoning.offer.used_share
        self._sum = _Sum(slots, self.reckoning.margin_usd_per_month(slots), price, used, nodes.drawer[slots])
        limit = self.owners.payback_limit_months[slots]
        promise = interest(limit, payback_months(self._sum.price_usd, self._sum.margin_usd_per_month))
        cohort = self.owners.cohort(slots)
        n = np.bincount(cohort, minlength=len(self._promise))
        self._promise = np.where(n > 0, np.bincount(cohort, promise, minlength=len(self._promise)) / np.maximum(n, 1), self._promise)
        chosen = self.parties.do("look")
        kept = nodes.drawer[chosen.enter]
        self._buy(chosen.enter[~kept], chosen.enter_used)
        self.fleet.plug_in(chosen.enter[kept])

    def look(self, party: Party[OperatorSpec]) -> Choice:
        """Who has no device buys one that pays back within the owner's own limit; who has one in a drawer plugs it in when that soon pays for the bother."""
        mine, leaving, sum_ = party.among(self._sum.slots), party.spec.leaving, self._sum
        slots, margin, drawer = sum_.slots[mine], sum_.margin_usd_per_month[mine], sum_.drawer[mine]
        limit = self.owners.payback_limit_months[slots]
        plugs_in = drawer & (payback_months(leaving.bother_usd, margin) < leaving.drawer_returns_below_payback_months)
        buys = ~drawer & (payback_months(sum_.price_usd[mine], margin) < limit)
        used = ~drawer & (payback_months(sum_.used_usd, margin) < limit)
        return Choice(enter=slots[buys | plugs_in], enter_used=slots[used])

    def _interest(self, slots: Slots) -> Floats:
        """Chance that a prospect looks at the numbers this month, given how many of the region ever had a device (Bass), and what it promised those who looked.

        A device that pays back in a quarter of what owners would wait draws twice the interest, one that takes four times as long half.
        """
        innovation, imitation = self.parties.of("interest.innovation_per_month", slots), self.parties.of("interest.imitation_per_month", slots)
        adopted = self._adopted[self.owners.region[slots]]
        if self._near is not None and self._near.near is not None:
            near_share = self.parties.of("interest.near_share", slots)
            adopted = (1.0 - near_share) * adopted + near_share * self._near.near[slots]
        hazard = innovation + imitation * adopted
        if self._near is not None and self._near.factor is not None:
            hazard = hazard * self._near.factor[slots]
        return np.asarray(-np.expm1(-hazard * self._promise[self.owners.cohort(slots)]))

    def _buy(self, new: Slots, used: Slots) -> None:
        """A used device of the region, without the maker's queue, for who finds one; a new one for the others who would pay its price."""
        taken = self._take_used(used)
        bought = new[~np.isin(new, taken)]
        if len(bought):
            self.parties.count_entered(bought)
            self.reckoning.offer.order(bought, self.fleet.order(bought))

    def _take_used(self, slots: Slots) -> Slots:
        """Those who find a used device in their region, first come first served."""
        region, taken = self.owners.region[slots], [np.empty(0, np.int64)]
        for place in np.unique(region):
            stock = self.used_devices[place]
            takers = slots[region == place][: len(stock)]
            if len(takers):
                born = np.array([stock.pop(0) for _ in range(len(takers))], np.int16)
                self.fleet.bring(takers, born_day=born, after_days=USED_DEVICE_DAYS)
                self.parties.count_entered(takers)
                taken.append(takers)
        return np.concatenate(taken)


def _looking_on(owners: Owners) -> list[Slots]:
    """Sites whose owners' group and region look at the numbers on each of thirty days: region by region, group by group in turn."""
    day = owners.cohort() % LOOKS_EVERY_DAYS
    order = np.argsort(day, kind="stable")
    edges = np.searchsorted(day[order], np.arange(LOOKS_EVERY_DAYS + 1))
    return [order[a:b] for a, b in zip(edges[:-1], edges[1:], strict=True)]
