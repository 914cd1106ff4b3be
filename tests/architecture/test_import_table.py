"""The picture in docs/architecture.md, held as data: who may import whom, and who wraps which library."""

from __future__ import annotations

import re
import sys
import tomllib

import pytest
from imports import ALL_IMPORTS, PACKAGE, ROOT, part_of, part_of_file

ALONE = {"arrays", "errors", "units"}
WORDS = {"arrays", "errors", "units", "registry", "scenario"}
DYNAMICS = WORDS | {"state", "kernel", "geo"}

MAY_IMPORT: dict[str, set[str]] = {
    "arrays": set(),
    "errors": set(),
    "units": set(),
    "nouns": set(),
    "registry": {"errors", "nouns", "scenario", "kinds"},   # only to find the bundled kinds by name
    "kernel": ALONE,
    "state": ALONE,
    "scenario": ALONE | {"kernel", "state", "registry"},
    "geo": WORDS,
    "economy": DYNAMICS,
    "actors": DYNAMICS,
    "integrity": DYNAMICS,
    "record": {"errors", "units", "nouns", "scenario", "state"},
    "outcomes": {"errors", "units", "nouns", "record", "scenario"},
    "report": {"errors", "units", "nouns", "record", "outcomes", "scenario", "geo"},
}
"""What a part may import besides itself. The command line, `world`, `kinds` (which put each network together), `response`, `odds` and `history` (which live whole lives) and the modules beside the packages (run, build and their like) may import everything."""

KNOWS_EVERYONE = {"cli", "world", "kinds", "response", "odds", "history"}

ANALYSIS = {"arrays", "nouns", "units", "outcomes", "scenario"}
"""What `odds.analysis` may import besides itself: it is handed tables, and knows neither files nor processes."""
TOUCHES_THE_MACHINE = {"os", "pathlib", "shutil", "subprocess", "multiprocessing", "concurrent", "threading", "socket", "signal", "tempfile", "pyarrow", "duckdb", "dask", "distributed"}

ONE_IMPORTER: dict[str, set[str]] = {
    "simpy": {"kernel"},
    "geopandas": {"geo"},
    "h3": {"geo"},
    "h3ronpy": {"geo"},
    "osmium": {"geo"},
    "mesa": {"actors"},
    "typer": {"cli"},
    "networkx": {"geo", "kinds", "integrity"},
    "yaml": {"scenario", "cli", "response"},
    "jinja2": {"report"},
    "matplotlib": {"report"},
    "rich": {"cli"},
    "distributed": {"odds"},
    "dask_jobqueue": {"odds"},
    "duckdb": {"odds"},
}
"""A library that we wrap enters through one door."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("geopandas", "twin/record/reader.py"): "RunFolder.map hands out a GeoDataFrame; loaded only when asked",
    ("mesa", "twin/integrity/farms.py"): "a cheating ring is a party that chooses; it lives beside the checks it evades",
    ("mesa", "twin/integrity/campaigns.py"): "so is every campaign of cheats",
}
"""(library, file) that may break the rule above, and why."""

DISTRIBUTION = {"yaml": "pyyaml"}
"""Where a module and the package that brings it have different names."""


@pytest.mark.parametrize("part", sorted(MAY_IMPORT))
def test_a_part_imports_only_what_the_picture_allows(part: str) -> None:
    allowed = MAY_IMPORT[part] | {part}
    wrong = [
        str(found)
        for found in ALL_IMPORTS
        if part_of_file(found.file) == part and found.top == "twin" and part_of(found.module) not in allowed
    ]
    assert wrong == []


def test_what_lives_does_not_know_what_was_observed() -> None:
    lives = KNOWS_EVERYONE - {"cli", "history"}
    assert [str(found) for found in ALL_IMPORTS if found.module.startswith("twin.history") and part_of_file(found.file) in lives] == []


def test_analysis_is_handed_tables() -> None:
    inside = [found for found in ALL_IMPORTS if PACKAGE / "odds" / "analysis" in found.file.parents]
    assert inside
    wrong = [
        str(found)
        for found in inside
        if found.top in TOUCHES_THE_MACHINE
        or (found.top == "twin" and part_of(found.module) not in ANALYSIS and not found.module.startswith(("twin.odds.analysis", "twin.odds.designs")))
    ]
    assert wrong == []


def test_every_part_stands_in_the_picture() -> None:
    packages = {path.parent.relative_to(PACKAGE).parts[0] for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE}
    assert packages - set(MAY_IMPORT) - KNOWS_EVERYONE == set()
    assert {part for part in MAY_IMPORT if not (PACKAGE / part).is_dir() and not (PACKAGE / f"{part}.py").is_file()} == set()


@pytest.mark.parametrize("library", sorted(ONE_IMPORTER))
def test_a_wrapped_library_has_one_importer(library: str) -> None:
    through = [found for found in ALL_IMPORTS if found.top == library and not found.for_types]
    wrong = [
        str(found)
        for found in through
        if part_of_file(found.file) not in ONE_IMPORTER[library] and (library, found.file.relative_to(ROOT).as_posix()) not in EXCEPTIONS
    ]
    assert wrong == []


def test_every_exception_is_still_needed() -> None:
    used = {(found.top, found.file.relative_to(ROOT).as_posix()) for found in ALL_IMPORTS}
    assert set(EXCEPTIONS) - used == set()


def test_kinds_of_network_do_not_know_each_other() -> None:
    networks = PACKAGE / "kinds"
    kinds = {path.stem if path.is_file() else path.name for path in networks.iterdir() if not path.name.startswith("_")}
    wrong = []
    for found in ALL_IMPORTS:
        if networks not in found.file.parents or not found.module.startswith("twin.kinds."):
            continue
        own = found.file.relative_to(networks).parts[0].removesuffix(".py")
        other = found.module.split(".")[2]
        if other in kinds and other != own:
            wrong.append(str(found))
    assert wrong == []


def test_every_library_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = project["dependencies"] + [line for extra in project["optional-dependencies"].values() for line in extra]
    names = {re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower().replace("-", "_") for requirement in requirements}
    # Built into pydantic, and released with it.
    names.add("pydantic_core")
    wrong = [
        str(found)
        for found in ALL_IMPORTS
        if found.top not in sys.stdlib_module_names and found.top != "twin" and DISTRIBUTION.get(found.top, found.top).lower() not in names
    ]
    assert wrong == []


def test_nothing_calls_the_global_random_stream() -> None:
    wrong = [str(found) for found in ALL_IMPORTS if found.top == "random" or found.module == "numpy.random.mtrand"]
    assert wrong == []
