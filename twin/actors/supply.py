"""One maker's supply chain: queue, production, freight, customs, installation.

A day's orders stay one batch of arrays `(slot, life)` all the way; only what is scarce (freight slots, crews) is a SimPy
resource that consignments and jobs wait for. Within the lane ARRIVE: 0 the line, 1 freight, 2 customs, 3 installation.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.actors.backlog import Backlog, Lives
from twin.actors.capacity_plan import units_per_day
from twin.actors.spreads import draw_spread
from twin.arrays import Slots
from twin.errors import RunError
from twin.kernel import DAYS_PER_MONTH, BatchCalendar, Clock, Lane, LaneResource, ProcessGenerator, Streams
from twin.scenario.model import Spread
from twin.scenario.sections.hardware import CancellationSpec, MakerSpec

OnArrival = Callable[[Slots, Lives], None]
LINE, FREIGHT, CUSTOMS, INSTALLATION = range(4)
"""Sub-lanes of ARRIVE."""


class Maker:
    """Builds to order, first come first served; `on_arrival(slots, lives)` hears of devices on the day they are installed.

    Orders of one day queue in an order drawn by luck. A device's days on each leg hang on (maker, leg, slot, life) alone, so they stay the
    same when others order more or less. Capacity that nobody needed is lost. With unlimited capacity and no days on any leg a device arrives
    within the very call of `order`. `scale` multiplies the capacity; freight slots and crews are taken as stated.
    """

    def __init__(
        self, clock: Clock, streams: Streams, spec: MakerSpec, *, on_arrival: OnArrival, scale: float = 1.0, name: str = "maker"
    ) -> None:
        if scale <= 0:
            raise RunError(f"{name}: scale {scale} is not above 0")
        self.clock, self.streams, self.spec, self.name = clock, streams, spec, name
        self._on_arrival = on_arrival
        self._queue = Backlog()
        self._units_per_day = units_per_day(spec, start=clock.start, n_days=clock.n_days, scale=scale)
        self._unlimited = spec.units_per_month is None
        self._unused = 0.0
        self._dock = _Gate(clock)
        self._door = _Gate(clock)
        self._at_dock, self._at_door = Backlog(), Backlog()
        self._trips_asked = self._jobs_asked = 0
        self.ordered = self.arrived = self.cancelled = self.under_way = 0
        """Devices, since the start; `under_way` left the queue and are not installed yet."""
        self._slots = self._crews = None
        self._grows_by_itself = not isinstance(spec.units_per_month, float) or spec.growth_factor_per_month > 1
        if not self._unlimited and not self._grows_by_itself and spec.enlarges_share > 0:
            clock.every_month(self._enlarge, lane=Lane.ARRIVE, sub=LINE, name=f"{name}: looks at the queue")
        if not self._unlimited:
            clock.every_day(self._build, lane=Lane.ARRIVE, sub=LINE, name=f"{name}: builds what is ordered")
        if spec.freight is not None:
            self._slots = LaneResource(clock, spec.freight.slots, lane=Lane.ARRIVE, sub=FREIGHT)
            clock.every_day(self._load, lane=Lane.ARRIVE, sub=FREIGHT, name=f"{name}: consignments leave the dock")
        if spec.installation is not None:
            self._crews = LaneResource(clock, spec.installation.crews, lane=Lane.ARRIVE, sub=INSTALLATION)
        clock.every_day(self._deliver, lane=Lane.ARRIVE, sub=INSTALLATION, name=f"{name}: devices arrive and are installed")

    @property
    def takes_time(self) -> bool:
        """Whether anything stands between an order and a device that runs."""
        legs = self.spec.stage_days
        waits = any(leg.median > 0 for leg in (legs.production, legs.freight, legs.customs, legs.installation))
        return not self._unlimited or waits or self._slots is not None or self._crews is not None

    # -- what buyers do ------------------------------------------------------------------------------------------
    def order(self, slots: ArrayLike, lives: ArrayLike) -> None:
        """Order one device for each slot; `lives` tell the devices of one slot apart."""
        slots, lives = np.asarray(slots, np.int64), np.asarray(lives, np.int32)
        if slots.shape != lives.shape:
            raise RunError(f"{self.name}: {slots.size} slots and {lives.size} lives ordered")
        self.ordered += len(slots)
        if self._unlimited:
            self._start(slots, lives)
            return
        turn = np.argsort(self.streams.uniform(f"{self.name} turn", 0, slots, lives), kind="stable")
        self._queue.add(slots[turn], lives[turn])

    def cancel(self, slots: ArrayLike) -> Slots:
        """Take back the orders of these slots as far as they still wait for their turn; returns the slots taken back."""
        gone = self._queue.remove(np.asarray(slots, np.int64))
        self.cancelled += len(gone)
        return gone

    def reconsider(self, payback_months: Callable[[Slots], NDArray[np.float64]], spec: CancellationSpec) -> Slots:
        """Once a month: waiting buyers look at the payback again and some cancel; returns their slots.

        Probability 1 - exp(-max(0, payback - tolerated) / decay), luck by slot, life and day.
        """
        slots, lives = self._queue.waiting()
        if not len(slots):
            return slots
        excess = np.maximum(payback_months(slots) - spec.tolerated_payback_months, 0.0)
        chance = -np.expm1(-excess / spec.decay_months)
        return self.cancel(slots[self.streams.uniform("second thoughts", self.clock.day, slots, lives) < chance])

    @property
    def backlog(self) -> int:
        """Devices ordered that wait for their turn."""
        return len(self._queue)

    def waiting(self) -> tuple[Slots, Lives]:
        """The devices of the backlog, next one first."""
        return self._queue.waiting()

    @property
    def wait_months(self) -> float:
        """How long the queue is at today's capacity; 0 where capacity is unlimited."""
        by_day = float(self._units_per_day[self.clock.day])
        return self.backlog / (by_day * DAYS_PER_MONTH) if 0 < by_day < np.inf else 0.0

    def _enlarge(self) -> None:
        """A long queue is answered by a further line, which builds once it stands."""
        if self.wait_months > self.spec.enlarges_above_wait_months:
            self._units_per_day[self.clock.day + int(self.spec.enlarges_after_months * DAYS_PER_MONTH) :] *= 1 + self.spec.enlarges_share

    # -- the chain -----------------------------------------------------------------------------------------------
    def _build(self) -> None:
        ready = self._unused + self._units_per_day[self.clock.day]
        whole = int(ready + 1e-9)
        self._unused = max(ready - whole, 0.0)
        if whole and len(self._queue):
            self._start(*self._queue.take(whole))

    def _start(self, slots: Slots, lives: Lives) -> None:
        """A device's turn has come: production, and all legs at once where nothing is scarce in between."""
        self.under_way += len(slots)
        legs = self.spec.stage_days
        days = self._draw("production", legs.production, slots, lives)
        if self._slots is None:
            days += self._draw("freight", legs.freight, slots, lives) + self._land_days(slots, lives)
            self._install(*self._door.split(self.clock.day + days, slots, lives))
        else:
            self._ship(*self._dock.split(self.clock.day + days, slots, lives))

    def _land_days(self, slots: Slots, lives: Lives) -> NDArray[np.float64]:
        legs = self.spec.stage_days
        return self._draw("customs", legs.customs, slots, lives) + self._draw("installation", legs.installation, slots, lives)

    def _draw(self, leg: str, spread: Spread, slots: Slots, lives: Lives) -> NDArray[np.float64]:
        return draw_spread(self.streams, f"{self.name} {leg} days", slots, lives, spread=spread)

    def _load(self) -> None:
        self._ship(*self._dock.pop())

    def _ship(self, slots: Slots, lives: Lives) -> None:
        """Devices at the dock ask for as many trips as they fill; those that come while others wait fill up the same trips."""
        assert self.spec.freight is not None
        self._at_dock.add(slots, lives)
        while self._trips_asked * self.spec.freight.nodes_per_consignment < len(self._at_dock):
            self._trips_asked += 1
            self.clock.process(self._trip(), f"{self.name}: consignment")

    def _trip(self) -> ProcessGenerator:
        """Wait for room, load those who wait longest, travel, clear customs. Its days on the way hang on its first device."""
        assert self._slots is not None and self.spec.freight is not None
        with self._slots.request() as slot:
            yield slot
            self._trips_asked -= 1
            slots, lives = self._at_dock.take(self.spec.freight.nodes_per_consignment)
            days = int(self._draw("consignment", self.spec.stage_days.freight, slots[:1], lives[:1])[0])
            if days:
                yield self.clock.at(self.clock.day + days, Lane.ARRIVE, FREIGHT)
        self._install(*self._door.split(self.clock.day + self._land_days(slots, lives), slots, lives))

    def _deliver(self) -> None:
        self._install(*self._door.pop())

    def _install(self, slots: Slots, lives: Lives) -> None:
        if self.spec.installation is None:
            if len(slots):
                self._arrive(slots, lives)
            return
        self._at_door.add(slots, lives)
        while self._jobs_asked * self.spec.installation.nodes_per_crew_per_day < len(self._at_door):
            self._jobs_asked += 1
            self.clock.process(self._job(), f"{self.name}: installation job")

    def _job(self) -> ProcessGenerator:
        """A crew's day: devices run that day, and the crew is free the next."""
        assert self._crews is not None and self.spec.installation is not None
        with self._crews.request() as crew:
            yield crew
            self._jobs_asked -= 1
            self._arrive(*self._at_door.take(self.spec.installation.nodes_per_crew_per_day))
            yield self.clock.at(self.clock.day + 1, Lane.ARRIVE, INSTALLATION)

    def _arrive(self, slots: Slots, lives: Lives) -> None:
        self.under_way -= len(slots)
        self.arrived += len(slots)
        self._on_arrival(slots, lives)


class _Gate:
    """Devices by the day they are due at one place; whoever is due on a day that was opened already goes straight through."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due = BatchCalendar(clock.n_days)
        self._opened = -1

    def split(self, due: NDArray[np.float64], slots: Slots, lives: Lives) -> tuple[Slots, Lives]:
        """Enter devices with their due day (a fraction of a day is cut); returns those that need not wait."""
        day = np.floor(due).astype(np.int64)
        through = day <= self._opened
        waits = ~through
        self._due.schedule(day[waits], slots[waits], lives[waits])
        return slots[through], lives[through]

    def pop(self) -> tuple[Slots, Lives]:
        """Open today's gate."""
        self._opened = self._clock.day
        slots, lives = self._due.pop(self._opened)
        return slots.astype(np.int64), lives
