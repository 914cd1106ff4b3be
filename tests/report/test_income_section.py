"""The report says where operators' dollars came from, and whether the price answers."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twin.record import RunFolder, open_run
from twin.report.sections.income import income_chart, market_words, who_paid
from twin.report.view import View
from twin.run import run

sys.path.append(str(Path(__file__).parents[1] / "goldens"))
from worlds import WORLDS


def page_of(world: str, out: Path) -> str:
    return run(WORLDS[world].scenario(), out=out).report.read_text("utf-8")


def test_an_open_loop_is_called_one_and_its_market_maker_by_name(tmp_path: Path) -> None:
    page = page_of("mapping-island", tmp_path)
    assert "that operators took in" in page and "Where operators' dollars came from" in page.replace("&#39;", "'")
    assert "Open loop: the token's price" in page.replace("&#39;", "'") and "a market maker that stands in for holders" in page


def test_a_market_that_clears_names_holders_and_what_they_had_ready(tmp_path: Path) -> None:
    page = page_of("arweave-fixed", tmp_path).replace("&#39;", "'")
    assert "from holders of the token" in page and "Open loop" not in page
    assert "Where each customer's dollar went" in page and "that customers paid" in page and "by selling theirs" in page


def test_what_rests_on_the_pot_is_said_where_the_rest_of_the_network_does_not_answer(synthetic_run: RunFolder) -> None:
    pot = {"pot_over_first_year": 0.3, "float_over_first_year": 0.5, "opening_price_usd": 1.0, "opening_price_is": "stated", "opening_pot_usd": 1e6}
    for rests, words, others in ((True, "rests on this pot", "elsewhere"), (False, "with a smaller pot fewer share it elsewhere, so pay here moves little", "rests on this pot")):
        market = {**pot, "loop": "closed", "rests_on_the_pot": rests, "rest_answers": not rests}
        said = " ".join(market_words(View(RunFolder(synthetic_run.path, {**synthetic_run.manifest, "market": market}))))
        assert words in said and others not in said


@pytest.mark.parametrize("world", ["arweave-fixed", "energy", "mapping-island"])
def test_with_their_own_pocket_operators_dollars_meet_what_they_spent(world: str, tmp_path: Path) -> None:
    """Nowhere does the line lie above the stack; all that was put in and not spent is what the ledger says operators have in the end."""
    view = View(open_run(run(WORLDS[world].scenario(), out=tmp_path, report=False).path))
    chart = income_chart(view)
    assert chart is not None
    line = chart.series[-1]
    areas = {each.name: each.values for each in chart.series if each.kind == "area"}
    stack = np.sum(list(areas.values()), axis=0)
    assert (line.kind, line.values.sum() > 0) == ("line", True) and (stack >= line.values - 1e-6 * line.values.max()).all()
    own = view.income["own_pocket_usd"]
    assert own.sum() > 0 and areas["the operators' own pocket"].sum() == pytest.approx(own.sum()) and "of their own." in who_paid(view)
    usd = view.ledger[view.ledger.asset == "USD"]
    left = usd.amount[usd.target == "operators"].sum() - usd.amount[usd.source == "operators"].sum()
    earlier = areas.get("their dollars of earlier months", np.zeros(1)).sum()
    assert stack.sum() - earlier - line.values.sum() == pytest.approx(left, rel=1e-6, abs=1e-6 * stack.sum())


def test_dollars_of_the_margin_are_said_to_be_among_those_taken_in(synthetic_run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pay beside it is that of the study area alone."""
    monkeypatch.setattr("twin.report.sections.income.sums_of", lambda view: {"holders_usd": 9.0, "customers_paid_usd": 1.0})
    monkeypatch.setattr(View, "income", pd.DataFrame({"own_pocket_usd": [0.0]}))
    for margin, words in ((None, "took in, 10%"), ((0, 10), "took in, 10%"), ((3, 10), "took in, those in the map's margin too, 10%")):
        monkeypatch.setattr(View, "margin_nodes", lambda view, found=margin: found)
        assert words in who_paid(View(synthetic_run))
