"""What each row of the queue asks of a machine and of its host: GPUs, memory, round trip, tier, how work is saved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Ints
from twin.kinds.compute.demand import Rows
from twin.kinds.compute.jobs import mean_hours
from twin.kinds.compute.places import Sites
from twin.kinds.compute.spec import ComputeScenario


@dataclass(frozen=True, eq=False)
class Terms:
    """By row of the queue, but for the last two, which are by class of job."""

    gpus: Ints
    """Of one job; 1 for a flow, whose unit is a GPU-hour."""
    tier: Ints
    checkpoint_hours: Floats
    """Work is saved this often; 0: an interrupted job is lost."""
    mean_hours: Floats
    jobs_per_unit: Floats
    """1, or jobs in a GPU-hour of a flow."""
    may_serve: NDArray[np.bool_]
    """Row by node: near enough and with memory enough."""
    busy_share: Floats
    reference_usd: Floats
    """Of a GPU-hour."""


def terms_of(spec: ComputeScenario, sites: Sites, rows: Rows) -> Terms:
    """The terms of a scenario's rows on its sites."""
    jobs = list(spec.customers.values())
    memory = np.array([gpu.memory_gb for gpu in spec.hardware.values()])[sites.gpu]
    budget = np.array([job.rtt_budget_seconds for job in jobs])[rows.job] * 1000
    near = np.where(rows.city[:, None] >= 0, sites.rtt_ms[np.maximum(rows.city, 0)] <= budget[:, None], True)
    n_gpus = np.array([job.n_gpus for job in jobs])[rows.job]
    hours = np.array([mean_hours(job) for job in jobs])[rows.job]
    return Terms(
        gpus=np.where(rows.is_flow, 1, n_gpus).astype(np.int64),
        tier=np.array([job.tier for job in jobs])[rows.job],
        checkpoint_hours=np.array([job.checkpoint_hours or 0.0 for job in jobs])[rows.job],
        mean_hours=hours,
        jobs_per_unit=np.where(rows.is_flow, 1 / (hours * n_gpus), 1.0),
        may_serve=near & (memory[None, :] >= np.array([job.min_memory_gb for job in jobs])[rows.job][:, None]),
        busy_share=np.array([job.busy_share for job in jobs]),
        reference_usd=np.array([job.reference_usd_per_gpu_hour for job in jobs]),
    )
