"""What was never put to the test stands in the manifest, and the report's section on integrity tells of checks and campaigns."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from kept import lived

from twin.report.numbers import count
from twin.run import Run, run
from twin.scenario import load

HERE = Path(__file__).parent
VILLAGE = HERE.parent / "sensing" / "village.yaml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(load(HERE / "stations.yaml", sets=("calendar.end=2026-01-01",), variant="steps"), out=tmp_path_factory.mktemp("steps"))


@cache
def untested(*sets: str, village: bool = False) -> list[dict[str, str]]:
    world, _ = lived(load(VILLAGE if village else HERE / "stations.yaml", sets=("calendar.end=2024-12-01", *sets)))
    return world.guard.untested()


def test_what_met_no_cheat_is_named_with_the_reason() -> None:
    away = {"campaign": "roof", "why": "it stayed away, as it would not have been paid back"}
    assert untested(village=True) == [away] and untested("adversaries.roof=null", village=True) == []
    assert untested("verification.checks=null", village=True) == [{"campaign": name, "why": "nothing looks for cheats"} for name in ("roof", "rooms")]
    assert untested("adversaries.made_up.entry_cost_usd_per_node=100000") == [
        {"check": "device checks", "why": "no cheat was ever looked at"}, {"campaign": "made_up", "why": "no node of it ever ran"},
    ]  # fmt: skip
    assert untested("adversaries.rooms.entry_cost_usd_per_node=100000", village=True) == [{"check": "device checks", "why": "no cheat was ever looked at"}, away, {**away, "campaign": "rooms"}]
    assert untested("adversaries.made_up=null") == [{"check": "device checks", "why": "nobody cheats here"}]


def test_the_page_tells_of_checks_and_campaigns(finished: Run) -> None:
    assert finished.folder.manifest["untested"] == []
    page, checks, campaigns = finished.report.read_text(encoding="utf-8"), finished.table("checks_monthly"), finished.table("campaigns_monthly")
    section = page[page.index('id="integrity"') :]
    section = section[: section.index("</section>")]
    assert "cheats untested" not in page
    assert f"Checks found cheats {count(checks.caught.sum())} times" in section
    for words in ("device checks", "honest accused", "driven out", "made up", "spoofed coordinates", "chance of being caught in a month", "What fakes are paid", "fakes were paid"):
        assert words in section, words
    assert isinstance(campaigns, pd.DataFrame) and campaigns.taken_usd.sum() > 0


def test_a_page_without_a_test_of_cheats_says_so(tmp_path: Path) -> None:
    done: Any = run(load(HERE / "stations.yaml", sets=("calendar.end=2024-12-01", "adversaries.made_up.entry_cost_usd_per_node=100000")), out=tmp_path)
    page = done.report.read_text(encoding="utf-8")
    assert "cheats untested" in page and "Not put to the test: device checks (no cheat was ever looked at); made up (no node of it ever ran)." in page
