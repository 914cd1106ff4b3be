"""Tokens of every small world: what exists is genesis + minted - burned on every day, what circulates is a part of it, and what subsidises operators is written down."""

from __future__ import annotations

import numpy as np
import pytest
from kept import lived
from worlds import WORLDS


@pytest.mark.parametrize("name", WORLDS)
def test_what_exists_and_what_circulates(name: str) -> None:
    twin, kept = lived(WORLDS[name].scenario())
    supply, circulating, minted, burned = (kept.series(each) for each in ("supply_tokens", "circulating_tokens", "minted_tokens", "burned_tokens"))
    np.testing.assert_allclose(np.diff(supply), (minted - burned)[1:], atol=1e-9 * supply.max())
    assert (circulating <= supply * (1 + 1e-12)).all() and (circulating >= 0).all() and circulating[-1] > 0
    if len(twin.ledger.flows):
        assert supply[-1] == pytest.approx(twin.ledger.supply(twin.token_name), rel=1e-9)
    assert kept.series("scheduled_subsidy_tokens").max() > 0
