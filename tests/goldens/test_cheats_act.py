"""In the golden worlds that pin the paths of cheats and checks, cheats come, are paid where a rule pays them, are checked, and some are caught."""

from __future__ import annotations

import pytest
from kept import lived
from worlds import WORLDS

COLUMNS = {
    "wireless-town": ("nodes_denied",),
    "compute-blocks": ("fakes_online", "fakes_paid_usd", "fakes_caught", "slashed_tokens"),
    "compute-pools": ("fakes_online", "fakes_caught", "false_alarms"),
}
EVENTS = {
    "wireless-town": {"farm_enters", "farm_moves", "farm_gives_up", "denylist_release"},
    "compute-blocks": {"fake_gpus", "fakes_caught"},
    "compute-pools": {"fake_gpus", "fakes_caught"},
}


@pytest.mark.parametrize("name", COLUMNS)
def test_cheats_act_and_are_caught(name: str) -> None:
    _, kept = lived(WORLDS[name].scenario())
    assert kept.kinds() >= EVENTS[name]
    for column in COLUMNS[name]:
        assert kept.series(column).sum() > 0, column
    assert (kept.series("nodes_online_as_seen") > kept.series("nodes_online")).mean() > 0.1
    cells = kept.table("cells_monthly")
    assert cells.fake.sum() > 0 and cells.online_as_seen.sum() > cells.online.sum()
