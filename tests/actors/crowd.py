"""A crowd without a map: owners, boxes, costs and a network that pays what the test says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from twin.actors import costs as costs_module
from twin.actors import fleet as fleet_module
from twin.actors import operators as operators_module
from twin.actors.costs import Costs
from twin.actors.fleet import Fleet
from twin.actors.operators import DeviceOwnerPolicy, Offer, Parties, Reckoning
from twin.actors.operators.near_interest import NearInterest
from twin.actors.owners import draw_owners
from twin.actors.society import Society
from twin.integrity import denylist as denylist_module
from twin.integrity import farms as farms_module
from twin.kernel import DAYS_PER_MONTH, Clock, Lane, Streams
from twin.scenario.model import Spread
from twin.scenario.sections.hardware import DurabilitySpec
from twin.scenario.sections.operators import InterestSpec, LeavingSpec, OperatorSpec, RelocationSpec, StayingSpec
from twin.state import Accrual, Columns, PoolSpec

START = date(2021, 1, 1)
COLUMNS = (
    *fleet_module.COLUMNS,
    *operators_module.COLUMNS,
    *costs_module.COLUMNS,
    *farms_module.COLUMNS,
    *denylist_module.COLUMNS,
)
FOREVER = DurabilitySpec(life_years=50, life_sd_share=0, failure_hazard_per_month=0)
STAYS = LeavingSpec(annoyance_hazard_per_month=0, resale_share=0)
STUBBORN = StayingSpec(ignored_loss_usd_per_month=Spread(median=1_000, p90=1_000))
"""No loss drives such an owner out."""
ROOTED = RelocationSpec(hazard_per_month=0)


def clock_of(n_days: int, start: date = START) -> Clock:
    """A clock for so many days."""
    return Clock(start, date.fromordinal(start.toordinal() + n_days))


def group(**changes: Any) -> OperatorSpec:
    """One group of owners: one box each, payback limit 12 months for all, everybody looks at once, nobody leaves."""
    plain: dict[str, Any] = {
        "owners_share": 1.0,
        "nodes_per_owner": Spread(median=1, p90=1),
        "payback_limit_months": Spread(median=12, p90=12),
        "interest": InterestSpec(innovation_per_month=1.0, imitation_per_month=5.0),
        "leaving": STAYS,
        "relocation": ROOTED,
    }
    return OperatorSpec(**(plain | changes))


@dataclass
class Payer:
    """A network that promises and pays a stated sum per box and month."""

    promised_usd_per_month: np.ndarray
    asked: list[np.ndarray] = field(default_factory=list)

    def expected_pay_usd_per_month(self, slots: np.ndarray) -> np.ndarray:
        self.asked.append(slots)
        return self.promised_usd_per_month[slots]


@dataclass
class Crowd:
    """All that the tests look at."""

    clock: Clock
    nodes: Columns
    fleet: Fleet
    operators: DeviceOwnerPolicy
    network: Payer
    costs: Costs
    accrual: Accrual
    ordered: list[tuple[int, np.ndarray]]
    claims: list[tuple[float, float]]
    asserted: list[int]
    paid_usd_per_month: np.ndarray


def crowd(
    n: int,
    n_days: int,
    *,
    specs: dict[str, OperatorSpec] | None = None,
    pay: float | np.ndarray = 100.0,
    promised: float | np.ndarray | None = None,
    price_usd: float = 600.0,
    running_usd_per_day: float = 0.0,
    durability: DurabilitySpec = FOREVER,
    region: np.ndarray | None = None,
    seed: int = 3,
    delay_days: int = 0,
    inside: np.ndarray | None = None,
    near: NearInterest | None = None,
) -> Crowd:
    """A crowd on `n` sites. Boxes arrive `delay_days` after the order and are paid `pay` USD a month, whatever was promised."""
    clock, streams = clock_of(n_days), Streams(seed)
    specs = specs or {"all": group()}
    region = np.zeros(n, np.int16) if region is None else region
    nodes = Columns(n, COLUMNS)
    accrual = Accrual(n, (PoolSpec("pay", "rate"), PoolSpec("time", "rate")), {"usd": ("pay",), "tokens": ("pay",)}, settlements=n_days)
    owners = draw_owners(specs, region, streams)
    costs = Costs(nodes, np.full(n, running_usd_per_day), np.zeros(n))
    fleet = Fleet(clock, streams, nodes, durability, inside=np.ones(n, bool))
    paid = np.broadcast_to(np.asarray(pay, float), n).copy()
    network = Payer(paid if promised is None else np.broadcast_to(np.asarray(promised, float), n).copy())
    ordered: list[tuple[int, np.ndarray]] = []
    claims: list[tuple[float, float]] = []
    asserted: list[int] = []

    def order(slots: np.ndarray, lives: np.ndarray) -> None:
        ordered.append((clock.day, slots.copy()))
        due = clock.day + delay_days
        if delay_days == 0:
            fleet.arrive(slots, lives)
        elif due < clock.n_days:
            clock.on(due, lambda: fleet.arrive(slots, lives), lane=Lane.ARRIVE, name="delivery")

    def serve() -> None:
        on, off = fleet.take_changes()
        accrual.reweigh(on, {"pay": 1.0})
        accrual.reweigh(off, {"pay": 0.0})

    def pay_all() -> None:
        weights = np.where(nodes.online, paid / DAYS_PER_MONTH, 0.0)
        accrual.reweigh(slice(None), {"pay": weights})
        accrual.pay({("usd", "pay"): 1.0, ("tokens", "pay"): 1.0})

    clock.every_day(serve, lane=Lane.SERVE, name="consequences")
    clock.every_day(pay_all, lane=Lane.SETTLE, name="pay")
    parties = Parties(Society(), specs, owners.group, inside=inside)
    operators = DeviceOwnerPolicy(
        clock,
        streams,
        nodes,
        parties,
        owners=owners,
        fleet=fleet,
        accrual=accrual,
        reckoning=Reckoning(parties, network, costs, Offer(lambda: price_usd, 0.5, order)),
        claimed=lambda tokens, sold: claims.append((tokens, sold)),
        neighbourhood=(np.array([0, n]), np.zeros(n, np.int32)),
        paid_assert=asserted.append,
        near=near,
    )
    clock.every_day(operators.review_devices, lane=Lane.DECIDE, sub=0, name="owners look at their pay")
    clock.every_day(operators.look_at_numbers, lane=Lane.DECIDE, sub=1, name="owners look at the numbers of a box")
    return Crowd(clock, nodes, fleet, operators, network, costs, accrual, ordered, claims, asserted, paid)


def fill(crowd_: Crowd, slots: np.ndarray | None = None) -> None:
    """Puts a new box on each of the sites (default: all) today, out of thin air."""
    every = np.arange(len(crowd_.nodes.state)) if slots is None else slots
    crowd_.fleet.arrive(every, crowd_.fleet.order(every))
