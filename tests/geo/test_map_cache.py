"""Kept maps: what comes back is what was made, only once, never from a damaged or foreign file, and two at once do no harm."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.geo import map_cache
from twin.geo.map_cache import digest_of, kept


@dataclass(frozen=True)
class Law:
    country: str
    rank: int | None


@dataclass(frozen=True, eq=False)
class Chart:
    ids: NDArray[np.uint64]
    first: dict[int, NDArray[np.int32]]
    laws: tuple[Law, ...]
    scale: object
    by_name: dict[str, float]
    empty: NDArray[np.float64]
    names: NDArray[np.str_]
    grid: NDArray[np.float32]


@dataclass(frozen=True)
class Stranger:
    x: int


CLASSES = (Chart, Law)


def chart(seed: int = 1) -> Chart:
    rng = np.random.default_rng(seed)
    return Chart(
        rng.integers(0, 1 << 60, 1000).astype(np.uint64), {5: np.arange(3, dtype=np.int32), 4: np.arange(7, dtype=np.int32)[::2]}, (Law("SE", None), Law("NO", 2)),
        np.float32(0.1), {"b": float("nan"), "a": 0.1 + 0.2}, np.empty((0, 3)), np.array(["Göteborg", ""]), rng.random((20, 30)).astype(np.float32).T,
    )  # fmt: skip


def never() -> Chart:
    raise AssertionError("made again")


def in_bytes(found: Chart) -> list[object]:
    arrays = [found.ids, *found.first.values(), found.empty, found.names, found.grid]
    rest = [list(found.first), found.laws, type(found.scale), found.scale, repr(found.by_name)]
    return [(each.dtype, each.shape, each.tobytes()) for each in arrays] + rest


def test_what_was_made_comes_back_byte_for_byte_and_is_made_once(tmp_path: Path) -> None:
    cold = kept("chart", "d", chart, classes=CLASSES, folder=tmp_path / "deep" / "down")
    warm = kept("chart", "d", never, classes=CLASSES, folder=tmp_path / "deep" / "down")
    assert in_bytes(cold) == in_bytes(warm) == in_bytes(chart())
    assert [path.name for path in (tmp_path / "deep" / "down").iterdir()] == ["chart-d.map"]
    assert kept("chart", "d", chart, classes=CLASSES, folder=None).ids.flags.writeable  # nothing kept: as made


def test_arrays_are_mapped_and_cannot_be_written(tmp_path: Path) -> None:
    for _ in range(2):
        found = kept("chart", "d", chart, classes=CLASSES, folder=tmp_path)
        with pytest.raises(ValueError, match="read-only"):
            found.ids[0] = 1
        base: object = found.ids
        while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
            base = base.base
        assert isinstance(base, np.memmap)
        assert found.ids.__array_interface__["data"][0] % 64 == 0 or not found.ids.size


def spoilt(path: Path, how: str) -> None:
    whole = bytearray(path.read_bytes())
    match how:
        case "a bit of an array":
            whole[-100] ^= 1
        case "a bit of the header":
            whole[40] ^= 1
        case "cut off":
            del whole[-10:]
        case "cut off in the header":
            del whole[30:]
        case "longer":
            whole += b"\0" * 64
        case "empty":
            whole.clear()
        case "something else":
            whole[:] = b"PK\x03\x04" + os.urandom(5000)
        case "all zero":
            whole[:] = bytes(len(whole))
    path.write_bytes(whole)


WAYS = ["a bit of an array", "a bit of the header", "cut off", "cut off in the header", "longer", "empty", "something else", "all zero"]


@pytest.mark.parametrize("how", WAYS)
def test_a_damaged_file_is_made_again(tmp_path: Path, how: str) -> None:
    kept("chart", "d", chart, classes=CLASSES, folder=tmp_path)
    spoilt(tmp_path / "chart-d.map", how)
    assert in_bytes(kept("chart", "d", chart, classes=CLASSES, folder=tmp_path)) == in_bytes(chart())
    assert in_bytes(kept("chart", "d", never, classes=CLASSES, folder=tmp_path)) == in_bytes(chart())


def test_a_map_of_something_else_under_this_name_is_not_taken(tmp_path: Path) -> None:
    kept("chart", "other", lambda: chart(2), classes=CLASSES, folder=tmp_path)
    (tmp_path / "chart-other.map").rename(tmp_path / "chart-d.map")
    assert in_bytes(kept("chart", "d", chart, classes=CLASSES, folder=tmp_path)) == in_bytes(chart())


def test_only_the_classes_given_are_made(tmp_path: Path) -> None:
    kept("chart", "d", chart, classes=CLASSES, folder=tmp_path)
    with pytest.raises(AssertionError, match="made again"):
        kept("chart", "d", never, classes=(Chart,), folder=tmp_path)


@pytest.mark.parametrize("value", [np.array([None, "x"]), Stranger(1), [1, 2], {1.5: 2}, b"bytes"])
def test_what_cannot_be_kept_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(TypeError, match="kept"):
        kept("chart", "d", lambda: (value,), classes=CLASSES, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_error_goes_through_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="made again"):
        kept("chart", "d", never, classes=CLASSES, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_the_map_is_used_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    found = kept("chart", "d", chart, classes=CLASSES, folder=tmp_path / "file" / "cache")
    assert in_bytes(found) == in_bytes(chart()) and not found.ids.flags.writeable

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert in_bytes(kept("chart", "d", chart, classes=CLASSES, folder=tmp_path / "cache")) == in_bytes(chart())
    assert list((tmp_path / "cache").iterdir()) == []


def test_two_threads_at_once(tmp_path: Path) -> None:
    both = Barrier(2, timeout=30)

    def make() -> Chart:
        both.wait()
        return chart()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: in_bytes(kept("chart", "d", make, classes=CLASSES, folder=tmp_path)), range(2)))
    assert found[0] == found[1] == in_bytes(chart())
    assert [path.name for path in tmp_path.iterdir()] == ["chart-d.map"]


def in_a_process(folder: Path) -> str:
    found = [kept("chart", str(seed), lambda seed=seed: chart(seed), classes=CLASSES, folder=folder) for seed in range(30)]
    return digest_of(*(each.ids for each in found))


def test_two_processes_at_once(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(in_a_process, [tmp_path] * 4))
    assert set(found) == {digest_of(*(chart(seed).ids for seed in range(30)))}
    assert len(list(tmp_path.iterdir())) == 30


def test_a_map_that_is_thrown_away_stays_readable_to_those_who_have_it(tmp_path: Path) -> None:
    found = kept("chart", "d", chart, classes=CLASSES, folder=tmp_path)
    try:
        (tmp_path / "chart-d.map").unlink()
    except PermissionError:
        pytest.skip("this system keeps mapped files")
    assert in_bytes(found) == in_bytes(chart())


def test_the_maps_not_asked_for_longest_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for age, name in ((300, "a"), (200, "b"), (100, "c")):
        kept("chart", name, chart, classes=CLASSES, folder=tmp_path)
        then = (tmp_path / f"chart-{name}.map").stat().st_mtime - age
        os.utime(tmp_path / f"chart-{name}.map", (then, then))
    (tmp_path / "begun.part").write_bytes(b"x")
    os.utime(tmp_path / "begun.part", (0, 0))
    (tmp_path / "somebody-elses.npz").write_bytes(b"x" * 100_000)
    kept("chart", "a", never, classes=CLASSES, folder=tmp_path)  # asked for again
    monkeypatch.setattr(map_cache, "MOST_BYTES", 2.5 * (tmp_path / "chart-a.map").stat().st_size)
    kept("chart", "d", chart, classes=CLASSES, folder=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chart-a.map", "chart-c.map", "chart-d.map", "somebody-elses.npz"]


def test_a_digest_tells_type_shape_order_and_content() -> None:
    x = np.arange(6, dtype=np.int32)
    parts: list[tuple[object, ...]] = [
        (x,), (x.astype(np.int64),), (x.reshape(2, 3),), (x.reshape(3, 2),), (x[:3], x[3:]), (x[::-1],), ({"a": 1, "b": 2},), ({"b": 2, "a": 1},), ("1",), (1,), (1.0,),
        (True,), (None,), (), ("a", "b"), ("ab",),
    ]  # fmt: skip
    assert len({digest_of(*each) for each in parts}) == len(parts)
    assert digest_of(x[::2]) == digest_of(x[::2].copy())


def test_the_code_that_makes_a_map_is_part_of_its_name(tmp_path: Path) -> None:
    def digest(text: str, where: Callable[[Path], Path]) -> str:
        (tmp_path / "maker.py").write_text(text)
        map_cache.made_by.cache_clear()
        return map_cache.made_by(where(tmp_path))

    for where in (lambda folder: folder, lambda folder: folder / "maker.py"):
        assert digest("STEP = 1", where) == digest("STEP = 1", where) != digest("STEP = 2", where)
    map_cache.made_by.cache_clear()


def test_where_maps_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("TWIN_CACHE", raising=False)
    assert map_cache.cache_folder() == tmp_path / "xdg" / "depin-twin"
    monkeypatch.setenv("TWIN_CACHE", str(tmp_path / "named"))
    assert map_cache.cache_folder() == tmp_path / "named"
    assert map_cache.cache_folder(tmp_path / "stated") == tmp_path / "stated"
