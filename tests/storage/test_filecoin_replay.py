"""Filecoin from 2022-10-10 with the real power, onboarding and burn: our books beside facts of the chain, and beside the peer's errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from bulk import BULK, FACTS, rows_of
from protocol_identity import by_identity

from twin.economy.held import Fading
from twin.kernel import Clock, Lane
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.filecoin_spec import FilecoinSpec
from twin.kinds.storage.sectors import PIB_PER_EIB
from twin.scenario import load
from twin.state import Today

START = date(2022, 10, 10)
HELD_DAYS = 170
"""From 2024-09-01 the daily series is kept aside: the mean flows of the 90 days before go on."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Daily rows; row 0 is the day of the opening state."""

    raw_eib: np.ndarray
    quality_eib: np.ndarray
    onboarded_quality_pib: np.ndarray
    burnt_tokens: np.ndarray
    """Burned on the day."""

    def held_for(self, n_days: int, *, mean_days: int = 90) -> Observed:
        """The same, followed by `n_days` with the mean flows of the last `mean_days`."""
        steps = np.arange(1, n_days + 1)

        def on(power: np.ndarray) -> np.ndarray:
            return np.concatenate([power, np.maximum(power[-1] + steps * (power[-1] - power[-1 - mean_days]) / mean_days, 0.01)])

        def flat(flow: np.ndarray) -> np.ndarray:
            return np.concatenate([flow, np.full(n_days, flow[-mean_days:].mean())])

        return Observed(on(self.raw_eib), on(self.quality_eib), flat(self.onboarded_quality_pib), flat(self.burnt_tokens))


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the books say at the end of each day."""

    start: date
    minted_tokens: np.ndarray
    vested_tokens: np.ndarray
    locked_tokens: np.ndarray
    circulating_tokens: np.ndarray
    gap_to_identity_tokens: np.ndarray
    """Ledger less the protocol's identity."""

    def on(self, day: date) -> dict[str, float]:
        """Supply, locked, minted and vested on a day."""
        row = (day - self.start).days
        return {name: float(getattr(self, f"{name}_tokens")[row]) for name in ("circulating", "locked", "minted", "vested")}


def replay(spec: FilecoinSpec, observed: Observed, *, start: date) -> Replayed:
    """Exits are `onboarded - change of power`, with sign: a fault that returns takes its pledge back with it; pledge leaves with the mean of what is locked."""
    n = len(observed.raw_eib)
    clock, rows = Clock(start, start + timedelta(days=n)), np.zeros((5, n))
    chain = ChainBooks(clock, spec, "FIL", Today(), backing_days=30, fading=Fading(None, mean_days=28))

    def day() -> None:
        day = clock.day
        if day:
            power, before = observed.quality_eib[day] * PIB_PER_EIB, observed.quality_eib[day - 1] * PIB_PER_EIB
            added = float(observed.onboarded_quality_pib[day])
            chain.unlock()
            chain.mint(float(observed.raw_eib[day]))
            new = chain.pledge_per_pib(network_quality_pib=float(power)) * added
            left = (added - (power - before)) * chain.pledged_tokens / before
            chain.lock(new + max(-left, 0.0))
            chain.release(max(left, 0.0))
            chain.burn_fees(float(observed.burnt_tokens[day]), "observed burn")
            chain.ledger.check(day)
        circulating, locked = chain.circulating_tokens(), chain.pledged_tokens + chain.unvested_tokens
        rows[:, day] = chain.minted_tokens, chain.vested_tokens, locked, circulating, circulating - by_identity(chain)

    clock.every_day(day, lane=Lane.SETTLE, name="a day of the chain")
    clock.run()
    return Replayed(start, *rows)


def sampled(table: list[dict[str, str]]) -> Observed:
    """Days between rows a week apart: power on a straight line, flows spread evenly."""
    at = np.array([(date.fromisoformat(row["date"]) - START).days for row in table])
    days = np.arange(at[-1] + 1)

    def on(name: str) -> np.ndarray:
        return np.interp(days, at, [float(row[name]) for row in table])

    def flow(name: str) -> np.ndarray:
        return np.diff(np.interp(days, at, np.cumsum([float(row[name]) for row in table])), prepend=0.0)

    return Observed(on("raw_power_eib"), on("qa_power_eib"), flow("onboarded_qa_pib"), flow("burnt_fil"))


