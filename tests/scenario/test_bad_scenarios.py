"""Every file in tests/bad_scenarios has beside it what the user reads: all problems, with line, expectation and fix.

Where the message lists the kinds of network that are installed, the expected text says KINDS.
`UPDATE_EXPECTED=1 pytest tests/scenario/test_bad_scenarios.py` writes the expected texts anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from twin.cli.scenario_commands import closing_line, register
from twin.errors import InputError
from twin.registry import network_kinds
from twin.scenario import load

FOLDER = Path(__file__).parents[1] / "bad_scenarios"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))


@pytest.fixture(autouse=True)
def toy() -> None:
    """No toy network here: the user has none."""


def read_by_user(name: str) -> str:
    with pytest.raises(InputError) as caught:
        load(name)
    return "\n".join([*(problem.render() for problem in caught.value.problems), closing_line(len(caught.value.problems))]) + "\n"


@pytest.mark.parametrize("name", FILES)
def test_each_bad_scenario_says_what_is_wrong(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    said = read_by_user(name).replace(", ".join(network_kinds()), "KINDS")
    expected = FOLDER / name.replace(".yaml", ".expected")
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


def test_no_expectation_is_left_over() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.expected")) == [name.removesuffix(".yaml") for name in FILES]


def test_check_prints_them_and_exits_with_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    app = Typer()
    register(app)
    result = CliRunner().invoke(app, ["check", "misspelt_key.yaml"])
    assert result.exit_code == 2
    assert result.stderr == (FOLDER / "misspelt_key.expected").read_text(encoding="utf-8")
    assert result.stdout == ""
