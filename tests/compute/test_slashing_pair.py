"""The same luck once more without slashing: what the fork says, that it leaves no trace in the run beside it, and where there is nothing to pair."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from goldens.golden import hashes_of_run
from goldens.worlds import WORLDS
from kept import settled

from twin.errors import InputError
from twin.run import run
from twin.scenario import Scenario, load


def blocks() -> Scenario:
    """Fakes with a stake from September 2024, stakes asked from November on, checks that find one in eighty a day."""
    return WORLDS["compute-blocks"].scenario().variant("short", {"calendar.end": date(2025, 1, 15)})


def collateral_of(folder: Path) -> dict[str, object]:
    """The numbers of the question on collateral, by name, with grade and reason."""
    answers = json.loads(pq.read_table(folder / "verdict.parquet").column("scorecard")[0].as_py())
    answer = next(each for each in answers if each["question"] == "collateral")
    return {number["name"]: number["value"] for number in answer["numbers"]} | {"grade": answer["grade"], "reason": answer["reason"]}


@pytest.mark.slow
def test_the_pair_is_the_switched_life_and_leaves_no_trace(tmp_path: Path) -> None:
    paired = run(blocks(), out=tmp_path / "paired", report=False, pair_slashing=True).path
    plain = run(blocks(), out=tmp_path / "plain", report=False).path
    with_pair, without = hashes_of_run(paired), hashes_of_run(plain)
    assert with_pair.pop("verdict")["scorecard"] != without.pop("verdict")["scorecard"]
    assert with_pair == without
    world, kept = settled(blocks())
    begins = (world.trade.slashes_from - world.clock.start).days
    world.clock.run(until_day=begins - 1)
    world.switch("slashing", False)
    world.clock.run()
    days = kept.by_date(world.clock.start)
    assert days.slashed_tokens.sum() == 0 < days.fakes_caught["2024-11-04":].sum()
    paid = days.operator_emission_usd.sum() + days.operator_customer_usd.sum()
    numbers = collateral_of(paired)
    assert numbers["cheats_reward_share_without_slashing"] == pytest.approx(days.fakes_paid_usd.sum() / paid, rel=1e-12)
    assert 0 < numbers["cheats_reward_share"] < 1 and collateral_of(plain)["cheats_reward_share_without_slashing"] is None


@pytest.mark.slow
def test_campaigns_that_learn_move_the_pair(tmp_path: Path) -> None:
    """Cheats who count what they may lose take less where stakes are taken, and more where they are not: the scorecard's pair says by how much."""
    mill = load(Path(__file__).parents[1] / "pressure" / "gpu-mill.yaml", sets=("calendar.end=2026-03-01",))
    numbers = collateral_of(run(mill, out=tmp_path, report=False, pair_slashing=True).path)
    with_it, without = numbers["cheats_reward_share"], numbers["cheats_reward_share_without_slashing"]
    assert isinstance(with_it, float) and isinstance(without, float)
    assert 0.02 < with_it < 0.8 * without


@pytest.mark.parametrize("scenario", ["render-world", "helium-iot-goteborg"])
def test_where_no_stake_is_taken_there_is_nothing_to_pair(tmp_path: Path, scenario: str) -> None:
    small = {"render-world": WORLDS["compute-pools"], "helium-iot-goteborg": WORLDS["wireless-city"]}[scenario].scenario()
    with pytest.raises(InputError, match="no check of this run takes a stake"):
        run(small, out=tmp_path, report=False, pair_slashing=True)
    assert not list(tmp_path.iterdir())
