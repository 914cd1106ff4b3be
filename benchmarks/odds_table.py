"""The odds of every bundled scenario: many lives each, over independent draws of what its file calls uncertain, and one small table of them.

    python -m benchmarks.odds_table STUDIES                                  every bundled scenario, 50 lives each
    python -m benchmarks.odds_table STUDIES --only akash-world render-world  these rows; the others of the table stay
    python -m benchmarks.odds_table STUDIES --no-lives                       rows of all that the folder holds; nothing is lived
    python -m benchmarks.odds_table --rows-of OTHER.csv …                    rows of other tables, lived elsewhere, in place of those of the same scenarios

Every life has parameters of its own (`uncertain`) and luck of its own; a scenario that calls nothing uncertain differs by luck alone. A world of a million
sites has 20 lives. The same command goes on after an interruption: lives that the folder holds
are not lived again, unless a value of the scenario has changed; when the model has, take another folder (the row names every commit that lived some of it). A
scenario's row is written as soon as its lives are over.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pandas as pd

from twin.errors import TwinError
from twin.odds.analysis import Status, class_counts, first_effects, odds, price_thirds
from twin.odds.analysis.first_effects import CERTAIN
from twin.odds.analysis.intervals import percent, percent_range
from twin.odds.analysis.naming import name_of
from twin.odds.designs import Design, draws, replicates
from twin.odds.engines.choice import Choice
from twin.odds.folder import replace_whole, write_text
from twin.odds.living import live_plan
from twin.odds.progress import Tally
from twin.odds.rows import Plan
from twin.odds.study import Study
from twin.outcomes.classes import Outcome
from twin.scenario import Scenario, load
from twin.scenario.shipped import bundled_names

ROOT = Path(__file__).resolve().parents[1]
TABLE, PAGE = ROOT / "docs" / "odds-of-scenarios.csv", ROOT / "docs" / "odds-of-scenarios.md"
LIVES, LIVES_OF_LARGE = 50, 20
LARGE_SITES = 1_000_000
"""Sites from which on a scenario has fewer lives."""
COMMITS = "commits.txt"
"""File in a study's folder: the commit of each session that lived some of it."""
HEAD = """\
# Odds of the bundled scenarios

What becomes of each scenario when what its file calls `uncertain` is drawn anew for every life ([uncertain.md](uncertain.md)) and luck with it. Written by
`python -m benchmarks.odds_table` ([odds.md](odds.md)); the numbers stand in `odds-of-scenarios.csv` too.

*Survive*: self-sustaining or niche, with the 95 % interval. *Agree*: lives that end in the commonest class; the lower, the less one seed's verdict says.
*Decides*: the largest first-order index, the share of the variance of survival (where all survive or none does: of ending in the commonest class) that one drawn parameter makes alone; "none" where chance
makes one as large.
These are odds under the stated priors, most of them assumed, and under this model: no forecast.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What the lives of one scenario say. Numbers that are not known are None."""

    scenario: str
    lives: int
    """Ended lives, failed ones too."""
    planned: int
    draws: bool
    """Whether parameters are drawn; else lives differ by luck alone."""
    not_judged: int
    never_started: int
    collapsed: int
    self_sustaining: int
    niche: int
    coasting: int
    subsidy_dependent: int
    failed: int
    survivors: int
    odds_low: float | None
    odds_high: float | None
    commonest: str
    agreement: float | None
    """Share of the lives that did not fail that end in the commonest class."""
    index_of: str
    """What the index is of: "survival", or where all survive or none does the commonest class; empty where there are no indices."""
    index_path: str
    """The drawn parameter with the largest first-order index; empty where there are no indices."""
    index: float | None
    index_low: float | None
    index_high: float | None
    index_p_value: float | None
    """Of no effect at all, times the number of parameters."""
    no_index: str
    """Why there is none."""
    only_at_high_price: bool
    """Whether it lives only in the highest third of the price outside."""
    seconds_a_life: float | None
    """Processor time of the middle life, s."""
    commit: str
    date: str

    @property
    def told_apart(self) -> bool:
        """Whether chance alone seldom makes so large an index."""
        return self.index_p_value is not None and self.index_p_value <= CERTAIN


def row_of(name: str, study: Study, *, planned: int, commit: str, when: date) -> Row:
    """What the finished lives of a study's base say."""
    results = study.results()
    done = results[results["status"] == Status.DONE]
    counts = {str(column): int(n) for column, n in class_counts(results).iloc[0].items()} if len(results) else {}
    classes = {each.value: counts.get(each.value, 0) for each in Outcome}
    found = odds(results, blocks=study.design.blocks) if len(results) else None
    commonest = max(classes, key=lambda each: classes[each]) if len(done) else ""
    return Row(
        name, len(results), planned, study.manifest.said["layout"] == "draws", *classes.values(), counts.get("failed", 0),
        0 if found is None else found.survivors, *((None, None) if found is None or found.interval is None else (_digits(found.interval.low), _digits(found.interval.high))),
        commonest, _digits(classes[commonest] / len(done)) if commonest else None, *_largest_index(study, results, commonest),
        bool(len(done)) and price_thirds(done, "price_luck").lives_only_at_the_top, _digits(float(done["seconds"].median())) if len(done) else None, commit, when.isoformat(),
    )  # fmt: skip


