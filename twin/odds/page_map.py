"""The map of differences on the page of a study."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from twin.errors import InputError
from twin.odds.study import Study
from twin.report.difference_map import DifferenceColumn, difference_map
from twin.report.study_data import MapPart

MOST_PAIRS = 3
"""Pairs of variants that the map has tabs for."""


def map_part(studies: Sequence[Study]) -> MapPart:
    """The map of the first study whose variants can be compared cell by cell: its first variant against the next ones; or why there is none."""
    compared = [study for study in studies if len(study.manifest.variants) > 1]
    if not compared:
        return MapPart(None, (), "there is one variant" if len(studies) == 1 else "no two of the variants are of one study")
    why_not = ""
    for study in compared:
        try:
            return _of(study)
        except (InputError, ValueError) as error:
            why_not = why_not or _reason(error)
    return MapPart(None, (), why_not)


def _of(study: Study) -> MapPart:
    said, (first, *others) = study.manifest.said, study.manifest.variants
    nodes = str(said.get("nodes", "nodes"))
    found = [study.cell_difference(first, other) for other in others[:MOST_PAIRS]]
    cells = found[0].table.index
    for each in found[1:]:
        cells = cells.union(each.table.index)
    columns = []
    for each in found:
        table = each.table.reindex(cells, fill_value=0.0)
        pair = "" if len(found) == 1 else f": {each.first} less {each.second}"
        columns.append(DifferenceColumn(f"Difference of {nodes} online{pair}", f"{nodes} per cell, {each.first} less {each.second}", False, table["online"].to_numpy(float)))
        if "coverage_share" in table:
            service, covered = str(said.get("service", "service")), str(said.get("covered", "share served"))
            columns.append(DifferenceColumn(f"Difference of {service}{pair}", f"{covered}, {each.first} less {each.second}", True, table["coverage_share"].to_numpy(float)))
    people = study.people()
    residents = None if people is None else (people.index.to_numpy("uint64"), people.to_numpy(float))
    data = difference_map(study.manifest.title, study.manifest.ends - timedelta(days=1), cells.to_numpy("uint64"), columns, residents)
    sentences = [each.sentence(nodes) for each in found]
    if data is not None and data.coarsened_to is not None:
        sentences.append(_merged(any(column.is_share for column in columns), people is not None))
    return MapPart(data, tuple(sentences), "" if data is not None else "the variants end alike in every cell")


def _merged(has_shares: bool, has_people: bool) -> str:
    """What the values of cells that were merged for the page are."""
    if not has_shares:
        return "Cells are merged for the page: what is drawn is the sum over them."
    over = "the mean over the people who live there (over cells where nobody does)" if has_people else "the mean over cells, however many live there: this study holds no people by cell, since it was begun by a version that did not keep them"
    return f"Cells are merged for the page: differences of nodes add up, a difference of service is {over}."


def _reason(error: InputError | ValueError) -> str:
    text = error.problems[0].message if isinstance(error, InputError) else str(error)
    return text.removeprefix("there is no map of differences: ").rstrip(".")
