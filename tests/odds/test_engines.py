"""One plan, lived by every engine: the same content of every table."""

from __future__ import annotations

import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from small import uncertain_village, village

from twin.errors import InputError
from twin.odds.analysis import Look
from twin.odds.designs import draws, replicates
from twin.odds.engines.executor import InExecutor
from twin.odds.engines.forked import Forked
from twin.odds.engines.spawned import Spawned
from twin.odds.living import live_plan
from twin.odds.rows import Plan
from twin.odds.study import Study


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan(uncertain_village(), draws(2, lives_each=2), variants=("base", "points"))


@pytest.fixture(scope="module")
def alone(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return live_plan(plan, out=tmp_path_factory.mktemp("alone"), engine=Forked(1))


def series_of(study: Study) -> dict[str, tuple[float, ...]]:
    return {str(life.name): tuple(life) for life in study.series("nodes_online")}


def test_every_row_is_lived_once_and_says_what_was_drawn(alone: Study) -> None:
    results = alone.results()
    assert len(results) == 8 and results["key"].is_unique
    assert set(results["variant"]) == {"base", "points"}
    assert results.groupby("draw")["operators.people.owners_share"].nunique().tolist() == [1, 1]
    assert results["operators.people.owners_share"].between(0.2, 1.0).all()
    assert alone.rows()["done"].tolist() == [4, 4]


@pytest.mark.parametrize("engine", [Forked(2), Spawned(2)], ids=["two forked", "two spawned"])
def test_engines_of_this_machine_leave_the_same(plan: Plan, alone: Study, engine: object, tmp_path: Path) -> None:
    study = live_plan(plan, out=tmp_path, engine=engine)  # type: ignore[arg-type]
    assert study.content() == alone.content()
    assert series_of(study) == series_of(alone)


def test_an_executor_leaves_the_same(plan: Plan, alone: Study, tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        study = live_plan(plan, out=tmp_path, engine=InExecutor(pool, ahead=4))
    assert study.content() == alone.content()


def test_two_shards_together_are_the_whole(plan: Plan, alone: Study, tmp_path: Path) -> None:
    first = live_plan(plan, out=tmp_path, engine=Forked(1), shard=(0, 2))
    assert 0 < len(first.results()) < 8
    both = live_plan(plan, out=tmp_path, engine=Forked(1), shard=(1, 2))
    assert both.content() == alone.content()


def test_a_study_grows_by_replicates(plan: Plan, alone: Study, tmp_path: Path) -> None:
    few = Plan(plan.scenario, draws(1, lives_each=2), variants=plan.variants)
    live_plan(few, out=tmp_path, engine=Forked(2))
    grown = live_plan(plan, out=tmp_path, engine=Forked(2), resume=True)
    assert grown.content() == alone.content() and grown.manifest.points == 4


def test_a_study_that_is_there_is_not_run_again_unasked(alone: Study, plan: Plan) -> None:
    with pytest.raises(InputError) as refused:
        live_plan(plan, out=alone.path.parent)
    assert refused.value.codes == ("study_exists",)


def test_a_study_opens_in_another_folder(alone: Study, tmp_path: Path) -> None:
    moved = shutil.copytree(alone.path, tmp_path / "elsewhere")
    assert Study(moved).content() == alone.content()


def test_a_wrong_plan_is_told_before_a_life() -> None:
    with pytest.raises(InputError) as refused:
        Plan(village(), draws(3), variants=("base", "nobody"))
    assert set(refused.value.codes) == {"nothing_uncertain", "unknown_variant"}


def test_failed_lives_are_rows_with_their_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def falls(*_: object, **__: object) -> None:
        raise ValueError("no such luck")

    plan = Plan(village(), replicates(2))
    monkeypatch.setattr("twin.odds.lives.judged", falls)
    study = live_plan(plan, out=tmp_path, engine=Forked(2))
    failures = study.failures()
    assert failures["stage"].tolist() == ["judge", "judge"] and "no such luck" in failures["message"][0]
    assert study.rows().loc["base"].tolist() == [0, 2, 0]
    monkeypatch.undo()
    still = live_plan(plan, out=tmp_path, engine=Forked(2), resume=True)
    assert (still.results()["status"] == "failed").all()  # who failed is not tried again unasked
    mended = live_plan(plan, out=tmp_path, engine=Forked(2), retry_failed=True)
    assert mended.rows().loc["base"].tolist() == [2, 0, 0] and len(mended.failures()) == 0


def test_a_study_stops_when_its_odds_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def enough(study: Study, variant: str, *, cap: int) -> Look:
        looked.append(len(study.results()))
        return Look(looked[-1], 0.01, looked[-1] >= 4, None, "")

    monkeypatch.setattr("twin.odds.living.looks_up_to", lambda cap: (2, 4, cap))
    monkeypatch.setattr(Study, "look", enough)
    study = live_plan(Plan(village(), replicates(6)), out=tmp_path, engine=Forked(2), until_known=True)
    assert looked == [2, 4] and study.rows().loc["base"].tolist() == [4, 0, 2]
