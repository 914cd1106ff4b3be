"""A real SLURM on this machine: an ensemble through dask-jobqueue with a job cancelled midway, and the same as an array of shards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from small import SHORT, VILLAGE, village

from twin.odds.designs import replicates
from twin.odds.engines.forked import Forked
from twin.odds.living import live_plan
from twin.odds.rows import Plan
from twin.odds.study import Study

SCRIPT = Path(__file__).parent / "slurm.sh"
LIVES = 12

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(not all(shutil.which(name) for name in ("slurmctld", "slurmd", "sbatch", "munged")), reason="SLURM is not installed (Debian: apt install slurm-wlm munge)"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="starting SLURM needs root"),
]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    home = tmp_path_factory.mktemp("slurm")
    subprocess.run([SCRIPT, "start", home], check=True)
    os.environ["SLURM_CONF"] = str(home / "slurm.conf")
    try:
        yield
    finally:
        subprocess.run([SCRIPT, "stop", home], check=True)
        del os.environ["SLURM_CONF"]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return live_plan(Plan(village(), replicates(LIVES)), out=tmp_path_factory.mktemp("alone"), engine=Forked(2))


def jobs() -> list[str]:
    return subprocess.run(["squeue", "--noheader", "--format=%A", "--states=running"], check=True, capture_output=True, text=True).stdout.split()


def test_a_job_that_is_cancelled_is_replaced_and_costs_no_life(slurm: None, alone: Study, tmp_path: Path) -> None:
    pytest.importorskip("dask_jobqueue", reason="the extra `cluster` is not installed")
    from twin.odds.engines.on_dask import OnDask, batch_cluster

    cancelled: list[str] = []

    def cancel_once(tally: object) -> None:
        if getattr(tally, "ended", 0) >= 2 and not cancelled and (running := jobs()):
            cancelled.append(running[0])
            subprocess.run(["scancel", "--signal=KILL", "--full", running[0]], check=True)
            subprocess.run(["scancel", running[0]], check=True)

    more = {"python": sys.executable, "log_directory": str(tmp_path), "job_script_prologue": [f"export PYTHONPATH={os.environ.get('PYTHONPATH', '')}"], "interface": "lo"}
    with batch_cluster("slurm", jobs=2, walltime_min=20, memory_gb=1.0, more=more) as client:
        study = live_plan(Plan(village(), replicates(LIVES)), out=tmp_path, engine=OnDask(client), told=cancel_once)
    assert cancelled and study.rows().loc["base"].tolist() == [LIVES, 0, 0]
    assert study.content() == alone.content()


def test_an_array_of_shards_leaves_the_whole(slurm: None, alone: Study, tmp_path: Path) -> None:
    sets = " ".join(f"--set {one}" for one in SHORT)
    command = f"{sys.executable} -m twin.cli ensemble {VILLAGE} {sets} --lives {LIVES} -j 1 --shard $SLURM_ARRAY_TASK_ID/3 --out {tmp_path} --quiet"
    script = tmp_path / "array.sh"
    script.write_text(f"#!/bin/sh\n#SBATCH --array=1-3 --ntasks=1 --output={tmp_path}/%a.txt\nexport PYTHONPATH={os.environ.get('PYTHONPATH', '')}\n{command}\n")
    subprocess.run(["sbatch", "--parsable", str(script)], check=True, capture_output=True)
    for _ in range(300):
        if not subprocess.run(["squeue", "--noheader"], check=True, capture_output=True, text=True).stdout.strip():
            break
        time.sleep(1)
    study = Study(next(tmp_path.glob("village-*")))
    assert study.content() == alone.content(), "\n".join(path.read_text() for path in tmp_path.glob("*.txt"))
