"""What drivers are like: how far and how often they drive, what they ask for, how well and how late they record. Drawn once, by slot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from twin.kernel import DAYS_PER_MONTH, Streams
from twin.kinds.mapping.spec import MappingScenario
from twin.scenario.model import Spread

Floats = NDArray[np.float64]
Slots = NDArray[np.int64]
QUALITY = (8.0, 2.0)
"""Beta of a driver's quality (dossier 5, assumed)."""


class Draw(Protocol):
    """Members who differ: one value per slot."""

    def __call__(self, streams: Streams, purpose: str, slots: Slots, /, *, spread: Spread) -> Floats:
        """Values in the unit of the spread."""


@dataclass(frozen=True, eq=False)
class People:
    """Arrays by slot of an honest driver; the slots after them are accounts that lie."""

    group: NDArray[np.int8]
    liar_of: NDArray[np.int8]
    """Adversary of each lying slot."""
    km_per_day: Floats
    days_per_week: Floats
    upload_delay_hours: Floats
    quality: Floats
    payback_limit_months: Floats
    looks_hazard_per_month: Floats
    sells_share: Floats
    labour_usd_per_day: Floats
    reference_pay_usd_per_week: Floats
    content_hazard_per_week: Floats
    loss_hazard_per_week: Floats
    hazard_cap_per_week: Floats

    @property
    def n_honest(self) -> int:
        """Slots of people who might drive."""
        return len(self.group)

    @property
    def n(self) -> int:
        """All slots."""
        return len(self.group) + len(self.liar_of)


def people_of(spec: MappingScenario, streams: Streams, draw: Draw) -> People:
    """The drivers of a scenario, honest groups first, then the accounts of each adversary."""
    groups, liars = list(spec.operators.values()), list(spec.adversaries.values())
    group = np.repeat(np.arange(len(groups)), [each.drivers for each in groups]).astype(np.int8)
    slots = np.arange(len(group))

    def spread(purpose: str, spreads: list[Spread]) -> Floats:
        return np.stack([draw(streams, purpose, slots, spread=each) for each in spreads])[group, slots]

    def of(values: list[float]) -> Floats:
        return np.array(values, np.float64)[group]

    return People(
        group=group,
        liar_of=np.repeat(np.arange(len(liars)), [each.drivers for each in liars]).astype(np.int8),
        km_per_day=spread("km per day", [each.km_per_day for each in groups]),
        days_per_week=of([each.days_per_week for each in groups]),
        upload_delay_hours=spread("upload delay", [each.upload_delay_hours for each in groups]),
        quality=betaincinv(*QUALITY, streams.uniform("quality", 0, slots)),
        payback_limit_months=spread("payback limit", [each.payback_limit_months for each in groups]),
        looks_hazard_per_month=of([each.looks_hazard_per_month for each in groups]),
        sells_share=of([each.sells_share for each in groups]),
        labour_usd_per_day=of([each.labour_usd_per_month for each in groups]) / DAYS_PER_MONTH,
        reference_pay_usd_per_week=of([each.quitting.reference_pay_usd_per_week for each in groups]),
        content_hazard_per_week=of([each.quitting.content_hazard_per_week for each in groups]),
        loss_hazard_per_week=of([each.quitting.loss_hazard_per_week for each in groups]),
        hazard_cap_per_week=of([each.quitting.hazard_cap_per_week for each in groups]),
    )
