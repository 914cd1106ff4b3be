"""Which engine, as the command line names it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from twin.errors import InputError, Problem

if TYPE_CHECKING:
    from twin.odds.engines.engine import Engine


class Where(StrEnum):
    """Where lives are lived."""

    LOCAL = "local"
    SPAWN = "spawn"
    DASK = "dask"
    SLURM = "slurm"
    PBS = "pbs"
    LSF = "lsf"


@dataclass(frozen=True)
class Choice:
    """What the user chose."""

    where: Where = Where.LOCAL
    workers: int = 1
    """Processes of this machine, or jobs of a batch system."""
    address: str | None = None
    """Of a Dask scheduler that runs already."""
    queue: str | None = None
    walltime_min: int = 60
    memory_gb: float = 2.0
    job_lines: tuple[str, ...] = ()
    """Further lines of a job's head, such as `--account=ours`."""

    @contextmanager
    def opened(self) -> Iterator[Engine]:
        """The engine, with its cluster running while it is used."""
        if self.address is not None and self.where is not Where.DASK:
            raise InputError(Problem("option_misfit", "an address is that of a Dask scheduler.", suggestion="Give --engine dask too."))
        match self.where:
            case Where.LOCAL if hasattr(os, "fork"):
                from twin.odds.engines.forked import Forked  # the dynamics take seconds to import

                yield Forked(self.workers)
            case Where.LOCAL | Where.SPAWN:
                from twin.odds.engines.spawned import Spawned

                yield Spawned(self.workers)
            case Where.DASK:
                from twin.odds.engines.on_dask import OnDask, connected, local_cluster

                with local_cluster(self.workers) if self.address is None else connected(self.address) as client:
                    yield OnDask(client)
            case Where.SLURM | Where.PBS | Where.LSF:
                from twin.odds.engines.on_dask import OnDask, batch_cluster

                more = {"job_extra_directives": list(self.job_lines)} if self.job_lines else None
                with batch_cluster(self.where.value, jobs=self.workers, walltime_min=self.walltime_min, memory_gb=self.memory_gb, queue=self.queue, more=more) as client:
                    yield OnDask(client)
