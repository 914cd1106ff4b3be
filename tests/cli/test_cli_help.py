"""Help comes at once and is true; mistakes in the command itself exit with 2."""

from __future__ import annotations

import subprocess
import sys

import pytest
from command_line import ROOT, twin

from twin.cli.late import COMMANDS, imported


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_help_is_the_first_line_of_the_command(name: str) -> None:
    said = (imported(name).help or "").strip().splitlines()[0]
    assert said == COMMANDS[name].summary


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_can_show_tracebacks(name: str) -> None:
    done = twin(name, "--help")
    assert done.exit_code == 0
    assert "Usage: twin " + name in done.output
    leaves = getattr(imported(name), "commands", {name: imported(name)})
    assert all(any("--traceback" in parameter.opts for parameter in leaf.params) for leaf in leaves.values())


def test_help_lists_every_command_and_imports_none() -> None:
    done = twin("--help")
    assert done.exit_code == 0
    assert all(f" {name} " in done.output for name in COMMANDS)
    heavy = ("numpy", "pandas", "pydantic", "geopandas", "simpy", "mesa", "yaml")
    code = f"import sys; sys.argv = ['twin', '--help']\nfrom twin.cli import main\ntry: main()\nexcept SystemExit: pass\nprint([m for m in {heavy!r} if m in sys.modules])"
    last = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    assert last == "[]"


def test_version() -> None:
    import twin as package

    done = twin("--version")
    assert done.exit_code == 0
    assert done.output == f"depin-twin {package.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["runn"], "Did you mean 'run'?"),
        (["run"], "Missing argument"),
        (["run", "helium-iot-goteborg", "--sed", "3"], "No such option"),
        (["run", "helium-iot-goteborg", "--seed", "three"], "valid integer"),
        (["geo", "place", "Visby"], "No such command"),
    ],
)
def test_mistakes_in_the_command_exit_with_two(arguments: list[str], said: str) -> None:
    done = twin(*arguments)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output
