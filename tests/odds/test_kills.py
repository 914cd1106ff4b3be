"""Real processes are killed, thirty times and more: nothing that was finished is lost or lived again, and nothing is counted twice."""

from __future__ import annotations

import os
import random
import signal
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

KILLS = 30
LIVES = 60
SETS = [part for one in SHORT for part in ("--set", one)]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="signals")]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return live_plan(Plan(village(), replicates(LIVES)), out=tmp_path_factory.mktemp("alone"), engine=Forked(2))


def client(out: Path, *more: str, heard: bool = False) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "twin.cli", "ensemble", str(VILLAGE), *SETS, "--lives", str(LIVES), "-j", "2", "--out", str(out), "--resume", *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE if heard else subprocess.DEVNULL)


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["ps", "--no-headers", "-o", "pid", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def finished(out: Path) -> dict[str, float]:
    """Key -> processor time of each finished life: a life that is lived again takes another time."""
    folders = [path for path in out.glob("village-*") if (path / "study.json").exists()]
    if not folders:
        return {}
    results = Study(folders[0])._results
    return dict(zip(results.column("key").to_pylist(), results.column("seconds").to_pylist(), strict=True))


@pytest.mark.parametrize("engine", ["local", "spawn"])
def test_workers_and_clients_killed_at_random(alone: Study, tmp_path: Path, engine: str) -> None:
    luck, kills, before = random.Random(7), 0, {}
    running = client(tmp_path, "--engine", engine)
    while running.poll() is None or running.returncode != 0:
        if running.poll() is not None:
            running = client(tmp_path, "--engine", engine)
        time.sleep(luck.uniform(0.1, 1.5) if len(before) else 0.5)
        if kills < KILLS // 2 and (out := finished(tmp_path)):
            assert {key: out.get(key) for key in before} == before
            before = out
            victims = children_of(running.pid)
            if luck.random() < 0.4 or not victims:
                running.kill()
            else:
                os.kill(luck.choice(victims), signal.SIGKILL)
            kills += 1
    after = finished(tmp_path)
    study = Study(next(tmp_path.glob("village-*")))
    assert {key: after.get(key) for key in before} == before
    assert kills >= KILLS // 2 or len(after) == LIVES
    # a row whose worker was killed three times is a failure, and a failure is tried again when asked
    if len(study.failures()):
        assert set(study.failures()["stage"]) == {"killed"}
        client(tmp_path, "--engine", engine, "--retry-failed").wait()
        study = Study(study.path)
    assert study.rows().loc["base"].tolist() == [LIVES, 0, 0]
    assert study.content() == alone.content()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(tmp_path)], check=False, capture_output=True).returncode:
        pytest.skip("a small disk can be made by root only")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_full_disk_ends_the_study_and_it_goes_on_with_room(alone: Study, small_disk: Path) -> None:
    ended = client(small_disk, heard=True)
    said = ended.communicate()[1].decode()
    assert ended.returncode == 1 and "could not be written" in said and "--resume" in said, said
    before = finished(small_disk)
    assert 0 < len(before) < LIVES
    subprocess.run(["mount", "-o", "remount,size=100m", str(small_disk)], check=True)
    assert client(small_disk).wait() == 0
    after = finished(small_disk)
    assert {key: after[key] for key in before} == before
    assert Study(next(small_disk.glob("village-*"))).content() == alone.content()


def test_a_scheduler_that_is_killed_and_started_again(alone: Study, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    file = tmp_path / "scheduler.json"

    def cluster() -> list[subprocess.Popen[bytes]]:
        file.unlink(missing_ok=True)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        scheduler = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)], **quiet)  # type: ignore[call-overload]
        while not file.exists():
            time.sleep(0.2)
        return [scheduler, *(subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard", "--death-timeout", "10"], **quiet) for _ in range(2))]  # type: ignore[call-overload]

    first = cluster()
    running = client(tmp_path, "--engine", "dask", "--address", str(file), heard=True)
    while len(finished(tmp_path)) < 5 and running.poll() is None:
        time.sleep(0.5)
    first[0].kill()
    said = running.communicate(timeout=120)[1].decode()
    assert running.returncode == 1 and "--resume" in said, said
    for process in first:
        process.kill()
        process.wait()
    before = finished(tmp_path)
    assert 0 < len(before) < LIVES
    second = cluster()
    try:
        assert client(tmp_path, "--engine", "dask", "--address", str(file)).wait() == 0
    finally:
        for process in second:
            process.kill()
            process.wait()
    after = finished(tmp_path)
    assert {key: after[key] for key in before} == before
    assert Study(next(tmp_path.glob("village-*"))).content() == alone.content()
