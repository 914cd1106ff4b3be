"""How much a Filecoin-like network mints: simple and baseline parts, and the network's own time.

baseline(t) = b0 exp(g t); C(t) = integral of min(raw power, baseline); theta = ln(1 + g C / b0) / g;
minted = simple (1 - exp(-lambda t)) + base (1 - exp(-lambda theta)), times the minting efficiency. t in days since epoch 0, power in EiB.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats
from twin.kinds.storage.filecoin_spec import MintingSpec


def days_since_epoch_zero(spec: MintingSpec, day: date) -> float:
    """Days from epoch 0 to the first second (UTC) of `day`."""
    return (day - spec.epoch_zero).days - spec.epoch_zero_hours / 24


def decay_per_day(spec: MintingSpec) -> float:
    """lambda: the rate at which both clocks run down."""
    return math.log(2) / spec.half_life_days


def growth_per_day(spec: MintingSpec) -> float:
    """g: the rate at which the baseline grows."""
    return math.log(2) / spec.baseline_doubles_every_days


def baseline_eib(spec: MintingSpec, days: ArrayLike) -> Floats:
    """Baseline `days` after epoch 0, EiB."""
    return np.asarray(spec.baseline_start_eib * np.exp(growth_per_day(spec) * np.asarray(days, np.float64)))


def network_time_days(spec: MintingSpec, realised_eib_days: ArrayLike) -> Floats:
    """theta: days of baseline time that the realised power has bought."""
    growth = growth_per_day(spec)
    return np.asarray(np.log1p(growth * np.asarray(realised_eib_days, np.float64) / spec.baseline_start_eib) / growth)


def simple_tokens(spec: MintingSpec, days: ArrayLike) -> Floats:
    """Simple part minted by the formula up to `days` after epoch 0."""
    return np.asarray(-spec.simple_tokens * np.expm1(-decay_per_day(spec) * np.asarray(days, np.float64)))


def baseline_tokens(spec: MintingSpec, network_time: ArrayLike) -> Floats:
    """Baseline part minted by the formula up to a network time in days."""
    return np.asarray(-spec.baseline_tokens * np.expm1(-decay_per_day(spec) * np.asarray(network_time, np.float64)))


def formula_tokens_per_day(spec: MintingSpec, *, days: float, realised_eib_days: float, raw_eib: float) -> tuple[float, float]:
    """Instantaneous issuance (simple, baseline) by the formula; d theta / dt = min(R, baseline) / (b0 + g C)."""
    rate, growth = decay_per_day(spec), growth_per_day(spec)
    simple = spec.simple_tokens * rate * math.exp(-rate * days)
    speed = min(raw_eib, float(baseline_eib(spec, days))) / (spec.baseline_start_eib + growth * realised_eib_days)
    theta = float(network_time_days(spec, realised_eib_days))
    return simple, spec.baseline_tokens * rate * math.exp(-rate * theta) * speed


@dataclass
class Minting:
    """The two clocks of one run: `step` once a day returns the tokens minted over that day.

    A known cumulative mint is never reset to the formula: only increments are added, so that the start does not jump.
    """

    spec: MintingSpec
    days: float
    """Days since epoch 0 at the end of the last step."""
    realised_eib_days: float

    def __post_init__(self) -> None:
        self._formula = self._at()

    def _at(self) -> float:
        theta = network_time_days(self.spec, self.realised_eib_days)
        return float(simple_tokens(self.spec, self.days) + baseline_tokens(self.spec, theta))

    @property
    def baseline_eib(self) -> float:
        """Baseline at the end of the last step."""
        return float(baseline_eib(self.spec, self.days))

    @property
    def network_time_days(self) -> float:
        """theta at the end of the last step."""
        return float(network_time_days(self.spec, self.realised_eib_days))

    def step(self, raw_eib: float) -> float:
        """Tokens minted in one more day at this raw power."""
        self.days += 1.0
        self.realised_eib_days += min(raw_eib, self.baseline_eib)
        before, self._formula = self._formula, self._at()
        return (self._formula - before) * self.spec.efficiency * self.spec.scale_share
