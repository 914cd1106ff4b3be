"""How the network answers: what each lever of `twin respond` moves, if its numbers lie in the run's folder or are handed in."""

from __future__ import annotations

import pandas as pd

from twin.report.numbers import amount
from twin.report.section import Section, render
from twin.report.tornado import bars_of, changed, tornado
from twin.report.view import View

TITLE = "What moves it"
NAME = "response.csv"
QUANTITIES = {
    "nodes_judged": "nodes in the judged year", "usage_usd": "paid usage in the judged year", "operators_usd": "dollars to operators, whole life", "price_usd": "price in the judged year",
}  # fmt: skip
"""Column -> words."""
ABSENT = f"nothing was turned beside this run: twin respond FILE --csv <folder>/{NAME}, then twin report <folder>"


def response_section(view: View) -> Section:
    """The tornado of a run's folder."""
    path = view.run.path / NAME
    return section_of(pd.read_csv(path)) if path.is_file() else Section("response", TITLE, absent=ABSENT)


def section_of(table: pd.DataFrame) -> Section:
    """The tornado and the table of a response, as `twin respond --csv` writes it: the life with nothing turned first."""
    base, rest = table.iloc[0], table.iloc[1:]
    turned = rest[rest["not_turned"].isna() & rest["failed"].isna()] if len(rest) else rest
    known = {column: words for column, words in QUANTITIES.items() if column in table and pd.notna(base[column])}
    figures = [tornado(words, bars_of(table, column)) for column, words in known.items()]
    rows = [
        {"lever": row["lever"], "what": row["what"], "class": str(row["class"]).replace("_", " "), "cells": [_cell(base[column], row[column]) for column in known]}
        for _, row in turned.iterrows()
    ]
    others = [(row["lever"], row["not_turned"] if pd.notna(row["not_turned"]) else f"the life failed: {row['failed']}") for _, row in rest.drop(turned.index).iterrows()]
    lead = f"One thing turned at a time, on the same luck. With nothing turned the network is {str(base['class']).replace('_', ' ')}."
    body = render(
        "response", figures=figures, heads=list(known.values()), base=[amount(base[column]) for column in known], rows=rows, others=others,
    )  # fmt: skip
    return Section("response", TITLE, lead, body)


def _cell(before: float, after: float) -> str:
    if pd.isna(after):
        return "–"
    if before == after:
        return "="
    return changed(after / before - 1) if before else amount(after)
