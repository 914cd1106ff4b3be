"""`study.json`: what a study is, so that it can be gone on with, and lived again from nothing but its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from twin.errors import InputError, Problem
from twin.odds.designs import Design, Layout
from twin.odds.folder import StudyFolder, replace_whole, write_text
from twin.odds.rows import Plan
from twin.record.manifest import to_json, versions
from twin.scenario.made import FLAT_PRICE
from twin.scenario.writing import dump

DESIGN_ROWS = 65_536
"""Points of a design written together, so that a million of them are not in memory twice."""
FORMAT = 1
"""Layout of a study's folder."""


@dataclass(frozen=True)
class StudyManifest:
    """What stands in `study.json`."""

    name: str
    title: str
    digest: str
    variants: tuple[str, ...]
    points: int
    """Lives of each variant."""
    unknowns: tuple[str, ...]
    starts: date
    ends: date
    said: dict[str, Any]
    """The whole document."""

    @property
    def n_rows(self) -> int:
        """Lives that the study has."""
        return len(self.variants) * self.points


def write_manifest(folder: StudyFolder, plan: Plan) -> None:
    """Writes what the study is, its scenario as a file that stands alone, and its design as a table."""
    scenario, design = plan.scenario, plan.design
    nouns = scenario.network.nouns(scenario.spec)
    said = {
        "format": FORMAT, "name": scenario.name, "title": scenario.spec.title, "digest": plan.digest, "scenario_hash": scenario.hash, "seed": scenario.seed,
        "starts": scenario.spec.calendar.start, "ends": scenario.spec.calendar.end, "variants": list(plan.variants),
        "changes": {name: dict(change) for name, change in plan.changes.items()}, "layout": design.layout.value, "paths": list(design.paths), "points": len(design),
        "record": plan.record, "cutoff": plan.forks,
        "verdict_days": {"reference_days": scenario.spec.verdict.reference_days, "collapse_mean_days": scenario.spec.verdict.collapse_mean_days},
        "flat_price": dict(plan.stated(FLAT_PRICE)) if FLAT_PRICE in plan.variants else None, "unknowns": sorted(scenario.unknowns) if plan.is_drawn else [],
        "nodes": nouns.nodes, "service": nouns.service, "covered": nouns.covered, "versions": versions(),
    }  # fmt: skip
    folder.path.mkdir(parents=True, exist_ok=True)
    replace_whole(folder.path / "scenario.yaml", lambda beside: write_text(beside, dump(scenario)), synced=True)
    replace_whole(folder.design, lambda beside: pq.write_table(design.table(), beside, row_group_size=DESIGN_ROWS), synced=True)
    replace_whole(folder.manifest, lambda beside: write_text(beside, to_json(said)), synced=True)


def read_design(path: str | Path) -> Design:
    """The design of the study in a folder."""
    folder = StudyFolder(path)
    said, table = read_manifest(path).said, pq.read_table(folder.design)
    paths = tuple(said["paths"])
    draw, replicate, block = (pc.fill_null(table.column(name), -1).to_numpy().astype(np.int64) for name in ("draw", "replicate", "block"))
    return Design(Layout(said["layout"]), paths, draw, replicate, block, np.column_stack([table.column(path).to_numpy() for path in paths]) if paths else None)


def read_manifest(path: str | Path) -> StudyManifest:
    """What the study in a folder is. InputError where there is none, or one of another format."""
    file = StudyFolder(path).manifest
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise InputError(Problem("study_of_another_version", f"was written as format {said['format']}; this version reads format {FORMAT}.", file=file, suggestion="Read its tables with any Parquet reader, or run the study again into another folder."))
        return StudyManifest(
            said["name"], said["title"], said["digest"], tuple(said["variants"]), said["points"], tuple(said["unknowns"]), date.fromisoformat(said["starts"]),
            date.fromisoformat(said["ends"]), said,
        )  # fmt: skip
    except FileNotFoundError:
        raise InputError(Problem("not_a_study", "expected a folder with study.json, as `twin ensemble` leaves it.", file=path)) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(Problem("study_unreadable", f"study.json cannot be read: {error}.", file=file)) from error
