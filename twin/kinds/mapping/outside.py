"""The map elsewhere: it shares mint and token with the study area and is not simulated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twin.arrays import Floats
from twin.economy.emission import day_range, values_on
from twin.errors import InputError, Problem
from twin.kernel import Clock
from twin.kinds.mapping.rules_spec import MappingOutsideSpec, MapProgressEmissionSpec
from twin.scenario.series import load_series


@dataclass(frozen=True, eq=False)
class Outside:
    """By day of the run; zeros where the study area is the whole map."""

    spec: MappingOutsideSpec | None
    progress: Floats
    """Weighted progress of all other regions, 0 to 1."""
    burn_usd: Floats
    """Paid by customers elsewhere, USD a day."""
    minted_before_tokens: float = 0.0
    """Minted before the first day."""


def outside_of(spec: MappingOutsideSpec | None, emission: MapProgressEmissionSpec, clock: Clock, base_dir: Path | None) -> Outside:
    """The map elsewhere, as its tables say. Raises InputError `progress_above_one`."""
    if spec is None:
        return Outside(None, np.zeros(clock.n_days), np.zeros(clock.n_days))
    ref, burn, before = spec.map_progress, spec.burn_usd_per_day, 0.0
    table = load_series(ref.series, base_dir=base_dir)
    if emission.starts < clock.start:
        past = table.daily(emission.starts, (clock.start - emission.starts).days, until=ref.until, then=ref.then)
        scale = values_on(emission.scale_share_by_date, day_range(emission.starts, clock.start), 1.0)
        before = float((past * scale).sum()) * emission.scale_share * emission.tokens_per_week_at_full_progress / 7
    progress = table.daily(clock.start, clock.n_days, until=ref.until, then=ref.then)
    if progress.max() > 1:
        raise InputError(Problem("progress_above_one", f"{ref.series} has a progress above 1", path="outside.map_progress", suggestion="a share from 0 to 1"))
    burned = load_series(burn.series, base_dir=base_dir).daily(clock.start, clock.n_days, until=burn.until, then=burn.then)
    return Outside(spec, progress, burned, before)
