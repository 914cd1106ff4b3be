"""Every class of the verdict on a run whose answer is known on paper."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.nouns import Nouns
from twin.outcomes import VERDICT_TABLE, NodeYear, Outcome, Prop, Side, Taper, TaperOrigin, Verdict, judge
from twin.outcomes.classes import FLOOR_SHARES, KEPT_SHARES
from twin.outcomes.indicators import best_year, carried_shares, funding_of, replacement_usd_per_year
from twin.record.encode import to_arrow
from twin.scenario.sections.judgement import PriceRange, TaperSpec, VerdictSpec

START = date(2021, 1, 1)
BEGINS, DONE = date(2022, 6, 1), date(2023, 1, 1)
JUDGED = date(2023, 6, 30)
N_DAYS = 4 * 365
TAPER = Taper(BEGINS, DONE, TaperOrigin.RULES)


def daily_table(*, usage: object = 100.0, service: object = 0.8, n_days: int = N_DAYS, **columns: object) -> pd.DataFrame:
    """A daily table from constants or whole columns."""
    dates = [START + timedelta(days=n) for n in range(n_days)]
    return pd.DataFrame({"date": dates, "usage_constant_usd": usage, "service_share": service, **columns})


def after(day: date, before: float, then: float, n_days: int = N_DAYS) -> np.ndarray:
    series = np.full(n_days, before)
    series[(day - START).days :] = then
    return series


def node_year(
    *,
    usage: list[float],
    fees: list[float],
    subsidy: list[float] | None = None,
    cost: list[float],
    replacement: list[float],
    grant: list[float] | None = None,
) -> NodeYear:
    return NodeYear(
        usage_usd=np.array(usage, dtype=float),
        fee_funded_usd=np.array(fees, dtype=float),
        subsidy_usd=np.zeros(len(usage)) if subsidy is None else np.array(subsidy, dtype=float),
        avoidable_cost_usd=np.array(cost, dtype=float),
        replacement_cost_usd=np.array(replacement, dtype=float),
        grant_usd=None if grant is None else np.array(grant, dtype=float),
    )


FULL, CASH, LOSS = (30.0, 10.0, 15.0), (12.0, 10.0, 15.0), (2.0, 10.0, 15.0)
"""(fees, cost, replacement) of a node carried in full, one whose fees pay the running cost only, one at a loss."""


def mix(full: float, cash: float, loss: float, **extra: list[float]) -> NodeYear:
    """Three nodes that deliver these shares of usage, carried in full, in cash, and not at all."""
    rows = (FULL, CASH, LOSS)
    return node_year(
        usage=[full, cash, loss], fees=[r[0] for r in rows], cost=[r[1] for r in rows], replacement=[r[2] for r in rows], **extra
    )


def verdict(
    daily: pd.DataFrame,
    nodes: NodeYear | None,
    *,
    taper: Taper = TAPER,
    spec: VerdictSpec | None = None,
    addressable: float = 1000.0,
    **more: object,
) -> Verdict:
    return judge(daily, nodes, taper, spec=spec or VerdictSpec(), taper_spec=TaperSpec(), addressable_usd_per_day=addressable, **more)


@pytest.mark.parametrize(
    ("shares", "outcome"),
    [
        ((0.9, 0.1, 0.0), Outcome.SELF_SUSTAINING),
        ((0.7, 0.0, 0.3), Outcome.SELF_SUSTAINING),
        ((0.69, 0.31, 0.0), Outcome.NICHE),
        ((0.2, 0.0, 0.8), Outcome.NICHE),
        ((0.19, 0.2, 0.61), Outcome.COASTING),
        ((0.1, 0.09, 0.81), Outcome.SUBSIDY_DEPENDENT),
    ],
)
def test_the_class_follows_who_carries_the_usage(shares: tuple[float, float, float], outcome: Outcome) -> None:
    result = verdict(daily_table(), mix(*shares))
    assert result.outcome is outcome
    assert result.paid_usage_kept == pytest.approx(1.0)
    assert result.usage_carried_full == pytest.approx(shares[0])
    assert result.usage_carried_cash == pytest.approx(shares[0] + shares[1])
    assert result.survives == (outcome in (Outcome.SELF_SUSTAINING, Outcome.NICHE))
    assert result.service_kept == pytest.approx(1.0)


def test_a_fivefold_price_cut_keeps_usage_but_carries_nobody() -> None:
    """Usage in constant prices and revenue part ways: customers stayed, their fees do not pay."""
    result = verdict(daily_table(revenue_usd=after(DONE, 100.0, 20.0)), mix(0.0, 0.0, 1.0, subsidy=[0, 0, 50.0]))
    assert result.paid_usage_kept == pytest.approx(1.0)
    assert result.outcome is Outcome.SUBSIDY_DEPENDENT and result.propped_by is Prop.EMISSION


@pytest.mark.parametrize(
    ("subsidy", "grant", "prop"),
    [([0.0, 0.0, 50.0], None, Prop.EMISSION), ([0.0, 0.0, 50.0], [0.0, 0.0, 40.0], Prop.GRANT), ([0.0, 0.0, 1.0], None, Prop.HOSTS)],
)
def test_what_props_up_a_dependent_network(subsidy: list[float], grant: list[float] | None, prop: Prop) -> None:
    result = verdict(daily_table(), mix(0.0, 0.1, 0.9, subsidy=subsidy, grant=grant))
    assert result.outcome is Outcome.SUBSIDY_DEPENDENT and result.propped_by is prop


def test_halved_usage_scales_what_is_carried() -> None:
    result = verdict(daily_table(usage=after(date(2023, 3, 1), 100.0, 50.0)), mix(0.8, 0.2, 0.0))
    assert result.paid_usage_kept == pytest.approx(0.5)
    assert result.usage_carried_full == pytest.approx(0.4)
    assert result.outcome is Outcome.NICHE


def test_too_little_to_have_started() -> None:
    for usage, outcome in ((19.9, Outcome.NEVER_STARTED), (20.1, Outcome.SELF_SUSTAINING), (0.0, Outcome.NEVER_STARTED)):
        assert verdict(daily_table(usage=usage), mix(1, 0, 0)).outcome is outcome
    assert verdict(daily_table(usage=0.0), None, addressable=0.0).outcome is Outcome.NEVER_STARTED
    assert verdict(daily_table(usage=5.0), None, addressable=0.0).outcome is Outcome.NEVER_STARTED, "nobody can buy, whatever the table of usage says"


def test_never_started_goes_before_collapsed() -> None:
    daily = daily_table(usage=after(date(2022, 6, 1), 10.0, 0.0), service=after(date(2022, 6, 1), 0.8, 0.0))
    result = verdict(daily, None)
    assert result.outcome is Outcome.NEVER_STARTED and result.collapse is not None


def test_a_collapse_names_its_day_its_side_and_the_taper() -> None:
    last = date(2022, 9, 1)
    supply = verdict(daily_table(usage=after(last + timedelta(days=30), 100.0, 0.0), service=after(last, 0.8, 0.0)), None)
    assert supply.outcome is Outcome.COLLAPSED and supply.collapse_side is Side.SUPPLY
    assert supply.collapse is not None and supply.collapse.begins == last + timedelta(days=22)
    assert supply.collapse_before_taper is False
    demand = verdict(daily_table(usage=after(date(2022, 3, 1), 100.0, 5.0)), None)
    assert demand.collapse_side is Side.DEMAND and demand.collapse_before_taper is True


def test_a_collapse_after_the_judged_year_is_not_this_verdicts_business() -> None:
    n_days = 6 * 365
    gone = JUDGED + timedelta(days=365)
    result = verdict(daily_table(usage=after(gone, 100.0, 0.0, n_days), n_days=n_days), mix(1, 0, 0))
    assert result.outcome is Outcome.SELF_SUSTAINING and result.collapse is None and len(result.spells) == 1


def test_low_usage_without_a_spell_is_a_collapse_without_a_date() -> None:
    """A decline to 19% of the best year on average that dips below the line too late for 180 days."""
    n_days = (JUDGED - START).days + 365
    usage = after(date(2023, 6, 1), 100.0, 21.0, n_days)
    usage[(date(2024, 3, 1) - START).days :] = 5.0
    result = verdict(daily_table(usage=usage, n_days=n_days), mix(1, 0, 0))
    assert result.paid_usage_kept is not None and result.paid_usage_kept < 0.2
    assert result.outcome is Outcome.COLLAPSED and result.collapse is None and result.collapse_side is Side.DEMAND
    assert "16%" in result.sentence()


def test_a_recovery_is_a_note_not_a_collapse() -> None:
    usage = np.full(N_DAYS, 100.0)
    usage[(date(2022, 2, 1) - START).days : (date(2022, 11, 1) - START).days] = 0.0
    result = verdict(daily_table(usage=usage), mix(1, 0, 0))
    assert result.outcome is Outcome.SELF_SUSTAINING
    assert [spell.fate.value for spell in result.spells] == ["recovered"]


def test_not_judged_says_which_horizon_would_do() -> None:
    result = verdict(daily_table(n_days=3 * 365), mix(1, 0, 0))
    assert result.outcome is Outcome.NOT_JUDGED and result.earliest_horizon == JUDGED + timedelta(days=365)
    assert result.paid_usage_kept is None and str(result.earliest_horizon) in result.sentence()
    exact = (JUDGED - START).days + 365
    assert verdict(daily_table(n_days=exact), mix(1, 0, 0)).outcome is Outcome.SELF_SUSTAINING
    assert verdict(daily_table(n_days=exact - 1), mix(1, 0, 0)).outcome is Outcome.NOT_JUDGED


def test_not_judged_without_taper_without_nodes_and_after_a_failure() -> None:
    assert "never" in verdict(daily_table(), mix(1, 0, 0), taper=Taper(None, None, TaperOrigin.RULES, "it never fades")).reason
    assert "not attributed" in verdict(daily_table(), None).reason
    assert "not attributed" in verdict(daily_table(), mix(0, 0, 0)).reason
    failed = verdict(daily_table(), mix(1, 0, 0), failure="the ledger did not balance on 2022-01-01")
    assert failed.outcome is Outcome.NOT_JUDGED and "ledger" in failed.sentence()


def test_near_the_line_belongs_to_the_carried_usage() -> None:
    assert verdict(daily_table(), mix(0.66, 0.34, 0.0)).near_the_line == "kept_share"
    assert verdict(daily_table(), mix(0.18, 0.4, 0.42)).near_the_line == "floor_share"
    assert verdict(daily_table(), mix(0.5, 0.5, 0.0)).near_the_line == ""


def test_prices_outside_the_stated_range_flag_the_verdict() -> None:
    spec = VerdictSpec(price_range_usd=PriceRange(low=1, high=10))
    assert verdict(daily_table(price_usd=after(DONE, 5.0, 0.9)), mix(1, 0, 0), spec=spec).price_out_of_range is True
    assert verdict(daily_table(price_usd=5.0), mix(1, 0, 0), spec=spec).price_out_of_range is False
    assert verdict(daily_table(price_usd=5.0), mix(1, 0, 0)).price_out_of_range is None


def test_the_price_taper_is_reported_beside_the_schedule() -> None:
    daily = daily_table(price_usd=after(date(2022, 1, 1), 10.0, 1.0), scheduled_subsidy_tokens=after(BEGINS, 100.0, 1.0))
    result = verdict(daily, mix(1, 0, 0))
    assert result.price_taper == date(2022, 1, 1) + timedelta(days=50)
    assert result.price_lead_days == (BEGINS - date(2022, 1, 1)).days - 50


def test_the_cut_off_test_disagrees_in_both_directions() -> None:
    stubborn = verdict(daily_table(), mix(0.1, 0.3, 0.6), kept_after_cutoff=0.9)
    assert stubborn.cutoff_disagrees and "ignore" in stubborn.cutoff_reason
    lonely = verdict(daily_table(), mix(0.9, 0.1, 0.0), kept_after_cutoff=0.3)
    assert lonely.cutoff_disagrees and "neighbours" in lonely.cutoff_reason
    assert verdict(daily_table(), mix(0.9, 0.1, 0.0), kept_after_cutoff=0.75).cutoff_disagrees is False
    assert verdict(daily_table(), mix(0.9, 0.1, 0.0)).cutoff_disagrees is None


def test_claims_stand_beside_the_truth() -> None:
    daily = daily_table(usage=after(DONE, 100.0, 50.0), usage_constant_usd_as_seen=100.0, service_share_as_seen=after(DONE, 0.8, 0.4))
    result = verdict(daily, mix(1, 0, 0))
    assert (result.paid_usage_kept, result.paid_usage_kept_as_seen) == (pytest.approx(0.5), pytest.approx(1.0))
    assert (result.service_kept, result.service_kept_as_seen) == (pytest.approx(1.0), pytest.approx(0.5))


def test_seasons_cancel_in_whole_years() -> None:
    season = 100 + 50 * np.sin(2 * np.pi * np.arange(N_DAYS) / 365)
    assert verdict(daily_table(usage=season), mix(1, 0, 0)).paid_usage_kept == pytest.approx(1.0, abs=1e-9)


def test_the_reference_is_the_best_whole_year_before_the_taper_is_done() -> None:
    values = np.concatenate([np.full(365, 1.0), np.full(365, 3.0), np.full(365, 9.0)])
    assert best_year(values, until_day=730, days=365) == pytest.approx(3.0)
    assert best_year(values, until_day=731, days=365) == pytest.approx(3.0 + 6 / 365)
    assert best_year(values, until_day=364, days=365) is None


def test_the_row_has_the_columns_of_the_table_and_thresholds_are_shown() -> None:
    row = verdict(daily_table(), mix(0.65, 0.35, 0.0)).row()
    assert tuple(row) == VERDICT_TABLE.column_names
    cells = json.loads(str(row["outcome_map"]))
    assert len(cells) == len(KEPT_SHARES) * len(FLOOR_SHARES)
    classes = {(cell["kept_share"], cell["floor_share"]): cell["outcome"] for cell in cells}
    assert classes[0.6, 0.2] == "self_sustaining" and classes[0.7, 0.2] == "niche"
    funding = json.loads(str(row["funding"]))
    paid = funding["fee_funded_usd"] + funding["subsidy_usd"] + funding["hosts_pocket_usd"]
    assert paid == pytest.approx(funding["avoidable_cost_usd"] + funding["replacement_cost_usd"] + funding["profit_usd"])
    assert row["outcome"] == "niche" and row["judged_from"] == JUDGED


@pytest.mark.parametrize("result", [lambda: verdict(daily_table(), mix(0.65, 0.35, 0.0)), lambda: verdict(daily_table(n_days=400), None)])
def test_the_row_can_be_written_with_its_declaration(result: Callable[[], Verdict]) -> None:
    table = to_arrow(VERDICT_TABLE, {name: [value] for name, value in result().row().items()}, VERDICT_TABLE.schema())
    assert table.num_rows == 1 and table.column("outcome")[0].as_py() in {outcome.value for outcome in Outcome}


def test_survivorship_counts_those_who_left() -> None:
    nodes = NodeYear(
        usage_usd=np.ones(4),
        fee_funded_usd=np.array([30.0, 30.0, 12.0, 0.0]),
        subsidy_usd=np.zeros(4),
        avoidable_cost_usd=np.array([10.0, 10.0, 10.0, 0.0]),
        replacement_cost_usd=np.array([15.0, 15.0, 15.0, 0.0]),
        live_on_taper=np.array([True, True, False, True]),
        live_in_year=np.array([True, True, True, False]),
        live_at_end=np.array([True, False, True, False]),
    )
    result = verdict(daily_table(), nodes).survivorship
    assert result is not None
    assert result.in_profit_of_live == pytest.approx(2 / 3) and result.cash_positive_of_live == pytest.approx(1.0)
    assert result.in_profit_of_starters == pytest.approx(1 / 3), "the second left during the year, the fourth before it"


def test_replacement_is_the_annuity_of_a_box() -> None:
    # A loan of 450 USD over 6 years at 15%: 118.907 USD a year by the textbook formula.
    assert replacement_usd_per_year(450.0, life_years=6.0, hurdle_rate_per_year=0.15) == pytest.approx(118.907, abs=1e-3)
    rate, years = 0.15, np.arange(1, 7)
    assert float((118.90656 / (1 + rate) ** years).sum()) == pytest.approx(450.0, abs=1e-3)
    assert replacement_usd_per_year([450.0, 90.0], life_years=[5.0, 3.0], hurdle_rate_per_year=0.0) == pytest.approx([90.0, 30.0])


def test_sentences_carry_numbers_and_dates() -> None:
    text = verdict(daily_table(), mix(0.65, 0.35, 0.0)).sentence()
    for piece in ("Niche:", "100%", "near the line"):
        assert piece in text
    assert text.endswith(".") and text.count(". ") == 0
    gone = verdict(daily_table(usage=after(date(2022, 3, 1), 100.0, 5.0)), None).sentence()
    assert "below 20%" in gone and "before the rewards began to fade" in gone
    assert "0.5%" in verdict(daily_table(usage=5.0), None).sentence()


def test_sentences_call_nodes_by_their_noun() -> None:
    stations = Nouns(node="station", nodes="stations")
    said = verdict(daily_table(), mix(0.65, 0.35, 0.0), nouns=stations).sentence()
    assert said.startswith("Niche: a smaller network")
    assert "pay for stations and their replacement" in verdict(daily_table(), mix(0.8, 0.2, 0.0), nouns=stations).sentence()
    cut = verdict(daily_table(), mix(0.8, 0.2, 0.0), kept_after_cutoff=0.1, nouns=stations)
    assert "the stations that carry it need neighbours" in cut.cutoff_reason
    assert "not attributed to stations" in verdict(daily_table(), None, nouns=stations).reason
    assert "nodes earn their running cost, not their replacement" in verdict(daily_table(), mix(0.1, 0.9, 0.0)).sentence()


def test_columns_that_a_network_leaves_out_count_as_zeros() -> None:
    empty = daily_table(usage=0.0, service=0.0)
    for missing in (["usage_constant_usd"], ["service_share"], ["usage_constant_usd", "service_share"]):
        assert verdict(empty.drop(columns=missing), None) == verdict(empty, None)


@pytest.mark.parametrize("repair", [{"date": [START, START]}, {"date": [START, START + timedelta(days=2)]}])
def test_a_daily_table_with_a_gap_is_refused(repair: dict[str, list[date]]) -> None:
    daily = daily_table(n_days=2).assign(**repair)
    with pytest.raises(ValueError, match="skips or repeats"):
        verdict(daily, None)


amounts = st.lists(st.floats(0, 1e6), min_size=5, max_size=5)


@settings(max_examples=200, deadline=None)
@given(usage=amounts, fees=amounts, subsidy=amounts, cost=amounts, replacement=amounts)
def test_carried_usage_is_ordered_and_the_funding_adds_up(
    usage: list[float], fees: list[float], subsidy: list[float], cost: list[float], replacement: list[float]
) -> None:
    nodes = node_year(usage=usage, fees=fees, subsidy=subsidy, cost=cost, replacement=replacement)
    shares = carried_shares(nodes)
    assert (shares is None) == (sum(usage) == 0)
    if shares is not None:
        assert 0 <= shares[1] <= shares[0] <= 1 + 1e-12
    money = funding_of(nodes)
    into = money.fee_funded_usd + money.subsidy_usd + money.hosts_pocket_usd
    assert into == pytest.approx(money.avoidable_cost_usd + money.replacement_cost_usd + money.profit_usd, rel=1e-9, abs=1e-6)
    assert money.hosts_pocket_usd >= 0 and money.profit_usd >= 0


@settings(max_examples=100, deadline=None)
@given(order=st.permutations(range(5)), usage=amounts, fees=amounts)
def test_the_order_of_nodes_does_not_matter(order: list[int], usage: list[float], fees: list[float]) -> None:
    def shares(pick: list[int]) -> tuple[float, float] | None:
        return carried_shares(
            node_year(usage=[usage[i] for i in pick], fees=[fees[i] for i in pick], cost=[1e3 * i for i in pick], replacement=[10.0] * 5)
        )

    a, b = shares(list(range(5))), shares(order)
    assert (a is None) == (b is None)
    if a is not None and b is not None:
        assert a == pytest.approx(b, rel=1e-9, abs=1e-12)
