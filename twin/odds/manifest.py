"""`study.json`: what a study is, so that it can be gone on with, and lived again from nothing but its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.errors import InputError, Problem
from twin.odds.folder import StudyFolder, replace_whole, write_text
from twin.odds.rows import Plan
from twin.record.manifest import to_json, versions
from twin.scenario.writing import dump

FORMAT = 1
"""Layout of a study's folder."""


@dataclass(frozen=True)
class StudyManifest:
    """What stands in `study.json`."""

    name: str
    title: str
    digest: str
    variants: tuple[str, ...]
    replicates: int
    draws: int | None
    design: str
    record: str
    unknowns: tuple[str, ...]
    seed: int
    said: dict[str, Any]
    """The whole document."""

    @property
    def n_rows(self) -> int:
        """Lives that the study has."""
        return len(self.variants) * self.replicates * (self.draws or 1)


def write_manifest(folder: StudyFolder, plan: Plan) -> None:
    """Writes what the study is, and its scenario as a file that stands alone beside it."""
    scenario = plan.scenario
    said = {
        "format": FORMAT, "name": scenario.name, "title": scenario.spec.title, "digest": plan.digest, "scenario_hash": scenario.hash, "seed": scenario.seed,
        "variants": list(plan.variants), "changes": {name: dict(change) for name, change in plan.changes.items()},
        "replicates": plan.replicates, "draws": plan.draws, "design": plan.design, "u_by_draw": None if plan.u_by_draw is None else [dict(units) for units in plan.u_by_draw],
        "record": plan.record, "cutoff": plan.cutoff, "unknowns": sorted(scenario.unknowns) if plan.draws is not None else [],
        "node": scenario.network.nouns(scenario.spec).nodes, "versions": versions(),
    }  # fmt: skip
    folder.path.mkdir(parents=True, exist_ok=True)
    replace_whole(folder.path / "scenario.yaml", lambda beside: write_text(beside, dump(scenario)), synced=True)
    replace_whole(folder.manifest, lambda beside: write_text(beside, to_json(said)), synced=True)


def read_manifest(path: str | Path) -> StudyManifest:
    """What the study in a folder is. InputError where there is none, or one of another format."""
    file = StudyFolder(path).manifest
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise InputError(Problem("study_of_another_version", f"was written as format {said['format']}; this version reads format {FORMAT}.", file=file, suggestion="Read its tables with any Parquet reader, or run the study again into another folder."))
        return StudyManifest(
            said["name"], said["title"], said["digest"], tuple(said["variants"]), said["replicates"], said["draws"], said["design"], said["record"],
            tuple(said["unknowns"]), said["seed"], said,
        )  # fmt: skip
    except FileNotFoundError:
        raise InputError(Problem("not_a_study", "expected a folder with study.json, as `twin ensemble` leaves it.", file=path)) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(Problem("study_unreadable", f"study.json cannot be read: {error}.", file=file)) from error
