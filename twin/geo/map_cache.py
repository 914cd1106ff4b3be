"""Maps worked out once and kept: dataclasses of arrays under a digest of all that they were made from.

A file is a header of JSON and the arrays one after the other. It is opened as a read-only memory map, so that all lives of a place on one machine share
one copy; it is written beside and renamed, so that two who start at once do no harm; nothing in it is ever executed. What is damaged, cut off, or was made
from something else is made again. Reading and making give the same bytes, so whether a map was kept can decide nothing.

The digest must name all that decides the map: the scenario's section, checksums of data, a seed, and `made_by` for the code and the arithmetic of the
machine. With the code in it, an edited formula finds no old map; with the arithmetic, a logarithm whose last digit differs on another processor neither.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import logging
import os
import struct
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger("twin.geo")

FORMAT = 1
MOST_BYTES = 4_000_000_000
"""Above so much the maps not asked for longest are thrown away (assumed: a world of a million sites takes some 0.3 GB, a city 5 MB)."""
ABANDONED_S = 86_400.0
"""A file that was begun and not finished within a day will not be."""
SUFFIX = ".map"
_MAGIC = b"TWINMAP\n"
_PREFIX = struct.Struct("<8sII")
"""Magic, length of the header, its CRC-32."""
_ALIGNED = 64
_KINDS = "biufUS"
_LIBRARIES = ("numpy", "scipy", "shapely", "pyproj", "h3", "h3ronpy", "osmium")

Made = TypeVar("Made")
Classes = tuple[type, ...]


def cache_folder(stated: Path | None = None) -> Path:
    """Where maps are kept between runs: as stated, else `$TWIN_CACHE`, else the user's cache folder."""
    if stated is not None:
        return stated
    named = os.environ.get("TWIN_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "depin-twin"


def digest_of(*parts: object) -> str:
    """A digest of arrays (type, shape, bytes) and of whatever JSON can say, in the order given."""
    content = hashlib.blake2b(digest_size=20)
    for part in parts:
        if isinstance(part, np.ndarray):
            content.update(f"{part.dtype.str}{part.shape}".encode())
            content.update(_bytes_of(np.ascontiguousarray(part)))
        else:
            content.update(json.dumps(part, ensure_ascii=True, allow_nan=True).encode())
        content.update(b"\0")
    return content.hexdigest()


@cache
def made_by(*code: Path) -> str:
    """A digest of this format, of the source of these modules and packages (their folders), of the libraries' versions, and of the machine's arithmetic."""
    sources = [file for place in code for file in (sorted(place.glob("*.py")) if place.is_dir() else [place])]
    return digest_of(FORMAT, [[file.name, file.read_text(encoding="utf-8")] for file in sources], [_version(name) for name in _LIBRARIES], *_arithmetic())


@cache
def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _arithmetic() -> list[NDArray[Any]]:
    """What this machine makes of functions whose last digit depends on its vector instructions."""
    found: list[NDArray[Any]] = []
    for width in (np.float32, np.float64):
        x: NDArray[Any] = np.linspace(0.01, 40, 257).astype(width)
        found += [np.exp(-x), np.log(x), np.log10(x), np.log1p(x), np.sin(x), np.cos(x), np.arcsin(x / 41), 10 ** (x / 8), np.sqrt(x)]
    return found


def kept(name: str, digest: str, make: Callable[[], Made], *, folder: Path | None, classes: Classes = ()) -> Made:
    """What `make` gives, from `folder` if it is there, else made and put there; its arrays are read-only. None as folder: made, and not kept.

    `classes` are the dataclasses that it consists of, beside arrays, numbers, text, tuples and mappings. An error of `make` goes through; where nothing
    can be written the map is used all the same.
    """
    if folder is None:
        return make()
    path = folder / f"{name}-{digest}{SUFFIX}"
    result: Made | None = _read(path, digest, classes)
    if result is None:
        held = _made_and_written(path, digest, make, classes)
        result = held if held is not None else _read(path, digest, classes)
    return result if result is not None else make()


def is_kept(name: str, digest: str, *, folder: Path) -> bool:
    """Whether there is a file of it; whether it can be read turns out when it is."""
    return (folder / f"{name}-{digest}{SUFFIX}").exists()


def _made_and_written(path: Path, digest: str, make: Callable[[], Made], classes: Classes) -> Made | None:
    """None once it is on disk, so that two copies are never in memory; itself, read-only, where it could not be written."""
    arrays: list[NDArray[Any]] = []
    tree = _packed(make(), classes, arrays)
    try:
        _write(path, digest, tree, arrays)
    except OSError as error:
        log.info("the map is not kept: %s", error)
        result: Made = _unpacked(tree, classes, [_read_only(array) for array in arrays])
        return result
    return None


# -- values as a tree of JSON, arrays by number ------------------------------------------------------------------------
def _packed(value: Any, classes: Classes, arrays: list[NDArray[Any]]) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in _KINDS:
            raise TypeError(f"arrays of {value.dtype} cannot be kept")
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, np.generic):  # not as a plain number: a NumPy scalar widens what it is added to
        arrays.append(np.asarray(value))
        return {"scalar": len(arrays) - 1}
    if value is None or type(value) in (bool, int, float, str):
        return {"plain": value}
    if type(value) in classes and is_dataclass(value):
        has = {field.name: _packed(getattr(value, field.name), classes, arrays) for field in fields(value)}
        return {"of": type(value).__name__, "has": has}
    if isinstance(value, tuple):
        return {"tuple": [_packed(each, classes, arrays) for each in value]}
    if isinstance(value, Mapping):
        if not all(isinstance(key, int | str) for key in value):
            raise TypeError("only mappings from whole numbers or text can be kept")
        return {"mapping": [[key, _packed(each, classes, arrays)] for key, each in value.items()]}
    raise TypeError(f"{type(value).__name__} cannot be kept in a map; is it among the classes given?")


