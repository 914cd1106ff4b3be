"""Thirty fits of made-up histories of the toy kind, each by whole lives: about a thousand of them, a minute of processor time."""

from __future__ import annotations

import importlib.util
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
from simulation_based import ranks

from twin.history.esmda import Facts
from twin.history.living import lived_until
from twin.history.priors import Priors, priors_of
from twin.scenario import Scenario, load

WORLD = Path(__file__).parents[1] / "world"
LAST = date(2024, 5, 31)
UNCERTAIN = (
    "uncertain={operators.people.interest.innovation_per_month: {kind: loguniform, low: 0.05, high: 0.2}, customers.town_hall.usd_per_person_per_year: {kind: lognormal, median: 0.6, p90: 1.2}, "
    "operators.people.payback_limit_months.median: {low: 8, likely: 18, high: 36}}"
)
SMALL = ("adversaries=null", "regulation=null", "verification.checks=null", "place.sites.count=60", "place.h3_resolution=7")
DAYS = np.array([40, 60, 90, 150])
"""On which nodes are counted; revenue is seen on the last two."""
ERROR = 0.05
FITS, MEMBERS, STEPS = 30, 18, 1


@cache
def town() -> Scenario:
    if "toy_kind" not in sys.modules:
        spec = importlib.util.spec_from_file_location("toy_kind", WORLD / "toy_kind.py")
        assert spec is not None and spec.loader is not None
        sys.modules["toy_kind"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return load(WORLD / "air.yaml", sets=(*SMALL, UNCERTAIN))


@cache
def priors() -> Priors:
    return priors_of(town())


def said(member: tuple[int, tuple[float, ...]]) -> list[float]:
    luck, units = member
    daily = lived_until(town().drawn(0, u_by_path=dict(zip(priors().paths, units, strict=True))), LAST, replicate=luck)
    nodes, revenue = (np.log(np.maximum(daily[name].astype(float), 0.5)) for name in ("nodes_online", "revenue_usd"))
    return [*nodes[DAYS], *revenue[DAYS[-2:]]]


def simulate(pool: ProcessPoolExecutor, scores, luck):
    return np.array(list(pool.map(said, zip(luck.tolist(), map(tuple, priors().units(scores)), strict=True), chunksize=4)))


@pytest.mark.slow
def test_ranks_of_truths_of_lives_are_uniform_and_bands_cover() -> None:
    n = len(DAYS) + 2
    facts = Facts(np.zeros(n), np.full(n, ERROR), np.array([0] * len(DAYS) + [1, 1]), np.array([*DAYS, *DAYS[-2:]]), np.zeros(n))
    town()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        found = ranks(partial(simulate, pool), parameters=3, facts=facts, fits=FITS, members=MEMBERS, seed=8, steps=STEPS)
    by_bins, by_curve = found.p_values()
    assert by_bins.min() > 0.001 and by_curve.min() > 0.001, (by_bins, by_curve, found.histogram())
    assert np.all(found.covered(0.9) > 0.7), found.covered(0.9)   # of thirty fits
    assert (found.apart_after.mean(0) < found.apart_before.mean(0)).all()   # on every tracked number the fit is nearer to the truth than the prior
