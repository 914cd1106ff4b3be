"""Options of the whole suite, bundled scenarios lived once for all who ask, and the one line about comparisons with bulk data."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from bulk import BULK
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from twin.run import Run

LEFT_OUT = pytest.StashKey[int]()

settings.register_profile("suite", suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of an input
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-baselines", action="store_true", help="write the hashes of tests/goldens anew and print what moved")


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """A bundled scenario by its name: the run as anybody gets it, its report drawn, lived once for all tests that ask. For slow tests, which only read."""
    from twin.run import run  # who tests a single function need not wait for this
    from twin.scenario import load

    out = tmp_path_factory.mktemp("bundled")
    return cache(lambda name: run(load(name), out=out))


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = 0


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without bulk data its comparisons are left out: after `-m` and `-k` have chosen, so that only what was asked for is counted."""
    if BULK.is_dir():
        return
    kept, left_out = [], []
    for item in items:
        (left_out if item.get_closest_marker("bulk") else kept).append(item)
    if left_out:
        config.stash[LEFT_OUT] = len(left_out)
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist tells the process that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["bulk_left_out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every worker of pytest-xdist collects all tests, so each says the same number."""
    node.config.stash[LEFT_OUT] = max(node.config.stash[LEFT_OUT], getattr(node, "workeroutput", {}).get("bulk_left_out", 0))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if n := config.stash[LEFT_OUT]:
        terminalreporter.write_line(f"{n} comparison{'s' if n > 1 else ''} with bulk data left out: no ../shared/data here")
