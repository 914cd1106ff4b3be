"""Strict YAML to a typed, frozen scenario. Names of value types come at once; the loader is imported when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twin.scenario.model import Dated, SeriesRef, SpecModel, Spread, value_on

if TYPE_CHECKING:
    from twin.scenario.holder import Origin, Scenario
    from twin.scenario.loading import load
    from twin.scenario.writing import dump

_LATE = {
    "load": "twin.scenario.loading",
    "Scenario": "twin.scenario.holder",
    "Origin": "twin.scenario.holder",
    "dump": "twin.scenario.writing",
}
# Late, because spec classes import this package for their value types, and the loader imports the registry of spec classes.

__all__ = ["Dated", "Origin", "Scenario", "SeriesRef", "SpecModel", "Spread", "dump", "load", "value_on"]


def __getattr__(name: str) -> Any:
    if name in _LATE:
        import importlib

        return getattr(importlib.import_module(_LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
