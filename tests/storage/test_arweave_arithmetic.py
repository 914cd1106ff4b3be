"""Checks C12 to C14 and the endowment's reference table of an Arweave-like network."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from twin.economy.held import Fading
from twin.kinds.storage import endowment
from twin.kinds.storage.arweave_spec import ArweaveSpec, BlocksSpec, EndowmentSpec, InflationSpec, StoragePriceSpec, UploadFeeSpec
from twin.kinds.storage.weave import Income, Weave

TABLE = Path(__file__).parents[1] / "data" / "storage" / "arweave_endowment_reference.csv"
CASES = [
    ("AR1", 0.005, None, 7.83, None), ("AR2", 0.005, 1825, 5.00, None), ("AR3", 0.0, 1825, 5.00, None),
    ("AR4", -0.03, 1825, 5.00, 71.0), ("AR5", 0.1, 1825, 5.55, None),
]  # fmt: skip


def test_c12_block_reward() -> None:
    assert endowment.inflation_tokens_per_block(InflationSpec(), 1_391_330) == pytest.approx(0.73937280, abs=5e-9)


def test_c13_fee_of_a_gib() -> None:
    assert 1 / endowment.perpetual_years(UploadFeeSpec()) == pytest.approx(0.005012541823544286, rel=1e-12)
    assert endowment.upload_fee(UploadFeeSpec(), 1.0, winston_per_gib_minute=340) == pytest.approx(0.74867884, abs=5e-9)
    assert endowment.miner_share_of_fee(UploadFeeSpec()) == pytest.approx(1 / 21)


def test_c14_need_of_a_block() -> None:
    weave = 370.8 * endowment.GIB_PER_TB
    assert weave == pytest.approx(345_334.4, abs=0.05)
    need = endowment.needed_tokens(weave, replicas=20, winston_per_gib_minute=340, minutes=128.9 / 60)
    assert need == pytest.approx(0.00504488, abs=5e-9)


@dataclass
class Path200:
    """What the protocol alone does over 200 years, without miners or customers: state at the start of each day, and that day's flows."""

    pool_tokens: list[float] = field(default_factory=list)
    weave_tb: list[float] = field(default_factory=list)
    debt_tokens: list[float] = field(default_factory=list)
    kryder: list[float] = field(default_factory=list)
    winston: list[float] = field(default_factory=list)
    flows: list[Income] = field(default_factory=list)


def lived(spec: ArweaveSpec, *, growth_tb_per_day: float, grows_days: int | None) -> Path200:
    clock, path = SimpleNamespace(day=0), Path200()
    weave = Weave(clock, spec, Fading(None, mean_days=28))
    for clock.day in range(200 * 365 + 1):
        uploaded = growth_tb_per_day * endowment.GIB_PER_TB if grows_days is None or clock.day < grows_days else 0.0
        path.pool_tokens.append(weave.pool.tokens)
        path.weave_tb.append(weave.gib / endowment.GIB_PER_TB)
        path.debt_tokens.append(weave.pool.debt_tokens)
        path.kryder.append(weave.pool.kryder)
        path.winston.append(weave.winston_per_gib_minute)
        path.flows.append(weave.settle(uploaded * weave.fee_tokens_per_gib(), uploaded_gib=uploaded))
    return path


@pytest.mark.parametrize(("case", "decline", "grows_days", "first_draw", "dry"), CASES)
def test_the_reference_table_of_the_endowment(case: str, decline: float, grows_days: int | None, first_draw: float, dry: float | None) -> None:
    spec = ArweaveSpec(
        blocks=BlocksSpec(opening_blocks_count=1_793_000.0),
        price=StoragePriceSpec(rule="fixed_decline", decline_share_per_year=decline),
        opening_weave_tb=370.8,
    )
    path = lived(spec, growth_tb_per_day=0.3125, grows_days=grows_days)
    assert next(day for day, each in enumerate(path.flows) if each.taken + each.debt > 0) / 365 == pytest.approx(first_draw, abs=0.005)
    first_dry = next((day for day, each in enumerate(path.flows) if each.debt > 0), None)
    assert first_dry is None if dry is None else first_dry / 365 == pytest.approx(dry, abs=0.05)
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["scenario"].startswith(case)]
    assert len(rows) == 8
    for row in rows:
        day = int(row["year"]) * 365
        assert path.pool_tokens[day] == pytest.approx(float(row["endowment_AR"]), rel=1e-9, abs=1e-6)
        assert path.weave_tb[day] == pytest.approx(float(row["weave_TB"]), rel=1e-12)
        assert path.debt_tokens[day] == pytest.approx(float(row["debt_supply_AR"]), rel=1e-9, abs=1e-6)
        assert path.kryder[day] == float(row["kryder_multiplier"])
        if day:  # the flows of a row are those of the day before it
            assert path.winston[day - 1] == pytest.approx(float(row["price_winston_per_GiB_min"]), rel=1e-12)
            assert path.flows[day - 1].inflation == pytest.approx(float(row["inflation_AR_per_day"]), rel=1e-9)
            assert path.flows[day - 1].needed == pytest.approx(float(row["required_AR_per_day"]), rel=1e-9)


def test_the_pool_pays_first_and_debt_is_minted_last() -> None:
    pool = endowment.Pool.opening(EndowmentSpec(opening_tokens=100.0))
    assert pool.pay(5.0, 7.0) == (0.0, 0.0) and pool.tokens == 100.0
    assert pool.pay(50.0, 10.0) == (40.0, 0.0)
    assert pool.pay(100.0, 10.0) == (60.0, 30.0) and (pool.kryder, pool.is_latched, pool.debt_tokens) == (2.0, True, 30.0)
    assert pool.pay(10.0, 0.0) == (0.0, 10.0) and pool.kryder == 2.0  # the latch: doubled once
    pool.tokens = 20_000.0
    pool.pay(10.0, 0.0)
    assert not pool.is_latched
    pool.tokens = 0.0
    pool.pay(10.0, 0.0)
    assert pool.kryder == 4.0


def test_how_long_a_pool_lasts_on_paper() -> None:
    lasts = endowment.years_the_pool_lasts
    assert lasts(1000, cost_tokens_per_year=10, cost_decline_share_per_year=0.005) == pytest.approx(-math.log(1 + 100 * math.log(0.995)) / -math.log(0.995))  # needs 10 / k = 1,995 tokens for ever
    assert lasts(2000, cost_tokens_per_year=10, cost_decline_share_per_year=0.005) == math.inf
    assert lasts(100, cost_tokens_per_year=10, cost_decline_share_per_year=0.0) == 10
    rising = lasts(100, cost_tokens_per_year=10, cost_decline_share_per_year=-0.03)
    assert rising == pytest.approx(math.log(1 + 10 * math.log(1.03)) / math.log(1.03))
    assert lasts(100, cost_tokens_per_year=10, cost_decline_share_per_year=0.0, token_rise_share_per_year=-0.03) == pytest.approx(math.log(1 - 10 * math.log(0.97)) / -math.log(0.97))
    assert lasts(1, cost_tokens_per_year=0, cost_decline_share_per_year=-0.5) == math.inf
