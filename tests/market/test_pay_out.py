"""Pay in dollars: owners meet the mean price, a treasury the difference, as long as it can."""

from __future__ import annotations

from datetime import date

import pytest
from goldens.worlds import WORLDS

from twin.build import build
from twin.economy.pay_out import TREASURY, PayOut
from twin.errors import InputError
from twin.scenario import load
from twin.state import USD, Ledger
from twin.world.world import World


def treasury(reserve_usd: float = 100.0) -> tuple[Ledger, PayOut]:
    ledger = Ledger(date(2024, 1, 1))
    ledger.add_asset("T")
    return ledger, PayOut(ledger, reserve_usd=reserve_usd, mean_days=3)


def test_its_rate_is_the_mean_of_the_last_days_on_which_there_was_a_price() -> None:
    _, pay = treasury()
    assert (pay.rate_usd, pay.worth_usd(7.0), pay.affords(5.0)) == (0.0, 7.0, 0.0)
    for price in (0.0, 1.0, 2.0, 3.0, 7.0):
        pay.see(price)
    assert pay.rate_usd == 4.0 and pay.worth_usd(7.0) == 4.0


def test_it_pays_a_part_when_it_has_no_more_and_a_token_is_worth_as_much_less() -> None:
    _, pay = treasury(100.0)
    pay.see(4.0)
    assert pay.affords(20.0) == 20.0 and pay.paid_share == 1.0
    assert pay.affords(50.0) == 25.0 and pay.paid_share == 0.5
    assert pay.worth_usd(2.0) == 0.5 * 4.0 + 0.5 * 2.0
    assert treasury(0.0)[1].paid_share == 0.0


def lived(kind: str, *sets: str) -> World:
    small = WORLDS[kind]
    world = build(load(small.source, variant=small.variant, sets=[*small.sets, *sets]))
    world.clock.run(until_day=min(world.clock.n_days - 1, 700))
    return world


@pytest.mark.parametrize("kind", ["wireless-city", "compute-blocks", "mapping-island", "sensing-points", "energy", "mobile"])
def test_a_life_paid_in_dollars(kind: str) -> None:
    """Every kind whose operators sell what they earn: the ledger says who paid, the treasury never owes, and nobody keeps a token."""
    token = next(iter(load(WORLDS[kind].source).spec.token))
    world = lived(kind, f"token.{token}.pay_out_in=usd", f"token.{token}.pay_out_reserve_usd=1e12")
    pay = world.books.pay_out
    assert pay is not None and pay.paid_share == 1.0
    paid = {row["asset"]: row["amount"] for row in world.ledger.flow_rows() if row["target"] == "operators" and row["source"] == TREASURY}
    assert paid[USD] > 0
    assert world.ledger.balance(USD, TREASURY) > 0 and world.ledger.balance(token, "operators") == pytest.approx(0.0, abs=1e-6 * world.ledger.supply(token))


def test_a_small_reserve_ends_and_the_price_is_met_again() -> None:
    """HNT falls from June 2021 on, so the mean is dear: a treasury with one dollar has little to bring forward, and then a token is worth less than the mean."""
    world = lived("wireless-city", "token.HNT.pay_out_in=usd", "token.HNT.pay_out_reserve_usd=1")
    pay = world.books.pay_out
    assert pay is not None and pay.paid_share < 1.0
    assert world.today.pay_price_usd == pytest.approx(pay.worth_usd(world.today.price_usd))


def test_a_treasury_that_begins_with_nothing_is_refused() -> None:
    small = WORLDS["wireless-city"]
    with pytest.raises(InputError, match="needs a `pay_out_reserve_usd` above 0"):
        load(small.source, sets=[*small.sets, "token.HNT.pay_out_in=usd"])
