"""Files are short, named for what they do, and say nothing of the machine they were written on."""

from __future__ import annotations

import re
import subprocess

import pytest
from imports import PACKAGE, ROOT, python_files

LONGEST = 500
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
A_WORKPLACE = re.compile(r"(?<![\w.])/(?:work|home|Users|root)/[a-z]|(?<![\w.])/tmp/[a-z]")


@pytest.mark.parametrize("folder", ["twin", "tests", "benchmarks", "geodata"])
def test_no_file_is_longer_than_one_idea(folder: str) -> None:
    too_long = {
        str(path.relative_to(ROOT)): length
        for path in python_files(ROOT / folder)
        if (length := len(path.read_text(encoding="utf-8", errors="replace").splitlines())) > LONGEST
    }
    assert too_long == {}


def test_files_are_named_for_what_they_do() -> None:
    assert [str(path.relative_to(ROOT)) for path in python_files() if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_every_module_says_what_it_is() -> None:
    texts = {path: path.read_text(encoding="utf-8", errors="replace").strip() for path in python_files()}
    assert [str(path.relative_to(ROOT)) for path, text in texts.items() if text and not text.startswith(('"""', 'r"""'))] == []


def test_every_package_has_an_init() -> None:
    folders = {path.parent for path in python_files()}
    assert sorted(str(folder.relative_to(ROOT)) for folder in folders if folder != PACKAGE and not (folder / "__init__.py").is_file()) == []


def test_test_files_have_names_of_their_own() -> None:
    """pytest puts test folders on the path, so two files of one name would hide each other."""
    names = [path.name for path in python_files(ROOT / "tests") if path.name not in ("__init__.py", "conftest.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_no_test_measures_time() -> None:
    """How fast a machine is says nothing about the code; `benchmarks/` compares times within one run. A deadline (`monotonic`) is no measurement."""
    clocks = re.compile("process_" + r"time\(|perf_" + r"counter\(")
    assert [str(path.relative_to(ROOT)) for path in python_files(ROOT / "tests") if clocks.search(path.read_text(encoding="utf-8"))] == []


def test_no_path_of_a_workplace_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    wrong = []
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not name.endswith((".py", ".toml", ".yaml", ".yml", ".md", ".cfg", ".json", ".lock", "Makefile")) or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if A_WORKPLACE.search(line) and "A_WORKPLACE" not in line:
                wrong.append(f"{name}:{number}: {line.strip()[:100]}")
    assert wrong == []
