"""A town of batteries lived through: who joins for what, who stays, and what the records say."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from energy_on_paper import event_kw
from kept import Kept, earned, lived, parts, settled, sums_of

from twin.errors import InputError
from twin.scenario import load
from twin.state import NodeState

HAMLET = Path(__file__).with_name("hamlet.yaml")


@cache
def hamlet(variant: str | None = None) -> tuple[Any, Kept]:
    return lived(load(HAMLET, variant=variant))


@cache
def at_its_height() -> tuple[Any, Kept]:
    return lived(load(HAMLET), 400)


def test_who_joins_only_with_the_token_leaves_when_it_fades_and_the_others_stay() -> None:
    early, late = at_its_height()[0], hamlet()[0]
    members = early.nodes.online & (early.nodes.fake < 0)
    token, plain = members & early.nodes.token_only, members & ~early.nodes.token_only
    assert token.sum() > 60 and plain.sum() > 60
    assert set(np.unique(early.trade.parties.group[token])) == {1} and set(np.unique(early.trade.parties.group[plain])) == {0}
    still = np.isin(late.nodes.state, (2, 3))
    assert still[token].mean() < 0.02
    moved = np.flatnonzero(plain & ~still)  # a household that moved took its battery along
    kept = hamlet()[1]
    assert len(moved) <= kept.series("nodes_moved").sum() and still[plain].mean() > 0.5
    assert kept.series("token_only_online")[400] > 60 and kept.series("token_only_online")[-1] < 3
    assert (kept.series("nodes_online") - kept.series("token_only_online"))[-1] >= plain.sum() * 0.9


def test_a_token_whose_pay_swings_is_promised_for_less_to_those_who_fear_risk() -> None:
    """Money of the grid counts whole, and so do tokens for who fears no risk."""
    swings = ("token.E.price.volatility_per_year=2.0", "token.E.emission.halves_every_days=2000")
    twin, _ = settled(load(HAMLET, sets=[*swings, "operators.content.staying.risk_aversion_exponent=0", "operators.dear.staying.risk_aversion_exponent=3"]))
    twin.clock.run(until_day=400)
    content, dear = parts(twin).parties.each
    offer = dear.policy._offer
    assert (offer.with_token(content) == offer.plain + offer.tokens).all() and offer.tokens.min() > 0
    assert ((offer.with_token(dear) - offer.plain) / offer.tokens).max() < 0.8 and (offer.with_token(dear) > offer.plain).all()


def test_a_house_whose_battery_moved_away_is_free_for_another() -> None:
    early, late = at_its_height()[0], hamlet()[0]
    vacated = np.flatnonzero((early.nodes.state == NodeState.RETIRED) & ~early.nodes.owns & (early.nodes.fake < 0))
    assert len(vacated) > 10 and late.nodes.owns[vacated].any()


def test_without_the_token_only_those_join_whom_the_programme_pays() -> None:
    twin, kept = hamlet("no_token")
    assert kept.series("token_only_online").max() == 0 and kept.series("minted_tokens").max() == 0
    assert set(np.unique(parts(twin).parties.group[twin.nodes.online])) == {0}
    assert kept.series("nodes_online")[-1] > 100


def test_a_season_pays_what_the_programme_says() -> None:
    """Per kW delivered in the events of a calendar year: 200 USD, on 90 % of events."""
    twin, kept = hamlet("no_token")
    year = slice(731, 1096)
    delivered = kept.series("delivered_kw")[year]
    events, committed = delivered[delivered > 0], kept.series("committed_kw")[year][delivered > 0]
    assert len(events) == 20
    assert (events / committed).mean() == pytest.approx(0.9, abs=0.03)
    ready = 2 / 1000 * 0.5 * (24 * 365 - 3 * 20)
    battery_kw = parts(twin).network.year.battery_kw.max() / parts(twin).network.year.event_kw.max()
    per_kw = kept.series("revenue_usd")[year].sum() / committed.mean()
    assert per_kw == pytest.approx(200 * (events / committed).mean() + ready * battery_kw, rel=0.03)
    np.testing.assert_allclose(kept.series("operator_customer_usd")[400:], 0.8 * kept.series("revenue_usd")[400:], rtol=1e-6)


def test_worth_of_a_household_is_the_programmes_formula() -> None:
    twin, _ = hamlet()
    kw = event_kw(battery_kwh=13.5, battery_kw=5, hours=3, reserve_share=0.2, efficiency_share=0.88)
    assert parts(twin).network.year.event_kw == pytest.approx(kw)
    assert parts(twin).network.worth.programme_usd == pytest.approx(kw * 200 * 0.9)


def test_a_battery_fails_moves_cheats_and_is_caught_and_the_records_say_where() -> None:
    _, kept = hamlet()
    assert {"nodes_fail", "nodes_move", "cheat_enters", "cheat_caught", "event_missed", "tariffs_change", "honest_station_denied"} <= kept.kinds()
    moves = kept.of_kind("nodes_move")
    named = [event for event in moves if event["value"] > 0]
    assert named and all(event["note"].startswith("cells 87") and event["jurisdiction"] == "SE" for event in named)
    assert sum(event["count"] for event in moves) == kept.series("nodes_moved").sum() > 5
    assert kept.series("fakes_flagged")[-1] == sum(event["count"] for event in kept.of_kind("cheat_caught"))
    fakes = {month: int(cells["fake"].sum()) for month, cells in kept.tables["cells_monthly"]}
    assert max(fakes.values()) > 0 and fakes[max(fakes)] == 0


def test_claims_above_the_clear_sky_are_caught_first() -> None:
    _, kept = hamlet()
    start = kept.of_kind("cheat_enters")[0]["day"]
    caught = [(event["day"] - start, event["count"]) for event in kept.of_kind("cheat_caught")]
    within = sum(count for day, count in caught if day <= 45)
    assert 9 <= within <= 17  # the ten bold ones within weeks of running, the careful ones at one in a hundred a day
    assert sum(count for _, count in caught) == 20


def test_a_missed_event_costs_stake_and_value() -> None:
    twin, kept = at_its_height()
    day = twin.clock.day
    demoted = np.flatnonzero(twin.nodes.online & (twin.nodes.demoted_until > day) & (twin.nodes.denied_until <= day))
    if len(demoted) == 0:
        pytest.skip("nobody was demoted on that day of the run")
    assert (sums_of(twin).weights("service")[demoted] == 0).all()
    assert parts(twin).network.score(demoted).max() < 0.02 * parts(twin).network.score().max()
    burned = sum(row["amount_usd"] for row in twin.ledger.flow_rows() if row["target"] == "burn" and row["reason"] == "given up")
    assert burned > 0 and kept.series("events_missed")[-1] > 0


def test_the_tax_credit_that_ends_lowers_purchases() -> None:
    twin, _ = hamlet("no_token")
    before = parts(twin).network.year.capex_usd * 0.7
    assert parts(twin).network.worth.capex_usd == pytest.approx(parts(twin).network.year.capex_usd)
    party = parts(twin).parties.each[0]
    now = party.policy.adoption_per_year(party, parts(twin).network.income_without_token())
    object.__setattr__(parts(twin).network.worth, "capex_usd", before)
    then = party.policy.adoption_per_year(party, parts(twin).network.income_without_token())
    object.__setattr__(parts(twin).network.worth, "capex_usd", parts(twin).network.year.capex_usd)
    assert (then > 1.2 * now).all()


def test_batteries_fade() -> None:
    twin, _ = hamlet()
    old = twin.nodes.online & (twin.nodes.born_day >= 0)
    age = (twin.clock.day - twin.nodes.born_day[old]) / 365.25
    np.testing.assert_allclose(parts(twin).network.health()[old], 1 - 0.02 * age, rtol=1e-6)
    assert (age > 3).any()


def test_books_of_usage_and_tokens_balance() -> None:
    twin, kept = hamlet()
    assert earned(twin, "usage_usd").sum() == pytest.approx(kept.series("usage_constant_usd").sum(), rel=1e-6)
    emitted = 300_000 * 0.5 ** (np.arange(twin.clock.n_days) // 180)
    assert (kept.series("minted_tokens") <= emitted * (1 + 1e-9)).all()
    np.testing.assert_allclose(kept.series("scheduled_subsidy_tokens")[100], 300_000 * 0.6)


def test_glow_deposits_flow_back_and_are_neither_fee_nor_subsidy() -> None:
    twin, kept = hamlet("glow")
    paid_in = sum(row["amount"] for row in twin.ledger.flow_rows() if row["reason"] == "deposits")
    back = sum(row["amount"] for row in twin.ledger.flow_rows() if row["reason"] == "own deposits")
    assert 0 < back < paid_in and earned(twin, "vested_usd").sum() == pytest.approx(back)
    assert kept.series("vested_usd")[: 16 * 7].max() == 0
    weights = sums_of(twin).weights("baseline")
    assert set(np.unique(weights)) == {0.0, 8 * 500.0}


def test_same_seed_same_life() -> None:
    again = lived(load(HAMLET), 400)[1]
    for name in ("nodes_online", "revenue_usd", "fakes_flagged", "solar_kwh"):
        np.testing.assert_array_equal(at_its_height()[1].series(name), again.series(name))


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (("place.margin_km=2",), "no_margin"),
        (("operators.dear.households_share=0.6",), "shares_not_one"),
        (("solar.skies=[{up_to_latitude_deg: 66, clearness_index: 0.4}, {up_to_latitude_deg: 50, clearness_index: 0.4}]",), "invalid_value"),
        (("hosts.rule=glow",), "invalid_value"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(settings: tuple[str, ...], code: str) -> None:
    with pytest.raises(InputError) as error:
        load(HAMLET, sets=settings)
    found = {problem.code for problem in error.value.problems}
    assert code in found or (code == "invalid_value" and found)


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ("solar.skies=[{up_to_latitude_deg: 50, clearness_index: 0.5}]", "no_solar_data", "beyond 50 degrees"),
        ("markets.sweden.jurisdiction=NO", "no_market", "have no price zone: SE/Gotland"),
    ],
)
def test_places_without_data_are_refused(setting: str, code: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        settled(load(HAMLET, sets=(setting,)))
    assert [problem.code for problem in error.value.problems] == [code]
