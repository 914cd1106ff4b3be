"""The page that `twin respond --page` writes: one file that needs nobody, of levers sorted by what they move."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from twin.report.sections.response import section_of
from twin.report.templating import environment, policy_for, source, trusted


def write_response_page(path: Path, table: pd.DataFrame, *, title: str, chips: Sequence[str]) -> None:
    """`table` as `twin respond --csv` writes it, `chips` what is said below the title."""
    page = environment().get_template("page.html.j2").render(
        title=title, css=trusted(source("page.css")), chips=list(chips), sections=[section_of(table)], absent=[], attributions=[], licence=None, version="",
        scripts=[], policy=policy_for([]),
    )  # fmt: skip
    path.write_text(page, encoding="utf-8")
