"""The lock files pin everything, for every platform, and name no place on the net."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}


def pins(lock: str) -> list[Requirement]:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def versions(lock: str, platform: dict[str, str], python: str = "3.11.7") -> dict[str, str]:
    """Name -> version as pip would read the lock on a platform."""
    where = platform | {"python_version": ".".join(python.split(".")[:2]), "python_full_version": python, "platform_python_implementation": "CPython"}
    return {
        canonicalize_name(pin.name): next(iter(pin.specifier)).version
        for pin in pins(lock)
        if pin.marker is None or pin.marker.evaluate(where)
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_is_one_exact_version(lock: str) -> None:
    loose = [str(pin) for pin in pins(lock) if len(pin.specifier) != 1 or next(iter(pin.specifier)).operator != "==" or pin.url]
    assert loose == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_address_and_no_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--hash|--index|--extra-index|--find-links|@ ", text)


@pytest.mark.parametrize("python", ["3.11.7", "3.12.1", "3.13.0"])
@pytest.mark.parametrize("platform", [LINUX, WINDOWS], ids=["linux", "windows"])
def test_each_platform_gets_one_version_of_each(platform: dict[str, str], python: str) -> None:
    for lock in LOCKS:
        where = platform | {"python_version": python.rpartition(".")[0], "python_full_version": python, "platform_python_implementation": "CPython"}
        names = [canonicalize_name(pin.name) for pin in pins(lock) if pin.marker is None or pin.marker.evaluate(where)]
        assert sorted({name for name in names if names.count(name) > 1}) == []


def test_what_only_windows_needs_stays_there() -> None:
    assert "colorama" in versions("requirements.lock", WINDOWS)
    assert "colorama" not in versions("requirements.lock", LINUX)


def test_the_development_lock_contains_the_other() -> None:
    for platform in (LINUX, WINDOWS):
        runtime, development = versions("requirements.lock", platform), versions("requirements-dev.lock", platform)
        assert {name: version for name, version in runtime.items() if development.get(name) != version} == {}
        assert set(development) > set(runtime)


@pytest.mark.parametrize(("lock", "extra"), [("requirements.lock", None), ("requirements-dev.lock", "dev")])
def test_the_pins_are_what_the_project_asks_for(lock: str, extra: str | None) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + (project["optional-dependencies"][extra] if extra else [])
    pinned = versions(lock, LINUX)
    wrong = []
    for requirement in map(Requirement, asked):
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version):
            wrong.append(f"{requirement}: {version}")
    assert wrong == []
