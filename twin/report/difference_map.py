"""A map of differences: in which cells there is more, and in which less, for the page of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from twin.geo import hexes
from twin.report.map_columns import BLUE, BLUE_DARK, RED, RED_DARK
from twin.report.map_layers import layers_around
from twin.report.map_payload import MapData, merged
from twin.report.numbers import short
from twin.report.packing import pack_frames, pack_ids
from twin.report.scales import nice_breaks

MOST_LEVELS = 127
"""Levels on each side of zero, so that both fit into a byte."""
CLASSES_A_SIDE = 4
ROUND_DEG = 0.02
"""Degrees around the centres of the cells, so that one cell alone has surroundings."""


@dataclass(frozen=True)
class DifferenceColumn:
    """What a map of differences can show: a value a cell, below zero where there is less."""

    label: str
    unit: str
    is_share: bool
    values: np.ndarray


def difference_map(title: str, when: date, h3: np.ndarray, columns: Sequence[DifferenceColumn], people: tuple[np.ndarray, np.ndarray] | None = None) -> MapData | None:
    """The map, or None where nothing differs. Above 100,000 cells they are merged into coarser ones: counts add up; shares are means over the people who live there,
    of whom `people` (H3 cells, residents) tells, cells in which nothing differs too; over the cells where nobody does, or where it is not known.
    """
    shown = [column for column in columns if np.abs(column.values).max(initial=0.0) > 0]
    if not shown or not len(h3):
        return None
    ids, group, resolution = merged(h3)
    mean = _Mean(h3, ids, group, resolution, people)
    lat, lng = hexes.centres(ids)
    bounds = (float(lng.min()) - ROUND_DEG, float(lat.min()) - ROUND_DEG, float(lng.max()) + ROUND_DEG, float(lat.max()) + ROUND_DEG)
    layers = layers_around(bounds, edge=None, streets=None)
    packed = []
    for at, column in enumerate(shown):
        packed.append(_packed(f"difference-{at}", column, mean.of(column.values) if column.is_share else np.bincount(group, weights=column.values, minlength=len(ids)).astype(np.float64)))
    payload = {
        "title": title, "cells": pack_ids(ids), "n": len(ids), "months": [when.strftime("%Y-%m")], "columns": packed, "layers": layers.lines, "places": layers.places,
        "attribution": " · ".join(layers.attributions), "empty": True,
    }  # fmt: skip
    return MapData(payload, layers.attributions, len(ids), (when,), resolution, 1)


class _Mean:
    """The mean of a share over what was merged into each cell: over people where somebody lives there, else over cells."""

    def __init__(self, h3: np.ndarray, ids: np.ndarray, group: np.ndarray, resolution: int | None, people: tuple[np.ndarray, np.ndarray] | None) -> None:
        self._group, self._n = group, len(ids)
        self._cells = np.bincount(group, minlength=len(ids))
        self._people, self._all = np.zeros(len(h3)), np.zeros(len(ids))
        if people is not None and resolution is not None:
            living = pd.Series(people[1], index=people[0])
            self._people = living.reindex(h3, fill_value=0.0).to_numpy(float)
            self._all = living.groupby(hexes.parents(people[0], resolution)).sum().reindex(ids, fill_value=0.0).to_numpy(float)

    def of(self, values: np.ndarray) -> np.ndarray:
        """The mean in each cell that is drawn."""
        over_cells = np.bincount(self._group, weights=values, minlength=self._n) / self._cells
        over_people = np.bincount(self._group, weights=values * self._people, minlength=self._n)
        return np.divide(over_people, self._all, out=over_cells, where=self._all > 0)


def _packed(name: str, column: DifferenceColumn, values: np.ndarray) -> dict[str, Any]:
    sizes = np.abs(values)
    top = float(sizes.max())
    steps = top * (np.arange(1, MOST_LEVELS + 1) / MOST_LEVELS) ** 2
    codes = np.zeros((1, len(values)), np.uint8)
    some = sizes > 0
    nearest = np.searchsorted((steps[1:] + steps[:-1]) / 2, sizes[some], side="right") + 1
    codes[0, some] = np.where(values[some] < 0, nearest, nearest + MOST_LEVELS)
    limits = nice_breaks(sizes[some], n_classes=CLASSES_A_SIDE, whole=False)
    of_step = np.maximum(np.searchsorted(np.array(limits) * (1 - 1e-9), steps, side="right"), 1)  # 1: the smallest differences
    n = int(of_step.max())
    return {
        "name": name, "label": column.label, "unit": column.unit, "kind": "share" if column.is_share else "number", "frames": pack_frames(codes),
        "levels": [0.0, *(float(f"{-step:.4g}") for step in steps), *(float(f"{step:.4g}") for step in steps)],
        "classes": [0, *(n + 1 - of_step).tolist(), *(n + of_step).tolist()],
        "labels": [*(_words(limits, at, "−", column.is_share) for at in reversed(range(n))), *(_words(limits, at, "+", column.is_share) for at in range(n))],
        "light": [*_ramp(RED, n)[::-1], *_ramp(BLUE, n)], "dark": [*_ramp(RED_DARK, n)[::-1], *_ramp(BLUE_DARK, n)],
    }  # fmt: skip


def _words(limits: Sequence[float], at: int, sign: str, is_share: bool) -> str:
    """A class in words: from one limit to the next, away from zero; the first begins at 0, the last is open."""

    def number(value: float) -> str:
        return sign + (f"{100 * value:.2g} %" if is_share else short(value))

    if at + 1 == len(limits):
        return f"{number(limits[at])} and {'more' if sign == '+' else 'less'}" if at else f"{'more' if sign == '+' else 'fewer'}"
    return f"{number(limits[at]) if at else '0'} to {number(limits[at + 1])}"


def _ramp(colours: Sequence[str], n: int) -> list[str]:
    """So many colours of a ramp, from pale to deep."""
    return [colours[round(at * (len(colours) - 1) / max(n - 1, 1))] if n > 1 else colours[3] for at in range(n)]
