"""Grants for hosts: programmes that pay hours which nobody leased (Akash)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.economy.held import Fading, Remembered, beyond_share
from twin.kernel import in_turn
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

    def due_usd(
        self, today: date, *, hours: NDArray[np.int64], leased_hours: Floats, claimed_hours: NDArray[np.int64] | None = None, leased_usd: Floats | float = 0.0
    ) -> Floats:  # fmt: skip
        """What each node is owed today, USD: idle hours up to the floor of use at the programme's price, and a bonus on what was leased, while its money lasts. `hours` are
        GPU-hours on offer, `claimed_hours` those of accounts that forge them, `leased_usd` what was paid for leases, by whomsoever.

        With the taper held the mean of what was paid before it, in the proportions of the programmes that ran then.
        """
        grant, day = np.zeros(len(hours)), (today - self.start).days
        if not self.on:
            return grant
        for name, programme in self.programmes.items():
            if not programme.starts <= today < programme.ends:
                continue
            due = self._due_usd(name, hours, leased_hours, claimed_hours, leased_usd)
            left = programme.budget_usd - self._spent[name]
            due *= min(1.0, left / wanted) if (wanted := in_turn(due)) > 0 else 0.0
            self._spent[name] += in_turn(due)
            grant += due
        by_rules = in_turn(grant)
        paid = self._all_usd.on(day, by_rules)
        self.beyond_share = beyond_share(paid, by_rules)
        if not self.fading.is_held(day):
            return grant
        begins, ends = (self.start + timedelta(days=edge) for edge in (self.fading.before().start, self.fading.before().stop))
        weight = np.zeros(len(hours))
        for name, programme in self.programmes.items():
            if programme.starts < ends and begins < programme.ends:
                weight += self._due_usd(name, hours, leased_hours, claimed_hours, leased_usd)
        return weight * (paid / in_turn(weight)) if weight.any() else weight

    def unseen_usd_per_hour(self, today: date, site: int) -> float:
        """What an hour of a card that is only claimed is worth today."""
        each = ((name, programme) for name, programme in self._running(today) if programme.unseen_share)
        return sum(programme.floor_share * programme.unseen_share * float(self._price[name][site]) * self._share(programme) for name, programme in each)

    def bonus_share(self, today: date, site: int) -> float:
        """What is paid on top of a dollar leased today."""
        return sum(programme.lease_bonus_share * self._share(programme) for name, programme in self._running(today) if self._price[name][site] > 0)

    def _running(self, today: date) -> list[tuple[str, IncentiveSpec]]:
        """Programmes that have money today."""
        if not self.on:
            return []
        return [(name, each) for name, each in self.programmes.items() if each.starts <= today < each.ends and self._spent[name] < each.budget_usd]

    def _share(self, programme: IncentiveSpec) -> float:
        return programme.committed_gpus_share * self.scale_share

    def _due_usd(self, name: str, hours: NDArray[np.int64], leased_hours: Floats, claimed_hours: NDArray[np.int64] | None, leased_usd: Floats | float) -> Floats:
        """What one programme would pay each node if it had the money: for idle hours up to its floor, and on top of leases."""
        programme = self.programmes[name]
        idle = np.maximum(programme.floor_share * hours - leased_hours, 0.0)
        if claimed_hours is not None and programme.unseen_share:
            idle = idle + programme.floor_share * programme.unseen_share * claimed_hours
        due: Floats = idle * self._price[name] * programme.committed_gpus_share * self.scale_share
        if programme.lease_bonus_share:
            due = due + programme.lease_bonus_share * leased_usd * (self._price[name] > 0) * self._share(programme)
        return due
