"""The measuring script of the house on a tiny made-up tree in both layouts: every row counted by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.house import main, rows_of
from benchmarks.house_measures import circles, of_kinds, pairs, places, uncalled
from benchmarks.house_sources import House

WORLD = '''"""A docstring that is the same in both kinds."""

from __future__ import annotations

from twin.shared import the_same_import


class World:
    """The same words again."""

    def run_hash(self) -> str:
        return the_same_import(self)  # a comment

    def morning(self) -> None:
        self.today.price_usd = self.market.advance(self.today, uniform=0.5)
'''

FILES = {
    "twin/__init__.py": "from twin.shared import open_door\n",
    "twin/shared.py": '''"""Shared."""

import math
from typing import Protocol


class Twin(Protocol):
    def run_hash(self) -> str: ...
    def evidence(self) -> None: ...


def the_same_import(twin: Twin) -> str:
    return str(twin)


def open_door() -> None:
    pass


def only_tests_ask(depth: int) -> int:
    return only_tests_ask(depth - 1)


def nobody_asks() -> float:
    return math.log(2)


def named_in_a_text() -> None:
    pass


def sigma(spread: object) -> float:
    return math.log(spread.p90 / spread.median)


class Library(dict):
    def called_by_the_library(self) -> None:
        pass


ENTRY = ("twin.shared:named_in_a_text", sigma, Library)
''',
    "tests/test_it.py": "from twin.shared import only_tests_ask\n\n\ndef test_it():\n    assert only_tests_ask(1)\n",
}

NEW = {
    "twin/kinds/__init__.py": "",
    "twin/kinds/red/__init__.py": "",
    "twin/kinds/red/world.py": WORLD + "\n    def red(self):\n        return 'red alone, and nobody else'\n",
    "twin/kinds/red/watch.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from twin.kinds.red import paint\n",
    "twin/kinds/red/paint.py": "def paint():\n    from . import watch\n    return watch\n\n\nprint(paint)\n",
    "twin/kinds/blue/__init__.py": "",
    "twin/kinds/blue/world.py": WORLD + "\n\nRECORD = [row.name for row in clock.plan()]\nrecorder.monthly('ledger_monthly', today)\n",
}

OLD = {
    "twin/networks/__init__.py": "",
    "twin/networks/red/__init__.py": "",
    "twin/networks/red/physics.py": "PHYSICS = 'of the red kind'\n",
    "twin/networks/blue/__init__.py": "",
    "twin/assembly/__init__.py": "",
    "twin/assembly/red.py": WORLD,
    "twin/assembly/red_books.py": "BOOKS_OF_RED = 1\n",
    "twin/assembly/blue.py": WORLD,
    "twin/assembly/daily_row.py": "SHARED_ROOM = 1\n",
}


def house_of(root: Path, files: dict[str, str]) -> House:
    for name, text in (FILES | files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return House(root)


@pytest.fixture
def new(tmp_path: Path) -> House:
    return house_of(tmp_path / "new", NEW)


@pytest.fixture
def old(tmp_path: Path) -> House:
    return house_of(tmp_path / "old", OLD)


def test_what_a_kind_costs_in_the_new_layout(new: House) -> None:
    kinds = of_kinds(new)
    assert (kinds["red"].files, kinds["red"].put_together) == (4, 18)
    assert kinds["red"].lines == 18 + 4 + 6
    # red: run_hash, return the_same_import, morning, price and `class World:` (exactly 12 characters); its own: def red, return 'red, TYPE_CHECKING, def paint, return watch, print
    assert new.by_name["twin.kinds.red.world"].code_lines == (
        "class World:", "def run_hash(self) -> str:", "return the_same_import(self)", "def morning(self) -> None:",
        "self.today.price_usd = self.market.advance(self.today, uniform=0.5)", "def red(self):", "return 'red alone, and nobody else'",
    )  # fmt: skip
    assert kinds["red"].repeated_share_put_together == pytest.approx(5 / 7)
    assert kinds["red"].repeated_share == pytest.approx(5 / 11)
    assert kinds["blue"].repeated_share == pytest.approx(5 / 7)


def test_what_a_kind_costs_in_the_old_layout(old: House) -> None:
    kinds = of_kinds(old)
    assert set(kinds) == {"red", "blue"}
    assert (kinds["red"].files, kinds["red"].put_together) == (4, 16)
    assert kinds["red"].repeated_share == pytest.approx(5 / 7)
    assert old.kind_of(old.by_name["twin.assembly.daily_row"]) is None


def test_circles_count_what_stands_in_functions_and_under_type_checking(new: House) -> None:
    assert circles(new) == [("twin.kinds.red.paint", "twin.kinds.red.watch")]
    assert pairs(new) == [("twin.kinds.red.paint", "twin.kinds.red.watch")]


def test_a_circle_of_three_is_no_pair(tmp_path: Path) -> None:
    ring = {f"twin/ring_{one}.py": f"from twin import ring_{other}\n" for one, other in ("ab", "bc", "ca")}
    house = house_of(tmp_path, NEW | ring)
    assert circles(house)[0] == ("twin.ring_a", "twin.ring_b", "twin.ring_c") and len(pairs(house)) == 1


@pytest.mark.parametrize(
    ("what", "n"),
    [("run_hash", 2), ("the morning's price", 2), ("the plan's row", 1), ("the ledger's month", 1), ("evidence", 0), ("a lognormal from p90", 1), ("end_subsidies", 0)],
)  # fmt: skip
def test_places_are_found_by_their_pattern(new: House, what: str, n: int) -> None:
    assert len(places(new, what)) == n


def test_functions_that_nothing_in_the_package_calls(new: House) -> None:
    found = {one.name: one.in_tests for one in uncalled(new)}
    assert found == {"only_tests_ask": True, "nobody_asks": False, "morning": False, "red": False, "run_hash": False}


def test_public_methods_of_what_the_package_hands_out_are_called_from_outside(tmp_path: Path) -> None:
    study = "class Study:\n    def sql(self):\n        pass\n\n    def _hidden(self):\n        pass\n\n\nclass Other:\n    def asked(self):\n        pass\n"
    house = house_of(tmp_path, NEW | {"twin/__init__.py": "__all__ = ['Study', 'open_door']\n", "twin/study.py": study})
    found = {one.name for one in uncalled(house)}
    assert {"_hidden", "asked"} <= found and not {"sql", "open_door"} & found


def test_a_kind_of_several_worlds_says_how_many_and_the_longest(tmp_path: Path) -> None:
    long, short = "LINE = 1\n" * 40, "LINE = 1\n" * 25
    house = house_of(tmp_path, NEW | {"twin/kinds/blue/sky_world.py": long, "twin/kinds/blue/sea_world.py": short, "twin/kinds/blue/world.py": "WHICH = 1\n" * 10})
    assert of_kinds(house)["blue"].put_together_said == "75 in 2, the longest 40"
    assert of_kinds(house)["red"].put_together_said == "18"


def test_the_table_puts_checkouts_side_by_side(old: House, new: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert all(len(row.cells) == 2 for row in rows_of([old, new]))
    main([str(old.root), str(new.root)])
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == ["old", "new", "target"]
    assert any(line.split()[:3] == ["circles", "of", "imports"] and line.split()[3:] == ["0", "1", "0"] for line in said)
    main([str(new.root), "--list", "circles"])
    assert "pair: twin.kinds.red.paint twin.kinds.red.watch" in capsys.readouterr().out


def test_a_folder_without_the_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no package"):
        House(tmp_path)
