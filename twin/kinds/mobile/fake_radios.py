"""Access points that claim coverage and carry nothing: where campaigns put them, and carriers' data that are held against their claims.

A made-up access point passes every test (heartbeat, speed and place are its own word), is the strongest of its hexagon and so takes the first rank from an
honest one there, and carries no data. What gives it away is that nobody hangs on it: of m users a day who should by what is known of the place,

    p = 1 - (1 - d)^m  a month.

No claim can exceed what is possible: points of a kind are fixed by the template, and the best tier of the speed test counts once (HIP-119, HIP-135).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.integrity.campaigns import Campaign
from twin.integrity.denying import DenyingCheck
from twin.integrity.device_tricks import DeviceTrick
from twin.integrity.fake_devices import LOOKS_EVERY_DAYS, FakeDevices, Fleet
from twin.integrity.inspection import Found, Inspection, chance_over, until
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.kinds.mobile.cheats_spec import CarrierChecksSpec, FakeRadiosSpec
from twin.kinds.mobile.escrow import HELD_DAYS, Escrow
from twin.kinds.mobile.network import Mobile
from twin.kinds.mobile.proof_spec import DeviceKind
from twin.state import Columns, Note

CARRIER_CHECKS = "carriers' data"
"""What campaigns and tables call the check."""


class _MadeUp:
    """The network as one sees it who carries no data."""

    def __init__(self, network: Mobile) -> None:
        self.expected_pay_usd_per_month, self.eligibility_changed = network.made_up_pay_usd_per_month, network.eligibility_changed


class FakeRadios(FakeDevices):
    """The exploit."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, adversaries: Mapping[str, FakeRadiosSpec], *, network: Mobile, fleet: Fleet,
        device_usd: Callable[[DeviceKind], tuple[float, float]], is_kind: Callable[[DeviceKind], NDArray[np.bool_]], deliver: Callable[[Slots, NDArray[np.int16], bool], None], note: Note,
    ) -> None:  # fmt: skip
        """`device_usd` is the price and the registration of a kind today, `is_kind` says at which sites such a one would stand."""
        super().__init__(
            clock, streams, nodes, network=_MadeUp(network), asserted_at=np.arange(network.n), one_roof_pays_once=False, fleet=fleet, new_device_usd=lambda: 0.0,
            deliver=deliver, note=note,
        )  # fmt: skip
        self.adversaries, self.device_usd = adversaries, device_usd
        self._fits = {name: is_kind(spec.device) for name, spec in adversaries.items()}

    def free_places(self, name: str) -> Slots:
        """Of the free places, those for the kind that the campaign claims to have."""
        return np.flatnonzero(self.is_free() & self._fits[name])

    def outlay_usd(self, spec: FakeRadiosSpec) -> float:
        """Registration, and the device if the campaign buys it."""
        price, fee = self.device_usd(spec.device)
        return spec.entry_cost_usd_per_node + fee + (price if spec.buys_nodes else 0.0)


class RadioTrick(DeviceTrick):
    """The exploit as campaigns that learn reckon with it: what is held in escrow is lost when one is caught."""

    def __init__(self, fakes: FakeRadios, *, checks: tuple[str, ...], escrow: Escrow | None, running_usd_per_month: Callable[[Slots], Floats]) -> None:
        super().__init__("fake_radios", fakes, checks=checks, running_usd_per_month=running_usd_per_month)
        self._escrow = escrow

    def at_stake_usd(self, campaign: Campaign) -> float:
        """Pay of the days that are held back."""
        if self._escrow is None or not self._escrow.slashing_on:
            return 0.0
        place, pay = self.fakes.best_places(campaign.name, 1)
        if not len(place) and len(mine := self.mine(campaign)):
            pay = self.fakes.network.expected_pay_usd_per_month(mine)
        return float(pay.mean()) * HELD_DAYS / DAYS_PER_MONTH if len(pay) else 0.0


class CarrierChecks(DenyingCheck):
    """Weekly looks at all access points that earn points."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, spec: CarrierChecksSpec, names: list[str], *, network: Mobile, fakes: FakeRadios, escrow: Escrow | None, note: Note
    ) -> None:
        """`names` are those of the campaigns, in the order of their numbers."""
        super().__init__(clock, streams, nodes, spec, name=CARRIER_CHECKS, changed=network.eligibility_changed)
        self.spec, self.names, self.network, self.fakes, self.escrow, self.note = spec, names, network, fakes, escrow, note
        self.inspection = Inspection(clock, streams, "carrier check", starts=spec.starts, spec=spec)

    def probability_per_look(self, slots: Slots) -> Floats:
        """Chance that a look finds each, were it a cheat."""
        return self._chance(self.network.missing_users_per_day(slots))

    def _chance(self, missing: Floats) -> Floats:
        monthly = 1 - (1 - self.spec.detection_probability_per_missing_user_month) ** missing
        return np.asarray(chance_over(monthly, LOOKS_EVERY_DAYS / DAYS_PER_MONTH))

    def mean_probability_per_look(self) -> float:
        """Chance that a look finds a made-up access point beside those that run, mean of their places."""
        slots = np.flatnonzero(self.nodes.online & self.network.devices.earns_points)
        return float(self._chance(self.network.missing_users_per_day(slots, seen=False)).mean()) if len(slots) else 0.0

    def look(self) -> None:
        """The week's look, and what follows for whom it found."""
        day, nodes = self.clock.day, self.nodes
        self.let_back()
        if not self.inspection.has_begun:
            return
        slots = np.flatnonzero(nodes.online & self.network.devices.earns_points & (nodes.denied_until <= day))
        fake = nodes.fake[slots] >= 0
        chance = self.probability_per_look(slots) * np.where(fake, 1.0, self.spec.false_accusation_share)
        found = Found(*self.inspection.look(slots, fake=fake, chance=chance))
        for number in np.unique(nodes.fake[found.cheats]):
            mine = found.cheats[nodes.fake[found.cheats] == number]
            self.note("cheat_caught", subject=self.names[number], slots=mine, count=len(mine))
        if len(found.wronged):
            self.note("honest_station_denied", subject=CARRIER_CHECKS, slots=found.wronged, count=len(found.wronged))
        if self.sanctions is not None:
            self.sanctions.impose(found, nodes.born_day)
            return
        self.withhold(found.wronged, until(day, self.spec.denied_days))
        self.take_away(found.cheats)

    # -- penalties -------------------------------------------------------------------------------------------------
    def withhold(self, slots: Slots, until_day: int) -> None:
        """No points before this day; what data pay stays."""
        super().withhold(slots, until_day)
        self.network.eligibility_changed(slots)

    def take_away(self, cheats: Slots) -> None:
        """Those of campaigns are gone, and what is held of their pay is burned."""
        if not len(cheats):
            return
        if self.escrow is not None:
            self.escrow.burn(cheats)
        self.fakes.unmask(cheats)
