"""What every network shares is written once: who may build shared parts, who moves money, who acts on the clock, and that each number has one definition."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from imports import ALL_IMPORTS, PACKAGE, ROOT, python_files

KINDS = PACKAGE / "kinds"
MOST_LINES_OF_A_WORLD = 150
ROOMS = ("twin.actors", "twin.world")
BOOKS = ("twin.economy.books", "twin.economy.pots_and_rates", "twin.economy.shared_token_books", "twin.economy.node_by_node")
REGISTERS = {"every", "every_day", "every_month", "on", "process"}


def puts_together(file: Path) -> bool:
    """`world.py` and `trade.py` of a kind; where a kind has several protocols, `<protocol>_world.py` and `<protocol>_trade.py`."""
    return file.stem in ("world", "trade") or file.stem.endswith(("_world", "_trade"))


def files_of_kinds(*, worlds: bool | None = None) -> list[Path]:
    return [file for file in python_files(KINDS) if worlds is None or puts_together(file) == worlds]


def calls(file: Path) -> Iterator[tuple[int, ast.Call, str]]:
    """Every call of a method: line, node, and the receiver as text."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, node, ast.unparse(node.func.value)


def where(file: Path, line: int) -> str:
    return f"{file.relative_to(ROOT)}:{line}"


PHYSICS_MAY_TAKE: dict[str, str] = {
    "twin.actors.customers.sale": "the words in which a kind says what its customers physically buy",
    "twin.actors.customers.uptake": "formulas of growth, price and churn: how demand for it comes and goes",
    "twin.actors.law_of_demand": "the words in which law says what customers of a place pay on top, and who may serve them",
    "twin.economy.pots_and_rates": "Offer and the names of pools: what a kind's rewards say to the books",
    "twin.world.device_network": "what the physics of every kind of device has in common: weights, pay, where something happened",
    "twin.world.schedules": "the schedule of an emission that is nothing else",
}
"""Modules of the rooms from which physics, rewards and exploits may take a declaration, and why."""

BOOKS_OF_A_KIND = {"books", "rewards", "credit_rewards", "pool_rewards", "block_rewards", "pay", "keeping"}
"""Files of a kind that hold its settlement or its rewards: they may build on the books."""


def test_only_the_list_of_parts_takes_from_the_rooms() -> None:
    wrong = [
        str(found)
        for found in ALL_IMPORTS
        if KINDS in found.file.parents and not puts_together(found.file)
        and found.module.startswith((*ROOMS, *BOOKS)) and found.module not in PHYSICS_MAY_TAKE
        and not (found.module.startswith(BOOKS) and found.file.stem in BOOKS_OF_A_KIND)
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("file", [file for file in files_of_kinds() if file.stem == "world" or file.stem.endswith("_world")], ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_the_list_of_parts_is_short(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= MOST_LINES_OF_A_WORLD


def test_only_the_list_of_parts_acts_on_the_clock() -> None:
    wrong = [where(file, line) for file in files_of_kinds(worlds=False) for line, node, of in calls(file) if node.func.attr in REGISTERS and of.split(".")[-1] == "clock"]  # type: ignore[attr-defined]
    assert wrong == []


def test_nobody_but_the_books_posts_to_the_ledger() -> None:
    wrong = [where(file, line) for file in files_of_kinds() for line, node, of in calls(file) if node.func.attr in ("post", "post_many")]  # type: ignore[attr-defined]
    assert wrong == []


def test_the_price_of_the_morning_is_asked_in_one_place() -> None:
    asked = [where(file, line) for file in python_files() for line, node, of in calls(file) if node.func.attr == "advance" and of.split(".")[-1] == "market"]  # type: ignore[attr-defined]
    assert len(asked) == 1 and "world/chronicle.py" in asked[0], asked


def test_beta_has_one_definition() -> None:
    """min(1, revenue over emission) of the trailing settlements: whoever keeps a window of revenue defines it."""
    kept = [file for file in python_files() if re.search(r"sum\(\w*(self\.)?_?revenue\w*\) /", file.read_text(encoding="utf-8"))]
    assert [str(file.relative_to(PACKAGE)) for file in kept] == ["economy/backing.py"]


LENGTHS_OF_A_YEAR = {30.4, 30.42, 30.4375, 365, 365.25, 730.5, 8_760, 8_766, 525_600, 525_960, 31_536_000, 31_557_600}
COUNTS_OTHER_YEARS: dict[str, str] = {
    "twin/units.py": "the definition",
    "twin/outcomes/questions.py": "the scorecard's year is a window of whole days, as the judged year",
    "twin/scenario/sections/judgement.py": "windows of whole days that stand for a year",
    "twin/economy/emission.py": "an emission that shrinks by a share every 365 days, as its field says",
    "twin/kinds/energy/solar.py": "the day of the year in the formulas of FAO paper 56",
    "twin/kinds/storage/endowment.py": "Arweave's protocol counts years of 365 days (ar_pricing)",
    "twin/kinds/storage/filecoin_spec.py": "Filecoin's protocol counts 365 days (builtin-actors)",
}
"""Files that state a length of a year or a month in days, hours, minutes or seconds, and why; everybody else takes `twin.units`."""


def test_a_year_has_one_length() -> None:
    found = {
        str(file.relative_to(ROOT)): node.value
        for file in python_files(PACKAGE)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value in LENGTHS_OF_A_YEAR
    }
    assert found.keys() == COUNTS_OTHER_YEARS.keys()


def test_the_months_of_the_ledger_are_written_in_one_place() -> None:
    writers = {str(file.relative_to(PACKAGE)) for file in python_files() if '"ledger_monthly"' in file.read_text(encoding="utf-8") and file.parts[-2] not in ("record", "report", "sections", "outcomes")}
    assert writers == {"world/chronicle.py"}


def test_modules_do_not_import_each_other_in_circles() -> None:
    """TYPE_CHECKING counted: two modules that know each other are one."""
    edges: dict[str, set[str]] = {}
    names = {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in python_files()}
    for found in ALL_IMPORTS:
        own = ".".join(found.file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if found.module in names and found.module != own and not names[found.module].name.startswith("__init__"):
            edges.setdefault(own, set()).add(found.module)
    pairs = sorted({tuple(sorted((a, b))) for a, targets in edges.items() for b in targets if a in edges.get(b, set())})
    assert pairs == []
