"""Tokens and customers' dollars of every small world: what exists is genesis + minted - burned on every day, what circulates is a part of it, what subsidises
operators is written down, and each dollar that customers paid went somewhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from kept import lived
from worlds import WORLDS

from twin.outcomes.income import operator_income
from twin.outcomes.spending import PARTS, customer_dollars


@pytest.mark.parametrize("name", WORLDS)
def test_what_exists_and_what_circulates(name: str) -> None:
    twin, kept = lived(WORLDS[name].scenario())
    supply, circulating, minted, burned = (kept.series(each) for each in ("supply_tokens", "circulating_tokens", "minted_tokens", "burned_tokens"))
    np.testing.assert_allclose(np.diff(supply), (minted - burned)[1:], atol=1e-9 * supply.max())
    assert (circulating <= supply * (1 + 1e-12)).all() and (circulating >= 0).all() and circulating[-1] > 0
    if len(twin.ledger.flows):
        assert supply[-1] == pytest.approx(twin.ledger.supply(twin.token_name), rel=1e-9)
    assert kept.series("scheduled_subsidy_tokens").max() > 0
    flows, daily = pd.DataFrame(twin.ledger.flow_rows()), kept.by_date(twin.clock.start).rename_axis("date").reset_index()
    went = customer_dollars(flows, operator_income(flows, daily))
    paid, parts = daily.get("revenue_usd", pd.Series([0.0])), pd.DataFrame(went)[list(PARTS)]
    assert parts.to_numpy().sum() == pytest.approx(paid.sum(), rel=1e-9)
    reached, tokens = np.cumsum(went["reached_operators_usd"]), np.cumsum((parts.burned_usd + parts.operator_tokens_usd).to_numpy(float))
    assert (reached <= tokens * (1 + 1e-9)).all()
