"""Grants for hosts: programmes that pay hours which nobody leased (Akash)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.kinds.compute.rewards_spec import IncentiveSpec

Floats = NDArray[np.float64]


class Grants:
    """Programmes and what each has spent."""

    def __init__(self, programmes: Mapping[str, IncentiveSpec], *, gpus: list[str], gpu: NDArray[np.int64], scale_share: float) -> None:
        """`gpus` are the classes of hardware, `gpu` the class of each node; every programme pays `scale_share` of what it promises."""
        self.programmes, self.scale_share, self.on = programmes, scale_share, True
        self._spent = dict.fromkeys(programmes, 0.0)
        self._price = {name: np.array([each.usd_per_gpu_hour.get(card, 0.0) for card in gpus])[gpu] for name, each in programmes.items()}

    def switch(self, on: bool) -> None:
        """Whether programmes pay from now on."""
        self.on = on

    def due_usd(self, today: date, *, hours: NDArray[np.int64], leased_hours: Floats) -> Floats:
        """What each node is owed today, USD: idle hours up to the floor of use at the programme's price, while its money lasts. `hours` are GPU-hours on offer."""
        grant = np.zeros(len(hours))
        for name, programme in self.programmes.items():
            if not self.on or not programme.starts <= today < programme.ends:
                continue
            idle = np.maximum(programme.floor_share * hours - leased_hours, 0.0)
            due = idle * self._price[name] * programme.committed_gpus_share * self.scale_share
            left = programme.budget_usd - self._spent[name]
            due *= min(1.0, left / due.sum()) if due.sum() > 0 else 0.0
            self._spent[name] += float(due.sum())
            grant += due
        return grant
