"""The dossier's numeric checks C1 to C11 and C15 of a Filecoin-like network; values computed from the protocol's sources."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from protocol_identity import circulating_supply

from twin.kinds.storage import collateral, minting, vesting
from twin.kinds.storage.filecoin_spec import (
    FaultsSpec,
    FeesSpec,
    GenesisUnlocksSpec,
    MintingSpec,
    PledgeSpec,
    RewardVestingSpec,
    TerminationSpec,
    UnlockSpec,
)

SECTOR_EIB = 32 / 2**30
RULES = MintingSpec()
UNLOCKS = GenesisUnlocksSpec(
    tranches={
        name: UnlockSpec(tokens=tokens, days=days)
        for name, tokens, days in [
            ("at_once", 10_632_000.0, 0), ("m6", 51_803_587.0, 183), ("y1", 31_821_712.0, 365), ("y2", 7_223_364.0, 730),
            ("y3", 88_536_841.0, 1_095), ("y6", 409_805_053.0, 2_190),
        ]
    }
)  # fmt: skip
TABLE = Path(__file__).parents[1] / "data" / "storage" / "numeric_checks.csv"


def test_every_check_of_the_table_has_a_test_here_or_with_arweave() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == [f"C{number}" for number in range(1, 17)]


def test_c1_simple_reward_of_epoch_zero() -> None:
    """The constant of the chain's own code, to the last digit; a naive 1 - exp() loses the tenth."""
    assert float(minting.simple_tokens(RULES, 1 / 2880)) == pytest.approx(36.26626030819598, rel=1e-14)


def test_c2_baseline_on_new_years_day_2025() -> None:
    days = minting.days_since_epoch_zero(RULES, date(2025, 1, 1))
    assert days == pytest.approx(1590.0833, abs=1e-4)
    assert float(minting.baseline_eib(RULES, days)) == pytest.approx(51.3258, abs=5e-5)


def test_c3_network_time() -> None:
    assert float(minting.network_time_days(RULES, 4092.9)) == pytest.approx(743.2511, abs=5e-5)


def test_c4_baseline_minted() -> None:
    theta = minting.network_time_days(RULES, 4092.9)
    assert float(minting.baseline_tokens(RULES, theta)) == pytest.approx(161_408_423.45, abs=0.5)


def test_c5_issuance_rate() -> None:
    days = minting.days_since_epoch_zero(RULES, date(2025, 9, 9))
    simple, base = minting.formula_tokens_per_day(RULES, days=days, realised_eib_days=12_372.3, raw_eib=3.071)
    assert (simple, base) == (pytest.approx(58_321.2, abs=0.1), pytest.approx(19_490.2, abs=0.1))


def test_c5_the_backward_difference_of_a_day() -> None:
    days = minting.days_since_epoch_zero(RULES, date(2025, 9, 9))
    clocks = minting.Minting(MintingSpec(efficiency=1.0), days - 1, 12_372.3 - 3.071)
    assert clocks.step(3.071) == pytest.approx(77_823, abs=1)


@pytest.mark.parametrize(
    ("inputs", "parts"),
    [
        ({"reward_per_day": 91.758 * 2880, "circulating": 442.65e6, "quality_eib": 18.887, "baseline_eib": 18.0, "gamma": 1.0}, (0.008340, 0.209541)),  # C6
        ({"reward_per_day": 61_552.95, "circulating": 871.89e6, "quality_eib": 14.4141, "baseline_eib": 145.5855, "gamma": 0.7}, (0.002545, 0.199724)),  # C15
    ],
)
def test_c6_c15_pledge_of_a_sector_by_part(inputs: dict[str, float], parts: tuple[float, float]) -> None:
    spec = PledgeSpec()
    storage = collateral.storage_pledge(spec, SECTOR_EIB, reward_per_day=inputs["reward_per_day"], quality_eib=inputs["quality_eib"])
    consensus = collateral.consensus_pledge(spec, SECTOR_EIB, **{k: v for k, v in inputs.items() if k != "reward_per_day"})
    assert (float(storage), float(consensus)) == (pytest.approx(parts[0], abs=1e-6), pytest.approx(parts[1], abs=1e-6))
    assert float(collateral.initial_pledge(spec, SECTOR_EIB, **inputs)) == pytest.approx(sum(parts), abs=1e-6)


def test_c7_pledge_with_gamma() -> None:
    pledge = collateral.initial_pledge(PledgeSpec(), SECTOR_EIB, reward_per_day=78_500, circulating=725e6, quality_eib=23.4, baseline_eib=78.836, gamma=0.78066)
    assert float(pledge) == pytest.approx(0.126946, abs=5e-7)


