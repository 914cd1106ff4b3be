"""Reward units of beacons and witnesses (HIP-15), who of the witnesses is paid, and what free space allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, pdtr

from twin.networks.wireless.proof_spec import UnitsSpec

Floats = NDArray[np.float64]
SPEED_OF_LIGHT_M_PER_S = 2.998e8
"""As the network's own check has it (helium/oracles); the last digits would move results by 0.002 dB."""


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


def expected_beacon_pay(heard_by: ArrayLike, units: UnitsSpec, *, most_paid: int) -> BeaconPay:
    """Units of one beacon that `heard_by` valid witnesses reported, of whom at most `most_paid` are paid.

    Exact if the paid ones are drawn at random. In the era of the first to arrive it is the mean over the witnesses; who of them is fast is
    `chosen_probability` with `speed`. Fractions of witnesses (expected counts) are allowed: with fading from beacon to beacon a prototype city was within 0.4 % of drawing each.
    """
    heard = np.asarray(heard_by, dtype=np.float64)
    paid = np.minimum(heard, most_paid)
    chosen = np.divide(paid, heard, out=np.zeros_like(heard), where=heard > 0)
    return BeaconPay(beacon_units(paid, units), witness_units(paid, units) * chosen)


def expected_beacon_pay_poisson(mean_heard_by: ArrayLike, units: UnitsSpec, *, most_paid: int) -> tuple[Floats, Floats]:
    """Expected units of the sender, and of all its witnesses together, if the number who hear a beacon is Poisson.

    For fleets that are counts per cell and not neighbours by name. Exact sum over 0 to `most_paid` witnesses.
    """
    mean = np.asarray(mean_heard_by, dtype=np.float64)
    sender, all_witnesses = np.zeros(mean.shape), np.zeros(mean.shape)
    below = np.zeros(mean.shape)
    counts = np.arange(most_paid + 1, dtype=np.float64)
    sent, heard = beacon_units(counts, units), witness_units(counts, units) * counts
    for count in range(most_paid + 1):
        up_to = pdtr(count, mean) if count < most_paid else np.ones(mean.shape)
        probability = up_to - below
        sender += probability * sent[count]
        all_witnesses += probability * heard[count]
        below = up_to
    return sender, all_witnesses


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


def free_space_loss_db(distance_km: ArrayLike, *, frequency_mhz: ArrayLike) -> Floats:
    """Loss between isotropic antennas in free space, dB: `20 log10(4 pi d f / c)`."""
    metres_times_hertz = np.asarray(distance_km, dtype=np.float64) * 1e3 * (np.asarray(frequency_mhz, dtype=np.float64) * 1e6)
    return 20 * np.log10(4 * np.pi * metres_times_hertz / SPEED_OF_LIGHT_M_PER_S)


def loudest_legal_rssi_dbm(
    distance_km: ArrayLike,
    *,
    frequency_mhz: ArrayLike,
    transmit_power_dbm: ArrayLike,
    sender_gain_dbi: ArrayLike,
    witness_gain_dbi: ArrayLike,
) -> Floats:
    """Loudest a report may be at its asserted distance, dBm; gains are rounded down to whole decibels as the network does."""
    gains = np.floor(np.asarray(sender_gain_dbi, dtype=np.float64)) + np.floor(np.asarray(witness_gain_dbi, dtype=np.float64))
    loudest: Floats = (
        np.asarray(transmit_power_dbm, dtype=np.float64) + gains - free_space_loss_db(distance_km, frequency_mhz=frequency_mhz)
    )
    return loudest
