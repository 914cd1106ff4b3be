"""Where each customer's dollar went: by hand. That the parts add up to what customers paid in every small world stands with the goldens."""

from __future__ import annotations

from datetime import date

import pandas as pd

from twin.outcomes.spending import PARTS, customer_dollars, shares_of

LEDGER = ["month", "asset", "source", "target", "reason", "funding", "amount", "amount_usd"]
JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 2, 1)


def usd(month: date, source: str, target: str, reason: str, amount: float) -> tuple[object, ...]:
    return month, "USD", source, target, reason, "", amount, amount


def tokens(month: date, source: str, target: str, reason: str, amount: float) -> tuple[object, ...]:
    return month, "T", source, target, reason, "", amount, amount


def went(*rows: tuple[object, ...], by_market: tuple[float, ...] = (0.0, 0.0)) -> pd.DataFrame:
    income = {"month": [JANUARY, FEBRUARY], "customers_burned_usd": list(by_market)}
    return pd.DataFrame(customer_dollars(pd.DataFrame(rows, columns=LEDGER), income)).set_index("month")


def test_each_way_has_its_column_and_rebates_and_unpaid_leases_are_nothing() -> None:
    found = went(
        usd(JANUARY, "world", "customers", "customers' own money", 100.0), usd(JANUARY, "customers", "operators", "usage", 40.0),
        usd(JANUARY, "customers", "to_spend", "usage", 30.0), usd(JANUARY, "customers", "treasury", "usage", 25.0),
        usd(JANUARY, "treasury", "world", "rebates", 5.0), usd(JANUARY, "customers", "world", "escrow that ran dry: served and not paid", 5.0),
        usd(JANUARY, "outside", "to_spend", "usage outside", 900.0), usd(JANUARY, "operators", "to_spend", "protocol fees", 90.0),
        tokens(JANUARY, "market", "burn", "usage", 3.0), tokens(JANUARY, "market", "pledge", "pledge", 50.0),
    )  # fmt: skip
    assert found.loc[JANUARY, list(PARTS)].tolist() == [40.0, 0.0, 30.0, 20.0]


def test_tokens_bought_to_pay_operators_or_to_hand_on_follow_the_tokens() -> None:
    """Credits go to a vault for operators; who uploads hands on a quarter to those who mine and the rest to an endowment."""
    found = went(
        usd(JANUARY, "customers", "to_spend", "credits", 10.0), tokens(JANUARY, "market", "vault", "credits", 1.0),
        usd(JANUARY, "customers", "market", "tokens bought to upload", 8.0), tokens(FEBRUARY, "market", "customers", "tokens bought to upload", 4.0),
        tokens(JANUARY, "customers", "endowment", "upload fee", 3.0), tokens(JANUARY, "customers", "held", "upload fee", 1.0),
        usd(FEBRUARY, "customers", "market", "tokens bought to upload", 4.0),
    )  # fmt: skip
    assert found.loc[JANUARY, list(PARTS)].tolist() == [0.0, 12.0, 0.0, 6.0]
    assert found.loc[FEBRUARY, list(PARTS)].tolist() == [0.0, 1.0, 0.0, 3.0]


def test_a_vault_of_fees_passes_on_what_it_had_kept() -> None:
    found = went(
        usd(JANUARY, "customers", "fee_vault", "fees", 10.0), usd(FEBRUARY, "fee_vault", "operators", "target pay", 6.0),
        usd(FEBRUARY, "fee_vault", "adversaries", "target pay", 1.0), usd(FEBRUARY, "fee_vault", "to_spend", "surplus", 2.0),
        tokens(FEBRUARY, "market", "burn", "surplus", 2.0),
    )  # fmt: skip
    assert found.loc[JANUARY, list(PARTS)].tolist() == [0.0, 0.0, 0.0, 10.0]
    assert found.loc[FEBRUARY, list(PARTS)].tolist() == [7.0, 0.0, 2.0, -9.0]


def test_what_reached_operators_is_never_more_than_was_spent_by_then() -> None:
    found = went(
        usd(JANUARY, "customers", "to_spend", "usage", 10.0), usd(FEBRUARY, "customers", "to_spend", "usage", 10.0), tokens(JANUARY, "market", "burn", "usage", 1.0),
        by_market=(15.0, 8.0),
    )  # fmt: skip
    assert found.reached_operators_usd.tolist() == [10.0, 8.0]


def test_without_a_ledger_there_is_no_row() -> None:
    assert all(column == [] for column in customer_dollars(pd.DataFrame(columns=LEDGER), {"month": [], "customers_burned_usd": []}).values())


def test_the_scorecards_shares_are_the_tables_of_those_months() -> None:
    rows = (
        usd(JANUARY, "customers", "to_spend", "usage", 70.0), usd(JANUARY, "customers", "treasury", "usage", 30.0), usd(JANUARY, "treasury", "world", "rebates", 20.0),
        usd(FEBRUARY, "customers", "operators", "usage", 20.0),
    )  # fmt: skip
    ledger = pd.DataFrame(rows, columns=LEDGER)
    january, february = pd.Timestamp(JANUARY), pd.Timestamp(FEBRUARY)
    both, first = shares_of(ledger, january, february), shares_of(ledger, january, january)
    assert (both.operators, both.network, both.holders) == (0.2, 0.1, 0.7)
    assert (first.operators, first.network, first.holders) == (0.0, 10 / 80, 70 / 80)
    assert shares_of(ledger, pd.Timestamp(2025, 1, 1), pd.Timestamp(2025, 12, 1)).holders is None
