"""A Dask cluster: one that runs somewhere, one of this machine, or one that Dask asks a batch system for (SLURM, PBS, LSF).

Workers must see the study's folder under the same path. A worker that dies is replaced by Dask's own deployer, and its row runs again elsewhere.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.errors import InputError, Problem, RunError, StoreError
from twin.odds.answers import Answer, Stage
from twin.odds.engines.engine import TRIES, Work
from twin.odds.folder import StudyFolder
from twin.odds.rows import RunRow

if TYPE_CHECKING:
    from distributed import Client

WAIT_S = 5.0
ANSWERS_S = 20.0
"""How long a scheduler, or its file, is waited for."""
HOST_AND_PORT = re.compile(r"[^/\\]+:\d+")
AHEAD = 4
"""Rows handed in for each thread of the cluster, so that no worker waits and the client's memory stays flat."""
PROFILE = "distributed.worker.profile.enabled"
"""Dask's workers look a hundred times a second at what they run and keep an hour of it: some ten megabytes a life, and processor time. Off in clusters that are started here."""
NO_PROFILE = "export DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED=False"
"""The same as a line of a job's script."""
CLASSES: Mapping[str, str] = {"slurm": "SLURMCluster", "pbs": "PBSCluster", "lsf": "LSFCluster"}


class OnDask:
    """Lives rows on the workers of a client. Use `connected` or `batch_cluster` to get one."""

    name = "dask"

    def __init__(self, client: Client, *, least_ahead: int = 8) -> None:
        self._client, self._least = client, least_ahead

    def run(self, work: Work, rows: Iterator[RunRow], idle: Callable[[], object]) -> Iterator[tuple[RunRow, Answer]]:
        """See `Engine.run`. A scheduler that is lost is a RunError; what is finished stays."""
        from distributed import as_completed
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker

        client = self._client
        shared = client.submit(_same, work, pure=False)  # not scattered: what is scattered is lost with the worker that holds it, a task's result is made again
        under_way: dict[str, RunRow] = {}
        ready = as_completed([])
        try:
            while True:
                ahead = max(self._least, AHEAD * sum(client.nthreads().values()))
                while len(under_way) < ahead and (row := next(rows, None)) is not None:
                    under_way[row.key] = row
                    ready.add(client.submit(_live, shared, row, key=f"life-{row.key}", pure=False, retries=TRIES - 1))
                if not under_way:
                    return
                with suppress(TimeoutError):
                    for future in ready.next_batch(block=True) if ready.has_ready() else _soon(ready):
                        row = under_way.pop(future.key.removeprefix("life-"))
                        try:
                            answer = future.result()
                        except KilledWorker:
                            answer = Answer(row.key, Stage.KILLED, "its worker was killed again and again (by the batch system, or for want of memory).")
                            StudyFolder(work.folder).write_failure(row, answer)
                        except FutureCancelledError as error:
                            raise RunError(f"the Dask scheduler is gone or gave the life up ({error}).") from error
                        future.release()
                        yield row, answer
                idle()
        except StoreError:
            raise
        except OSError as error:
            raise RunError(f"the Dask scheduler is gone ({type(error).__name__}: {error}).") from error
        finally:
            with suppress(Exception):
                client.cancel(list(ready.futures), force=True)


def _same(work: Work) -> Work:  # pragma: no cover - runs in a worker
    return work


def _live(work: Work, row: RunRow) -> Answer:  # pragma: no cover - runs in a worker
    return work.live_after_another(row)


def _soon(ready: Any) -> Iterator[Any]:
    """The next future that is ready, waited for a few seconds."""
    from distributed.client import wait

    if ready.futures:
        wait(list(ready.futures), timeout=WAIT_S, return_when="FIRST_COMPLETED")
    return iter(ready.next_batch(block=True)) if ready.has_ready() else iter(())


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler at `address` (`tcp://host:8786`, `host:8786`, or a scheduler file). InputError where none answers."""
    distributed = _distributed()
    is_file = "://" not in address and not HOST_AND_PORT.fullmatch(address)
    try:
        if is_file:
            _wait_for(Path(address))
        client = distributed.Client(**({"scheduler_file": address} if is_file else {"address": address}), timeout=f"{ANSWERS_S:g}s")
    except (OSError, ValueError) as error:
        raise InputError(Problem("no_scheduler", f"no Dask scheduler answers at {address} ({error}).", suggestion="Start one with `dask scheduler`, and workers with `dask worker`.")) from error
    with client:
        yield client


def _wait_for(file: Path) -> None:
    """Gives a scheduler that is starting the time to write its file; Dask's client would wait for ever. FileNotFoundError where it does not."""
    until = time.monotonic() + ANSWERS_S
    while not file.exists():
        if time.monotonic() > until:
            raise FileNotFoundError("there is no such scheduler file")
        time.sleep(0.1)


@contextmanager
def local_cluster(workers: int) -> Iterator[Client]:
    """A cluster of processes on this machine, one thread each."""
    distributed = _distributed()
    import dask

    with dask.config.set({PROFILE: False}), distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster, distributed.Client(cluster) as client:
        yield client


@contextmanager
def batch_cluster(system: str, *, jobs: int, walltime_min: int, memory_gb: float, queue: str | None = None, more: Mapping[str, Any] | None = None) -> Iterator[Client]:
    """`jobs` one-core jobs of a batch system, each a worker. A job that is cancelled is replaced (`adapt` with the least equal to the most; `scale` never
    replaces one), and a worker ends by itself before its walltime does, so that its row moves on in good time."""
    distributed, jobqueue = _distributed(), _jobqueue()
    lifetime_min = max(walltime_min - max(2, walltime_min // 10), 1)
    clock = f"{walltime_min // 60:02d}:{walltime_min % 60:02d}:00"
    options: dict[str, Any] = {
        "cores": 1, "processes": 1, "memory": f"{memory_gb}GB", "walltime": clock,
        "worker_extra_args": ["--lifetime", f"{lifetime_min}m", "--lifetime-stagger", f"{max(lifetime_min // 10, 1)}m"], **(more or {}),
    }  # fmt: skip
    if queue is not None:
        options["queue"] = queue
    options["job_script_prologue"] = [NO_PROFILE, *options.get("job_script_prologue", ())]
    with getattr(jobqueue, CLASSES[system])(**options) as cluster:
        cluster.adapt(minimum_jobs=jobs, maximum_jobs=jobs)
        with distributed.Client(cluster) as client:
            yield client


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise InputError(Problem("extra_missing", "Dask is not installed.", suggestion='Install it with: pip install "depin-twin[cluster]"')) from error
    return distributed


def _jobqueue() -> Any:
    try:
        import dask_jobqueue
    except ImportError as error:
        raise InputError(Problem("extra_missing", "dask-jobqueue is not installed.", suggestion='Install it with: pip install "depin-twin[cluster]"')) from error
    return dask_jobqueue
