"""`import twin`: the names that are promised, light to import, and `twin.run` a function whatever was imported before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import twin

ROOT = Path(__file__).resolve().parents[2]
PROMISED = {
    "InputError",
    "Outcome",
    "Problem",
    "Run",
    "RunError",
    "RunFolder",
    "Scenario",
    "Study",
    "TwinError",
    "Verdict",
    "__version__",
    "ensemble",
    "load",
    "map_html",
    "open_run",
    "run",
    "write_map",
    "write_report",
}


def in_a_new_process(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_the_promised_names_are_there() -> None:
    assert set(twin.__all__) == PROMISED
    assert all(getattr(twin, name) is not None for name in PROMISED)
    assert set(dir(twin)) >= PROMISED
    with pytest.raises(AttributeError, match="runn"):
        twin.runn  # noqa: B018


def test_import_loads_nothing_that_computes() -> None:
    assert in_a_new_process("import twin, sys; print('numpy' in sys.modules)") == "False"


@pytest.mark.parametrize("before", ["import twin.run", "from twin.run import Run", "from twin import run"])
def test_run_is_the_function_in_any_order(before: str) -> None:
    code = f"{before}\nimport twin\nfrom twin.run import run\nassert twin.run is run and callable(run)\nprint(twin.run.__module__)"
    assert in_a_new_process(code) == "twin.run"


def test_problems_are_data(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("schema: 1\ntitle: Wrong\nextends: helium-iot-goteborg\nplace: {margin_m: 1}\n", encoding="utf-8")
    with pytest.raises(twin.InputError) as caught:
        twin.load(wrong)
    (problem,) = caught.value.problems
    assert problem.path == "place.margin_m" and problem.line == 4
    assert isinstance(caught.value, twin.TwinError)
