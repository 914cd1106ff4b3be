"""The wheel, built from this checkout and installed into a clean environment, brings its scenarios, maps and licences."""

from __future__ import annotations

import email
import os
import site
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ("scenarios", "geodata")

pytestmark = pytest.mark.packaging


@dataclass(frozen=True)
class Installed:
    """A clean environment with nothing of ours but the wheel; libraries come from the environment that runs the tests."""

    python: Path
    elsewhere: Path

    def run(self, *arguments: str) -> str:
        """Standard output of its Python, called from a folder that knows nothing of the checkout."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("TWIN_", "PYTHON", "COV_"))}
        done = subprocess.run([str(self.python), *arguments], cwd=self.elsewhere, env=clean, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    home = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home / "env")], check=True)
    python = home / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    where = subprocess.run([str(python), "-c", "import site; print(site.getsitepackages()[0])"], capture_output=True, text=True, check=True)
    # Folders named in a .pth are searched, but .pth files inside them are not read: an editable install of the checkout stays out.
    (Path(where.stdout.strip()) / "libraries.pth").write_text("\n".join(site.getsitepackages()) + "\n", encoding="utf-8")
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    return Installed(python, elsewhere)


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def shipped_files() -> set[str]:
    """What git would commit of the bundled folders: all files that are not caches."""
    return {
        path.relative_to(ROOT).as_posix()
        for folder in BUNDLED
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_licence_names_code_streets_and_places(wheel: Path) -> None:
    about = metadata(wheel)
    assert about["License-Expression"] == "Apache-2.0 AND ODbL-1.0 AND CC-BY-4.0"
    assert set(about.get_all("License-File", [])) >= {"LICENSE", "NOTICE"}
    with zipfile.ZipFile(wheel) as archive:
        notice = next(name for name in archive.namelist() if name.endswith("licenses/NOTICE"))
        text = archive.read(notice).decode()
    for phrase in ("OpenStreetMap contributors", "GeoNames", "Natural Earth", "Apache License"):
        assert phrase in text


def test_the_wheel_brings_every_scenario_and_map(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    inside = {name.removeprefix("twin/_data/") for name in names if name.startswith("twin/_data/")}
    assert inside == shipped_files()
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "notebooks/"))]
    assert not [name for name in names if "__pycache__" in name]


def test_the_wheel_brings_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith("twin/") and not name.startswith("twin/_data/")}
    expected = {path.relative_to(ROOT).as_posix() for path in (ROOT / "twin").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert expected - inside == set()


def test_it_runs_from_the_clean_environment(installed: Installed) -> None:
    where = Path(installed.run("-c", "import twin; print(twin.__file__)"))
    assert installed.python.parents[1] in where.parents and ROOT not in where.parents


def test_bundled_scenarios_are_found(installed: Installed) -> None:
    code = "from twin.scenario.shipped import bundled_names, bundled_path; print(*(bundled_path(name) for name in bundled_names()), sep='\\n')"
    found = installed.run("-c", code).splitlines()
    assert {Path(path).name for path in found} == {path.name for path in (ROOT / "scenarios").glob("*.yaml")}
    assert all("_data" in Path(path).parts for path in found)


def test_bundled_maps_are_found_and_whole(installed: Installed) -> None:
    code = "from twin.geo import shipped; print(shipped.folder()); print(*(shipped.verified(path) for path in shipped.manifest()), sep='\\n')"
    folder, *files = installed.run("-c", code).splitlines()
    assert Path(folder).parts[-2:] == ("_data", "geodata")
    assert len(files) >= 15


def test_a_bundled_scenario_loads_there(installed: Installed) -> None:
    code = "import twin; scenario = twin.load('helium-iot-goteborg'); print(scenario.name)"
    assert installed.run("-c", code) == "helium-iot-goteborg"


def test_the_command_is_there(installed: Installed) -> None:
    command = installed.python.parent / ("twin.exe" if os.name == "nt" else "twin")
    assert command.is_file()
    done = subprocess.run([str(command), "list"], cwd=installed.elsewhere, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "helium-iot-goteborg" in done.stdout
