"""What a life minted before the listing is all that holders can begin with: less of it is a smaller market at the same price, nothing of it is no market."""

from __future__ import annotations

import pytest
from kept import lived

from twin.scenario import load

SMALL = ("place.sites.count=3000", "place.probes.count=500", "calendar.end=2023-01-01")
LISTED = 334
"""Days from the first emission to the listing of HNT."""


@pytest.mark.parametrize(("scale", "share"), [(1.0, 1.0), (0.1, 0.25)])
def test_a_smaller_mint_is_a_smaller_market(scale: float, share: float) -> None:
    twin, kept = lived(load("helium-iot-world", sets=(*SMALL, f"token.HNT.emission.scale_share={scale}")), LISTED + 30)
    facts = twin.chronicle.market.facts
    assert facts["opening_float_tokens"] == pytest.approx(share * 10e6, rel=0.2)
    assert facts["opening_pot_usd"] / facts["opening_float_tokens"] == pytest.approx(0.4849)
    assert kept.series("price_usd")[LISTED - 1] == pytest.approx(0.4849)


def test_a_token_that_nobody_minted_is_never_listed_and_nothing_of_it_is_burned() -> None:
    twin, kept = lived(load("helium-iot-world", sets=SMALL, variant="no_rewards"), LISTED + 30)
    assert not twin.books.desk.is_open and kept.series("supply_tokens").max() == 0 == kept.series("burned_tokens").max()
    assert len(set(kept.series("price_usd"))) == 1