def test_gamma_ramps_over_a_year() -> None:
    spec = PledgeSpec(gamma_share={date(2024, 11, 20): 1.0, date(2025, 11, 20): 0.7})
    assert [round(collateral.gamma_on(spec, day), 4) for day in (date(2024, 1, 1), date(2025, 8, 15), date(2026, 1, 1))] == [1.0, 0.7797, 0.7]
    assert collateral.gamma_on(PledgeSpec(), date(2030, 1, 1)) == 1.0


def test_a_pledge_is_capped_per_gib() -> None:
    dear = collateral.initial_pledge(PledgeSpec(), SECTOR_EIB, reward_per_day=1e9, circulating=1e12, quality_eib=0.01, baseline_eib=0.0, gamma=1.0)
    assert float(dear) == pytest.approx(1.0, rel=1e-12)


def test_c8_daily_fee() -> None:
    fee = collateral.daily_fee(FeesSpec(), SECTOR_EIB, circulating=680e6)
    assert float(fee) == pytest.approx(3.780793e-6, rel=1e-6)
    assert float(collateral.daily_fee(FeesSpec(), 10 * SECTOR_EIB, circulating=680e6)) == pytest.approx(3.780793e-5, rel=1e-6)


def test_c9_termination_fee() -> None:
    ages = np.array([10, 70, 140, 400])
    fees = collateral.termination_fee(TerminationSpec(), 0.131, age_days=ages, fault_fee=0.000351)
    np.testing.assert_allclose(fees, [0.00262, 0.0055675, 0.011135, 0.011135], rtol=1e-12)
    assert collateral.fault_fee(FaultsSpec(), 1.0) == 3.51
    before = collateral.termination_fee_before(TerminationSpec(), reward_per_day_now=1.0, reward_per_day_at_activation=2.0, age_days=np.array([0, 140, 400]))
    np.testing.assert_allclose(before, [40.0, 180.0, 180.0])


def test_c10_vested_after_1575_days() -> None:
    assert float(vesting.unlocked_tokens(UNLOCKS, 1575)) == pytest.approx(484_740_316, abs=0.5)
    assert float(vesting.unlocked_tokens(UNLOCKS, -1)) == 0 and float(vesting.unlocked_tokens(UNLOCKS, 9999)) == pytest.approx(599_822_557)


def test_c11_circulating_supply() -> None:
    supply = circulating_supply(vested=484_847_134, minted=365_928_138, reserve=17_066_619, burnt=40_327_377, locked=140_975_297)
    assert supply == 686_539_217
    assert circulating_supply(vested=0, minted=0, reserve=0, burnt=0, locked=1) == 0


def test_c16_reward_of_a_tib_counted_tenfold() -> None:
    assert 61_552.95 * 365 * 10 / (14.4141 * 2**20) == pytest.approx(14.8647, rel=1e-4)


def test_baseline_rewards_are_deferred_and_never_lost() -> None:
    """Half the baseline for long enough buys the same network time as the whole baseline did."""
    full, half = minting.Minting(RULES, 0.0, 0.0), minting.Minting(RULES, 0.0, 0.0)
    for _ in range(400):
        full.step(1e9)
        half.step(float(minting.baseline_eib(RULES, half.days + 1)) / 2)
    assert full.network_time_days == pytest.approx(400, rel=2e-3)
    assert half.realised_eib_days == pytest.approx(full.realised_eib_days / 2, rel=1e-12)


def test_rewards_vest_evenly_and_completely() -> None:
    queue = vesting.RewardQueue(RewardVestingSpec())
    freed = [queue.step(100.0 if day == 0 else 0.0) for day in range(182)]
    assert queue.locked_tokens == pytest.approx(0.0, abs=1e-9)
    assert freed[0] == 0 and freed[1:181] == pytest.approx([75 / 180] * 180) and freed[181] == pytest.approx(0.0, abs=1e-12)


def test_steady_state_of_locked_rewards_is_68_days() -> None:
    queue = vesting.RewardQueue(RewardVestingSpec())
    for _ in range(400):
        queue.step(1.0)
    assert queue.locked_tokens == pytest.approx(0.75 * 181 / 2, rel=1e-12)
    assert queue.take(10.0) == 10.0 and queue.locked_tokens == pytest.approx(0.75 * 181 / 2 - 10)
    assert queue.take(1e9) == pytest.approx(0.75 * 181 / 2 - 10) and queue.locked_tokens == pytest.approx(0.0, abs=1e-9)


def test_the_first_days_unvested_rewards_run_off_like_those_of_an_even_past() -> None:
    other = vesting.RewardQueue(RewardVestingSpec())
    for _ in range(180):
        other.step(10.0)
    queue = vesting.RewardQueue(RewardVestingSpec(), unvested_tokens=other.locked_tokens)
    assert [queue.step(0.0) for _ in range(200)] == pytest.approx([other.step(0.0) for _ in range(200)])
