"""Expected units of a beacon by the number who hear it, as a table: a million sites are one lookup."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.kinds.wireless.proof import chosen_probability, expected_beacon_pay
from twin.kinds.wireless.proof_spec import UnitsSpec

STEPS = 16
"""Entries per witness: whole numbers are exact, means in between are off by less than 1e-3 units."""
LARGEST = 256
"""Witnesses up to which the table reaches; beyond, a witness's share falls as one over their number."""
SPEEDS = 64
"""Classes of delay to the oracle."""

Floats = NDArray[np.float32]


class BeaconTable:
    """Units of sender and witness under one set of rules."""

    def __init__(self, units: UnitsSpec, *, most_paid: int, first_to_arrive: bool, poisson: bool) -> None:
        heard = np.arange(LARGEST * STEPS + 1) / STEPS
        pay = expected_beacon_pay(heard, units, most_paid=most_paid, poisson=poisson)
        self._sender, self._each = pay.sender.astype(np.float32), pay.each_witness.astype(np.float32)
        self._fast: NDArray[np.float32] | None = None
        if first_to_arrive:
            whole = np.arange(LARGEST + 1.0)
            speed = (np.arange(SPEEDS) + 0.5) / SPEEDS
            fair = chosen_probability(whole, most_paid=most_paid)
            fast = chosen_probability(*np.broadcast_arrays(whole[:, None]), most_paid=most_paid, speed=speed[None, :].repeat(len(whole), 0))
            self._fast = (fast / fair[:, None]).astype(np.float32)

    def of(self, heard_by: NDArray[np.floating]) -> tuple[Floats, Floats]:
        """(units of the sender, mean units of each who heard) of beacons that so many heard."""
        row = np.minimum(heard_by * np.float32(STEPS) + np.float32(0.5), LARGEST * STEPS).astype(np.int32)
        each = self._each[row]
        beyond = heard_by > LARGEST
        if beyond.any():
            each[beyond] *= LARGEST / heard_by[beyond]
        return self._sender[row], each

    def speed_factor(self, heard_by: NDArray[np.floating], speed_class: NDArray[np.int8]) -> Floats | None:
        """How much more often than the mean witness a fast one is paid, given how crowded its own place is; None where luck decides."""
        if self._fast is None:
            return None
        return np.asarray(self._fast[np.minimum(heard_by + np.float32(0.5), LARGEST).astype(np.int16), speed_class])
