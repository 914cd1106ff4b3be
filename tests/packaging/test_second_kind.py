"""A kind of network that another package brings: installed beside ours, found by its entry point, run from a scenario to a verdict."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOY = ROOT / "tests" / "world"

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "twin-air"
version = "0.1"
[project.entry-points."depin_twin.networks"]
air = "twin_air"
[tool.hatch.build.targets.wheel]
packages = ["twin_air"]
"""
LIVE = """
import sys, twin
run = twin.run(twin.load(sys.argv[1]), out=sys.argv[2])
print(run.verdict.outcome.value, run.report.name, len(run.map("coverage_share")))
"""


@pytest.mark.packaging
def test_a_kind_comes_with_its_package(tmp_path: Path) -> None:
    package, beside = tmp_path / "source" / "twin_air", tmp_path / "installed"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text((TOY / "toy_kind.py").read_text(encoding="utf-8"), encoding="utf-8")
    (package.parent / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(beside), str(package.parent)]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    scenario = tmp_path / "air.yaml"
    scenario.write_text((TOY / "air.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    clean = {**os.environ, "PYTHONPATH": os.pathsep.join([str(beside), str(ROOT)])}
    lived = subprocess.run([sys.executable, "-c", LIVE, str(scenario), str(tmp_path / "runs")], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
    assert lived.returncode == 0, lived.stderr[-2000:]
    outcome, report, cells = lived.stdout.split()
    assert outcome != "not_judged" and report == "report.html" and int(cells) > 50
