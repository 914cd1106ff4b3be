"""T0 and T1 where emission depends on the state of the network: those of the reference's own life, the same for all that are compared with it (VERDICT 3)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import twin.first_life
from twin.build import build
from twin.first_life import dated
from twin.judging import dated_by_rules, taper_warnings
from twin.life import life
from twin.outcomes import TaperOrigin
from twin.outcomes.taper import ON_THE_LINE, trailing_mean
from twin.run import run
from twin.scenario import Scenario, load
from twin.world.finding_dates import FadesBelow

FEW = ("calendar.end=2031-03-01", "miners.farms.operators_count=10", "miners.data_centers.operators_count=5")


def few(*more: str, variant: str | None = None) -> Scenario:
    return load("arweave-world", variant=variant, sets=[*FEW, *more])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("maps")


def test_the_dates_are_those_of_the_life_that_the_run_lives(folder: Path) -> None:
    assert dated_by_rules(few()).taper.begins is None
    found = dated(few(), cache=folder)
    world = build(few().reference, cache=folder)  # with all its miners: options that change what happens are no part of a reference
    world.clock.run()
    assert found.subsidy is not None and world.subsidy is not None
    np.testing.assert_array_equal(found.subsidy.tokens_per_day, world.subsidy.tokens_per_day)
    mean = trailing_mean(world.subsidy.tokens_per_day, 28, before=0.0)
    for share, when in ((0.75, found.taper.begins), (0.1, found.taper.done)):
        assert when is not None and (when - world.clock.start).days == np.flatnonzero(mean >= share * mean.max())[-1] + 1
    assert found.taper.origin is TaperOrigin.LIFE and world.taper == found.taper


def test_it_is_lived_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dated(few(), cache=folder)
    twin.first_life._paid_by_day.cache_clear()

    def lived(*_: object) -> None:
        raise AssertionError("lived again")

    monkeypatch.setattr(twin.first_life, "_lived", lived)
    assert dated(few(), cache=folder).taper == before.taper
    assert dated(few(variant="fixed_price"), cache=folder).taper == before.taper
    with pytest.raises(AssertionError, match="lived again"):
        dated(few("seed=8"), cache=folder)


def test_a_variant_is_judged_in_the_windows_of_the_reference_and_has_dates_of_its_own(folder: Path) -> None:
    other = life(few("arweave.inflation.halves_every_blocks_count=500_000"), cache=folder).verdict
    assert other.taper == dated(few(), cache=folder).taper
    own = other.beside.own_taper
    assert own is not None and own.begins is not None and other.taper.begins is not None and own.begins > other.taper.begins
    assert life(few(), cache=folder).verdict.beside.own_taper is None


def test_check_cannot_know_and_the_run_tells(folder: Path, tmp_path: Path) -> None:
    short = few("calendar.end=2028-01-01")
    assert list(taper_warnings(short)) == []
    told: list[str] = []
    finished = run(short, out=tmp_path, report=False, cache=folder, warn=lambda problem: told.append(problem.code))
    assert told == ["not_judged"] and finished.verdict.outcome.value == "not_judged"


def test_the_table_holds_what_the_dates_were_read_from(folder: Path, tmp_path: Path) -> None:
    table = run(few(), out=tmp_path, report=False, cache=folder).table("subsidy_schedule")
    found = dated(few(), cache=folder).subsidy
    assert found is not None and np.array_equal(table.tokens_per_day.to_numpy(), found.tokens_per_day)


SMALL = "schema: 1\ntitle: Few who store\nextends: arweave-world\ncalendar: {end: 2031-03-01}\nminers: {farms: {operators_count: 10}, data_centers: {operators_count: 5}}\n"


def test_a_run_of_the_reference_finds_its_dates_and_is_the_run_that_knows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "few.yaml").write_text(SMALL, encoding="utf-8")
    scenario, maps = load(tmp_path / "few.yaml"), tmp_path / "maps"

    def lived(*_: object) -> None:
        raise AssertionError("lived twice")

    monkeypatch.setattr(twin.first_life, "_lived", lived)
    first = run(scenario, out=tmp_path / "first", report=False, cache=maps)
    later = run(scenario, out=tmp_path / "later", report=False, cache=maps)
    assert first.verdict == later.verdict and first.verdict.taper.done is not None
    for name in sorted(path.stem for path in later.path.glob("*.parquet")):
        pd.testing.assert_frame_equal(first.table(name), later.table(name), check_exact=True)
    told = ({name: value for name, value in each.folder.manifest.items() if name not in ("started", "ended", "timings_s", "tables")} for each in (first, later))
    assert next(told) == next(told)


@pytest.mark.parametrize("seed", range(20))
def test_the_day_after_the_last_above_a_share_of_the_maximum_is_known_on_the_day(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.maximum(np.cumsum(rng.normal(0, 1, 400)) + 5, 0) * np.exp(-np.arange(400) / rng.choice([60, 200]))
    mean, fades = trailing_mean(values, 28, before=0.0), FadesBelow(0.3)
    for day, value in enumerate(mean.tolist()):
        fades.see(day, value)
    above = np.flatnonzero(mean >= 0.3 * mean.max() * (1 - ON_THE_LINE))
    assert fades.day == (None if not len(above) or above[-1] == 399 else above[-1] + 1)
