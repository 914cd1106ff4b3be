"""Sectors by provider, class and last day: what is committed, what ends when, and the pledge that stands behind it. PiB and tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats

PIB_PER_EIB, TIB_PER_PIB = 1024.0, 1024.0
CAPACITY, TENFOLD = 0, 1
"""Classes: counts once; counts as verified data does."""
CLASSES = (CAPACITY, TENFOLD)


class Sectors:
    """Rings of last days, `longest_days` + 1 long, for each class and provider."""

    def __init__(self, n: int, *, longest_days: int) -> None:
        self.n, self._length = n, longest_days + 1
        self.raw_pib = np.zeros((2, n))
        self.pledge_tokens = np.zeros((2, n))
        self._raw = np.zeros((2, self._length, n))
        self._pledge = np.zeros((2, self._length, n))
        self._born = np.zeros((2, n))
        """Sum of PiB x day of commitment, for the mean age."""

    def stock(self, kind: int, raw_pib: Floats, pledge_tokens: Floats, *, runs_off_days: int) -> None:
        """What is committed before day 0 and ends evenly over the days 0 to `runs_off_days` - 1."""
        self._raw[kind, :runs_off_days] += raw_pib / runs_off_days
        self._pledge[kind, :runs_off_days] += pledge_tokens / runs_off_days
        self.raw_pib[kind] += raw_pib
        self.pledge_tokens[kind] += pledge_tokens
        self._born[kind] -= raw_pib * runs_off_days / 2

    def commit(self, kind: int, raw_pib: Floats, pledge_tokens: Floats, *, day: int, term_days: int) -> None:
        """New or renewed sectors that end after `term_days`."""
        if not 0 < term_days < self._length:
            raise ValueError(f"a term of {term_days} days, and the ring holds {self._length - 1}")
        slot = (day + term_days) % self._length
        self._raw[kind, slot] += raw_pib
        self._pledge[kind, slot] += pledge_tokens
        self.raw_pib[kind] += raw_pib
        self.pledge_tokens[kind] += pledge_tokens
        self._born[kind] += raw_pib * day

    def expire(self, day: int) -> tuple[Floats, Floats]:
        """(raw, pledge) of each class and provider that ends today; they are out of the books when this returns."""
        slot = day % self._length
        raw, pledge = self._raw[:, slot].copy(), self._pledge[:, slot].copy()
        share = np.divide(raw, self.raw_pib, out=np.zeros_like(raw), where=self.raw_pib > 0)
        self._born *= 1 - np.minimum(share, 1.0)
        self._raw[:, slot] = 0.0
        self._pledge[:, slot] = 0.0
        self._take(raw, pledge)
        return raw, pledge

    def end_now(self, kind: int, providers: NDArray[np.int64], share: float | Floats) -> tuple[Floats, Floats]:
        """Ends a share of all sectors of a class of some providers before their time; (raw, pledge) by provider named."""
        gone = np.zeros((2, self.n)), np.zeros((2, self.n))
        for total, book, taken in ((self.raw_pib, self._raw, gone[0]), (self.pledge_tokens, self._pledge, gone[1])):
            taken[kind, providers] = total[kind, providers] * share
            book[kind][:, providers] *= 1 - np.asarray(share)
        self._born[kind, providers] *= 1 - np.asarray(share)
        self._take(*gone)
        return gone[0][kind, providers], gone[1][kind, providers]

    def slash(self, kind: int, providers: NDArray[np.int64], share: float) -> float:
        """Takes a share of the pledge behind a class of some providers; returns the tokens."""
        taken = float(self.pledge_tokens[kind, providers].sum() * share)
        self._pledge[kind][:, providers] *= 1 - share
        self.pledge_tokens[kind, providers] *= 1 - share
        return taken

    def downgrade(self, providers: NDArray[np.int64]) -> Floats:
        """Tenfold sectors of some providers count once from now on, term and pledge unchanged; PiB by provider named."""
        moved: Floats = self.raw_pib[TENFOLD, providers].copy()
        for book in (self._raw, self._pledge):
            book[CAPACITY][:, providers] += book[TENFOLD][:, providers]
            book[TENFOLD][:, providers] = 0.0
        for total in (self.raw_pib, self.pledge_tokens, self._born):
            total[CAPACITY, providers] += total[TENFOLD, providers]
            total[TENFOLD, providers] = 0.0
        return moved

    def upgrade(self, providers: NDArray[np.int64], raw_pib: Floats) -> None:
        """So much of what counts once counts tenfold again, or all that is left of it, with its share of every term and of the pledge."""
        once = self.raw_pib[CAPACITY, providers]
        share = np.divide(np.minimum(raw_pib, once), once, out=np.zeros(len(providers)), where=once > 0)
        for book in (self._raw, self._pledge):
            moved = book[CAPACITY][:, providers] * share
            book[TENFOLD][:, providers] += moved
            book[CAPACITY][:, providers] -= moved
        for total in (self.raw_pib, self.pledge_tokens, self._born):
            part = total[CAPACITY, providers] * share
            total[TENFOLD, providers] += part
            total[CAPACITY, providers] -= part

    def mean_age_days(self, kind: int, day: int) -> Floats:
        """Mean age of a provider's sectors of a class."""
        raw = self.raw_pib[kind]
        return np.asarray(np.maximum(day - np.divide(self._born[kind], raw, out=np.full(self.n, float(day)), where=raw > 1e-12), 0.0))

    def _take(self, raw: Floats, pledge: Floats) -> None:
        self.raw_pib -= raw
        self.pledge_tokens -= pledge
        np.maximum(self.raw_pib, 0.0, out=self.raw_pib)  # rounding
        np.maximum(self.pledge_tokens, 0.0, out=self.pledge_tokens)
