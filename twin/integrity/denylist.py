"""The denylist: evidence by neighbours, the free-space check, and a list that takes time and errs.

A fake device is found the likelier the more honest devices should have heard it and did not: probability = p * (blind + (1 - blind) * min(1, honest
neighbours / evidence_neighbours)) a month; with `evidence: hull` only where its claim lies inside their hull (where.py), and blind elsewhere. A careless share reports signals stronger than free space allows and is listed at the first release.
Of devices that split one antenna (they answer whoever asks) the signal itself tells: probability = split * min(1, honest neighbours / evidence_neighbours).
Honest devices are listed by mistake at a small rate. Listed devices earn no proof until the entry expires; pay for data stays (helium/denylist).
Other checks may hand over whom they accuse (`accuse`); where penalties go by steps an entry is one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.integrity.inspection import Found, Inspection, chance_over, cost_usd_per_day, until
from twin.integrity.sanctions import Sanctions, Verbs
from twin.kernel import DAY_S, DAYS_PER_MONTH, BatchCalendar, Clock, Lane, Streams, distinct
from twin.scenario.sections.cheating import DenylistSpec
from twin.state import BlockGroup, Column, Columns, Note

DENYLIST = "denylist evidence"
"""What campaigns and tables call the check."""
SHIFTS = 4
"""Devices are looked at in turn, a quarter at each release."""

COLUMNS = (Column("denied_until", np.int16, -1, "day", "first day on which proof pays again; -1: never listed", "verification"),)


class Network(Protocol):
    """Evidence, and what a listing changes."""

    def honest_neighbours(self, slots: Slots) -> NDArray[np.float64]: ...

    def proof_pays(self) -> bool: ...

    def free_space_check(self) -> bool: ...

    def eligibility_changed(self, slots: Slots) -> None: ...


Tested = Callable[[Slots], NDArray[np.bool_]]
"""Whether the place that each claims lies where honest observers can test it."""


class Denylist:
    """Weekly releases over the whole fleet."""

    def __init__(
        self,
        clock: Clock,
        streams: Streams,
        nodes: Columns,
        spec: DenylistSpec,
        *,
        network: Network,
        note: Note,
        inside: NDArray[np.bool_] | None = None,
        unplug: Callable[[Slots], None] = lambda slots: None,
        tested: Tested | None = None,
        splits: Callable[[Slots], NDArray[np.bool_]] = lambda slots: np.zeros(len(slots), np.bool_),
    ) -> None:
        """`unplug` is told which cheats are put out, after all who listen (`put_out`); `tested` is asked where the evidence is that of a hull; `splits` says which hang on one antenna."""
        self.clock, self.streams, self.nodes, self.spec, self.network, self.note = clock, streams, nodes, spec, network, note
        self._own = nodes.writer("verification")
        self.inspection = Inspection(clock, streams, DENYLIST, starts=spec.starts, spec=spec)
        verbs = Verbs(withhold=self._list, ban=self._ban, restore=self._clear)
        self.sanctions = Sanctions.stated(clock, streams, len(nodes.state), spec, verbs=verbs, check=DENYLIST)
        """Penalties by steps; None: who is accused is listed for `denied_days`."""
        self.put_out: dict[str, list[Callable[[Slots], None]]] = defaultdict(list)
        """By the check that accused them, who is told which cheats are listed today."""
        self._unplug, self._splits, self._accusers = unplug, splits, [DENYLIST]
        self._tested = tested if spec.evidence == "hull" else None
        self._pending = BatchCalendar(clock.n_days)
        self._expiring = BatchCalendar(clock.n_days)
        self._flagged = np.zeros(len(nodes.state), bool)
        self._on_list = np.zeros(len(nodes.state), bool)
        self._accused_born_day = np.full(len(nodes.state), -1, np.int16)
        """First day of the device that evidence or an entry names: a list names devices, not the sites they stand on."""
        self._accused_by = np.zeros(len(nodes.state), np.int8)
        """Which of the accusers named it."""
        self._inside = np.ones(len(nodes.state), bool) if inside is None else inside
        self._is_everywhere = bool(self._inside.all())
        self.listed = 0
        """Entries of the study area that hold today; the margin's are not reported."""
        clock.every(spec.timing.release_every_days * DAY_S, self._release, lane=Lane.PROVE, sub=2, name="denylist release")

    @property
    def looks_per_day(self) -> float:
        """At one device."""
        return 1 / (SHIFTS * self.spec.timing.release_every_days)

    def cost_usd_per_day(self) -> float:
        """What looking after the list costs the project today, by devices of the study area online, USD."""
        online = int(np.count_nonzero(self.nodes.online if self._is_everywhere else self.nodes.online & self._inside))
        return cost_usd_per_day(self.spec.cost_usd_per_node_per_month, online)

    @staticmethod
    def months_until_listed(spec: DenylistSpec | None) -> float:
        """What a ring reckons with where neighbours are near: mean time to evidence plus the delay, in months."""
        if spec is None or spec.detection_probability_per_month <= 0:
            return float("inf")
        return 1 / spec.detection_probability_per_month + spec.timing.delay_days / DAYS_PER_MONTH

    def _release(self) -> None:
        self._expire()
        if not self.network.proof_pays() or not self.inspection.has_begun:
            return
        self._gather()
        slots = self._pending.pop(self.clock.day)[0].astype(np.int64)
        self._flagged[slots] = False
        slots = distinct(slots[self.nodes.online[slots] & (self.nodes.born_day[slots] == self._accused_born_day[slots])])
        if not len(slots):
            return
        fake = self.nodes.fake[slots] >= 0
        cheats = int(fake.sum())
        if self.sanctions is None:
            self._list(slots, until(self.clock.day, self.spec.timing.denied_days))
            self._put_out(slots[fake])
        else:
            self.sanctions.impose(Found(slots[fake], slots[~fake]), self.nodes.born_day)
        done = "listed" if self.sanctions is None else "accused"
        self.note("denylist_release", subject="denylist", count=len(slots), value=float(len(slots) - cheats), unit=f"{done}; value: honest devices among them")

    # -- penalties -------------------------------------------------------------------------------------------------
    def _list(self, slots: Slots, ends: int) -> None:
        """No proof is paid before that day."""
        self._own.denied_until[slots] = ends
        self.listed += int((self._inside[slots] & ~self._on_list[slots]).sum())
        self._on_list[slots] = True
        self._expiring.schedule(np.full(len(slots), ends), slots, np.zeros(len(slots), np.int64))
        self.network.eligibility_changed(slots)

    def _ban(self, slots: Slots, ends: int) -> None:
        """The same, and cheats among them are put out."""
        self._list(slots, ends)
        self._put_out(slots[self.nodes.fake[slots] >= 0])

    def _clear(self, slots: Slots) -> None:
        """An appeal was won: proof pays from today."""
        slots = slots[self._on_list[slots]]
        self._own.denied_until[slots] = self.clock.day
        self._on_list[slots] = False
        self.listed -= int(self._inside[slots].sum())
        self.network.eligibility_changed(slots)

    def _put_out(self, cheats: Slots) -> None:
        for number, name in enumerate(self._accusers):
            if len(mine := cheats[self._accused_by[cheats] == number]):
                for tell in self.put_out[name]:
                    tell(mine)
        if len(cheats):
            self._unplug(cheats)

    # -- evidence --------------------------------------------------------------------------------------------------
    def _expire(self) -> None:
        """Entries end after their term, or where another device has taken the place of the one they name."""
        due, _ = self._expiring.pop(self.clock.day)
        over = due[self.nodes.denied_until[due] <= self.clock.day]
        named = np.flatnonzero(self._on_list)
        replaced = named[self.nodes.born_day[named] != self._accused_born_day[named]]
        self._own.denied_until[replaced] = self.clock.day
        ended = distinct(over, replaced).astype(np.int64)
        ended = ended[self._on_list[ended]]
        if len(ended):
            self._on_list[ended] = False
            self.listed -= int(self._inside[ended].sum())
            self.network.eligibility_changed(ended)

    def _gather(self) -> None:
        """Evidence against a quarter of the devices, of the time since they were last looked at."""
        spec, day = self.spec, self.clock.day
        months = SHIFTS * spec.timing.release_every_days / DAYS_PER_MONTH
        slots = BlockGroup(day // spec.timing.release_every_days % SHIFTS, SHIFTS).slots(len(self._flagged))
        slots = slots[self.nodes.online[slots] & ~self._flagged[slots] & (self.nodes.denied_until[slots] <= day)]
        fake = self.nodes.fake[slots] >= 0
        chance = np.full(len(slots), chance_over(spec.false_positive_probability_per_month, months))
        if fake.any():
            seen_by = np.minimum(self.network.honest_neighbours(slots[fake]) / spec.evidence_neighbours, 1)
            if self._tested is not None:
                seen_by = seen_by * self._tested(slots[fake])
            monthly = spec.detection_probability_per_month * (spec.blind_detection_share + (1 - spec.blind_detection_share) * seen_by)
            monthly = np.where(self._splits(slots[fake]), spec.split_antenna_probability_per_month * seen_by, monthly)
            chance[fake] = chance_over(monthly, months)
        cheats, wronged = self.inspection.look(slots, fake=fake, chance=chance)
        self._accuse(distinct(cheats, wronged), release_day=day + spec.timing.delay_days)
        liars = slots[fake] if self.network.free_space_check() else slots[:0]
        liars = liars[~self._splits(liars)]
        if len(liars) and self.inspection.looks_today():
            careless = liars[self.streams.uniform("beats free space", 0, liars, self.nodes.life[liars]) < spec.free_space_catch_share]
            self._accuse(fresh := careless[~self._flagged[careless]], release_day=day)
            self.inspection.add(Found(fresh, fresh[:0]))

    def accuse(self, slots: Slots, *, by: str) -> None:
        """Another check found these: they are listed when the delay has passed."""
        if by not in self._accusers:
            self._accusers.append(by)
        slots = slots[~self._flagged[slots]]
        self._accuse(slots, release_day=self.clock.day + self.spec.timing.delay_days, by=self._accusers.index(by))

    def _accuse(self, slots: Slots, *, release_day: int, by: int = 0) -> None:
        """Evidence against the devices on these sites, which nobody has accused yet."""
        if not len(slots):
            return
        self._flagged[slots] = True
        self._accused_born_day[slots] = self.nodes.born_day[slots]
        self._accused_by[slots] = by
        self._pending.schedule(np.full(len(slots), release_day), slots, np.zeros(len(slots), np.int64))
