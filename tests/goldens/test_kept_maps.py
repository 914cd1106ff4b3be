"""Whether the map of a place was kept from before decides nothing: the first life, which makes it, and the second, which finds it, leave the same bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from golden import Hashes, lived
from worlds import WORLDS

from twin.build import build
from twin.geo import shipped


@pytest.mark.parametrize("name", ["wireless-town", "wireless-world"])
def test_cold_and_warm_lives_leave_the_same_bytes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWIN_CACHE", str(tmp_path / "cache"))
    scenario = WORLDS[name].scenario()
    found: list[Hashes] = [lived(scenario, tmp_path / each) for each in ("cold", "warm")]
    assert found[0] == found[1]
    kept = sorted(path.name.split("-")[0] for path in (tmp_path / "cache").iterdir())
    assert kept == (["ground", "market", "radio"] if "world" in name else ["ground", "radio"])  # the world has the token's history

    def never(path: str) -> Path:
        raise AssertionError(f"{path} read again")

    monkeypatch.setattr(shipped, "verified", never)
    assert build(scenario).run_hash == build(scenario).run_hash


@pytest.mark.parametrize(("name", "parts"), [("mapping-island", ["cells", "driving"]), ("mapping-law", ["cells", "market"])])
def test_streets_driven_by_kept_books_leave_the_same_bytes(name: str, parts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWIN_CACHE", str(tmp_path / "cache"))
    found = [lived(WORLDS[name].scenario(), tmp_path / each) for each in ("cold", "warm")]
    assert found[0] == found[1]
    assert sorted(path.name.split("-")[0] for path in (tmp_path / "cache").iterdir()) == parts


def test_another_place_radio_or_antenna_has_another_map(tmp_path: Path) -> None:
    town = WORLDS["wireless-town"].scenario()

    def kept(changes: dict[str, object]) -> set[str]:
        build(town.variant("changed", changes) if changes else town, cache=tmp_path)
        return {path.name for path in tmp_path.iterdir()}

    before = kept({})
    assert len(before) == 2
    assert kept({"seed": 99, "calendar.end": date(2023, 5, 1)}) == before  # luck and length of the run are not the map's
    for changes, new in (
        ({"radio": {"path_loss": {"shadowing_sd_db": 6.5}}}, {"radio"}),
        ({"hardware": {"every": {"antenna_height_m": {"median": 7, "p90": 15}}}}, {"radio"}),
        ({"place": {"sites": {"seed": 12}}}, {"ground", "radio"}),
        ({"place": {"margin_km": 3}}, {"ground", "radio"}),
    ):
        after = kept(changes)
        assert {name.split("-")[0] for name in after - before} == new, changes
        before = after
