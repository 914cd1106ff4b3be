"""The ledger balances whatever is posted, and stops the run when it does not."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.errors import LedgerError
from twin.state import USD, FlowKey, Funding, Ledger, Relation

START = date(2021, 1, 20)
ACCOUNTS = {
    "outside": Relation.EXTERNAL, "operators_accrued": Relation.OPERATOR, "operators": Relation.OPERATOR, "customers": Relation.EXTERNAL,
    "treasury": Relation.PROJECT, "team": Relation.PROJECT, "holders": Relation.HOLDER, "market": Relation.TECHNICAL,
}  # fmt: skip


def ledger_of() -> Ledger:
    ledger = Ledger(START)
    for account, relation in ACCOUNTS.items():
        ledger.open(account, relation)
    ledger.add_asset("HNT")
    ledger.set_price("HNT", 2.0)
    return ledger


amounts = st.floats(0, 1e12, allow_nan=False).map(lambda x: x if x > 1e-6 else 0.0)
moves = st.lists(
    st.tuples(st.sampled_from(["mint", "burn", "pay", "sell", "outside"]), amounts, st.integers(0, 900)), min_size=1, max_size=60
)


@settings(max_examples=200, deadline=None)
@given(moves, st.floats(0, 1e10))
def test_supply_and_flows_follow_from_the_postings(history, genesis):
    """Minted, burned and held are recounted from the history itself; nobody spends what it does not have."""
    ledger, minted, burned, held = ledger_of(), [], [], 0.0
    ledger.post("HNT", "genesis", "holders", genesis, reason="genesis", day=0)
    for what, amount, day in history:
        if what == "mint":
            ledger.post("HNT", "mint", "operators_accrued", amount, reason="proof", funding=Funding.EMISSION, day=day)
            minted.append(amount)
            held += amount
        elif what == "burn":
            amount = min(amount, ledger.balance("HNT", "customers"))
            ledger.post("HNT", "customers", "burn", amount, reason="data credits", day=day)
            burned.append(amount)
        elif what == "pay":
            ledger.post(
                "HNT", "operators_accrued", "operators", min(amount, ledger.balance("HNT", "operators_accrued")), reason="claim", day=day
            )
        elif what == "sell":
            amount = min(amount, ledger.balance("HNT", "operators"))
            ledger.post("HNT", "operators", "customers", amount, reason="sale", day=day)
            ledger.post(USD, "world", "operators", amount * 2.0, reason="sale", day=day)
        else:
            ledger.post("HNT", "mint", "outside", amount, reason="rest of the network", day=day)
            minted.append(amount)
        ledger.check(day)
    want = genesis + math.fsum(minted) - math.fsum(burned)
    scale = genesis + math.fsum(minted) + 1.0
    assert abs(ledger.supply("HNT") - want) <= 1e-12 * scale
    holders = ("holders", "operators_accrued", "operators", "customers", "outside", "rounding")
    assert abs(math.fsum(ledger.balance("HNT", account) for account in holders) - want) <= 1e-12 * scale
    assert abs(ledger.balance("HNT", "rounding")) <= 1e-12 * scale
    by_flow = math.fsum(flow.amount for key, flow in ledger.flows.items() if key.target == "burn")
    assert abs(by_flow - math.fsum(burned)) <= 1e-12 * scale
    assert all(key.month.day == 1 for key in ledger.flows)


def test_flows_are_told_apart_by_month_reason_and_funding():
    ledger = ledger_of()
    for day in (0, 3, 11, 12, 40):  # 20 January 2021 is day 0; 1 February day 12
        ledger.post("HNT", "mint", "operators_accrued", 5.0, reason="proof", funding="emission", day=day)
    ledger.post("HNT", "mint", "operators_accrued", 1.0, reason="data", funding=Funding.CUSTOMER, day=40, usd=9.0)
    key = FlowKey(date(2021, 1, 1), "HNT", "mint", "operators_accrued", "proof", "emission")
    assert ledger.flows[key].amount == 15.0 and ledger.flows[key].amount_usd == 30.0
    rows = ledger.flow_rows()
    assert [(row["month"].month, row["reason"], row["funding"], row["amount"], row["amount_usd"]) for row in rows] == [
        (1, "proof", "emission", 15.0, 30.0),
        (2, "proof", "emission", 5.0, 10.0),
        (3, "proof", "emission", 5.0, 10.0),
        (3, "data", "customer", 1.0, 9.0),
    ]
    assert list(rows[0]) == ["month", "asset", "source", "target", "reason", "funding", "amount", "amount_usd"]
    in_march = ledger.rows_of_month(date(2021, 3, 1))
    assert in_march == sorted(rows[2:], key=lambda row: (row["asset"], row["source"], row["target"], row["reason"], row["funding"]))
    assert [type(row["funding"]) for row in in_march] == [str, str] and list(in_march[0]) == list(rows[0])
    assert ledger.rows_of_month(date(2021, 4, 1)) == []


def test_rounding_goes_to_its_account_and_stays_small():
    """A million postings of 0.1 leave a remainder; it is moved, not hidden, and supply still equals what is held."""
    ledger = ledger_of()
    ledger.post("HNT", "genesis", "holders", 1e9, reason="genesis", day=0)
    for _ in range(100_000):
        ledger.post("HNT", "mint", "operators", 0.1, reason="proof", day=1)
        ledger.post("HNT", "operators", "holders", 0.07, reason="sale", day=1)
    ledger.check(1)
    rounding = ledger.balance("HNT", "rounding")
    assert rounding != 0.0 and abs(rounding) < 1e-9 * ledger.supply("HNT")
    accounts = ("genesis", "mint", "burn", "rounding", "operators", "holders")
    assert math.fsum(ledger.balance("HNT", account) for account in accounts) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("share", [1e-6, -1e-6, 0.5])
def test_a_broken_balance_stops_the_run(share):
    ledger = ledger_of()
    ledger.post("HNT", "mint", "operators", 1000.0, reason="proof", day=0)
    ledger.check()
    for account in ("operators", "mint"):
        right = ledger.balance("HNT", account)
        ledger._balances["HNT"][account] = right * (1 + share)  # what no posting does
        with pytest.raises(LedgerError, match="day 7: HNT: all postings add up"):
            ledger.check(7)
        ledger._balances["HNT"][account] = right
    ledger.check(7)


def test_a_forged_mint_does_not_pass_either():
    """Both sides are forged so that the sum stays zero; supply, kept apart, tells."""
    ledger = ledger_of()
    ledger.post("HNT", "mint", "operators", 1000.0, reason="proof", day=0)
    ledger._balances["HNT"]["operators"] += 1.0
    ledger._balances["HNT"]["mint"] -= 1.0
    with pytest.raises(LedgerError, match="minted"):
        ledger.check()


def test_nobody_spends_what_it_does_not_have():
    ledger = ledger_of()
    ledger.open("carrier", Relation.EXTERNAL, overdraft=True)
    ledger.post(USD, "carrier", "operators", 50.0, reason="contract", day=0)
    ledger.check()
    ledger.post(USD, "customers", "operators", 50.0, reason="credits", day=0)
    with pytest.raises(LedgerError, match="customers has spent"):
        ledger.check()


def test_wrong_postings_are_refused():
    ledger = ledger_of()
    ledger.add_asset("IOT")
    wrong = [
        ("HNT", "mint", "operators", -1.0),
        ("HNT", "mint", "operators", math.nan),
        ("HNT", "mint", "operators", math.inf),
        ("HMT", "mint", "operators", 1.0),
        ("HNT", "mint", "operator", 1.0),
        ("HNT", "operators", "operators", 1.0),
        ("HNT", "operators", "mint", 1.0),
        ("HNT", "burn", "operators", 1.0),
        ("IOT", "mint", "operators", 1.0),  # no price, no value
    ]
    for asset, source, target, amount in wrong:
        with pytest.raises(LedgerError):
            ledger.post(asset, source, target, amount, reason="x", day=0)
    with pytest.raises(LedgerError, match="emission"):
        ledger.post("HNT", "mint", "operators", 1.0, reason="x", day=0, funding="subsidy")
    assert ledger.supply("HNT") == 0.0 and ledger.balance("HNT", "operators") == 0.0 and not ledger.flows
    ledger.check()
    with pytest.raises(LedgerError):
        ledger.open("operators", "operator")
    assert ledger.relation("customers") is Relation.EXTERNAL