def _largest_index(study: Study, results: pd.DataFrame, commonest: str) -> tuple[str, str, float | None, float | None, float | None, float | None, str]:
    paths, of = study.manifest.unknowns, "survival"
    if not paths:
        return "", "", None, None, None, None, "nothing is drawn"
    if not commonest:
        return "", "", None, None, None, None, "no life has ended"
    effects = first_effects(results, paths)
    if effects.reason is not None:
        of, why_not = commonest, effects.reason
        effects = first_effects(results, paths, outcome=commonest)
        if effects.reason is not None:
            return "", "", None, None, None, None, why_not
    top = effects.table.iloc[0]
    return of, str(top["path"]), *(_digits(float(top[column])) for column in ("first", "low", "high", "p_value")), ""


def _digits(value: float) -> float:
    return float(f"{value:.4g}")


# -- lives -----------------------------------------------------------------------------------------------------------------
def n_sites(scenario: Scenario) -> int:
    """Sites of a scenario whose nodes stand on sites, else 0."""
    try:
        return int(scenario.value("place.sites.count") or 0)
    except KeyError:
        return 0


def live(scenario: Scenario, out: Path, lives: int, *, workers: int, maps: Path | None = None) -> Study:
    """Lives what is missing."""
    with Choice(workers=workers).opened() as engine:
        return live_plan(Plan(scenario, _design(scenario, lives), record="verdict"), out=out, engine=engine, resume=True, cache=maps, told=_Shown(scenario.name, folder_of(scenario, out)))


def folder_of(scenario: Scenario, out: Path) -> Path:
    """Where the lives of a scenario stand; another folder as soon as one of its values has changed."""
    return out / f"{scenario.name}-{Plan(scenario, _design(scenario, 1), record='verdict').digest[:8]}"


def _design(scenario: Scenario, lives: int) -> Design:
    return draws(lives) if scenario.unknowns else replicates(lives)


class _Shown:
    """A line for every tenth of the lives; and with the first of them a note of the commit."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name, self._folder = name, folder

    def __call__(self, tally: Tally) -> None:
        """Takes note of how far the lives are."""
        if tally.ended == 1:
            _note_commit(self._folder)
        if tally.ended and tally.ended % max(tally.of // 10, 1) == 0:
            print(f"{self._name}: {tally.ended} of {tally.of} lives" + (f", {tally.failed} failed" if tally.failed else "") + (f", {tally.left_s:.0f} s left" if tally.left_s else ""), flush=True)


@cache
def commit_now() -> str:
    """The commit of this checkout when it was first asked for, with "+" where files were changed since; "unknown" outside of one."""
    asked = [["git", "rev-parse", "--short", "HEAD"], ["git", "status", "--porcelain", "--untracked-files=no", "--", "twin", "scenarios", "geodata"]]
    said = [subprocess.run(each, cwd=ROOT, capture_output=True, text=True, check=False) for each in asked]
    return "unknown" if said[0].returncode else said[0].stdout.strip() + ("+" if said[1].stdout.strip() else "")


def _note_commit(study: Path) -> None:
    path, now = study / COMMITS, commit_now()
    there = path.read_text(encoding="utf-8").split() if path.exists() else []
    if now not in there:
        write_text(path, "\n".join([*there, now]) + "\n")


def commits_of(study: Path) -> str:
    """The commits that lived a study, as "5dfddcc" or "5dfddcc, 81a0c22"."""
    path = study / COMMITS
    return ", ".join(path.read_text(encoding="utf-8").split()) if path.exists() else "unknown"


# -- the table -------------------------------------------------------------------------------------------------------------
def read_rows(table: Path) -> dict[str, Row]:
    """Scenario -> its row; empty where there is no table."""
    if not table.exists():
        return {}
    with table.open(newline="", encoding="utf-8") as file:
        return {given["scenario"]: Row(**{field.name: _read(given.get(field.name) or "", str(field.type)) for field in fields(Row)}) for given in csv.DictReader(file)}  # type: ignore[arg-type]


def _read(text: str, kind: str) -> object:
    match kind:
        case "int":
            return int(text)
        case "bool":
            return text == "True"
        case "float | None":
            return float(text) if text else None
        case _:
            return text


def put_row(row: Row, table: Path, page: Path) -> None:
    """Writes one scenario's row in place of its old one, and the page of the whole table."""
    rows = read_rows(table) | {row.scenario: row}
    ordered = [rows[name] for name in sorted(rows)]
    table.parent.mkdir(parents=True, exist_ok=True)
    page.parent.mkdir(parents=True, exist_ok=True)

    def write(beside: Path) -> None:
        with beside.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
            writer.writeheader()
            writer.writerows(asdict(each) for each in ordered)

    replace_whole(table, write)
    replace_whole(page, lambda beside: write_text(beside, markdown(ordered)))


