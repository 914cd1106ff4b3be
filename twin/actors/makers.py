"""All makers of a network: an order goes to one of them by market share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.actors.supply import Maker, OnArrival
from twin.arrays import Slots
from twin.kernel import Clock, Streams, weighted
from twin.scenario.sections.hardware import HardwareSpec, MakerSpec


class Makers:
    """The supply of a network, with the same verbs as one maker.

    Without makers, or with `arrives_at_once`, devices arrive on the day they are ordered, within the call of `order`.
    """

    def __init__(self, clock: Clock, streams: Streams, spec: HardwareSpec, *, on_arrival: OnArrival, scale: float = 1.0) -> None:
        self.clock, self.streams, self.spec = clock, streams, spec
        self._on_arrival, self._delays, self._at_once = on_arrival, True, 0
        specs = spec.makers or {"shop": MakerSpec()}
        if spec.arrives_at_once:
            specs = {name: MakerSpec(market_share=each.market_share) for name, each in specs.items()}
        self.each = {name: Maker(clock, streams, each, on_arrival=on_arrival, scale=scale, name=name) for name, each in specs.items()}
        shares = np.array([1.0 if each.market_share is None else each.market_share for each in specs.values()])
        self._shares = shares / shares.sum()

    @property
    def take_time(self) -> bool:
        """Whether anything stands between an order and a device that runs."""
        return any(maker.takes_time for maker in self.each.values())

    def switch_delay(self, on: bool) -> None:
        """Whether devices take time from now on; without, each arrives within the call that orders it. What is under way stays under way."""
        self._delays = on

    def order(self, slots: ArrayLike, lives: ArrayLike) -> None:
        """Order one device per slot; which maker gets an order is luck by (slot, life)."""
        slots, lives = np.asarray(slots, np.int64), np.asarray(lives, np.int32)
        if not self._delays:
            self._at_once += len(slots)
            self._on_arrival(slots, lives)
            return
        if len(self.each) == 1:
            next(iter(self.each.values())).order(slots, lives)
            return
        luck = self.streams.uniform("choice of maker", 0, slots, lives)
        choice = np.searchsorted(np.cumsum(self._shares)[:-1], luck, side="right")
        for index, maker in enumerate(self.each.values()):
            mine = choice == index
            if mine.any():
                maker.order(slots[mine], lives[mine])

    def cancel(self, slots: ArrayLike) -> Slots:
        """Take back orders that still wait for their turn; returns their slots, sorted."""
        return np.sort(np.concatenate([maker.cancel(slots) for maker in self.each.values()]))

    def reconsider(self, payback_months: Callable[[Slots], NDArray[np.float64]]) -> Slots:
        """Once a month: waiting buyers look at their payback in months again; returns the slots of those who cancelled, sorted."""
        gone = [maker.reconsider(payback_months, self.spec.cancellation) for maker in self.each.values()]
        return np.sort(np.concatenate(gone))

    def street_factor(self) -> float:
        """What a new device costs over its list price: the longer the queue, the more those ask who have one to sell."""
        waits = [maker.wait_months for maker in self.each.values()]
        wait = float(weighted(self._shares, np.array(waits))) if any(waits) else 0.0
        return 1 + min(self.spec.street_premium_share_per_month_of_wait * wait, self.spec.most_street_premium_share)

    @property
    def backlog(self) -> int:
        """Devices ordered that wait for their turn at any maker."""
        return sum(maker.backlog for maker in self.each.values())

    @property
    def ordered(self) -> int:
        """Devices ordered since the start."""
        return self._at_once + sum(maker.ordered for maker in self.each.values())

    @property
    def arrived(self) -> int:
        """Devices installed since the start."""
        return self._at_once + sum(maker.arrived for maker in self.each.values())

    @property
    def cancelled(self) -> int:
        """Orders taken back since the start."""
        return sum(maker.cancelled for maker in self.each.values())

    @property
    def under_way(self) -> int:
        """Devices that left the queue and are not installed yet."""
        return sum(maker.under_way for maker in self.each.values())
