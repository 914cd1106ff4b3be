"""What the owner of a site reckons with: pay expected there, less the costs that it counts, against the price of a device. USD."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.operators.entering import LEAST_MARGIN_USD, PayHeard, payback_months, promised
from twin.actors.operators.parties import Parties
from twin.kernel import DAYS_PER_MONTH
from twin.scenario.sections.operators import OperatorSpec

Slots = NDArray[np.int64]
Floats = NDArray[np.float64]


class Network(Protocol):
    """What an owner can know before buying."""

    def expected_pay_usd_per_month(self, slots: Slots) -> Floats: ...


class Costs(Protocol):
    """What a device costs its owner to run, USD a day: bills that everybody counts, and running cost that some ignore."""

    def running_usd_per_day(self, slots: Slots) -> Floats: ...

    def billed_usd_per_day(self, slots: Slots) -> Floats: ...

    def duty_usd_per_day(self, slots: Slots) -> Floats: ...

    def expected_duty_usd_per_day(self, slots: Slots) -> Floats: ...


@dataclass
class Offer:
    """What a new device costs today, USD, all fees in, by site; and how to order one."""

    new_usd: Callable[[], float]
    used_share: float
    order: Callable[[Slots, NDArray[np.int16]], None]
    last_usd: Callable[[], float] | None = None
    """Price on days on which no shop has a device, for those who wait for theirs; None: `new_usd`."""


class Reckoning:
    """The sum that owners do."""

    def __init__(
        self, parties: Parties[OperatorSpec], network: Network, costs: Costs, offer: Offer, *, on_the_way_share: Callable[[], float] = lambda: 0.0,
        with_law: Callable[[float, Slots], Floats | float] = lambda usd, slots: usd,
    ) -> None:  # fmt: skip
        """`with_law` adds to a price what law asks of a new device on each site; `on_the_way_share` is the part of all devices, ordered ones counted, that is ordered and not yet there: they will share the same pots."""
        self.parties, self.network, self.costs, self.offer, self._on_the_way, self._with_law = parties, network, costs, offer, on_the_way_share, with_law
        self._certain = np.ones(len(parties))

    def hear(self, pay: PayHeard) -> None:
        """Pay of a device over the past year."""
        self._certain = pay.certain_share(self.parties.specs)

    def today_usd_per_month(self, slots: Slots) -> Floats:
        """Pay that one more device on each site would get at today's pots and price."""
        return self.network.expected_pay_usd_per_month(slots)

    def kept_of_promise(self, slots: Slots) -> Floats:
        """Part of today's pay that a promise is worth: those already ordered come, and pay that moves is worth less than its mean."""
        return np.asarray((1 - self._on_the_way()) * self._certain[self.parties.group[slots]])

    def promised_usd_per_month(self, slots: Slots) -> Floats:
        """Certainty equivalent of pay expected on each site, those already ordered among the others."""
        pay = self.network.expected_pay_usd_per_month(slots)
        return promised(pay, certain_share=self._certain[self.parties.group[slots]], on_the_way_share=self._on_the_way())

    def cost_usd_per_day(self, slots: Slots) -> Floats:
        """What counts against the pay of a device that runs: duties in force, and running cost for those who count it."""
        return self.costs.duty_usd_per_day(slots) + self._counted_usd_per_day(slots)

    def margin_usd_per_month(self, slots: Slots) -> Floats:
        """Expected pay less the cost that the owner counts, duties that are only announced among them; at least next to nothing."""
        cost = (self._counted_usd_per_day(slots) + self.costs.expected_duty_usd_per_day(slots)) * DAYS_PER_MONTH
        return np.maximum(self.promised_usd_per_month(slots) - cost, LEAST_MARGIN_USD)

    def new_usd(self, slots: Slots) -> Floats | float:
        """What a new device on each site costs today, with all that law adds to it."""
        return self._with_law(self.offer.new_usd(), slots)

    def payback_months(self, slots: Slots) -> Floats:
        """Months until a new device on each site would have paid for itself."""
        return payback_months(self.new_usd(slots), self.margin_usd_per_month(slots))

    def payback_of_waiting_months(self, slots: Slots) -> Floats:
        """The same for those who wait for a device, fees sunk."""
        return payback_months(self._with_law((self.offer.last_usd or self.offer.new_usd)(), slots), self.margin_usd_per_month(slots))

    def _counted_usd_per_day(self, slots: Slots) -> Floats:
        """Bills that come as bills are counted by everybody, power only by who counts it."""
        return np.where(self.parties.of("counts_running_cost", slots), self.costs.running_usd_per_day(slots), self.costs.billed_usd_per_day(slots))
