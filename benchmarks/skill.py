"""The skill of every bundled scenario: each cut at several days, lived on from there, and scored beside naive forecasts; one small table, good or bad.

    python -m benchmarks.skill FOLDER                              every scenario
    python -m benchmarks.skill FOLDER --only filecoin-world        these; the others of the table stay
    python -m benchmarks.skill --page                              docs/backtest.md anew from the table; nothing is lived

Lives that FOLDER holds are not lived again, unless the code or a value of the scenario has changed. The table stands in the package (`twin/history/skill.csv`), where reports read it.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from twin.errors import InputError
from twin.history.asked import Asked, asked
from twin.history.backtest import backtest
from twin.history.outputs import LIVES, folder_of, write
from twin.history.shipped_skill import COLUMNS, TABLE, read_table
from twin.history.skill import ALL, cancelling, skill_of
from twin.scenario import load
from twin.scenario.shipped import bundled_names

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "backtest.md"
BEGIN, END = "<!-- written by python -m benchmarks.skill -->", "<!-- end -->"
USUAL_LIVES, FEW = 20, 6
"""Lives from each cut on; few where one takes seconds."""


@dataclass(frozen=True)
class Way:
    """How a scenario is cut, where the rule of `usual_cuts` does not do."""

    cuts: tuple[date, ...] = ()
    lives: int = USUAL_LIVES
    variant: str | None = None
    because: str = ""


WAYS: dict[str, Way] = {
    "filecoin-world": Way((date(2023, 2, 28), date(2023, 8, 31), date(2024, 2, 29)), because="named in the issue; the shipped series ends before a cut of August 2024"),
    "helium-iot-world": Way((date(2020, 12, 31), date(2021, 8, 31)), 2, because="before and at the end of the land rush; a life of a million sites costs a minute"),
    "helium-mobile-us": Way(lives=FEW), "render-world": Way(lives=FEW), "akash-world": Way(lives=FEW), "ionet-world": Way((date(2024, 12, 31),), FEW, because="the price is known from June 2024 on"),
    "arweave-world": Way((date(2023, 10, 4), date(2024, 3, 15)), variant="from_2023", because="the days on which the weave's size was read"),
}


def asked_of(name: str) -> Asked:
    """The backtest of a scenario as the table has it. InputError where nothing can be scored."""
    way = WAYS.get(name, Way())
    return asked(load(name, variant=way.variant), cuts=way.cuts, lives=way.lives)


def rows_of(name: str, folder: Path, *, workers: int) -> pd.DataFrame:
    """The rows of a scenario: metric by horizon, or one row with the reason why there are none."""
    head = {"scenario": name, "variant": WAYS.get(name, Way()).variant or "", "commit": _commit(), "date": datetime.now(UTC).date().isoformat()}
    try:
        question = asked_of(name)
    except InputError as error:
        said = "; ".join(dict.fromkeys(problem.message for problem in error.problems))
        return pd.DataFrame([{**head, "why_none": said}]).reindex(columns=COLUMNS)
    if not any(len(question.to_forecast(metric, at)) for metric, about in question.metrics.items() if about.tracks != "outside" for at in question.cuts):
        return pd.DataFrame([{**head, "why_none": "nothing but the token's price is known after a cut, which is scored with the scenario of the whole network."}]).reindex(columns=COLUMNS)
    home = folder_of(folder, name)
    done = backtest(question, folder=home / LIVES, workers=workers, told=lambda tally: print(f"\r{name}: {tally.done + tally.failed} of {tally.of}, {tally.seconds:.0f} s of processor time", end="", flush=True))
    print(flush=True)
    write(done, home)
    head |= {"cuts": " ".join(str(at.on) for at in question.cuts), "lives": question.lives, "prices": question.prices}
    rows = skill_of(done.scores).assign(**head)
    cancels = " / ".join(cancelling(done.scores))
    return rows.assign(errors_that_cancel=[cancels if at == 0 else "" for at in range(len(rows))]).reindex(columns=COLUMNS)


def write_table(rows: pd.DataFrame) -> None:
    """The table in the order of scenarios."""
    rows.sort_values("scenario", kind="stable").to_csv(TABLE, index=False, float_format="%.4g", lineterminator="\n")


def page_of(table: pd.DataFrame) -> str:
    """What stands between the marks of docs/backtest.md."""
    lines = []
    scored = table[table["metric"].notna()]
    whole = scored[scored["horizon_months"] == ALL]
    free = whole[~whole["held"].astype(bool) & whole["rel_best"].notna()]
    better = (free["rel_best"] < 1).sum()
    from twin.history.scores import geometric_mean

    lines.append(
        f"{len(free)} series of {free['scenario'].nunique()} networks were forecast: better than the best naive forecast on {better} of them; geometric mean of relative WIS "
        f"{geometric_mean(free['rel_best']):.2f}; inside the 50 % band {_weighted(free, 'inside_50'):.0%}, inside the 90 % band {_weighted(free, 'inside_90'):.0%} of rows."
    )
    lines += ["", "| scenario | series | rows | 1 | 3 | 6 | 12 months | all | best naive | 50 % | 90 % | off by | bias | sign | |", "|---|---|--:|--:|--:|--:|--:|--:|---|--:|--:|--:|--:|--:|---|"]
    for (scenario, metric), rows in scored.groupby(["scenario", "metric"], sort=False):
        at = {int(row["horizon_months"]): row for _, row in rows.iterrows()}
        one = at[ALL]
        marks = ("held " if one["held"] else "") + ("fitted" if one["fitted"] > 0 else "")
        cells = [_two(at[months]["rel_best"]) if months in at else "" for months in (1, 3, 6, 12)]
        lines.append(
            f"| {scenario} | `{metric}` ({one['of']}) | {one['n_rows']:.0f} | {' | '.join(cells)} | **{_two(one['rel_best'])}** | {one['best_naive'] if isinstance(one['best_naive'], str) else ''} | "
            f"{_share(one['inside_50'])} | {_share(one['inside_90'])} | {_two(one['log_error'])} | {_two(one['log_bias'], sign=True)} | {_share(one['sign_right'])} | {marks.strip()} |"
        )
    lines.append("")
    for scenario, rows in whole.groupby("scenario", sort=False):
        one = rows.iloc[0]
        lines.append(f"* {scenario}{f' (variant {one.variant})' if isinstance(one['variant'], str) and one['variant'] else ''}: cut {one['cuts'].replace(' ', ', ')}; {one['lives']:.0f} lives each; commit {one['commit']}, {one['date']}.")
    cancels = [said for said in scored["errors_that_cancel"].dropna() if said]
    if cancels:
        lines += ["", "Right by errors that cancel:", ""]
        lines += [f"* {name}: {each}" for name, said in zip(scored.loc[scored["errors_that_cancel"].fillna("") != "", "scenario"], cancels, strict=True) for each in said.split(" / ")]
    none = table[table["metric"].isna()]
    if len(none):
        lines += ["", "Nothing to score:", ""] + [f"* {row.scenario}: {row.why_none}" for row in none.itertuples()]
    return "\n".join(lines)


def write_page(table: pd.DataFrame) -> None:
    """Puts the table between the marks of the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, after = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
    PAGE.write_text(f"{before}\n{page_of(table)}\n{after}", encoding="utf-8")


