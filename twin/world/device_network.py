"""What the physics of every kind of device on a site has in common: it is paid from pots by weight, and can tell what that pays and where something happened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Bools, Floats, Slots
from twin.kernel import Clock, weighted
from twin.state import Accrual, Columns, NodeState, Today

COST = "cost"
"""Pool of the accrual whose weight is the avoidable cost, USD a day."""


@dataclass(frozen=True, eq=False)
class AtWork:
    """Devices as physics sees them: who runs, what each has earned, and who came and went."""

    clock: Clock
    today: Today
    nodes: Columns
    accrual: Accrual
    changes: Callable[[], tuple[Slots, Slots]]
    """Sites that went online and offline since the last call."""


class DeviceNetwork(ABC):
    """A kind says what its devices weigh (`_weigh`) and which pots pay them."""

    paid_pots: Sequence[str]
    """Pools of the accrual that pay those who own devices, in the order in which pay is added up."""

    def __init__(self, work: AtWork) -> None:
        self.clock, self.today, self.nodes, self.accrual, self._changes = work.clock, work.today, work.nodes, work.accrual, work.changes
        self.n = work.accrual.n
        self._where: dict[str, list[Slots]] = {"failed": [], "moved": []}

    @abstractmethod
    def _weigh(self, slots: Slots | slice) -> None:
        """The only place where weights change."""

    @abstractmethod
    def share_if(self, on: Bools) -> float:
        """S if of the honest devices that run only those in `on` did; nothing changes."""

    def came_and_went(self) -> tuple[Slots, Slots]:
        """Sites that went online and offline since the last call; those whose device broke are remembered."""
        on, off = self._changes()
        self._where["failed"].append(off[self.nodes.state[off] == NodeState.OFFLINE])
        return on, off

    def follow(self) -> None:
        """The day's work of a kind that counts all anew only now and then: who came and went is taken in and weighed."""
        on, off = self.came_and_went()
        self._take_in(on, off)
        if len(on) or len(off):
            self._weigh(np.union1d(on, off))

    def _take_in(self, on: Slots, off: Slots) -> None:  # noqa: B027 (a kind may have nothing to keep)
        """What the kind keeps of these, before they are weighed."""

    def honest(self) -> NDArray[np.bool_]:
        """Devices that run and claim nothing false."""
        return np.asarray(self.nodes.online & (self.nodes.fake < 0))

    def moved_to(self, slots: Slots) -> None:
        """Devices from other places stand, or will stand, on these sites."""
        self._where["moved"].append(slots)

    def take_slots(self, what: str) -> Slots:
        """Sites where a device `failed`, or to which one `moved`, since the last call."""
        found, self._where[what] = self._where[what], []
        return np.unique(np.concatenate([*found, np.empty(0, np.int64)]))

    def eligibility_changed(self, slots: Slots) -> None:
        """These devices were caught, released, or cost something else from today."""
        self._weigh(np.unique(slots))

    # -- pay -------------------------------------------------------------------------------------------------------
    def pay_usd_per_day(self) -> Floats:
        """Pay of every device by the last settlement and the weights of today, USD a day."""
        pay = np.zeros(self.n)
        for pot in self.paid_pots:
            pay += self.accrual.weights(pot) * self.accrual.per_weight("usd", pot)
        return pay

    def pay_at_usd_per_day(self, slots: Slots) -> Floats:
        """The same of a few of them."""
        weights = self.accrual.weights_at(slots, self.paid_pots).astype(np.float64)
        return weighted(weights.T, np.array([self.accrual.per_weight("usd", pot) for pot in self.paid_pots]))

    def pays_its_cost(self) -> NDArray[np.bool_]:
        """Devices that earn at least their avoidable cost today."""
        return self.pay_usd_per_day() >= self.accrual.weights(COST)

    def if_joined_usd_per_day(self, pot: str, weight: Floats) -> Floats:
        """What one more device of this weight would get of a pot as it was offered last, if the others stay."""
        everybody = self.accrual.total(pot) + self.accrual.outside(pot)
        return self.accrual.offered.get(("usd", pot), 0.0) * weight / (everybody + weight + 1e-12)
