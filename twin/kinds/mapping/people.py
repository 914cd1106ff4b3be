"""What drivers are like: how far and how often they drive, what they ask for, how well and how late they record. Drawn once, by slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from twin.arrays import Floats
from twin.integrity.campaigns import luck_of_accounts
from twin.kernel import DAYS_PER_MONTH, Streams
from twin.kinds.mapping.cheats_spec import MapCheatsSpec
from twin.kinds.mapping.spec import MappingScenario

QUALITY = (8.0, 2.0)
"""Beta of a driver's quality (dossier 5, assumed)."""


class Members(Protocol):
    """Groups of drivers: what each member has of its group, and in what members of a group differ."""

    group: NDArray[np.integer]

    def of(self, name: str) -> Floats:
        """A parameter of each member's group."""

    def drawn(self, streams: Streams, purpose: str, name: str) -> Floats:
        """A parameter in which members differ: one value for each."""


@dataclass(frozen=True, eq=False)
class People:
    """Arrays by slot of an honest driver; the slots after them are accounts that lie."""

    group: NDArray[np.integer]
    liar_of: NDArray[np.int8]
    """Adversary of each lying slot."""
    luck: NDArray[np.int64]
    """Number of the luck of each slot, those that lie among them."""
    km_per_day: Floats
    days_per_week: Floats
    upload_delay_hours: Floats
    quality: Floats
    payback_limit_months: Floats
    sells_share: Floats
    labour_usd_per_day: Floats

    @property
    def n_honest(self) -> int:
        """Slots of people who might drive."""
        return len(self.group)

    @property
    def n(self) -> int:
        """All slots."""
        return len(self.group) + len(self.liar_of)


def groups_of(spec: MappingScenario) -> NDArray[np.int8]:
    """Group of each honest driver, one group after the other."""
    return np.repeat(np.arange(len(spec.operators)), [each.drivers for each in spec.operators.values()]).astype(np.int8)


def people_of(members: Members, liars: Mapping[str, MapCheatsSpec], streams: Streams) -> People:
    """The drivers of a scenario: honest ones first, then the accounts that each adversary may have."""
    return People(
        group=members.group,
        liar_of=np.repeat(np.arange(len(liars)), [each.at_most for each in liars.values()]).astype(np.int8),
        luck=luck_of_accounts(len(members.group), {name: each.at_most for name, each in liars.items()}),
        km_per_day=members.drawn(streams, "km per day", "km_per_day"),
        days_per_week=members.of("days_per_week"),
        upload_delay_hours=members.drawn(streams, "upload delay", "upload_delay_hours"),
        quality=betaincinv(*QUALITY, streams.uniform("quality", 0, np.arange(len(members.group)))),
        payback_limit_months=members.drawn(streams, "payback limit", "payback_limit_months"),
        sells_share=members.of("sells_share"),
        labour_usd_per_day=members.of("labour_usd_per_month") / DAYS_PER_MONTH,
    )
