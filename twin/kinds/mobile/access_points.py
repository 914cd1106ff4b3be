"""The access point of each site: what it is, costs and may earn, by its owner's group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.kinds.mobile.spec import DeviceSpec, MobileScenario

FREE_USD = 1e-3
"""An access point that costs nothing is taken to cost this."""


@dataclass(frozen=True, eq=False)
class AccessPoints:
    """Kind of access point of every site."""

    outdoor: NDArray[np.bool_]
    earns_points: NDArray[np.bool_]
    price_share: Floats
    """Shop price over that of the reference generation."""
    fee_usd: Floats
    """Registration, burned as data credits."""
    starts_day: NDArray[np.int64]
    """First day of the run on which the network admits it."""
    patience_share: Floats
    """Reference price over price and fee. Owners decide by one price for all: one whose access point costs c times the reference has 1/c of the
    patience, which is the same inequality."""


def kind_of(spec: MobileScenario, group: NDArray[np.integer]) -> NDArray[np.int64]:
    """Row in `hardware.devices` of the access point of each site."""
    kinds = list(spec.hardware.devices)
    of_group: NDArray[np.int64] = np.array([kinds.index(owner.device) for owner in spec.operators.values()])
    return np.asarray(of_group[group])


def power_w(spec: MobileScenario, group: NDArray[np.integer]) -> Floats:
    """Power of the access point of each site, W."""
    return np.array([each.power_w for each in spec.hardware.devices.values()])[kind_of(spec, group)]


def access_points_of(spec: MobileScenario, group: NDArray[np.integer], *, reference_usd: float, start: date) -> AccessPoints:
    """Access points by owner's group; `reference_usd` is the price of the reference generation on the first day."""
    each: list[tuple[str, DeviceSpec]] = list(spec.hardware.devices.items())
    kind = kind_of(spec, group)
    fee = np.array([device.onboarding_usd for _, device in each])
    all_in = np.array([device.price_usd for _, device in each]) + fee
    return AccessPoints(
        outdoor=np.array([name == "outdoor" for name, _ in each])[kind],
        earns_points=np.array([device.earns_points for _, device in each])[kind],
        price_share=np.array([device.price_usd / max(reference_usd, FREE_USD) for _, device in each])[kind],
        fee_usd=fee[kind],
        starts_day=np.array([(device.starts - start).days for _, device in each])[kind],
        patience_share=(reference_usd / np.maximum(all_in, FREE_USD))[kind],
    )
