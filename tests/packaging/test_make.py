"""`make` says clearly what it lacks, and touches nothing when it cannot go on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None or os.name == "nt", reason="make and a POSIX shell are needed to test the Makefile")


def make(folder: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, folder)
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON", "VENV")}
    if path is not None:
        environment["PATH"] = path
    return subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def old_python(folder: Path, name: str) -> Path:
    """A program that answers like an interpreter of another age."""
    program = folder / name
    program.write_text('#!/bin/sh\nif [ "$1" = --version ]; then echo "Python 3.8.18"; exit 0; fi\nexit 1\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def test_an_old_python_by_name_is_refused(tmp_path: Path) -> None:
    done = make(tmp_path, "demo", f"PYTHON={old_python(tmp_path, 'old-python')}")
    assert done.returncode != 0
    assert "Python 3.8.18" in done.stderr and "3.11 or newer" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_no_new_python_at_all_is_said_with_the_remedy(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("python", "python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        old_python(tools, name)
    for name in ("make", "sh", "echo", "test", "touch"):
        (tools / name).symlink_to(str(shutil.which(name)))
    done = make(tmp_path, "demo", path=str(tools))
    assert done.returncode != 0
    assert "needs Python 3.11" in done.stderr and "make PYTHON=" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_targets_do_what_the_documents_say(tmp_path: Path) -> None:
    demo = make(tmp_path, "--dry-run", "demo").stdout
    assert "-m venv" in demo and "-r requirements.lock" in demo and "twin run helium-iot-goteborg" in demo
    test = make(tmp_path, "--dry-run", "test").stdout
    assert "-r requirements-dev.lock" in test and 'pytest -n 2 -m "not slow"' in test
    assert '-m "not slow"' not in make(tmp_path, "--dry-run", "test-long").stdout


def test_ci_runs_the_same_suite() -> None:
    script = ROOT / ".ci" / "run"
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "make test"
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
