"""Grants for hosts: programmes that pay hours which nobody leased (Akash)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.economy.held import Fading, Remembered, beyond_share
from twin.kinds.compute.rewards_spec import IncentiveSpec


class Grants:
    """Programmes and what each has spent."""

    def __init__(
        self,
        programmes: Mapping[str, IncentiveSpec],
        *,
        gpus: list[str],
        gpu: NDArray[np.int64],
        scale_share: float,
        start: date,
        fading: Fading,
    ) -> None:
        """`gpus` are the classes of hardware, `gpu` the class of each node; every programme pays `scale_share` of what it promises. `start` is the first day of the run."""
        self.programmes, self.scale_share, self.on, self.start, self.fading = programmes, scale_share, True, start, fading
        self._spent = dict.fromkeys(programmes, 0.0)
        self._price = {name: np.array([each.usd_per_gpu_hour.get(card, 0.0) for card in gpus])[gpu] for name, each in programmes.items()}
        self._all_usd = Remembered(fading)
        self.beyond_share = 0.0
        """Part of the last day's grants that no programme would have paid: the taper is held."""

    def switch(self, on: bool) -> None:
        """Whether programmes pay from now on."""
        self.on = on

    def due_usd(self, today: date, *, hours: NDArray[np.int64], leased_hours: Floats) -> Floats:
        """What each node is owed today, USD: idle hours up to the floor of use at the programme's price, while its money lasts. `hours` are GPU-hours on offer.

        With the taper held the mean of what was paid before it, in the proportions of the programmes that ran then.
        """
        grant, day = np.zeros(len(hours)), (today - self.start).days
        if not self.on:
            return grant
        for name, programme in self.programmes.items():
            if not programme.starts <= today < programme.ends:
                continue
            due = self._idle_usd(name, hours, leased_hours)
            left = programme.budget_usd - self._spent[name]
            due *= min(1.0, left / due.sum()) if due.sum() > 0 else 0.0
            self._spent[name] += float(due.sum())
            grant += due
        by_rules = float(grant.sum())
        paid = self._all_usd.on(day, by_rules)
        self.beyond_share = beyond_share(paid, by_rules)
        if not self.fading.is_held(day):
            return grant
        begins, ends = (self.start + timedelta(days=edge) for edge in (self.fading.before().start, self.fading.before().stop))
        weight = np.zeros(len(hours))
        for name, programme in self.programmes.items():
            if programme.starts < ends and begins < programme.ends:
                weight += self._idle_usd(name, hours, leased_hours)
        return weight * (paid / weight.sum()) if weight.any() else weight

    def _idle_usd(self, name: str, hours: NDArray[np.int64], leased_hours: Floats) -> Floats:
        """What one programme would pay each node for its idle hours if it had the money."""
        programme = self.programmes[name]
        idle = np.maximum(programme.floor_share * hours - leased_hours, 0.0)
        due: Floats = idle * self._price[name] * programme.committed_gpus_share * self.scale_share
        return due
