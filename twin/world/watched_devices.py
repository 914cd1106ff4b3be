"""Checks of devices that somebody owns, and of accounts: counted, paid for and heard of, in the same way whatever they look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from twin.actors.costs import Duties
from twin.arrays import Slots
from twin.integrity.inspection import Inspection
from twin.integrity.sanctions import Penalties, Sanctions
from twin.integrity.wronged import Wronged
from twin.scenario.sections.cheating import CheckSpec
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
    campaign_of: CampaignOf | None = None, put_out: PutOut | None = None,
) -> None:  # fmt: skip
    """The world watches this check of `nodes`; where its scenario says that nodes pay for it, `duties` bear it.

    `campaign_of` is whose they are where the column `fake` counts something else than campaigns, `put_out` who is told where a find has its consequence later.
    """
    world.watch(
        check.inspection, name=name, campaign_of=campaign_of or (lambda slots: nodes.fake[slots]), sanctions=check.sanctions,
        wronged=Wronged(nodes.n, life=nodes.born_day, gone=lambda: np.isin(nodes.state, GONE), denied_days=denied_days),
        bill=_bill(world, check.inspection, name, nodes.n, duties=duties, costs_changed=costs_changed, looks_per_day=looks_per_day), put_out=put_out,
    )  # fmt: skip


def watch_accounts(
    world: World, check: AccountCheck, nodes: Columns, *, campaign_of: CampaignOf, gone: tuple[NodeState, ...], duties: Duties, looks_per_day: float
) -> None:
    """The same for a check of accounts, each of which keeps its place whatever it runs; who is in one of the states `gone` has left."""
    world.watch(
        check.inspection, name=check.name, campaign_of=campaign_of, sanctions=check.penalties,
        wronged=Wronged(nodes.n, life=np.zeros(nodes.n, np.int64), gone=lambda: np.isin(nodes.state, gone), denied_days=check.denied_days),
        bill=_bill(world, check.inspection, check.name, nodes.n, duties=duties, costs_changed=lambda slots: None, looks_per_day=looks_per_day),
    )  # fmt: skip


def _bill(
    world: World, inspection: Inspection, name: str, n: int, *, duties: Duties, costs_changed: Callable[[Slots], None], looks_per_day: float
) -> Bill:  # fmt: skip
    everywhere, spec = np.arange(n), inspection.spec or CheckSpec()

    def charges(usd_per_day: float) -> None:
        duties.impose_duty(f"check: {name}", everywhere, usd_per_day)
        costs_changed(everywhere)

    return Bill(lambda usd: world.books.pay_for_checks(usd, by=spec.paid_by), charges, looks_per_day)
