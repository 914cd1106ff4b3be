"""A worker that lives one row after another holds no world of a life that is over."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from goldens.worlds import WORLDS
from small import village

from twin.odds.designs import replicates
from twin.odds.engines.engine import Work
from twin.odds.folder import StudyFolder
from twin.odds.lives import live_row
from twin.odds.rows import Plan
from twin.scenario import Scenario
from twin.world import World

ONE_OF_EACH_KIND = ("wireless-town", "mobile", "energy", "mapping-island", "compute-grants", "filecoin", "arweave")


def worlds() -> set[int]:
    return {id(found) for found in gc.get_objects() if isinstance(found, World)}


def worlds_that_live() -> set[int]:
    gc.collect()
    return worlds()


def lived(scenario: Scenario, folder: Path, *, forks: bool = False) -> None:
    plan = Plan(scenario, record="verdict", forks=forks)
    for row in plan.rows():
        answer = live_row(plan, row, StudyFolder(folder))
        assert answer.is_done, answer.message


@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
def test_a_life_that_is_over_holds_nothing(name: str, tmp_path: Path) -> None:
    before = worlds_that_live()
    lived(WORLDS[name].scenario(), tmp_path)
    assert worlds_that_live() <= before


def test_nor_does_one_whose_forks_were_lived(tmp_path: Path) -> None:
    before = worlds_that_live()
    lived(village(), tmp_path, forks=True)
    assert worlds_that_live() <= before


def test_a_worker_holds_the_world_of_one_life(tmp_path: Path) -> None:
    plan = Plan(village(), replicates(4), record="verdict")
    work, before = Work(plan, tmp_path), worlds_that_live()
    try:
        for row in plan.rows():
            assert work.live_after_another(row).is_done
            assert len(worlds() - before) <= 1
    finally:
        gc.unfreeze()
