"""The manifest of a run folder: what was run, with what, how far it came. JSON, written first and last."""

from __future__ import annotations

import importlib.metadata
import json
import math
import platform
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any

import numpy as np

FORMAT = 2
"""Layout of the run folder; raised when an older reader could misread it. `older` says what earlier ones called things."""

FILE_NAME = "manifest.json"
PACKAGES = ("depin-twin", "simpy", "numpy", "scipy", "pandas", "pyarrow", "geopandas", "h3", "h3ronpy", "mesa", "networkx", "pydantic")


class Status(StrEnum):
    """How far a run came."""

    RUNNING = "running"
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


def versions() -> dict[str, str]:
    """Versions of Python, of this package and of what computes, those that are installed."""
    found = {"python": platform.python_version(), "platform": platform.platform(terse=True), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def describe_scenario(scenario: Any) -> dict[str, Any]:
    """The part of a manifest that a scenario fills: name, title, seed, hash, calendar, resolved values, provenance and sources.

    `scenario` is a `twin.scenario.Scenario`; anything with the same attributes will do.
    """
    spec = scenario.spec
    resolved = spec.model_dump(mode="json", by_alias=True) if hasattr(spec, "model_dump") else dict(spec)
    return {
        "name": scenario.name,
        "title": resolved.get("title") or scenario.name,
        "seed": scenario.seed,
        "scenario_hash": scenario.hash,
        "scenario_file": Path(scenario.path).name if getattr(scenario, "path", None) else None,
        "calendar": resolved.get("calendar"),
        "scenario": resolved,
        "provenance": {str(key): str(value) for key, value in (getattr(scenario, "provenance", None) or {}).items()},
        "sources": {str(key): str(value) for key, value in (getattr(scenario, "sources", None) or {}).items()},
    }


def to_json(value: Any) -> str:
    """Strict JSON text of a manifest: NumPy values, dates, paths and enums as plain ones, "not a number" as null."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=1, allow_nan=False)


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {key.isoformat() if isinstance(key, date) else str(key): _plain(item) for key, item in value.items()}
        case np.ndarray():
            return [_plain(item) for item in value.tolist()]
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
        case Enum():
            return _plain(value.value)
        case np.generic():
            return _plain(value.item())
        case float():
            return value if math.isfinite(value) else None
        case datetime() | date():
            return value.isoformat()
        case str() | int() | bool() | None:
            return value
        case _:
            return str(value)