def markdown(rows: Sequence[Row]) -> str:
    """The table for the docs, with what its columns are."""
    lines = [HEAD, "| scenario | lives | what became of them | survive | agree | decides | commit, date |", "|---|---:|---|---|---:|---|---|"]
    lines += [f"| `{row.scenario}` | {_lives(row)} | {_classes(row)} | {_survive(row)} | {'' if row.agreement is None else percent(row.agreement) + ' %'} | {_decides(row)} | {row.commit}, {row.date} |" for row in rows]
    lines += _notes(rows)
    return "\n".join(lines) + "\n"


def _lives(row: Row) -> str:
    return f"{row.lives} of {row.planned}" if row.lives < row.planned else str(row.lives)


def _classes(row: Row) -> str:
    counts = {each.value: getattr(row, each.value) for each in Outcome} | {"failed": row.failed}
    return ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in sorted(counts.items(), key=lambda pair: -pair[1]) if n)


def _survive(row: Row) -> str:
    if row.odds_low is None or row.odds_high is None:
        return f"{row.survivors} of {row.lives}; no odds"
    return percent_range(row.odds_low, row.odds_high) + (", only where the price is high" if row.only_at_high_price else "")


def _decides(row: Row) -> str:
    if row.index is None or row.index_low is None or row.index_high is None:
        return row.no_index.rstrip(".")
    size = f"{percent(max(row.index, 0.0))} % of the variance ({percent_range(row.index_low, row.index_high)})"
    size += f" of ending {row.index_of.replace('_', ' ')}" if row.index_of not in ("", "survival") else ""
    return f"{name_of(row.index_path)}: {size}" if row.told_apart else f"none told apart from zero (largest: {name_of(row.index_path)}, {size})"


def _notes(rows: Sequence[Row]) -> list[str]:
    said = []
    if fixed := [f"`{row.scenario}`" for row in rows if not row.draws]:
        said.append(f"Parameters fixed, luck alone: {', '.join(fixed)}. Their intervals say nothing of what is not known.")
    if fewer := [f"`{row.scenario}` ({row.seconds_a_life:.0f} s)" for row in rows if row.seconds_a_life is not None and row.planned < LIVES]:
        said.append(f"Fewer than {LIVES} lives (in brackets: processor time of the middle one): {', '.join(fewer)}.")
    return ["", *said] if said else []


def _studies_in(folder: Path) -> list[Study]:
    """The studies of a folder; of several of one scenario (it has changed between them) the one that was begun last."""
    found = {}
    for manifest in sorted(folder.glob("*/study.json"), key=lambda path: path.stat().st_mtime):
        study = Study(manifest.parent)
        found[study.manifest.name] = study
    return list(found.values())


def _put(study: Study, planned: int, table: Path, page: Path) -> None:
    row = row_of(study.manifest.name, study, planned=planned, commit=commits_of(study.path), when=datetime.now(UTC).date())
    put_row(row, table, page)
    print(f"{row.scenario}: {_classes(row)}; {_survive(row)}; {_decides(row)}", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Lives scenario after scenario, and writes each one's row."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.odds_table", description=__doc__.splitlines()[0])
    parser.add_argument("studies", type=Path, nargs="?", help="folder of the studies, one a scenario; made if it is not there")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these scenarios, names or files; all bundled ones where none is given")
    parser.add_argument("--lives", type=int, default=LIVES)
    parser.add_argument("--lives-of-large", type=int, default=LIVES_OF_LARGE, help=f"lives of a scenario of {LARGE_SITES:,} sites and more")
    parser.add_argument("--workers", "-j", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rows-of", type=Path, nargs="+", default=[], metavar="TABLE", help="take over the rows of these tables, of --only alone where it is given; then nothing is lived")
    parser.add_argument("--no-lives", action="store_true", help="live nothing: rows of what the folder holds")
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args(arguments)
    if min(asked.lives, asked.lives_of_large, asked.workers) < 1:
        parser.error("lives and workers are whole numbers from 1 on")
    for other in asked.rows_of:
        if not other.exists():
            parser.error(f"{other}: there is no such table")
        for row in read_rows(other).values():
            if not asked.only or row.scenario in asked.only:
                put_row(row, asked.table, asked.page)
    if asked.rows_of:
        return
    if asked.studies is None:
        parser.error("give the folder of the studies")
    commit_now()  # of the code that is loaded now, whatever becomes of the checkout meanwhile
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    if asked.no_lives:
        for study in _studies_in(asked.studies):
            if not asked.only or study.manifest.name in asked.only:
                _put(study, study.manifest.points, asked.table, asked.page)
        return
    failed = []
    for name in asked.only or bundled_names():
        try:
            scenario = load(name)
            lives = min(asked.lives, asked.lives_of_large) if n_sites(scenario) >= LARGE_SITES else asked.lives
            study = live(scenario, asked.studies, lives, workers=asked.workers)
        except TwinError as error:
            failed.append(name)
            print(f"{name}: {error}", flush=True)
            continue
        _put(study, max(lives, study.manifest.points), asked.table, asked.page)
    if failed:
        raise SystemExit(f"no row of {', '.join(failed)}")


if __name__ == "__main__":
    main()
