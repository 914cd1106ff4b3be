"""A digital twin of decentralized physical infrastructure networks: does a network live once its token subsidy has faded?

    base = twin.load("helium-iot-goteborg")
    run = twin.run(base)
    run.verdict.sentence()
    study = twin.ensemble(base, lives=50, workers=2)
    study.odds().sentence()

Names are imported when they are first asked for, so that `import twin` costs nothing.
"""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twin.errors import InputError, Problem, RunError, TwinError
    from twin.odds.api import ensemble
    from twin.odds.study import Study
    from twin.outcomes import Outcome, Verdict
    from twin.record import RunFolder, open_run
    from twin.report import map_html, write_map, write_report
    from twin.run import Run, run
    from twin.scenario import Scenario, load

    __version__: str

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
"""Arrow's own pool keeps some ten megabytes ready in every process that lives, for a few small tables; it is asked once, before Arrow is first used."""

_LATE = {
    "InputError": "twin.errors",
    "Outcome": "twin.outcomes",
    "Problem": "twin.errors",
    "Run": "twin.run",
    "RunError": "twin.errors",
    "RunFolder": "twin.record",
    "Scenario": "twin.scenario",
    "Study": "twin.odds.study",
    "TwinError": "twin.errors",
    "Verdict": "twin.outcomes",
    "ensemble": "twin.odds.api",
    "load": "twin.scenario",
    "map_html": "twin.report",
    "open_run": "twin.record",
    "run": "twin.run",
    "write_map": "twin.report",
    "write_report": "twin.report",
}

__all__ = [
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
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = _version()
    elif name in _LATE:
        value = getattr(importlib.import_module(_LATE[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("depin-twin")
    except PackageNotFoundError:  # a checkout that was never installed
        import tomllib
        from pathlib import Path

        with (Path(__file__).parents[1] / "pyproject.toml").open("rb") as file:
            return str(tomllib.load(file)["project"]["version"])


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """Keeps `twin.run` the function: importing the module `twin.run` would otherwise put the module in its place."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name == "run" and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
