"""Checks of devices that somebody owns, and of accounts: counted, paid for and heard of, in the same way whatever they look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.costs import Duties
from twin.arrays import Slots
from twin.integrity.inspection import Inspection
from twin.integrity.sanctions import Penalties, Sanctions
from twin.integrity.wronged import Wronged
from twin.scenario.sections.cheating import LooksSpec
from twin.state import Columns, NodeState
from twin.world.guard import Bill, CampaignOf, PutOut
from twin.world.world import World

GONE = (NodeState.RETIRED, NodeState.BANNED)


class Check(Protocol):
    """A check of devices."""

    inspection: Inspection
    sanctions: Sanctions | None


class AccountCheck(Protocol):
    """A check of accounts."""

    name: str
    inspection: Inspection
    penalties: Penalties
    denied_days: int
    """How long a penalty lasts."""


def watch_devices(
    world: World, check: Check, name: str, nodes: Columns, *, denied_days: int, duties: Duties, costs_changed: Callable[[Slots], None], looks_per_day: float,
    campaign_of: CampaignOf | None = None, put_out: PutOut | None = None, life: NDArray[np.integer] | None = None, gone: Sequence[NodeState] = GONE,
    borne_by: Slots | None = None, looks: Callable[[], float] = lambda: 1.0,
) -> None:  # fmt: skip
    """The world watches this check of `nodes`; where its scenario says that nodes pay for it, `duties` bear it.

    `campaign_of` is whose they are where the column `fake` counts something else than campaigns, `put_out` who is told where a find has its consequence later.
    `life` tells one node of a slot from the next where no column `born_day` does, `gone` are the states of who has left, `borne_by` who pays (None: all), and one look
    that is counted stands for as many as `looks` says.
    """
    world.watch(
        check.inspection, name=name, campaign_of=campaign_of or (lambda slots: nodes.fake[slots]), sanctions=check.sanctions,
        wronged=Wronged(nodes.n, life=nodes.born_day if life is None else life, gone=lambda slots: np.isin(nodes.state[slots], gone), denied_days=denied_days),
        bill=_bill(world, check.inspection, name, np.arange(nodes.n) if borne_by is None else borne_by, looks=looks, duties=duties, costs_changed=costs_changed, looks_per_day=looks_per_day), put_out=put_out,
    )  # fmt: skip


def watch_accounts(
    world: World, check: AccountCheck, nodes: Columns, *, campaign_of: CampaignOf, gone: tuple[NodeState, ...], duties: Duties, looks_per_day: float
) -> None:
    """The same for a check of accounts, each of which keeps its place whatever it runs; who is in one of the states `gone` has left."""
    world.watch(
        check.inspection, name=check.name, campaign_of=campaign_of, sanctions=check.penalties,
        wronged=Wronged(nodes.n, life=np.zeros(nodes.n, np.int64), gone=lambda slots: np.isin(nodes.state[slots], gone), denied_days=check.denied_days),
        bill=_bill(world, check.inspection, check.name, np.arange(nodes.n), duties=duties, costs_changed=lambda slots: None, looks_per_day=looks_per_day),
    )  # fmt: skip


def _bill(
    world: World, inspection: Inspection, name: str, borne_by: Slots, *, duties: Duties, costs_changed: Callable[[Slots], None], looks_per_day: float,
    looks: Callable[[], float] = lambda: 1.0,
) -> Bill:  # fmt: skip
    spec = inspection.spec or LooksSpec()

    def charges(usd_per_day: float) -> None:
        duties.impose_duty(f"check: {name}", borne_by, usd_per_day)
        costs_changed(borne_by)

    return Bill(lambda usd: world.books.pay_for_checks(usd, by=spec.paid_by), charges, looks_per_day, looks)
