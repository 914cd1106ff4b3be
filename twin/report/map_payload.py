"""A run's monthly maps, small enough to live inside a page."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely

from twin.geo import hexes
from twin.record import RunFolder
from twin.report.law_outlines import outlines_of_rules
from twin.report.map_columns import Levels, MapColumn, colours_of, columns_of, levels_of
from twin.report.map_layers import layers_around
from twin.report.packing import pack_frames, pack_ids

log = logging.getLogger("twin.report")

MOST_CELLS = 100_000
MOST_VALUES = 40_000_000
"""Cells x months x columns held in memory; above it months are left out evenly before they are read."""
MOST_PACKED = 4_200_000
"""Characters of all packed frames: with everything else the page stays under 6 MB. Above it more months are left out."""
FEW_LEVELS = 64
"""Levels of a column on maps of more than `EDGE_MOST_CELLS` cells: finer ones cannot be told apart there, and pack badly."""
EDGE_MOST_CELLS = 30_000
"""Cells up to which empty ones and the edge of the area are drawn."""
SAMPLE = 1_000_000
LEVEL_6_TO_1 = 0.9
"""Size of frames packed at level 6 over that at level 1, about, on maps of this kind."""


@dataclass(frozen=True)
class MapData:
    """What the page needs (`payload`, plain JSON values), and what must be said about it."""

    payload: dict[str, Any]
    attributions: tuple[str, ...]
    n_cells: int
    months: tuple[date, ...]
    coarsened_to: int | None
    every_months: int


def map_data(run: RunFolder, *, title: str = "") -> MapData | None:
    """The map of a run, or None if it has no monthly cells. Above 100,000 cells they are merged into coarser ones.

    Merging adds counts, weighs coverage by people and pay by nodes online.
    """
    if not (run.has("cells") and run.has("cells_monthly")):
        return None
    cells, months = run.table("cells", columns=["cell", "h3", "people", "inside"]), run.months()
    cells = cells[cells.inside].sort_values("h3")
    if not months or not len(cells):
        return None
    ids, group, resolution = merged(cells.h3.to_numpy(np.uint64))
    row_of = np.full(int(cells.cell.max()) + 1, -1, np.int64)
    row_of[cells.cell.to_numpy()] = group
    people = np.zeros(int(cells.cell.max()) + 1)
    people[cells.cell.to_numpy()] = cells.people.to_numpy()

    offered = [column for column in columns_of(run.nouns) if column.name in run.units("cells_monthly")]
    every = 1
    while len(ids) * len(offered) * len(months[::-every]) > MOST_VALUES:
        every += 1
    kept = months[::-1][::every][::-1]
    values = _values(run, kept, offered, row_of, people, len(ids))
    shown = [column for column in offered if values[column.name].any()] or [offered[0]]
    levels = {
        column.name: levels_of(column, _positive(values[column.name]), most=FEW_LEVELS if len(ids) > EDGE_MOST_CELLS else 255)
        for column in shown
    }
    codes = {column.name: levels[column.name].encode(values.pop(column.name)) for column in shown}
    n_packed = sum(len(pack_frames(code, level=1)) for code in codes.values())
    while n_packed > MOST_PACKED and len(kept) > 1:
        fewer = max(2, math.ceil(n_packed * LEVEL_6_TO_1 / MOST_PACKED))
        every, kept = every * fewer, kept[::-1][::fewer][::-1]
        codes = {name: code[::-1][::fewer][::-1] for name, code in codes.items()}
        n_packed = sum(len(pack_frames(code, level=1)) for code in codes.values())
        log.info("the map shows every %d. month: all of them would make the page too large", every)
    frames = {name: pack_frames(code) for name, code in codes.items()}
    packed = [_column(column, levels[column.name], frames[column.name]) for column in shown]

    bounds, edge = _place(run, len(ids))
    layers = layers_around(bounds, edge=edge, streets=_streets(run), law=outlines_of_rules(run))
    payload = {
        "title": title or run.title, "cells": pack_ids(ids), "n": len(ids), "months": [month.strftime("%Y-%m") for month in kept],
        "columns": packed, "layers": layers.lines, "places": layers.places, "attribution": " · ".join(layers.attributions),
        "empty": edge is not None,
    }  # fmt: skip
    return MapData(payload, layers.attributions, len(ids), tuple(kept), resolution, every)


def merged(h3: np.ndarray) -> tuple[np.ndarray, np.ndarray, int | None]:
    """Cells to draw, the row of each given cell among them, and their resolution if it is a coarser one."""
    ids, group = np.unique(h3, return_inverse=True)
    if len(ids) <= MOST_CELLS:
        return ids, group, None
    resolution = int(hexes.resolution_of(ids).max())
    while len(ids) > MOST_CELLS:
        resolution -= 1
        ids, group = np.unique(hexes.parents(h3, resolution), return_inverse=True)
    return ids, group, resolution


def _values(
    run: RunFolder, months: list[date], columns: list[MapColumn], row_of: np.ndarray, people: np.ndarray, n: int
) -> dict[str, np.ndarray]:
    frames = {column.name: np.zeros((len(months), n), np.float32) for column in columns}
    all_people = np.bincount(row_of[row_of >= 0], weights=people[row_of >= 0], minlength=n)
    at_month = {month: t for t, month in enumerate(months)}
    for month, rows in run.by_month("cells_monthly"):
        t = at_month.get(month)
        if t is None:
            continue
        cell = rows.cell.to_numpy()
        known = (cell < len(row_of)) & (row_of[np.minimum(cell, len(row_of) - 1)] >= 0)
        rows, cell = rows[known], cell[known]
        at = row_of[cell]
        online = rows.online.to_numpy(float)
        for column in columns:
            value = np.nan_to_num(rows[column.name].to_numpy(float))
            if column.name == "coverage_share":
                sums = np.bincount(at, weights=value * people[cell], minlength=n)
                alone = np.bincount(at, weights=value, minlength=n) / np.maximum(np.bincount(at, minlength=n), 1)
                frames[column.name][t] = np.divide(sums, all_people, out=alone, where=all_people > 0)
            elif column.name == "pay_usd":
                here = np.bincount(at, weights=online, minlength=n)
                frames[column.name][t] = np.bincount(at, weights=value * online, minlength=n) / np.maximum(here, 1)
            else:
                frames[column.name][t] = np.bincount(at, weights=value, minlength=n)
    return frames


def _positive(values: np.ndarray) -> np.ndarray:
    """The values above zero; a fair share of them where there are very many."""
    positive = values[values > 0]
    if len(positive) <= SAMPLE:
        return positive
    return np.append(positive[:: len(positive) // SAMPLE], positive.max())


def _column(column: MapColumn, levels: Levels, frames: str) -> dict[str, Any]:
    n = len(levels.labels)
    return {
        "name": column.name, "label": column.label, "unit": column.unit, "kind": column.kind, "frames": frames,
        "levels": [float(f"{value:.4g}") for value in levels.values], "classes": levels.classes.tolist(), "labels": levels.labels,
        "light": colours_of(column, n, dark=False), "dark": colours_of(column, n, dark=True),
    }  # fmt: skip


def _is_world(run: RunFolder) -> bool:
    """Whether the area is the planet, or none is stated: the cells are those with sites, and have no edge worth drawing."""
    place = run.spec.get("place")
    return place is None or bool((place.get("area") or {}).get("world"))


def _place(run: RunFolder, n_cells: int) -> tuple[tuple[float, float, float, float], shapely.Geometry | None]:
    if n_cells > EDGE_MOST_CELLS or _is_world(run):
        centres = run.table("cells", columns=["lat_deg", "lng_deg", "inside"])
        centres = centres[centres.inside]
        bounds = (centres.lng_deg.min(), centres.lat_deg.min(), centres.lng_deg.max(), centres.lat_deg.max())
        return tuple(float(side) for side in bounds), None  # type: ignore[return-value]
    cells: pd.DataFrame = run.table("cells", columns=["geometry", "inside"])
    shapes = shapely.from_wkb(cells.geometry[cells.inside].to_numpy())
    west, south, east, north = (float(side) for side in shapely.total_bounds(shapes))
    return (west, south, east, north), shapely.union_all(shapely.set_precision(shapes, 1e-7))


def _streets(run: RunFolder) -> str | None:
    stated = run.manifest.get("streets") or ((run.spec.get("place") or {}).get("population") or {}).get("streets")
    return str(stated) if stated else None
