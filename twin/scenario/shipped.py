"""Where the scenarios that come with the package lie."""

from __future__ import annotations

import os
from pathlib import Path

ENVIRONMENT = "TWIN_SCENARIOS"
"""Environment variable that names another folder of scenarios."""

_PACKAGE = Path(__file__).resolve().parents[1]


def scenarios_dir() -> Path:
    """The folder of bundled scenarios: `$TWIN_SCENARIOS`, `scenarios/` of a checkout, or the copy inside an installed package."""
    chosen = os.environ.get(ENVIRONMENT)
    if chosen:
        return Path(chosen)
    installed = _PACKAGE / "_data" / "scenarios"
    return installed if installed.is_dir() else _PACKAGE.parent / "scenarios"


def bundled_names(*, with_parts: bool = False) -> tuple[str, ...]:
    """Names of the ready scenarios, sorted; with `with_parts` also of the networks and places they extend (`networks/helium-iot`)."""
    root = scenarios_dir()
    if not root.is_dir():
        return ()
    found = root.rglob("*.yaml") if with_parts else root.glob("*.yaml")
    return tuple(sorted(path.relative_to(root).with_suffix("").as_posix() for path in found))


def bundled_path(name: str) -> Path | None:
    """The file of a bundled scenario or part; None if there is none or the name leaves the folder."""
    root = scenarios_dir().resolve()
    path = inside(root, name)
    return path if path is not None and path.is_file() else None


def inside(folder: Path, name: str) -> Path | None:
    """The YAML file `name` below `folder`, resolved; None for a name that leads out of the folder, by dots, links or a root."""
    if not name or "\\" in name or "\0" in name or ":" in name or name.startswith(("/", "~")):
        return None
    root = folder.resolve()
    path = root / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    resolved = path.resolve()
    return resolved if resolved.is_relative_to(root) else None
