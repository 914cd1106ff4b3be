"""Numbers for a page: differences, gzip, base64. The browser undoes it with `DecompressionStream`."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from typing import Any

import numpy as np


def pack(values: np.ndarray, *, level: int = 9) -> str:
    """The array's little-endian bytes, gzipped (no time stamp: same content, same text), in base64."""
    plain = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<"), copy=False)).tobytes()
    return base64.b64encode(gzip.compress(plain, level, mtime=0)).decode("ascii")


def pack_ids(ids: np.ndarray) -> dict[str, str]:
    """Sorted uint64 ids as low and high halves of their differences: neighbours differ by little, so they shrink well."""
    steps: np.ndarray = np.diff(ids.astype(np.uint64), prepend=np.uint64(0))
    return {"lo": pack((steps & np.uint64(0xFFFFFFFF)).astype(np.uint32)), "hi": pack((steps >> np.uint64(32)).astype(np.uint32))}


def pack_frames(frames: np.ndarray, *, level: int = 6) -> str:
    """Bytes by time and cell, each frame as its difference from the one before (modulo 256): what stays the same is zero."""
    steps = frames.copy()
    steps[1:] = frames[1:] - frames[:-1]
    return pack(steps, level=level)  # 9 takes five times as long for 2% less


def pack_lines(lines: Sequence[np.ndarray], *, scale: float) -> dict[str, Any]:
    """Lines of longitude and latitude, rounded to 1/`scale` degrees, each as differences from point to point."""
    whole = [np.round(np.asarray(line)[:, :2] * scale).astype(np.int64) for line in lines]
    steps = [np.vstack([line[:1], np.diff(line, axis=0)]) for line in whole]
    counts = np.array([len(line) for line in whole], np.int32)
    return {"n": pack(counts), "d": pack(np.vstack(steps).astype(np.int32).T if steps else np.zeros((2, 0), np.int32)), "q": scale}
