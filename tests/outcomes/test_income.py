"""Where operators' dollars came from: by hand for a few months, and in sum for small worlds."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from kept import settled

from twin.outcomes.income import SOURCES, operator_income, operator_outlays

sys.path.append(str(Path(__file__).parents[1] / "goldens"))
from worlds import WORLDS

LEDGER = ["month", "asset", "source", "target", "reason", "funding", "amount", "amount_usd"]
JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 2, 1)
DAILY = pd.DataFrame({"date": pd.date_range("2024-01-01", "2024-02-29"), "backed_share": [0.5] * 31 + [0.0] * 29})


def income(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(operator_income(pd.DataFrame(rows, columns=LEDGER), DAILY)).set_index("month")


def test_customers_part_of_a_sale_is_what_they_backed_when_it_was_credited() -> None:
    """100 tokens credited at 2 USD with a beta of one half; half of them sold in the month after, at 3 USD and at 1 USD."""
    credit = (JANUARY, "T", "mint", "operators_accrued", "rewards", "emission", 100.0, 200.0)
    claim = (FEBRUARY, "T", "operators_accrued", "operators", "claim", "", 100.0, 100.0)
    offer = (FEBRUARY, "T", "operators", "on_offer", "sale", "", 50.0, 150.0)
    for usd, customers in ((150.0, 50.0), (50.0, 25.0)):
        found = income(credit, claim, offer, (FEBRUARY, "USD", "market", "operators", "sale", "", usd, usd))
        assert found.loc[FEBRUARY, "customers_burned_usd"] == pytest.approx(customers)
        assert found.loc[FEBRUARY, "holders_usd"] == pytest.approx(usd - customers)


def test_each_source_has_its_column_and_what_comes_back_has_none() -> None:
    found = income(
        (JANUARY, "USD", "customers", "operators", "usage", "customer", 7.0, 7.0),
        (JANUARY, "USD", "foundation", "operators", "bounty", "grant", 5.0, 5.0),
        (JANUARY, "USD", "pay_out_treasury", "operators", "pay in dollars", "", 3.0, 3.0),
        (JANUARY, "USD", "world", "operators", "own pocket", "", 2.0, 2.0),
        (JANUARY, "USD", "world", "operators", "cancelled orders", "", 90.0, 90.0),
        (JANUARY, "USD", "treasury", "operators", "own deposits", "", 90.0, 90.0),
        (JANUARY, "USD", "own_use", "operators", "bills saved", "own_use", 90.0, 90.0),
    )
    assert found.loc[JANUARY].to_dict() == {
        "customers_paid_usd": 7.0, "customers_burned_usd": 0.0, "holders_usd": 0.0, "treasury_usd": 3.0, "grants_usd": 5.0, "own_pocket_usd": 2.0,
    }  # fmt: skip


def test_what_operators_spent_has_what_came_back_taken_off() -> None:
    rows = (
        (JANUARY, "USD", "world", "operators", "own pocket", "", 60.0, 60.0),
        (JANUARY, "USD", "operators", "world", "hardware", "", 150.0, 150.0),
        (JANUARY, "USD", "world", "operators", "cancelled orders", "", 90.0, 90.0),
        (FEBRUARY, "USD", "own_use", "operators", "bills saved", "own_use", 40.0, 40.0),
        (FEBRUARY, "USD", "market", "operators", "sale", "", 30.0, 30.0),
        (FEBRUARY, "USD", "operators", "world", "running cost and duties", "", 65.0, 65.0),
        (FEBRUARY, "T", "operators", "on_offer", "sale", "", 1_000.0, 30.0),
    )
    found = operator_outlays(pd.DataFrame(rows, columns=LEDGER))
    assert found == {"month": [JANUARY, FEBRUARY], "spent_usd": [60.0, 65.0], "own_use_usd": [0.0, 40.0]}
    assert operator_outlays(pd.DataFrame([], columns=LEDGER)) == {"month": [], "spent_usd": [], "own_use_usd": []}


def test_a_treasury_passes_on_what_the_market_gave_it_and_adds_only_the_rest() -> None:
    """100 tokens worth 200 USD, half of it backed by customers, taken over for 200; the market gives 150 a month later, when 200 more are paid."""
    month = [
        [(each, "T", "mint", "operators", "rewards", "emission", 100.0, 200.0), (each, "T", "operators", "pay_out_treasury", "taken over for dollars", "", 100.0, 200.0),
         (each, "USD", "pay_out_treasury", "operators", "pay in dollars", "", 200.0, 200.0)]
        for each in (JANUARY, FEBRUARY)
    ]  # fmt: skip
    found = income(*month[0], *month[1], (FEBRUARY, "USD", "market", "pay_out_treasury", "sale", "", 150.0, 150.0))
    assert found.treasury_usd.tolist() == [200.0, 50.0]
    assert found.customers_burned_usd.tolist() == [0.0, 0.0] and found.holders_usd.tolist() == [0.0, 150.0]
    both = income(*month[0], (JANUARY, "USD", "market", "pay_out_treasury", "sale", "", 150.0, 150.0))
    assert both[list(SOURCES)].loc[JANUARY].tolist() == [0.0, 75.0, 75.0, 50.0, 0.0]


@pytest.mark.parametrize("name", ["mapping-island", "arweave-fixed"])
def test_in_a_life_sources_add_up_to_what_operators_took_in(name: str) -> None:
    world, kept = settled(WORLDS[name].scenario())
    world.clock.run()
    ledger = pd.DataFrame(world.ledger.flow_rows())
    daily = pd.DataFrame({"date": pd.date_range(world.clock.start, periods=world.clock.n_days), "backed_share": kept.series("backed_share")})
    found = pd.DataFrame(operator_income(ledger, daily))
    dollars = ledger[(ledger.asset == "USD") & (ledger.target == "operators") & ~ledger.source.isin(("world", "own_use"))]
    assert found[list(SOURCES)].to_numpy().sum() == pytest.approx(dollars.amount.sum(), rel=1e-9)
    assert (found[list(SOURCES)].to_numpy() >= 0).all() and found.customers_burned_usd.sum() > 0