def replayed_from(observed: Observed) -> Replayed:
    return replay(load("filecoin-world").spec.filecoin, observed.held_for(HELD_DAYS), start=START)


@pytest.fixture(scope="module")
def replayed() -> Replayed:
    return replayed_from(sampled(rows_of(FACTS / "storage" / "filecoin_weeks.csv")))


@pytest.fixture(scope="module")
def replayed_daily() -> Replayed:
    daily = pd.read_csv(BULK / "history" / "filecoin_network_daily.csv")
    return replayed_from(
        Observed(daily.raw_power_eib.to_numpy(), daily.qa_power_eib.to_numpy(), daily.onboarded_qa_pib.to_numpy(), daily.burnt_fil_daily.fillna(0.0).to_numpy())
    )


def facts() -> list[dict[str, str]]:
    return rows_of(FACTS / "storage" / "filecoin_chain_facts.csv")


def error_percent(replayed: Replayed, fact: dict[str, str]) -> float:
    return 100 * (replayed.on(date.fromisoformat(fact["date"]))[fact["quantity"]] / float(fact["value"]) - 1)


@pytest.mark.parametrize("fact", facts(), ids=lambda fact: f"{fact['quantity']} {fact['date']}")
def test_our_error_is_smaller_than_the_peers(fact: dict[str, str], replayed: Replayed) -> None:
    """Weekly rows of power and flows; they miss what the daily ones say by less than half a percent."""
    assert abs(error_percent(replayed, fact)) < abs(float(fact["peer_error_percent"])), f"{error_percent(replayed, fact):+.2f} %"


@pytest.mark.bulk
@pytest.mark.parametrize("fact", facts(), ids=lambda fact: f"{fact['quantity']} {fact['date']}")
def test_our_error_with_every_day_is_smaller_than_the_peers(fact: dict[str, str], replayed: Replayed, replayed_daily: Replayed) -> None:
    assert abs(error_percent(replayed_daily, fact)) < abs(float(fact["peer_error_percent"])), f"{error_percent(replayed_daily, fact):+.2f} %"
    assert error_percent(replayed, fact) == pytest.approx(error_percent(replayed_daily, fact), abs=0.5)


def test_the_ledger_and_the_protocols_identity_agree_every_day(replayed: Replayed) -> None:
    assert np.abs(replayed.gap_to_identity_tokens).max() < 1.0


def test_unvested_rewards_of_the_first_day_are_those_of_180_days_of_mining() -> None:
    """Three quarters of each day's rewards are released over 180 days; cumulative rewards on every tenth day, straight lines between."""
    table = rows_of(FACTS / "storage" / "filecoin_mined_2022.csv")
    at = [(date.fromisoformat(row["date"]) - date.fromisoformat(table[0]["date"])).days for row in table]
    assert table[-1]["date"] == "2022-10-10" and at[-1] == 180
    per_day = np.diff(np.interp(np.arange(181), at, [float(row["cumulative_mined_reward_fil"]) for row in table]))
    assert load("filecoin-world").spec.filecoin.opening.unvested_tokens == pytest.approx(unvested(per_day), rel=1e-3)


@pytest.mark.bulk
def test_unvested_rewards_of_the_first_day_are_those_of_every_day_of_mining() -> None:
    mined = pd.read_csv(BULK / "history" / "filecoin_early_daily.csv").set_index("date").cumulative_mined_reward_fil.dropna()
    per_day = mined[mined.index <= "2022-10-10"].diff().dropna().to_numpy()[-180:]
    assert load("filecoin-world").spec.filecoin.opening.unvested_tokens == pytest.approx(unvested(per_day), rel=1e-3)


def unvested(per_day: np.ndarray) -> float:
    """Left of 180 days of rewards on the evening of the last."""
    return float((0.75 * per_day[::-1] * (180 - np.arange(180)) / 180).sum())


def test_held_flows_are_the_mean_of_the_last_days() -> None:
    days = np.arange(1.0, 201.0)
    held = Observed(days, 2 * days, 3 * days, np.ones(200)).held_for(10, mean_days=50)
    assert len(held.raw_eib) == 210 and held.raw_eib[-1] == pytest.approx(210.0)
    assert held.onboarded_quality_pib[-1] == pytest.approx(3 * days[-50:].mean())
