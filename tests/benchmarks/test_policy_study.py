"""The study of policies: goes on where it stopped, counts pairs of the same luck, and leaves out what a scenario cannot have."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from benchmarks import policies
from benchmarks.policies import COLUMNS, POLICIES, REGIMES, SCHEDULE, Study, kept, live_on, study_of, tables_of
from twin.errors import InputError
from twin.scenario import load


@pytest.fixture(scope="module")
def study() -> Study:
    return study_of(policies.TOWN)


def made_up(study: Study, regime: str, policy: str, replicate: int) -> dict[str, Any]:
    """A life that is told: two more nodes than under the schedule, and a calmer price."""
    better = policy != SCHEDULE
    return {
        "scenario": study.name, "digest": study.digests[policy], "regime": regime, "policy": policy, "life": replicate, "class": "niche" if better else "coasting", "usage_kept": 1.0, "usage_carried_full": 0.25,
        "nodes_at_end": 100.0 + 2 * better + replicate, "revenue_usd_per_day": 9.0, "operators_emission_usd": 5.0, "price_volatility_per_day": 0.08 - 0.01 * better, "left_per_node_year": None,
    }  # fmt: skip


def test_every_policy_of_the_town_is_a_sound_scenario_in_every_regime(study: Study) -> None:
    assert tuple(study.policies) == POLICIES and study.starts == date(2024, 11, 15)
    seen = {(regime, policy): study.of(regime, policy).hash for regime, policy, _ in study.lives(1)}
    assert len(seen) == len(set(seen.values())) == len(REGIMES) * len(POLICIES)
    assert study.of("crash", SCHEDULE).hash == load(policies.TOWN, sets=policies.UNSEEN).variant("crash").hash


def test_it_goes_on_where_it_stopped_and_forgets_what_was_lived_of_another_scenario(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lived: list[tuple[str, str, int]] = []

    def live(of: Study, *each: Any) -> dict[str, Any]:
        lived.append(each)  # type: ignore[arg-type]
        return made_up(of, *each)

    monkeypatch.setattr(policies, "lived", live)
    path = tmp_path / "lives.csv"
    assert live_on(study, 1, path, minutes=0.0) == {} and path.read_text(encoding="utf-8").strip() == ",".join(COLUMNS)
    first = live_on(study, 1, path, minutes=10.0)
    assert len(lived) == len(first) == 48
    again = live_on(study, 2, path, minutes=10.0)
    assert len(lived) == len(again) == 96 and {row[2] for row in lived[48:]} == {1}
    assert kept(path, study)["bear", SCHEDULE, 1]["nodes_at_end"] == 101.0 and kept(path, study)["bear", SCHEDULE, 1]["left_per_node_year"] is None
    path.write_text(path.read_text(encoding="utf-8").replace(study.digests["controller"], "00000000"), encoding="utf-8")
    assert {policy for _, policy, _ in kept(path, study)} == set(POLICIES) - {"controller"}


def test_pairs_are_of_one_regime_and_one_luck(study: Study) -> None:
    known = {each: made_up(study, *each) for each in study.lives(2)}
    del known["bull", SCHEDULE, 1]
    text = tables_of(study, known)
    assert "| bull | controller | 2 | 2 niche | 1 | 0.25 | 102 | 0.07 |  |" in text
    assert "| controller | 11 | 11 | 0 / 0 / 11 (+0.0%) | 11 / 0 (+2.0%) | 11 / 0 (-12.5%) | 0 / 0 |" in text
    assert f"| {SCHEDULE} | 11 | 0 | 0 / 0 / 11 (+0.0%) | 0 / 0 (+0.0%) | 0 / 0 (+0.0%) | 0 / 0 |" in text


def test_what_cannot_be_controlled_has_no_study() -> None:
    with pytest.raises(InputError, match="nothing is emitted to them"):
        study_of("akash-world")
