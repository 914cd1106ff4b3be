"""Cheats, the list and a network that says who hears them: what the tests of integrity share."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from twin.actors import fleet as fleet_module
from twin.actors.fleet import Fleet
from twin.actors.society import Society
from twin.integrity import denylist as denylist_module
from twin.integrity import farms as farms_module
from twin.integrity.campaigns import Campaigns
from twin.integrity.denylist import Denylist
from twin.integrity.farms import Farms, rings_of
from twin.kernel import Clock, Streams
from twin.scenario.sections.cheating import DenylistSpec, SpoofedLocationsSpec, TimingSpec
from twin.scenario.sections.hardware import DurabilitySpec
from twin.state import Columns

START = date(2021, 1, 1)
COLUMNS = (*fleet_module.COLUMNS, *farms_module.COLUMNS, *denylist_module.COLUMNS)
FOREVER = DurabilitySpec(life_years=50, life_sd_share=0, failure_hazard_per_month=0)


def farm_spec(**changes: Any) -> SpoofedLocationsSpec:
    """A farm of ten boxes on the first day; 100 USD of entry cost, a year of patience."""
    plain: dict[str, Any] = {"nodes": 10, "starts": START, "entry_cost_usd_per_node": 100.0, "payback_limit_months": 12.0}
    return SpoofedLocationsSpec(**(plain | changes))


def list_spec(**changes: Any) -> DenylistSpec:
    """Weekly releases after four weeks, half a year on the list, and no chance of anything unless the test says so."""
    timing = {"release_every_days": 7, "delay_days": 28, "denied_days": 182} | changes.pop("timing", {})
    plain: dict[str, Any] = {
        "detection_probability_per_month": 0.0,
        "evidence_neighbours": 3,
        "blind_detection_share": 0.2,
        "free_space_catch_share": 0.0,
        "false_positive_probability_per_month": 0.0,
        "timing": TimingSpec(**timing),
    }
    return DenylistSpec(**(plain | changes))


class Den:
    """`n` sites, a stated pay for fakes, stated honest neighbours; boxes arrive on the day they are ordered."""

    def __init__(
        self,
        n: int,
        n_days: int,
        *,
        farms: dict[str, SpoofedLocationsSpec] | None = None,
        deny: DenylistSpec | None = None,
        pay_usd_per_month: float = 100.0,
        box_usd: float = 300.0,
        running_usd_per_month: float = 1.0,
        neighbours: float | np.ndarray = 3.0,
        seed: int = 4,
        durability: DurabilitySpec = FOREVER,
    ) -> None:
        self.clock, streams = Clock(START, START + timedelta(days=n_days)), Streams(seed)
        self.nodes = Columns(n, COLUMNS)
        self.fleet = Fleet(self.clock, streams, self.nodes, durability, inside=np.ones(n, bool))
        self.pay, self.box_usd = np.full(n, pay_usd_per_month), box_usd
        self.neighbours = np.broadcast_to(np.asarray(neighbours, float), n)
        self.checks_free_space, self.pays = True, True
        self.changed: list[tuple[int, np.ndarray]] = []
        self.told: list[tuple[int, int, int]] = []
        self.events: list[tuple[int, str, dict[str, Any]]] = []
        self.claimed_as_fake = np.full(n, -1)
        self.denylist = None if deny is None else Denylist(self.clock, streams, self.nodes, deny, network=self, note=self.note)
        self.farms = Farms(
            self.clock,
            streams,
            self.nodes,
            rings_of(Society(), self.clock, farms or {}),
            network=self,
            fleet=self.fleet,
            sites=np.arange(n),
            distance_km=lambda home, slots: np.zeros(len(slots)),
            new_device_usd=lambda: self.box_usd,
            deliver=self.fleet.arrive,
            running_usd_per_month=running_usd_per_month,
            months_until_listed=Denylist.months_until_listed(deny),
            note=self.note,
        )
        Campaigns(self.clock, self.farms.rings, self.farms, sub=6)

    def note(self, kind: str, **facts: Any) -> None:
        self.events.append((self.clock.day, kind, facts))

    def of_kind(self, kind: str) -> list[tuple[int, dict[str, Any]]]:
        return [(day, facts) for day, each, facts in self.events if each == kind]

    def place(self, slots: np.ndarray, *, farm: int = -1) -> None:
        """Boxes on these sites from today; those of a farm lie."""
        self.fleet.arrive(slots, self.fleet.order(slots))
        if farm >= 0:
            self.nodes.writer("adversaries").fake[slots] = farm

    @property
    def denied(self) -> np.ndarray:
        return self.nodes.denied_until > self.clock.day

    # -- the network, as rings and the list see it
    def farm_pay_usd_per_month(self, slots: np.ndarray, nodes: int) -> np.ndarray:
        return self.pay[slots] if self.pays else np.zeros(len(slots))

    def farm_pay_at_full_scale(self, nodes: int) -> float:
        return float(self.pay.max()) if self.pays else 0.0

    def farthest_km(self) -> float:
        return float("inf")

    def set_fake(self, slots: np.ndarray, farm: int, *, nodes: int = 0) -> None:
        self.claimed_as_fake[slots] = farm
        self.told.append((self.clock.day, len(slots), farm))

    def honest_neighbours(self, slots: np.ndarray) -> np.ndarray:
        return self.neighbours[slots]

    def proof_pays(self) -> bool:
        return self.pays

    def free_space_check(self) -> bool:
        return self.checks_free_space

    def eligibility_changed(self, slots: np.ndarray) -> None:
        self.changed.append((self.clock.day, np.array(slots)))
