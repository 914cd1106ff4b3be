"""Luck of the map: keyed by the place's own seed, so that every run of a scenario has the same sites."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, purpose: str) -> np.random.Generator:
    """A generator that depends on the seed and on what it is for, and on nothing else."""
    digest = int.from_bytes(hashlib.blake2b(purpose.encode(), digest_size=8).digest(), "big")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, digest])))
