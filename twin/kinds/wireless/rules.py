"""What the protocol asks on a date: the rows in force, and the days on which anything changes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel

from twin.kinds.wireless.proof_spec import BeaconRateSpec, DensityRowSpec, ProofOfCoverageSpec, UnitsSpec
from twin.scenario.model import value_on

T = TypeVar("T")
SECONDS_PER_DAY = 86_400
KM_PER_STEP = 0.04375
"""One grid step of resolution 11: eight steps are about 350 m (HIP-136)."""


@dataclass(frozen=True, slots=True)
class ProofRules:
    """Proof of coverage as it stands on one day."""

    beacons: BeaconRateSpec | None
    block_seconds: float
    most_paid_witnesses: int
    first_to_arrive: bool
    nearest_steps: int
    farthest_km: float
    free_space_check: bool
    two_way_hours: float | None
    interactive_days: float | None
    units: UnitsSpec
    density: Mapping[int, DensityRowSpec] | None

    def beacons_per_day(self, active_hotspots: ArrayLike) -> NDArray[np.float64]:
        """Beacons that each active hotspot sends a day, given how many are active in the whole network.

        In the days of a fixed number of challenges for the network this falls with every newcomer; with nobody active it is 0.
        """
        active = np.asarray(active_hotspots, dtype=np.float64)
        blocks_per_day = SECONDS_PER_DAY / self.block_seconds
        if self.beacons is None:
            each = 0.0
        elif self.beacons.beacons_per_day is not None:
            each = self.beacons.beacons_per_day
        elif self.beacons.blocks_between_challenges is not None:
            each = blocks_per_day / self.beacons.blocks_between_challenges
        else:
            rate = self.beacons.network_challenges_per_block
            assert rate is not None
            return np.where(active > 0, blocks_per_day * rate / np.maximum(active, 1), 0.0)
        return np.where(active > 0, each, 0.0)

    @property
    def pays_proof(self) -> bool:
        """Whether beacons are sent at all."""
        return self.beacons is not None and self.beacons.beacons_per_day != 0


def _in_force(dated: Mapping[date, T], day: date) -> T | None:
    current: T | None = None
    for since, value in dated.items():
        if since > day:
            break
        current = value
    return current


def _on_or_first(dated: Mapping[date, T], day: date) -> T:
    current = _in_force(dated, day)
    return next(iter(dated.values())) if current is None else current


def rules_on(spec: ProofOfCoverageSpec, day: date, *, proof_goes_on: bool = False) -> ProofRules:
    """The rules in force on `day`; before the first beacon row nobody sends. `proof_goes_on`: rows that end the proof are passed over."""
    witnesses = spec.witnesses
    beacons = {since: row for since, row in spec.beacons.items() if not proof_goes_on or row.beacons_per_day != 0}
    farthest = value_on(witnesses.farthest_km, day, "unlimited")
    return ProofRules(
        beacons=_in_force(beacons, day),
        block_seconds=spec.block_seconds,
        most_paid_witnesses=_on_or_first(witnesses.most_paid, day),
        first_to_arrive=_on_or_first(witnesses.chosen, day) == "first_to_arrive",
        nearest_steps=_on_or_first(witnesses.nearest_steps, day),
        farthest_km=math.inf if farthest == "unlimited" else float(farthest),
        free_space_check=value_on(witnesses.free_space_check, day, False),
        two_way_hours=_in_force(witnesses.two_way_hours, day),
        interactive_days=_in_force(spec.interactive_days, day),
        units=_on_or_first(spec.units, day),
        density=_in_force(spec.density, day),
    )


def change_dates(*sections: BaseModel, start: date, end: date) -> tuple[date, ...]:
    """Days with start < day < end on which any dated value of these sections changes, sorted."""
    found = {day for section in sections for day in _dates_in(section)}
    return tuple(sorted(day for day in found if start < day < end))


def _dates_in(value: object) -> Iterator[date]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _dates_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(key, date):
                yield key
            yield from _dates_in(item)
    elif isinstance(value, date):
        yield value
