"""Luck, keyed by what it decides and never by who else is there.

Per node: a stateless hash `u = f(key(seed, replicate, purpose, epoch), slot, life)`, two rounds of the SplitMix64
finaliser (Steele, Lea, Flood 2014), for the slots asked only. Other distributions are inverse cumulative functions of
the same u, so a changed rate moves a node's own number and nobody else's. For scalars: a NumPy Generator of its own
per (purpose, epoch).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from twin.arrays import Floats

_GOLDEN_INT = 0x9E3779B97F4A7C15
_SECOND_INT = 0xD1342543DE82EF95
"""An odd multiplier for the second coordinate (Steele and Vigna 2021: good spectrum)."""
_MIX_1_INT, _MIX_2_INT = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
# as arrays without a dimension: NumPy takes them as they are, and has to look at a number first
_GOLDEN, _SECOND, _MIX_1, _MIX_2 = (np.array(word, np.uint64) for word in (_GOLDEN_INT, _SECOND_INT, _MIX_1_INT, _MIX_2_INT))
_S30, _S27, _S31, _S12 = (np.array(bits, np.uint64) for bits in (30, 27, 31, 12))
_HALF, _STEP = np.array(0.5), np.array(2.0**-52)
_HANDFUL = 6
"""Numbers up to which Python's own integers are quicker than an array of them (measured)."""
_CHUNK = 1 << 15
"""Numbers made at a time: the working array stays in the second-level cache."""
_ALL = (1 << 64) - 1


def digest(text: str) -> int:
    """64 bits of a text, the same on every machine (Python's own `hash` is salted)."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _mix(x: NDArray[np.uint64]) -> None:
    """The finaliser, in place."""
    x ^= x >> _S30
    x *= _MIX_1
    x ^= x >> _S27
    x *= _MIX_2
    x ^= x >> _S31


def hash_uniform(key: int, a: ArrayLike, b: ArrayLike | None = None) -> Floats:
    """One number in the open interval (0, 1) per element of `a` (and `b`), the same for ever.

    Integers below 2^64; `b=None` equals `b=0`. For an unordered pair give (min, max).
    52 bits, so neither 0 nor 1 is ever returned.
    """
    first, second = np.atleast_1d(np.asarray(a)), None if b is None else np.asarray(b)
    if second is not None and second.shape != first.shape:
        first, second = np.broadcast_arrays(first, second)
    if first.size <= _HANDFUL and first.ndim == 1 and first.dtype.kind in "iu" and (second is None or second.dtype.kind in "iu"):
        return _hash_few(key, first.tolist(), None if second is None else second.tolist())
    if first.size <= _CHUNK or first.ndim != 1:
        return _hash(key, first, second)
    u = np.empty(first.size)
    for low in range(0, first.size, _CHUNK):
        part = slice(low, low + _CHUNK)
        u[part] = _hash(key, first[part], None if second is None else second[part])
    return u


def _hash(key: int | NDArray[np.uint64], a: NDArray[Any], b: NDArray[Any] | None) -> Floats:
    x = a.astype(np.uint64)
    x *= _GOLDEN
    if b is not None:
        second = b.astype(np.uint64)
        second *= _SECOND
        x += second
    word = np.asarray(key, np.uint64)
    x ^= word
    _mix(x)
    x += word
    _mix(x)
    x >>= _S12
    u: Floats = x.astype(np.float64)
    u += _HALF
    u *= _STEP
    return u


def _hash_few(key: int, a: list[int], b: list[int] | None) -> Floats:
    """The same numbers, one by one."""
    if b is None:
        return np.array([hash_one(key, first) for first in a], np.float64)
    return np.array([_hashed(key, first * _GOLDEN_INT + second * _SECOND_INT & _ALL) for first, second in zip(a, b, strict=True)], np.float64)


def hash_one(key: int, a: int) -> float:
    """`hash_uniform` of one number, without the cost of an array."""
    return _hashed(key, a * _GOLDEN_INT & _ALL)


def _hashed(key: int, word: int) -> float:
    x = (_mixed(word ^ key) + key) & _ALL
    return ((_mixed(x) >> 12) + 0.5) * 2.0**-52


def _mixed(x: int) -> int:
    x = ((x ^ x >> 30) * _MIX_1_INT) & _ALL
    x = ((x ^ x >> 27) * _MIX_2_INT) & _ALL
    return x ^ x >> 31


class Streams:
    """All the luck of one replicate."""

    def __init__(self, seed: int, replicate: int = 0) -> None:
        if seed < 0 or replicate < 0:
            raise ValueError("seed and replicate are not negative")
        self.seed, self.replicate = int(seed), int(replicate)

    def key(self, purpose: str, epoch: int = 0) -> int:
        """64-bit key of one decision, for `hash_uniform`."""
        return digest(f"{self.seed}|{self.replicate}|{purpose}|{int(epoch)}")

    def at(self, purpose: str, epoch: int = 0) -> np.random.Generator:
        """A fresh generator for scalar draws. The same arguments give the same numbers: ask once per decision and epoch (not negative)."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(self.replicate, digest(purpose), int(epoch))))

    def uniform(self, purpose: str, epoch: int, slots: ArrayLike, life: ArrayLike | None = None) -> Floats:
        """Uniform in (0, 1), one per slot; `life` gives each node ever placed on a site its own luck."""
        return hash_uniform(self.key(purpose, epoch), slots, life)

    def uniform_of_each(self, purposes: Sequence[str], epoch: int, slots: NDArray[np.integer]) -> Floats:
        """The same for several purposes, a row for each; made at once where slots are few."""
        if len(slots) > _CHUNK // len(purposes):
            return np.array([self.uniform(purpose, epoch, slots) for purpose in purposes])
        return _hash(np.array([[self.key(purpose, epoch)] for purpose in purposes], np.uint64), np.array([slots] * len(purposes)), None)

    def uniforms(self, purpose: str, epoch: int, n: int) -> list[float]:
        """The uniform numbers of the slots 0 to n - 1, for decisions of a few numbers a day."""
        key = self.key(purpose, epoch)
        return [hash_one(key, slot) for slot in range(n)]

    def normal(self, purpose: str, epoch: int, slots: ArrayLike, life: ArrayLike | None = None) -> Floats:
        """Standard normal, one per slot, increasing in the uniform of the same key."""
        normal: Floats = ndtri(self.uniform(purpose, epoch, slots, life))
        return normal

    def exponential(self, purpose: str, epoch: int, slots: ArrayLike, life: ArrayLike | None = None, *, mean: ArrayLike = 1.0) -> Floats:
        """Exponential with that mean (scalar or one per slot), increasing in the uniform of the same key."""
        waits: Floats = -np.log1p(-self.uniform(purpose, epoch, slots, life)) * np.asarray(mean, np.float64)
        return waits

    def lognormal(
        self, purpose: str, epoch: int, slots: ArrayLike, life: ArrayLike | None = None, *, median: ArrayLike, sigma: ArrayLike
    ) -> Floats:
        """Lognormal with that median; `sigma` is the standard deviation of the logarithm."""
        values: Floats = np.asarray(median, np.float64) * np.exp(np.asarray(sigma, np.float64) * self.normal(purpose, epoch, slots, life))
        return values
