"""Arweave in small: pool, price and copies over some years, and what the price of storage does to the verdict."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twin.actors.customers.sale import Terms
from twin.actors.operators import Parties
from twin.actors.operators.miners import COLUMNS, MinerPolicy
from twin.actors.society import Society
from twin.kernel import Clock, Streams
from twin.kinds.storage.arweave_spec import ReplicasSpec, StoragePriceSpec
from twin.kinds.storage.customers import Uploads
from twin.kinds.storage.mining import MeasuredPrice, Miners
from twin.kinds.storage.provider_spec import MinerSpec, UploadersSpec
from twin.run import Run, run
from twin.scenario import load
from twin.scenario.model import Spread
from twin.state import Columns

SHORT = ["calendar.end=2031-03-01", "miners.farms.operators_count=40", "miners.data_centers.operators_count=20", "token.AR.price={kind: constant_from, date: 2025-11-15, price_usd: 1.67}"]
"""A price that is held: what miners and the pool do by themselves is seen without a market."""


def lived(out: Path, *, variant: str | None = None, sets: list[str]) -> Run:
    return run(load("arweave-world", variant=variant, sets=sets), out=out, report=False)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return lived(tmp_path_factory.mktemp("arweave"), sets=SHORT)


def test_the_pool_on_the_ledger_is_the_pool_of_the_protocol(base: Run) -> None:
    daily, ledger = base.table("network_daily"), base.table("ledger_monthly")
    tokens = ledger[ledger.asset == "AR"]
    held = tokens[tokens.target == "endowment"].amount.sum() - tokens[tokens.source == "endowment"].amount.sum()
    assert held == pytest.approx(daily.endowment_tokens.iloc[-1], rel=1e-9)
    assert daily.weave_tb.iloc[-1] == pytest.approx(370.8 + daily.uploaded_tb_per_day.sum(), rel=1e-9)


def test_miners_leave_until_copies_cost_what_they_bring(base: Run) -> None:
    daily = base.table("network_daily").set_index("date")
    assert daily.copies.iloc[0] > 190 and 15 < daily.copies["2030-06-30"] < 30
    late = daily["2030-01-01":]
    assert (late.miner_income_usd_per_tb_per_year / late.miner_cost_usd_per_tb_per_year).mean() == pytest.approx(1.0, abs=0.35)
    assert base.verdict.outcome.value in {"niche", "self_sustaining", "coasting"}


def test_without_inflation_the_pool_pays_earlier_and_the_data_still_stays(tmp_path: Path, base: Run) -> None:
    none = lived(tmp_path, variant="no_inflation", sets=SHORT)
    daily, other = base.table("network_daily"), none.table("network_daily")

    def first_draw(table: pd.DataFrame) -> int:
        return int(np.flatnonzero(table.taken_tokens_per_day.to_numpy() > 0)[0])

    assert first_draw(other) < first_draw(daily)
    assert (other.inflation_tokens_per_day == 0).all() and none.verdict.outcome.is_alive


@pytest.mark.slow
def test_the_promise_holds_with_falling_cost_and_breaks_with_rising_cost(tmp_path: Path) -> None:
    kept, broken = (lived(tmp_path / name, variant=name, sets=["miners.farms.operators_count=40", "record.operators=none"]) for name in ("promise_kept", "promise_broken"))
    assert kept.verdict.outcome.value == "self_sustaining" and kept.table("network_daily").debt_tokens.iloc[-1] == 0
    last = broken.table("network_daily")
    assert broken.verdict.outcome.value == "subsidy_dependent" and last.debt_tokens.iloc[-1] > 0
    dry = int(np.flatnonzero(last.debt_tokens.to_numpy() > 0)[0]) / 365
    assert dry == pytest.approx(71.0, abs=1.5)  # the reference table; here the first token of debt


def test_a_miner_adds_where_disks_pay_back_and_switches_off_below_running_cost() -> None:
    """At twice full cost a disk pays back in 15.6 months at 15 percent a year, against a limit of 24: 1.24 fifths of the largest step."""
    spec = ReplicasSpec(running_usd_per_tb_per_year=4.0, power_w_per_tb=0.0, capex_usd_per_tb=14.0, cost_decline_share_per_year=0.0, resale_share=0.0)

    def change(income: float) -> float:
        miners = Miners(spec, space_tb=np.array([100.0]), cost_multiple=np.ones(1), usd_per_kwh=np.zeros(1), hurdle_rate_per_year=0.15)
        parties = Parties(Society(), {"all": MinerSpec(operators_count=1, space_share=1, country_share={"SE": 1}, payback_limit_months=Spread(median=24, p90=24))}, np.zeros(1, np.int8))
        clock = Clock(date(2026, 1, 1), date(2027, 1, 1))
        MinerPolicy(clock, Streams(1), Columns(1, COLUMNS), parties, miners, spec).decide(income)
        return float(miners.space_tb[0]) - 100.0

    rate = 1.15 ** (1 / 12) - 1
    full = 4.0 + 12 * 14 * rate / (1 - (1 + rate) ** -60)  # a disk is paid for by the month, in five years
    months = -np.log1p(-14 * rate / (2 * full - 4) * 12) / np.log1p(rate)
    assert months == pytest.approx(15.6, abs=0.05)
    assert change(2 * full) == pytest.approx(100 * 0.02 * np.sqrt(24 / months) / 5) and change(full * 1.05) == 0.0
    assert change(full * 0.99) == pytest.approx(-100 / (5 * 365.25)) and change(2.0) == pytest.approx(-1.0)
    assert change(0.0) == pytest.approx(-2.0)


def test_the_measured_price_is_income_over_mined_space() -> None:
    price = MeasuredPrice(StoragePriceSpec(opening_winston_per_gib_minute=340.0, old_weight=0.0), blocks_per_day=670)
    assert price.step(100.0, mined_gib=1e6, transition_share=1.0) == pytest.approx(100e12 / (1440 * 1e6))
    half = MeasuredPrice(StoragePriceSpec(opening_winston_per_gib_minute=340.0, old_weight=0.0), blocks_per_day=670)
    assert half.step(100.0, mined_gib=1e6, transition_share=0.5) == pytest.approx((340 + 100e12 / (1440 * 1e6)) / 2)


def test_uploads_answer_to_the_price_and_end_when_told() -> None:
    from datetime import date

    spec = UploadersSpec(opening_tb_per_day=1.0, price_elasticity=0.5, most_tb_per_day=3.0, ends=date(2030, 1, 1))
    start, fees = date(2026, 1, 1), [4.0, 1.0]
    archives = Uploads(spec, start=start, fee_usd_per_gib=lambda: (fees[0], fees[1]))
    assert archives.tb_on(start) == pytest.approx(0.5)
    fees[0] = 0.01
    assert archives.tb_on(start) == 3.0
    terms = Terms(ends=spec.ends)
    assert terms.buys_on(date(2029, 12, 31)) and not terms.buys_on(date(2030, 1, 1))
