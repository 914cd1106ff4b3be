"""Every variant of every bundled scenario, and each scenario itself, lives to its last day and gets a verdict."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from twin.run import Run, run
from twin.scenario import load
from twin.scenario.shipped import bundled_names

NOT_JUDGED = {("filecoin-world", "china_2021"), ("arweave-world", "from_2023")}
"""Replays of a few months or years of history, which say themselves that they end before the taper."""
FOR_A_VERDICT = ("verdict.cutoff=off", "record.cells=none")
"""Of a variant neither second lives nor maps; the scenario itself has both."""
SMALLER = {"helium-iot-world": ("place.sites.count=10000", "place.probes.count=2000")}
"""Variants of worlds that would take minutes each live in a smaller one; the scenario itself is lived whole."""
LIVES = [(name, variant) for name in bundled_names() for variant in (None, *load(name).variants)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "variant"), LIVES, ids=[f"{name}-{variant or 'itself'}" for name, variant in LIVES])
def test_it_runs_to_a_verdict(name: str, variant: str | None, tmp_path: Path, bundled: Callable[[str], Run]) -> None:
    done = bundled(name) if variant is None else run(load(name, variant=variant, sets=(*FOR_A_VERDICT, *SMALLER.get(name, ()))), out=tmp_path, report=False)
    assert done.folder.complete and done.verdict.sentence()
    assert (done.verdict.outcome.value == "not_judged") == ((name, variant) in NOT_JUDGED), done.verdict.sentence()
    daily = done.table("network_daily")
    assert math.isfinite(float(daily["price_usd"].sum())) and (daily["supply_tokens"] >= 0).all()
