"""Checks 10 and 11: the queue against Erlang's table, and with service times that spread."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dossier import expected, rows
from queue_theory import allen_cunneen_wait, mean_wait, queue_waits, wait_quantile

from twin.kinds.compute.queueing import erlang_b, erlang_c

TABLE = rows("erlang_c.csv")


def name(row: dict[str, str]) -> str:
    return f"c{row['servers_c']}-rho{row['utilisation_rho']}"


@pytest.mark.parametrize("row", TABLE, ids=name)
def test_formulas_give_every_row(row: dict[str, str]) -> None:
    servers, load = int(row["servers_c"]), float(row["offered_load_erlang"])
    assert erlang_b(servers, load) == pytest.approx(float(row["erlang_b"]), abs=6e-9)
    assert erlang_c(servers, load) == pytest.approx(float(row["erlang_c_prob_wait"]), abs=6e-9)
    assert mean_wait(servers, load) == pytest.approx(float(row["mean_wait_in_service_times"]), abs=6e-9)
    assert wait_quantile(servers, load) == pytest.approx(float(row["p95_wait_in_service_times"]), abs=1e-7)


@pytest.mark.parametrize(("servers", "rho"), [(1, 0.8), (4, 0.8), (16, 0.8), (64, 0.9), (64, 0.95), (10, 0.5)])
def test_check_10(servers: int, rho: float) -> None:
    assert erlang_c(servers, servers * rho) == expected(f"erlangC_c{servers}_rho{rho:g}")
    assert mean_wait(servers, servers * rho) == expected(f"wq_c{servers}_rho{rho:g}")


def waits(servers: int, rho: float, *, jobs: int, seed: int, sigma: float | None = None) -> np.ndarray:
    """Waits of a simulated queue with unit mean service, after a warm-up of a fifth."""
    rng = np.random.default_rng(seed)
    services = rng.exponential(1.0, jobs) if sigma is None else np.exp(rng.normal(-sigma**2 / 2, sigma, jobs))
    return queue_waits(rng.exponential(1 / (servers * rho), jobs), services, servers)[jobs // 5 :]


@pytest.mark.parametrize(("servers", "rho"), [(1, 0.5), (4, 0.8), (16, 0.8)])
def test_the_queue_itself(servers: int, rho: float) -> None:
    """Mean of five runs within 5 % of Erlang's mean and share of those who wait."""
    found = [waits(servers, rho, jobs=300_000, seed=seed) for seed in range(5)]
    assert np.mean([run.mean() for run in found]) == pytest.approx(mean_wait(servers, servers * rho), rel=0.05)
    assert np.mean([(run > 0).mean() for run in found]) == pytest.approx(erlang_c(servers, servers * rho), rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("row", TABLE, ids=name)
def test_the_queue_against_every_row(row: dict[str, str]) -> None:
    """Within four standard errors of the batch means and 3 %; the nearer to full, the longer the memory and the wider the band."""
    servers, rho = int(row["servers_c"]), float(row["utilisation_rho"])
    runs = [waits(servers, rho, jobs=300_000, seed=seed) for seed in range(5)]
    means = np.array([run.mean() for run in runs])
    wanted = float(row["mean_wait_in_service_times"])
    band = 4 * means.std(ddof=1) / math.sqrt(len(means)) + 0.03 * wanted
    assert abs(means.mean() - wanted) < band + 1e-4
    assert band < max(wanted, 1e-3), "a band this wide could not fail"


def test_lognormal_service() -> None:
    for sigma, name_, tolerance in ((0.55, "sim_MLN16_rho0.8_sigma0.55_wq", 0.07), (1.0, "sim_MLN16_rho0.8_sigma1.0_wq", 0.10)):
        found = np.mean([waits(16, 0.8, jobs=100_000, seed=seed, sigma=sigma).mean() for seed in range(5)])
        assert found == expected(name_)
        assert tolerance <= 0.1
    assert allen_cunneen_wait(16, 12.8, service_cv2=math.expm1(0.55**2)) == pytest.approx(0.0645, abs=1e-4)
    assert allen_cunneen_wait(16, 12.8, service_cv2=math.expm1(1.0)) == pytest.approx(0.1295, abs=1e-4)


def test_a_full_queue_waits_for_ever() -> None:
    assert erlang_c(4, 4.0) == 1 and mean_wait(4, 5.0) == math.inf and wait_quantile(4, 4.0) == math.inf
    assert erlang_c(4, 0.0) == 0 and wait_quantile(4, 0.0) == 0
