"""The same world, the same bytes: a number that moves without being meant to is found here, by table and column.

`pytest tests/goldens --update-baselines` writes the committed hashes anew and prints what moved; each moved number then stands in CHANGELOG.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from golden import BASELINES, lived, made_elsewhere, moved, read, write, write_machine
from worlds import WORLDS


@pytest.mark.parametrize("name", WORLDS)
def test_bytes_are_those_that_were_committed(name: str, tmp_path: Path, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]) -> None:
    update = pytestconfig.getoption("--update-baselines")
    if not update and (why := made_elsewhere()):
        pytest.skip(why)
    found, before = lived(WORLDS[name].scenario(), tmp_path), read(name)
    if update:
        write(name, found)
        write_machine()
        with capsys.disabled():
            print(f"\n{name}: " + ("new" if before is None else "; ".join(moved(before, found)) or "nothing moved"))
        return
    assert before is not None, f"no baseline of {name}: pytest tests/goldens --update-baselines"
    assert moved(before, found) == []


def test_every_baseline_has_its_world() -> None:
    assert sorted(path.stem for path in BASELINES.glob("*.json")) == sorted(WORLDS)
