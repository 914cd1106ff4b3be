"""The life of devices: ordered, arrived, failed, repaired, unplugged, moved, banned. The only writer of node state.

Changes of state happen at once; what follows from them (who hears whom, coverage, weights) is taken once a day in
SERVE through `take_changes`, so that a hundred small batches cost no more than one.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from twin.actors.spreads import draw_spread
from twin.arrays import Slots
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR, BatchCalendar, Clock, Lane, Streams, distinct
from twin.scenario.sections.hardware import DurabilitySpec
from twin.state import Column, Columns, NodeState

COLUMNS = (
    Column("state", np.int8, NodeState.PROSPECT, "", "where the device of this site is in its life", "fleet"),
    Column("life", np.int16, 0, "", "devices, and repairs of devices, this site has seen", "fleet"),
    Column("online", np.bool_, False, "", "runs today", "fleet"),
    Column("served", np.bool_, False, "", "ran when consequences were last taken", "fleet"),
    Column("drawer", np.bool_, False, "", "a working device lies unplugged here", "fleet"),
    Column("born_day", np.int16, -1, "day", "first day of the device standing here; -1: none yet", "fleet"),
    Column("running_since_day", np.int16, -1, "day", "first day of the device's present run; -1: never ran", "fleet"),
)
LONG_AFTER = np.iinfo(np.int32).max


class Fleet:
    """Every device of the network, as columns over the site pool."""

    def __init__(self, clock: Clock, streams: Streams, nodes: Columns, durability: DurabilitySpec, *, inside: NDArray[np.bool_]) -> None:
        self.clock, self.streams, self.nodes, self.durability = clock, streams, nodes, durability
        self._own = nodes.writer("fleet")
        self._ends = BatchCalendar(clock.n_days)
        self._returns = BatchCalendar(clock.n_days)
        self._dirty: list[Slots] = []
        self._worn_day = np.zeros(nodes.n, np.int32)
        """Day on which the device that runs at each site is worn out."""
        self.tally = np.zeros(len(NodeState), np.int64)
        """Sites of the study area in each state; the margin is simulated and not reported."""
        self._inside = inside
        self._all_inside = bool(inside.all())
        self.tally[NodeState.PROSPECT] = int(inside.sum())
        self.drawers = 0
        """Working devices of the study area that lie unplugged."""
        self.counts: Counter[str] = Counter()
        """Arrived, failed, worn_out, left, returned, moved since the recorder last looked."""
        clock.every_day(self._fail, lane=Lane.ARRIVE, sub=4, name="failures and worn-out devices")
        clock.every_day(self._come_back, lane=Lane.ARRIVE, sub=5, name="repairs and moves return")

    # -- what others ask for -------------------------------------------------------------------------------------
    def order(self, slots: Slots) -> NDArray[np.int16]:
        """Mark sites as having a device under way; returns the life of each new device."""
        own = self._own
        self._set_state(slots, NodeState.ORDERED)
        own.life[slots] += 1
        own.born_day[slots] = -1
        self._set_drawer(slots, False)
        return own.life[slots].copy()

    def cancel(self, slots: Slots) -> None:
        """Orders taken back before delivery: the sites are prospects again. Sites that wait for nothing stay as they are."""
        self._set_state(slots[self._own.state[slots] == NodeState.ORDERED], NodeState.PROSPECT)

    def arrive(self, slots: Slots, lives: NDArray[np.integer]) -> None:
        """Devices delivered and installed today; entries whose order lapsed are dropped."""
        own = self._own
        slots = slots[(own.state[slots] == NodeState.ORDERED) & (own.life[slots] == lives)]
        fresh = slots[own.born_day[slots] < 0]
        own.born_day[fresh] = self.clock.day
        self._switch_on(slots)
        self._count("arrived", slots)

    def retire(self, slots: Slots, *, keep_in_drawer: NDArray[np.bool_] | bool = False) -> None:
        """Devices that leave the network; those kept in a drawer may be plugged in again."""
        self._switch_off(slots, NodeState.RETIRED)
        self._set_drawer(slots, keep_in_drawer)
        self._count("left", slots)

    def take_down(self, slots: Slots) -> None:
        """Devices taken off the roof to be brought elsewhere: the network does not lose them."""
        self._switch_off(slots, NodeState.RETIRED)
        self._set_drawer(slots, False)

    def plug_in(self, slots: Slots) -> None:
        """Devices taken out of the drawer."""
        own = self._own
        self._set_drawer(slots, False)
        own.life[slots] += 1
        own.born_day[slots[own.born_day[slots] < 0]] = self.clock.day
        self._switch_on(slots)
        self._count("returned", slots)

    def bring(self, slots: Slots, *, born_day: NDArray[np.int16], after_days: int) -> None:
        """Used devices on their way to new sites: they keep their age and arrive after the given days."""
        own = self._own
        self._set_state(slots, NodeState.ORDERED)
        own.life[slots] += 1
        self._set_drawer(slots, False)
        own.born_day[slots] = born_day
        self._returns.schedule(np.full(len(slots), self.clock.day + max(after_days, 1)), slots, own.life[slots])
        self._count("moved", slots)

    def ban(self, slots: Slots) -> None:
        """Sites closed by law: a device that runs, is under repair or under way lies in a drawer from now on, and nobody puts up another."""
        own = self._own
        has_device = np.isin(own.state[slots], (NodeState.ORDERED, NodeState.ONLINE, NodeState.OFFLINE))
        self._set_drawer(slots, own.drawer[slots] | has_device)
        self._switch_off(slots, NodeState.BANNED)

    def lift_ban(self, slots: Slots) -> None:
        """Sites open again: a device that lies in the drawer may be plugged in, and where none ever stood somebody may buy one."""
        untouched = (self._own.life[slots] == 0) & ~self._own.drawer[slots]
        self._set_state(slots[untouched], NodeState.PROSPECT)
        self._set_state(slots[~untouched], NodeState.RETIRED)

    def take_changes(self) -> tuple[Slots, Slots]:
        """Slots that run now and did not at the last call, and the reverse."""
        if not self._dirty:
            return (np.empty(0, np.int64),) * 2
        slots = distinct(*self._dirty)
        self._dirty.clear()
        own = self._own
        changed = slots[own.online[slots] != own.served[slots]]
        own.served[changed] = own.online[changed]
        return changed[own.online[changed]], changed[~own.online[changed]]

    def take_counts(self) -> Counter[str]:
        """What happened since the last call."""
        counts, self.counts = self.counts, Counter()
        return counts

    # -- the calendar --------------------------------------------------------------------------------------------
    def _set_state(self, slots: Slots, state: NodeState) -> None:
        if not len(slots):
            return
        here = self._reported(slots)
        self.tally -= np.bincount(self._own.state[here], minlength=len(self.tally))
        self.tally[state] += len(here)
        self._own.state[slots] = state

    def _set_drawer(self, slots: Slots, kept: NDArray[np.bool_] | bool) -> None:
        if not len(slots):
            return
        here = self._reported(slots)
        self.drawers -= int(np.count_nonzero(self._own.drawer[here]))
        self._own.drawer[slots] = kept
        self.drawers += int(np.count_nonzero(self._own.drawer[here]))

    def _count(self, what: str, slots: Slots) -> None:
        self.counts[what] += len(self._reported(slots))

    def _reported(self, slots: Slots) -> Slots:
        """Those of the study area."""
        return slots if self._all_inside else slots[self._inside[slots]]

    def _switch_on(self, slots: Slots) -> None:
        if not len(slots):
            return
        self._set_state(slots, NodeState.ONLINE)
        self._own.online[slots] = True
        self._own.running_since_day[slots] = self.clock.day
        self._dirty.append(slots)
        self._plan_end(slots)

    def _switch_off(self, slots: Slots, state: NodeState) -> None:
        if not len(slots):
            return
        self._set_state(slots, state)
        self._own.online[slots] = False
        self._dirty.append(slots)

    def _plan_end(self, slots: Slots) -> None:
        """One exponential per (slot, life), cut off where the device is worn out."""
        spec, lives = self.durability, self._own.life[slots]
        day = worn = self._worn_out_day(slots)
        self._worn_day[slots] = np.minimum(worn, LONG_AFTER)
        if spec.failure_hazard_per_month > 0:
            months = self.streams.exponential("lifetime", 0, slots, lives) / spec.failure_hazard_per_month
            day = np.minimum(self.clock.day + 1 + months * DAYS_PER_MONTH, worn).astype(np.int64)
        self._ends.schedule(np.maximum(day, self.clock.day + 1), slots, lives)

    def _worn_out_day(self, slots: Slots) -> NDArray[np.int64]:
        """Day on which the device standing here is worn out: lognormal around its life, one draw per (site, day of birth)."""
        born = self._own.born_day[slots].astype(np.int64)
        years = self.streams.lognormal("wear", 0, slots, np.maximum(born, 0), median=self.durability.life_years, sigma=self.durability.life_sd_share)
        return born + np.maximum(years * DAYS_PER_YEAR, 1).astype(np.int64)

    def _fail(self) -> None:
        slots, lives = self._ends.pop(self.clock.day)
        own, spec = self._own, self.durability
        if not len(slots):
            return
        slots = slots[(own.state[slots] == NodeState.ONLINE) & (own.life[slots] == lives)]
        if not len(slots):
            return
        worn = self.clock.day >= self._worn_day[slots]
        if np.count_nonzero(worn):
            self._switch_off(slots[worn], NodeState.RETIRED)
            self._count("worn_out", slots[worn])
            slots = slots[~worn]
            if not len(slots):
                return
        self._count("failed", slots)
        mended = self.streams.uniform("repair", 0, slots, own.life[slots]) < spec.repairable_share
        mended |= self.clock.day - own.born_day[slots].astype(np.int64) < spec.warranty_months * DAYS_PER_MONTH
        self._switch_off(slots[~mended], NodeState.RETIRED)
        slots = slots[mended]
        if not len(slots):
            return
        self._switch_off(slots, NodeState.OFFLINE)
        own.life[slots] += 1
        lives = own.life[slots]
        days = draw_spread(self.streams, "repair days", slots, lives, spread=spec.repair_days)
        self._returns.schedule(self.clock.day + 1 + days.astype(np.int64), slots, lives)

    def _come_back(self) -> None:
        slots, lives = self._returns.pop(self.clock.day)
        if not len(slots):
            return
        own = self._own
        waiting = (own.state[slots] == NodeState.OFFLINE) | (own.state[slots] == NodeState.ORDERED)
        self._switch_on(slots[waiting & (own.life[slots] == lives)])
