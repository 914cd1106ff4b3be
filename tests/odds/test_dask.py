"""Real Dask workers on this machine: the same results, and a worker that is killed costs no life."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from small import village

from twin.errors import InputError
from twin.odds.designs import replicates
from twin.odds.engines.forked import Forked
from twin.odds.living import live_plan
from twin.odds.rows import Plan

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def test_dask_leaves_the_same_though_a_worker_is_killed(tmp_path: Path) -> None:
    import dask

    from twin.odds.engines.on_dask import PROFILE, OnDask, local_cluster

    plan = Plan(village(), replicates(12))
    alone = live_plan(plan, out=tmp_path / "alone", engine=Forked(1))
    killed: list[int] = []
    with local_cluster(2) as client:
        assert not any(client.run(dask.config.get, PROFILE).values())  # it grows by ten megabytes a life

        def kill_once(tally: object) -> None:
            if getattr(tally, "ended", 0) >= 3 and not killed:
                killed.append(next(iter(client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGKILL)

        study = live_plan(plan, out=tmp_path / "dask", engine=OnDask(client), told=kill_once)
    assert killed and study.content() == alone.content()
    assert study.rows().loc["base"].tolist() == [12, 0, 0]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "127.0.0.1:1", "nobody-wrote-this.json"])
def test_a_scheduler_that_does_not_answer_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from twin.odds.engines import on_dask

    monkeypatch.setattr(on_dask, "ANSWERS_S", 1.0)
    with pytest.raises(InputError) as refused, on_dask.connected(address):
        pass
    assert refused.value.codes == ("no_scheduler",)
