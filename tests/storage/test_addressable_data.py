"""Nobody uses more than could be bought: what is there on the first day is part of the demand, and so is what would come later."""

from __future__ import annotations

import numpy as np
import pytest
from goldens.worlds import WORLDS

from twin.build import build
from twin.life import life
from twin.scenario import Scenario


@pytest.mark.parametrize("name", ["filecoin", "filecoin-2021", "arweave", "arweave-fixed"])
def test_what_is_used_could_be_bought_on_every_day(name: str) -> None:
    lived = life(WORLDS[name].scenario())
    used = lived.daily["usage_constant_usd"].to_numpy()
    assert 0 < used.max() <= lived.verdict.addressable_usd_per_day * (1 + 1e-12)


def filecoin(**changes: object) -> Scenario:
    return WORLDS["filecoin"].scenario().variant("other buyers", {f"customers.cloud_buyers.{name}": value for name, value in changes.items()})


def test_those_of_the_first_day_are_counted_where_nobody_else_would_come() -> None:
    lived = life(filecoin(potential_pib=1e-9))
    first_usd = WORLDS["filecoin"].scenario().spec.customers["cloud_buyers"].opening_pib * build(filecoin()).trade.usd_per_pib_per_day
    assert lived.verdict.addressable_usd_per_day == pytest.approx(first_usd)
    assert lived.daily["usage_constant_usd"].max() <= first_usd * (1 + 1e-6)
    none = life(filecoin(potential_pib=0, opening_pib=0)).verdict
    assert (none.addressable_usd_per_day, none.outcome.value) == (0.0, "never_started")


def test_what_grows_is_counted_at_its_best_day() -> None:
    plain, grows, shrinks = (build(filecoin(growth_share_per_year=growth)).addressable_usd_per_day() for growth in (0.0, 0.5, -0.2))
    assert plain == shrinks < grows == pytest.approx(plain * 1.5 ** (1877 / 365.25))


def test_uploads_are_counted_until_they_end() -> None:
    """As they would come at the price of the first day, at most so many a day."""
    uploads = build(WORLDS["arweave"].scenario()).trade.uploads[0][1]
    a_day, most = uploads.spec.opening_tb_per_day, uploads.spec.most_tb_per_day
    end = uploads.start.replace(year=uploads.start.year + 4)
    assert uploads.wanted_tb(end) == pytest.approx(a_day * 1461)
    uploads.spec = uploads.spec.model_copy(update={"growth_share_per_year": 1.0})
    assert uploads.wanted_tb(end) == pytest.approx(np.minimum(a_day * 2 ** (np.arange(1461) / 365.25), most).sum())
    uploads.spec = uploads.spec.model_copy(update={"growth_share_per_year": 0.0, "ends": uploads.start})
    assert uploads.wanted_tb(end) == 0
