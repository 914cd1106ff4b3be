"""Array types that the whole package speaks of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Slots = NDArray[np.int64]
"""Sites, or nodes, by their number in the pool of sites."""