def _unpacked(tree: Any, classes: Classes, arrays: list[NDArray[Any]]) -> Any:
    match tree:
        case {"array": number}:
            return arrays[number]
        case {"scalar": number}:
            return arrays[number][()]
        case {"plain": value}:
            return value
        case {"of": name, "has": has}:
            made = {each.__name__: each for each in classes}[name]
            return made(**{field: _unpacked(each, classes, arrays) for field, each in has.items()})
        case {"tuple": items}:
            return tuple(_unpacked(each, classes, arrays) for each in items)
        case {"mapping": items}:
            return {key: _unpacked(each, classes, arrays) for key, each in items}
    raise ValueError("the header of the map is not understood")


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


# -- the file ----------------------------------------------------------------------------------------------------------
def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNED) * _ALIGNED


def _write(path: Path, digest: str, tree: Any, arrays: list[NDArray[Any]]) -> None:
    """Writes beside and renames; offsets count from the end of the header."""
    data = [np.ascontiguousarray(array) for array in arrays]
    end = 0
    table: list[tuple[str, tuple[int, ...], int, int]] = []
    for array, original in zip(data, arrays, strict=True):
        begin = _aligned(end)
        end = begin + array.nbytes
        table.append((array.dtype.str, original.shape, begin, zlib.crc32(_bytes_of(array))))
    header = json.dumps({"digest": digest, "tree": tree, "arrays": table, "end": end}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    _make_room(path.parent)
    aside = NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False)
    try:
        with aside:
            aside.write(_PREFIX.pack(_MAGIC, len(header), zlib.crc32(header)))
            aside.write(header)
            start = _aligned(aside.tell())
            for array, (_, _, begin, _) in zip(data, table, strict=True):
                aside.write(b"\0" * (start + begin - aside.tell()))
                aside.write(_bytes_of(array))
        Path(aside.name).replace(path)
    except BaseException:
        Path(aside.name).unlink(missing_ok=True)
        raise


def _bytes_of(array: NDArray[Any]) -> memoryview:
    """The bytes of a contiguous array."""
    return array.reshape(-1).view(np.uint8).data


def _read(path: Path, digest: str, classes: Classes) -> Any:
    """What the file holds; None if there is none, or not a whole one made from this."""
    try:
        whole = np.memmap(path, np.uint8, mode="r").view(np.ndarray)
        magic, length, check = _PREFIX.unpack(whole[: _PREFIX.size].tobytes())
        header = whole[_PREFIX.size : _PREFIX.size + length].tobytes()
        if magic != _MAGIC or len(header) != length or zlib.crc32(header) != check:
            raise ValueError("no map, or a damaged one")
        facts = json.loads(header)
        content = whole[_aligned(_PREFIX.size + length) :]
        if facts["digest"] != digest or facts["end"] != len(content):
            raise ValueError("another map, or one cut off")
        arrays = [_array(content, *row) for row in facts["arrays"]]
        found = _unpacked(facts["tree"], classes, arrays)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, IndexError, struct.error) as error:
        log.info("%s is made again: %s", path, error)
        return None
    with suppress(OSError):  # a folder in which one may only read
        os.utime(path)
    return found


def _array(content: NDArray[np.uint8], dtype: str, shape: list[int], begin: int, check: int) -> NDArray[Any]:
    kind = np.dtype(dtype)
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    part = content[begin : begin + size]
    if kind.kind not in _KINDS or min(shape, default=0) < 0 or begin < 0 or len(part) != size or zlib.crc32(part.data) != check:
        raise ValueError("a damaged map")
    return part.view(kind).reshape(shape)


def _make_room(folder: Path) -> None:
    """Throws away the maps that nobody asked for longest, and what was never finished."""
    now = time.time()
    for begun in folder.glob("*.part"):
        if _age_and_size(begun)[0] < now - ABANDONED_S:
            _throw_away(begun)
    maps = sorted(((*_age_and_size(path), path) for path in folder.glob(f"*{SUFFIX}")), reverse=True)
    total = 0
    for _, size, path in maps:
        total += size
        if total > MOST_BYTES:
            _throw_away(path)


def _age_and_size(path: Path) -> tuple[float, int]:
    try:
        facts = path.stat()
    except OSError:  # somebody else threw it away
        return time.time(), 0
    return facts.st_mtime, facts.st_size


def _throw_away(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:  # another process holds it open, where that forbids it
        log.info("%s stays: %s", path, error)
