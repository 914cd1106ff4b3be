"""What a project asks stands apart from the reference price: dearer, less is bought; usage is counted at the reference, the bill at the price asked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from twin.actors.customers.uptake import taken_share
from twin.kinds.sensing.spec import SubscribersSpec
from twin.kinds.sensing.subscribers import Subscribers
from twin.kinds.storage.customers import DataStored
from twin.kinds.storage.provider_spec import StorageCustomersSpec

START = date(2024, 1, 1)


def after_years(*, months: int = 120, served: float = 1.0, alternative: float = 1.0, **changes: Any) -> Subscribers:
    """A market of two places after ten years."""
    plain: dict[str, Any] = {"potential_usd_per_year": 36525.0, "churn_hazard_per_month": 0.0, "adoption_years": 1}
    spec = SubscribersSpec(**(plain | changes))
    buyers = Subscribers(spec, np.array([3.0, 1.0]), lambda: np.full(2, served), alternative=np.full(2, alternative), start=START, last=START + timedelta(days=4000))
    for _ in range(months):
        buyers.review(START)
    return buyers


def test_at_the_reference_price_all_of_the_potential_buys_and_pays_it() -> None:
    bought = after_years().today(START)
    assert bought.usage == bought.as_seen == bought.billed_usd == pytest.approx(100.0, rel=1e-3)


def test_dearer_readings_are_bought_less_and_billed_more_each() -> None:
    cheap, dear = after_years().today(START), after_years(price_multiple=2.0).today(START)
    assert dear.usage < 0.7 * cheap.usage and dear.billed_usd == pytest.approx(2 * dear.usage)
    unserved = after_years(price_multiple=2.0, alternative=1e9).today(START)  # no incumbent: all pay
    assert unserved.usage == pytest.approx(cheap.usage, rel=1e-3)


def test_a_potential_by_person_grows_with_the_place() -> None:
    by_person = after_years(potential_usd_per_year=None, potential_usd_per_1000_people_per_year=365.25)
    assert by_person.potential_usd_per_day() == pytest.approx(4 / 1000)
    for wrong in ({"potential_usd_per_year": None}, {"potential_usd_per_1000_people_per_year": 1.0}):
        with pytest.raises(ValueError, match="exactly one"):
            after_years(**wrong)


def test_savers_compare_with_the_price_at_which_their_potential_was_stated() -> None:
    reference = 2.5 * 1024 * 12 / 365.25  # USD per PiB and day

    def after(usd: float, *, days: int = 20_000, served: float = 1.0) -> float:
        spec = StorageCustomersSpec(potential_pib=8.0, price_usd_per_tib_per_month={START: usd}, adoption_years=1, churn_hazard_per_month=0.0, unserved_churn_hazard_per_month=0.05)
        data = DataStored(spec, start=START, reference_usd_per_pib_per_day=reference, served_share=lambda: served)
        for _ in range(days):
            data.review(START)
        return data.paid_pib

    assert after(2.5) == pytest.approx(8.0, rel=1e-3)
    price = taken_share(5.0, alternative_usd=6.0, elasticity=1.0, stated_at_usd=2.5)
    a, c = price * -np.expm1(-1 / 365.25), -np.expm1(-0.05 / (365.25 / 12) * (1 - price))
    assert after(5.0) == pytest.approx(8.0 * a / (a + c), rel=1e-3)
    assert after(2.5, served=0.8) < after(2.5, served=0.9) < after(2.5)
