"""How the house stands: `python -m benchmarks.house [CHECKOUT ...]` prints one column a checkout, this one if none is named.

    git worktree add ../before 1024558
    python -m benchmarks.house ../before .
    python -m benchmarks.house --list "lognormal"      every place of what is counted here, under the rows whose name holds the word

Reads text and syntax only; no measured code is imported. How each row is counted stands beside the functions of `house_measures`. In the old
layout the put-together part of a kind is all of `assembly/<kind>*`; in the new one it is `world.py` (and `<protocol>_world.py`), while books and
watchers moved into the kind's folder. So read the shares of the whole kind when two layouts stand side by side.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.house_measures import REPEATED, OfKind, circles, of_kinds, pairs, places, uncalled
from benchmarks.house_sources import House

FUNCTIONS_OF_KINDS = ("twin/kinds/", "twin/networks/", "twin/assembly/")


@dataclass(frozen=True)
class Row:
    """One line of the table: what, one cell a checkout, and what is aimed at."""

    what: str
    cells: tuple[str, ...]
    target: str = ""


def rows_of(houses: Sequence[House]) -> list[Row]:
    """The whole table."""
    kinds = [of_kinds(house) for house in houses]
    names = list(dict.fromkeys(name for each in kinds for name in each))
    rows = [Row("lines of twin/", tuple(f"{sum(module.n_lines for module in house.modules):,}" for house in houses))]
    rows.append(Row("files of twin/", tuple(f"{len(house.modules):,}" for house in houses)))

    def by_kind(title: str, cell: Callable[[OfKind], str], target: str = "") -> None:
        rows.append(Row(title, ("",) * len(houses), target))
        rows.extend(Row(f"  {name}", tuple(cell(each[name]) if name in each else "" for each in kinds)) for name in names)

    by_kind("files / lines of a kind", lambda one: f"{one.files} / {one.lines:,}")
    rows.append(Row("  all kinds", tuple(f"{sum(one.files for one in each.values())} / {sum(one.lines for one in each.values()):,}" for each in kinds)))
    by_kind("lines of its put-together part", lambda one: one.put_together_said, "at most 150 a world")
    by_kind("its code lines that stand in another kind", lambda one: f"{one.repeated_share:.1%}", "under 8 %")
    by_kind("those of its put-together part", lambda one: f"{one.repeated_share_put_together:.1%}", "under 8 %")
    found = [circles(house) for house in houses]
    rows.append(Row("circles of imports", tuple(f"{len(each)}" for each in found), "0"))
    rows.append(Row("  modules in them", tuple(f"{sum(map(len, each))}" for each in found)))
    rows.append(Row("  pairs that import each other", tuple(f"{len(pairs(house))}" for house in houses), "0"))
    rows.append(Row("places that define", ("",) * len(houses), "1 each"))
    for what in REPEATED:
        rows.append(Row(f"  {what}", tuple(f"{len(places(house, what))}" for house in houses), "1 a kind" if what == "switch_subsidy" else ""))
    unused = [uncalled(house) for house in houses]
    rows.append(Row("functions that only tests call", tuple(f"{sum(one.in_tests for one in each)}" for each in unused), "0"))
    rows.append(
        Row(
            "  of these in kinds",
            tuple(f"{sum(one.in_tests and one.place.startswith(FUNCTIONS_OF_KINDS) for one in each)}" for each in unused),
        )
    )
    rows.append(Row("functions that nothing calls", tuple(f"{sum(not one.in_tests for one in each)}" for each in unused), "0"))
    return rows


def listing(house: House, word: str) -> list[str]:
    """The places behind the rows whose name holds `word`."""
    said = []
    if word in "circles of imports":
        said += [f"circle: {' '.join(group)}" for group in circles(house)]
        said += [f"pair: {one} {other}" for one, other in pairs(house)]
    for what in REPEATED:
        if word in what:
            said += [f"{what}: {place}" for place in places(house, what)]
    if word in "functions that only tests call":
        said += [f"{'only tests call' if one.in_tests else 'nothing calls'} {one.name}: {one.place}" for one in uncalled(house)]
    return said


def table(houses: Sequence[House], names: Sequence[str]) -> str:
    """The rows as text, columns as wide as they need be."""
    rows = [Row("", tuple(names), "target"), *rows_of(houses)]
    first = max(len(row.what) for row in rows)
    widths = [max(len(row.cells[at]) for row in rows) for at in range(len(houses))]
    return "\n".join(
        "  ".join([row.what.ljust(first), *(cell.rjust(width) for cell, width in zip(row.cells, widths, strict=True)), row.target]).rstrip()
        for row in rows
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, or the places behind a row."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.house", description="How the house stands, by text and syntax.")
    parser.add_argument("checkouts", nargs="*", type=Path, help="folders that hold a package `twin`; this checkout if none is named")
    parser.add_argument("--list", metavar="WORD", help="every place behind the rows whose name holds this word")
    asked = parser.parse_args(arguments)
    roots = [path.resolve() for path in asked.checkouts] or [Path(__file__).resolve().parents[1]]
    houses = [House(root) for root in roots]
    for house in houses if asked.list else ():
        print("\n".join([f"{house.root.name}:", *(f"  {line}" for line in listing(house, asked.list))]))
    if not asked.list:
        print(table(houses, [root.name for root in roots]))


if __name__ == "__main__":
    main()
