"""What a package offers is what its `__all__` says, and every module can be imported alone."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest
from imports import PACKAGE, ROOT, python_files

PACKAGES = sorted(".".join(path.parent.relative_to(ROOT).parts) for path in PACKAGE.rglob("__init__.py"))


@pytest.mark.parametrize("name", PACKAGES)
def test_public_names_exist_and_say_what_they_are(name: str) -> None:
    module = importlib.import_module(name)
    names = list(getattr(module, "__all__", ()))
    assert len(names) == len(set(names))
    silent = []
    for public in names:
        thing = getattr(module, public)
        if (inspect.isclass(thing) or inspect.isfunction(thing)) and not inspect.getdoc(thing):
            silent.append(public)
    assert silent == []


def test_every_module_imports() -> None:
    for path in python_files():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[-1] == "__main__":
            continue
        importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


@pytest.mark.parametrize(
    ("module", "stays_out"),
    [
        ("twin", ("mesa", "matplotlib", "geopandas", "osmium")),
        ("twin.kernel", ("pandas", "mesa", "pydantic", "geopandas")),
        ("twin.state", ("pandas", "simpy", "mesa", "pydantic")),
        ("twin.scenario", ("mesa", "geopandas", "matplotlib", "simpy")),
        ("twin.outcomes", ("simpy", "mesa", "geopandas", "matplotlib")),
    ],
)
def test_importing_is_light(module: str, stays_out: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print(*sorted(name for name in {stays_out!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
