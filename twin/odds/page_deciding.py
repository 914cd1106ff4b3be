"""What decides, on the page of a study and on the command line: by plain draws, by Morris' screening, or by Sobol indices, as the points were laid out."""

from __future__ import annotations

import pandas as pd

from twin.odds.analysis import Failed, Status, discover, first_effects, morris_effects, sobol_indices
from twin.odds.analysis.naming import name_of
from twin.odds.analysis.sensitivity import LUCK
from twin.odds.designs import Layout
from twin.odds.study import Study
from twin.report.study_data import DecidingPart, Ranged

DRAWN_LEAD = "Each draw has its own values of what is not known. What goes with survival is found here; parameters that act only together are not seen one by one."
MORRIS_LEAD = "Trajectories on which one parameter after the other moves by half of its range, on one luck (Morris' screening). It tells what matters at all from what does not; it is no share of the variance."
SOBOL_LEAD = "Points laid out for Sobol indices: what part of the variance of survival each parameter has, alone and together with the others, luck apart."


def deciding_part(study: Study, rows: pd.DataFrame) -> DecidingPart | None:
    """What decides in the lives of one variant; None where nothing was drawn or no life has ended."""
    done = rows[rows["status"] == Status.DONE]
    paths = [path for path in study.manifest.unknowns if len(done) and done[path].notna().all()]
    if not paths:
        return None
    try:
        if study.design.layout is Layout.MORRIS:
            return _of_morris(study, rows)
        if study.design.layout is Layout.SALTELLI:
            return _of_sobol(study, rows)
    except ValueError as error:  # lives are missing, or too many have no verdict
        return DecidingPart(f"{str(error)[:1].upper()}{str(error)[1:]}.")
    effects = first_effects(rows, paths)
    drawn = tuple(
        Ranged(name_of(row["path"]), max(float(row["first"]), 0.0), float(row["low"]), float(row["high"]), "more survive where it is high" if row["rises"] else "fewer survive where it is high")
        for _, row in effects.table.iterrows()
    )  # fmt: skip
    return DecidingPart(effects.sentence(), drawn, "Share of the variance of survival", "that one drawn parameter explains alone; the line is the 95 % interval", discover(rows, paths).sentence(), DRAWN_LEAD)


def _of_morris(study: Study, rows: pd.DataFrame) -> DecidingPart:
    found = morris_effects(study.design, rows, failed=Failed.BOUND)
    steps = tuple(Ranged(name_of(row["factor"]), row["effect"] / 2, row["effect_low"] / 2, row["effect_high"] / 2, found.way(row)) for _, row in found.table.iterrows())
    return DecidingPart(found.sentence(), steps, "Share of steps that change whether it survives", "a step is half of the range of that parameter, so mu* is twice this share; the line is the 95 % interval", "", MORRIS_LEAD)


def _of_sobol(study: Study, rows: pd.DataFrame) -> DecidingPart:
    found = sobol_indices(study.design, rows, failed=Failed.BOUND)
    parts = tuple(
        Ranged(LUCK if row["factor"] == LUCK else name_of(row["factor"]), float(row["total"]), float(row["total_low"]), float(row["total_high"]), f"alone {100 * max(row['first'], 0.0):.0f} %")
        for _, row in found.table.iterrows()
    )  # fmt: skip
    return DecidingPart(found.sentence(), parts, "Part in the variance of survival (total Sobol index)", "alone and together with the others; the line is the 95 % interval", "", SOBOL_LEAD)