def _weighted(rows: pd.DataFrame, column: str) -> float:
    return float((rows[column] * rows["n_rows"]).sum() / rows["n_rows"].sum())


def _two(value: float, *, sign: bool = False) -> str:
    return "" if value != value else f"{value:+.2f}" if sign else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _share(value: float) -> str:
    return "" if value != value else f"{value:.0%}"


def _commit() -> str:
    return subprocess.run(["git", "rev-parse", "--short=10", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def main(arguments: Sequence[str] | None = None) -> None:
    """Live what is missing, write the table and the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.skill", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", nargs="?", type=Path, help="where finished lives and whole tables are kept")
    parser.add_argument("--only", nargs="+", metavar="SCENARIO", help="these scenarios")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--page", action="store_true", help="write the page from the table alone")
    options = parser.parse_args(arguments)
    table = read_table()
    if not options.page:
        if options.folder is None:
            parser.error("say where lives are kept")
        for name in options.only or bundled_names():
            rows = rows_of(name, options.folder, workers=options.workers)
            table = read_table()  # somebody else may have written rows meanwhile
            table = pd.concat([table[table["scenario"] != name], rows], ignore_index=True) if len(table) else rows
            write_table(table)
            table = read_table()
    write_page(table)


if __name__ == "__main__":
    main()
