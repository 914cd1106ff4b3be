"""`Hearing` on the planet's kernel (hearing_kernel.py, which says how it is made and what it cannot answer): asked monthly, it adds up cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

from twin.kinds.wireless.hearing import HONEST, ClosedGroups, flipped
from twin.kinds.wireless.hearing_kernel import HearingKernel


class HearingPlanet:
    """Expected hearing by cells; a change costs nothing, an answer O(slots + pairs of near cells)."""

    def __init__(self, kernel: HearingKernel, *, power_offset_db: ArrayLike = 0.0) -> None:
        self.kernel, self.n = kernel, len(kernel.advantage)
        self._starts, self._size = kernel.fine.first_slot[:-1], kernel.fine.size
        offset = np.broadcast_to(np.asarray(power_offset_db, np.float32), self.n)
        if np.any(offset > 1e-3):
            raise ValueError("power can only be cut: build the map with the greatest power it ever has")
        coarse, near, self._own = kernel.matrices(offset)
        self._matrix, self._back = (coarse, near), (coarse.T, near.T)
        self._online = np.zeros(self.n, np.bool_)
        self._near_honest = np.zeros(self.n, np.float32)
        self._fakes = ClosedGroups(self.n)

    def set_online(self, slots: ArrayLike, on: bool) -> None:
        """See Hearing."""
        self._online[flipped(slots, on, self._online)] = on

    def set_fake(self, slots: ArrayLike, group: ArrayLike) -> None:
        """See Hearing."""
        self._fakes.assign(np.asarray(slots, np.intp), group)

    def witnesses(self, *, everywhere: bool = False) -> NDArray[np.float32]:
        """See Hearing."""
        out = self._through(self._matrix, self._honest().astype(np.float32), everywhere)
        if everywhere:
            self._near_honest = out.copy()
        self._fakes.fill(out, np.ones(self.n, np.float32), self._online, everywhere=everywhere)
        return out

    def near_honest(self) -> NDArray[np.float32]:
        """See Hearing."""
        return self._near_honest

    def spread(self, q: ArrayLike, *, everywhere: bool = False) -> NDArray[np.float32]:
        """See Hearing."""
        given = np.asarray(q, np.float32)
        out = self._through(self._back, np.where(self._honest(), given, np.float32(0)), everywhere)
        self._fakes.fill(out, given, self._online, everywhere=everywhere)
        return out

    def pairs(self, slots: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """See Hearing: there are counts here, and no names."""
        raise NotImplementedError("counts per cell do not say who hears whom")

    def with_power_offset(self, db_per_slot: ArrayLike) -> HearingPlanet:
        """See Hearing."""
        other = HearingPlanet(self.kernel, power_offset_db=db_per_slot)
        fake = np.flatnonzero(self._fakes.group != HONEST)
        other.set_fake(fake, self._fakes.group[fake])
        other.set_online(np.flatnonzero(self._online), True)
        return other

    def _honest(self) -> NDArray[np.bool_]:
        return np.asarray(self._online & (self._fakes.group == HONEST))

    def _through(self, layers: tuple[csr_matrix, csr_matrix], given: NDArray[np.float32], everywhere: bool) -> NDArray[np.float32]:
        """f_i times the kernel's sum of f_j given_j, a hotspot's own part taken out; for honest hotspots that are on, or for every slot."""
        own_part = self.kernel.advantage * given
        fine = np.add.reduceat(own_part, self._starts)
        coarse = np.bincount(self.kernel.coarse_row, fine, minlength=len(self.kernel.coarse.size)).astype(np.float32)
        sums = layers[1] @ fine
        sums += (layers[0] @ coarse)[self.kernel.coarse_row]
        out = np.repeat(sums, self._size)
        own_part *= np.repeat(self._own, self._size)
        out -= own_part
        out *= self.kernel.advantage
        np.maximum(out, 0, out=out)
        if not everywhere:
            out[~self._honest()] = 0
        return out
