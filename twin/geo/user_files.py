"""Whether a user's map file may be opened at all: where it lies, how large it is, what its first bytes say.

Nothing here or after it hands a user's path to GDAL: GeoJSON is read as JSON, GeoPackage as a database, Parquet by Arrow, so no
virtual format, archive or address can make us read another file.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
from enum import StrEnum
from pathlib import Path

from twin.errors import InputError, Problem


class Kind(StrEnum):
    """What a file turned out to be."""

    GEOJSON = "GeoJSON"
    GPKG = "GeoPackage"
    PARQUET = "GeoParquet"
    CSV = "CSV"
    OSM_XML = "OSM XML"
    OSM_BZ2 = "OSM XML, bzip2"
    OSM_GZ = "OSM XML, gzip"
    OSM_PBF = "OSM PBF"


SUFFIXES: dict[str, Kind] = {
    ".geojson": Kind.GEOJSON,
    ".json": Kind.GEOJSON,
    ".gpkg": Kind.GPKG,
    ".parquet": Kind.PARQUET,
    ".geoparquet": Kind.PARQUET,
    ".csv": Kind.CSV,
    ".osm": Kind.OSM_XML,
    ".osm.bz2": Kind.OSM_BZ2,
    ".osm.gz": Kind.OSM_GZ,
    ".osm.pbf": Kind.OSM_PBF,
    ".pbf": Kind.OSM_PBF,
}
AREAS = (Kind.GEOJSON, Kind.GPKG, Kind.PARQUET)
STREETS = (Kind.OSM_PBF, Kind.OSM_BZ2, Kind.OSM_GZ, Kind.OSM_XML)
LARGEST_MB: dict[Kind, int] = dict.fromkeys(Kind, 200) | {
    Kind.GEOJSON: 100,
    Kind.CSV: 100,
    Kind.OSM_PBF: 500,
}  # assumed: above it, memory of a laptop is at risk
_HEAD_BYTES = 4096


def admitted(name: str, *, base_dir: Path, kinds: tuple[Kind, ...], path: str = "") -> tuple[Path, Kind]:
    """The file's place on disk and its kind, once it may be opened.

    Raises InputError: `refused_geodata` (an address, a virtual path, outside the folder, an archive, content that is not what the
    name says), `geodata_not_found`, `geodata_too_large`.
    """
    allowed = ", ".join(kinds)
    if "://" in name or name.startswith(("/vsi", "\\\\")) or "\0" in name:
        raise _refused(f"{name!r} is an address or a virtual path, not a file", "copy the file beside the scenario", path)
    base = base_dir.resolve()
    place = (base / name).resolve()
    if not place.is_relative_to(base):
        raise _refused(f"{name!r} lies outside the scenario's folder {base}", "copy the file beside the scenario", path)
    if not place.exists():
        raise InputError(Problem("geodata_not_found", f"there is no file {place}", path=path))
    if not place.is_file():
        raise _refused(f"{name!r} is not a regular file", "name one file", path)
    kind = _kind_by_name(place)
    if kind not in kinds:
        raise _refused(f"{name!r} cannot be used here", f"Expected {allowed}", path)
    megabytes = place.stat().st_size / 1e6
    if megabytes > LARGEST_MB[kind]:
        raise InputError(
            Problem(
                "geodata_too_large",
                f"{name!r} has {megabytes:,.0f} MB; the limit for {kind} is {LARGEST_MB[kind]} MB",
                path=path,
                suggestion="cut it to the study area first",
            )
        )
    fault = _fault(place, kind)
    if fault:
        raise _refused(f"{name!r} is not {kind}: {fault}", f"Expected {allowed}; the content must be what the name says", path)
    return place, kind


def sha256_of(name: str, *, base_dir: Path) -> str | None:
    """SHA-256 of a file in the scenario's folder; None where there is no such file."""
    base = base_dir.resolve()
    if "\0" in name or not (place := (base / name).resolve()).is_relative_to(base) or not place.is_file():
        return None
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refused(message: str, suggestion: str, path: str) -> InputError:
    return InputError(Problem("refused_geodata", message, path=path, suggestion=suggestion))


def _kind_by_name(place: Path) -> Kind | None:
    name = place.name.lower()
    return next((kind for suffix, kind in sorted(SUFFIXES.items(), key=lambda item: -len(item[0])) if name.endswith(suffix)), None)


def _fault(place: Path, kind: Kind) -> str | None:
    with place.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if not head:
            return "it is empty"
        if kind is Kind.PARQUET:
            file.seek(-4, 2)
            return None if head[:4] == b"PAR1" and file.read() == b"PAR1" else _looks(head)
    match kind:
        case Kind.GEOJSON:
            good = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
        case Kind.GPKG:
            good = head[:16] == b"SQLite format 3\0" and head[68:72] in (b"GPKG", b"GP10", b"GP11")
        case Kind.CSV:
            good = b"\0" not in head and head.lstrip()[:1] not in (b"<", b"{") and head[:2] not in (b"PK", b"\x1f\x8b")
        case Kind.OSM_PBF:
            good = head[4:15] == b"\x0a\x09OSMHeader"
        case Kind.OSM_XML:
            good = _is_osm_xml(head)
        case Kind.OSM_BZ2:
            good = head[:3] == b"BZh" and _is_osm_xml(_first_bytes(bz2.open(place)))
        case Kind.OSM_GZ:
            good = head[:2] == b"\x1f\x8b" and _is_osm_xml(_first_bytes(gzip.open(place)))
        case _:
            good = False
    return None if good else _looks(head)


def _first_bytes(stream: bz2.BZ2File | gzip.GzipFile) -> bytes:
    try:
        with stream:
            return stream.read(_HEAD_BYTES)
    except (OSError, EOFError):
        return b""


def _is_osm_xml(head: bytes) -> bool:
    body = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    while body.startswith((b"<?", b"<!--")):
        body = body.partition(b"?>" if body.startswith(b"<?") else b"-->")[2].lstrip()
    return body.startswith((b"<osm ", b"<osm>", b"<osm\n", b"<osm\t"))


def _looks(head: bytes) -> str:
    known = {
        b"<OGRVRT": "it is a VRT, which names other files",
        b"<VRTDataset": "it is a VRT, which names other files",
        b"PK": "it is a zip archive",
        b"\x1f\x8b": "it is gzip",
        b"BZh": "it is bzip2",
        b"SQLite": "it is a database",
        b"<": "it is XML",
        b"{": "it is JSON",
        b"PAR1": "it is Parquet",
    }
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((text for magic, text in known.items() if start.startswith(magic)), f"it begins with {head[:8]!r}")
