"""The trial patches of `docs/trials` fit the house as it stands, and change as many files as their table says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRIALS = ROOT / "docs" / "trials"
PATCHES = sorted(path.name for path in TRIALS.glob("*.patch"))


def test_the_table_names_every_patch_and_no_other() -> None:
    assert sorted(re.findall(r"^\| `([\w-]+\.patch)`", (TRIALS / "README.md").read_text(encoding="utf-8"), re.MULTILINE)) == PATCHES


@pytest.mark.parametrize("name", PATCHES)
def test_a_trial_patch_applies(name: str) -> None:
    """A change of the lines that it touches renews it: apply what still fits, make the rest by hand, `git diff`."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    done = subprocess.run(["git", "apply", "--check", "-p1", str(TRIALS / name)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", PATCHES)
def test_a_trial_patch_touches_as_many_files_as_is_said(name: str) -> None:
    said = re.search(rf"^\| `{re.escape(name)}`.*?\| (\d+) \|", (TRIALS / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert said is not None
    assert len(re.findall(r"^diff --git ", (TRIALS / name).read_text(encoding="utf-8"), re.MULTILINE)) == int(said[1])
