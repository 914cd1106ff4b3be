"""The polygons in which rules of law hold, as the map of a run draws them."""

from __future__ import annotations

from pathlib import Path

import shapely

from twin.errors import InputError
from twin.geo.area import study_area
from twin.record import RunFolder
from twin.scenario.sections.place import AreaSpec

MOST_CORNERS = 2_000
"""Of all outlines together: finer ones cannot be told apart, and make the page large."""
COARSER_DEG = (0.0, 0.001, 0.01, 0.05, 0.25)
"""Outlines are drawn as coarsely as they must be, in this order; after the last each is drawn as its bounding rectangle."""


def outlines_of_rules(run: RunFolder) -> list[shapely.Geometry]:
    """Outlines of all enabled rules that hold in an `area`, in the order of their names; one that lies in a file that is not here is left out."""
    found = []
    for _, rule in sorted((run.spec.get("regulation") or {}).items()):
        area = rule.get("area")
        if not area or area.get("world") or not rule.get("enabled", True):
            continue
        try:
            found.append(study_area(AreaSpec.model_validate(area), base_dir=Path.cwd()).geometry)
        except InputError:  # a file of the user's own, drawn elsewhere: the map does without it
            continue
    return _coarse_enough(found)


def _coarse_enough(shapes: list[shapely.Geometry]) -> list[shapely.Geometry]:
    for tolerance in COARSER_DEG:
        coarse = [shapely.simplify(shape, tolerance) if tolerance else shape for shape in shapes]
        if sum(int(shapely.get_num_coordinates(shape)) for shape in coarse) <= MOST_CORNERS:
            return coarse
    return [shapely.envelope(shape) for shape in shapes]
