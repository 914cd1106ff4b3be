"""Who claims GPUs that do not exist is paid until caught, at the expense of those who are honest."""

from __future__ import annotations

from datetime import date

import pytest
from market_days import lived

DAYS = 230
SEEN = "2024-10-14"


@pytest.fixture(scope="module")
def flood():
    """A flood in the reward season with weak checks up to 2024-10-15, good ones from then on."""
    return lived("ionet-world", DAYS, variant="flood_under_rewards")


@pytest.fixture(scope="module")
def honest():
    return lived("ionet-world", DAYS, variant="honest")


def test_claimed_and_real_are_two_lines(flood) -> None:
    _, days, notes = flood
    assert days.gpus_claimed[SEEN] > 300_000 and days.gpus_online[SEEN] < 3_000
    assert days.service_share[SEEN] <= days.service_share_as_seen[SEEN]      # claimed home cards cannot carry what needs 40 GB
    assert days.nodes_online_as_seen[SEEN] - days.nodes_online[SEEN] == days.fakes_online[SEEN] > 200
    assert {"fake_gpus", "fakes_caught"} <= notes.kinds()


def test_they_are_paid_until_caught_and_dilute_the_others(flood, honest) -> None:
    _, days, _ = flood
    own = days.operator_emission_usd - days.fakes_paid_usd
    clean = honest[1].operator_emission_usd
    assert days.fakes_paid_usd[:"2024-08-31"].sum() == 0
    assert own[SEEN] < 0.2 * clean[SEEN]                   # weight of some 330,000 claimed 4090s against a few hundred real halls
    assert days.fakes_paid_usd["2024-10-20":].sum() == 0   # proofs of work find them within a day
    assert own["2024-10-25"] == pytest.approx(clean["2024-10-25"], rel=0.05)
    assert days.fakes_caught.sum() == 400


def test_weak_checks_find_few(flood) -> None:
    """0.0005 a check, one check an hour: 1.2 % a day of those who are there."""
    _, days, _ = flood
    weak = days["2024-09-08":"2024-10-14"]
    rate = weak.fakes_caught.sum() / weak.fakes_online.sum()
    assert rate == pytest.approx(1 - (1 - 0.0005) ** 24, rel=0.25)


def test_a_stake_is_slashed_and_burned_after_the_appeal() -> None:
    change = {"adversaries__april_2024__starts": date(2024, 7, 20), "adversaries__april_2024__stakes": True, "adversaries__april_2024__n_nodes": 20,
              "rewards__stake_starts": date(2024, 7, 10), "calendar__start": date(2024, 7, 1), "verification__false_alarm_probability_per_check": 0.05,
              "adversaries__april_2024__n_claimed_gpus": 8, "verification__catch_probability": {date(2024, 4, 1): 0.0, date(2024, 8, 10): 0.9}}  # fmt: skip
    change["adversaries__april_2024__from"] = change.pop("adversaries__april_2024__starts")
    twin, days, _ = lived("ionet-world", 90, **change)
    stake = 20 * 8 * 200 * 1.25                            # the market has long found it when the checks begin to find
    assert days.slashed_tokens.sum() >= 0.5 * stake * 0.999
    first = days.slashed_tokens.to_numpy().nonzero()[0][0]
    assert days.slashed_tokens.iloc[first] > 0 and twin.ledger.balance("IO", "slashed") < days.slashed_tokens.sum()
    slashed_burned = sum(row["amount"] for row in twin.ledger.flow_rows() if row["source"] == "slashed" and row["target"] == "burn")
    assert slashed_burned > 0.9 * 0.5 * stake
    assert days.false_alarms.sum() > 0                     # 5 % failed checks, three in a row: 0.3 % of nodes a day
    honest_days = days.nodes_online.sum()
    assert days.false_alarms.sum() / honest_days == pytest.approx(24 * 0.05**3, rel=0.5)


def test_who_comes_without_a_stake_earns_nothing_once_it_is_asked() -> None:
    change = {"rewards__stake_starts": date(2024, 9, 20), "verification__catch_probability": {date(2024, 4, 1): 0.0}}
    _, days, _ = lived("ionet-world", 200, variant="flood_under_rewards", **change)
    assert days.fakes_paid_usd["2024-09-15"] > 0 and days.fakes_paid_usd["2024-09-21":].sum() == 0
    assert days.fakes_online["2024-10-10"] == 400
