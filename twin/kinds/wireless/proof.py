"""Reward units of beacons and witnesses (HIP-15), who of the witnesses is paid, and what free space allows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, pdtr

from twin.arrays import Floats
from twin.kernel import weighted
from twin.kinds.wireless.proof_spec import UnitsSpec


def beacon_units(witnesses: ArrayLike, units: UnitsSpec) -> Floats:
    """Units of the sender of a beacon that so many paid witnesses heard; 0 where nobody did.

    HIP-15 with N full-pay witnesses and decay r: `w/N` up to N, then `1 + (1 - r^(w-N))`. Before HIP-15 one unit (assumed).
    """
    w = np.asarray(witnesses, dtype=np.float64)
    if units.rule == "one_each":
        return np.where(w > 0, 1.0, 0.0)
    full = units.full_pay_witnesses
    return np.where(w <= full, w / full, 2 - units.decay ** np.maximum(w - full, 0))


def witness_units(witnesses: ArrayLike, units: UnitsSpec) -> Floats:
    """Units of each of so many paid witnesses of one beacon.

    HIP-15: 1 up to N witnesses, then `(N - (1 - r^(w-N))) / w`; with the sender's units that makes N + 1 in all for every w >= N. Before, 1 (assumed).
    """
    w = np.asarray(witnesses, dtype=np.float64)
    if units.rule == "one_each":
        return np.where(w > 0, 1.0, 0.0)
    full = units.full_pay_witnesses
    shared = (full - 1 + units.decay ** np.maximum(w - full, 0)) / np.maximum(w, 1)
    return np.where(w <= 0, 0.0, np.where(w <= full, 1.0, shared))


@dataclass(frozen=True, slots=True)
class BeaconPay:
    """Expected units of one beacon at transmit scale 1."""

    sender: Floats
    each_witness: Floats
    """Mean over all who heard it, chosen or not."""


def expected_beacon_pay(heard_by: ArrayLike, units: UnitsSpec, *, most_paid: int, poisson: bool = False) -> BeaconPay:
    """Units of one beacon that `heard_by` valid witnesses reported, of whom at most `most_paid` are paid.

    Exact if the paid ones are drawn at random. In the era of the first to arrive it is the mean over the witnesses; who of them is fast is
    `chosen_probability` with `speed`. `heard_by` may be an expected count: with fading from beacon to beacon a prototype city was within 0.4 % of
    drawing each. With `poisson` it is the mean of a Poisson count, as where hotspots are counts per cell and not neighbours by name; units bend with
    the count, so that differs by up to 30 % for witnesses (around four).
    """
    heard = np.asarray(heard_by, dtype=np.float64)
    if poisson:
        return _poisson_pay(heard, units, most_paid)
    paid = np.minimum(heard, most_paid)
    chosen = np.divide(paid, heard, out=np.zeros_like(heard), where=heard > 0)
    return BeaconPay(beacon_units(paid, units), witness_units(paid, units) * chosen)


def _poisson_pay(mean: Floats, units: UnitsSpec, most_paid: int) -> BeaconPay:
    """From a table over the mean, 1e-4 fine; means past its end have no chance of fewer than `most_paid` witnesses."""
    means, sender, witnesses = _poisson_table(units.rule, units.full_pay_witnesses, units.decay, most_paid)
    all_witnesses = np.interp(mean, means, witnesses)
    each = np.divide(all_witnesses, mean, out=np.zeros_like(all_witnesses), where=mean > 0)
    return BeaconPay(np.asarray(np.interp(mean, means, sender), np.float64), each)


@lru_cache(maxsize=16)
def _poisson_table(rule: Literal["one_each", "hip15"], full: int, decay: float, most_paid: int) -> tuple[Floats, Floats, Floats]:
    """Means, and for each the expected units of the sender and of all witnesses together: an exact sum over 0 to `most_paid` witnesses."""
    units = UnitsSpec(rule=rule, full_pay_witnesses=full, decay=decay)
    means = np.arange(0.0, 4 * most_paid + 40, 0.02)
    counts = np.arange(most_paid + 1, dtype=np.float64)
    up_to = pdtr(counts[:, None], means)
    up_to[-1] = 1.0  # all larger counts are paid like the largest
    probability = np.diff(up_to, axis=0, prepend=0.0)
    return means, weighted(probability.T, beacon_units(counts, units)), weighted(probability.T, witness_units(counts, units) * counts)


def chosen_probability(heard_by: ArrayLike, *, most_paid: int, speed: ArrayLike | None = None) -> Floats:
    """Probability that one of `heard_by` valid witnesses is among the `most_paid` that are paid.

    Without `speed` (drawn at random): `most_paid / heard_by`, at most 1. With `speed`, the witness's rank in [0, 1] among all hotspots by delay to the
    oracle, 1 the fastest: it is paid if fewer than `most_paid` of the others are faster, whose ranks are taken as independent and uniform. A
    simplification: the delay belongs to the hotspot for good (line and place), nothing changes from beacon to beacon. Its mean over uniform speeds
    is again `most_paid / heard_by`, so both eras pay out the same total.
    """
    heard = np.asarray(heard_by, dtype=np.float64)
    if speed is None:
        return np.minimum(1.0, most_paid / np.maximum(heard, 1))
    rank = np.asarray(speed, dtype=np.float64)
    others = np.maximum(np.rint(heard).astype(np.int64) - 1, 0)
    crowded = others >= most_paid
    return np.where(crowded, bdtr(most_paid - 1.0, np.maximum(others, most_paid), 1 - rank), 1.0)
