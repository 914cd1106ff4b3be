"""The hardware section refuses what makes no sense, and prices follow the shops."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from twin.actors.hardware_prices import hardware_prices
from twin.errors import InputError
from twin.scenario.sections.hardware import HardwareSpec

BOX = {"price_usd": 450}
START = date(2022, 5, 30)


def section(**more: Any) -> HardwareSpec:
    return HardwareSpec.model_validate({"generations": {"box": BOX}} | more)


def test_the_example_of_the_city() -> None:
    """As in the Göteborg scenario."""
    stages = {"production": {"median": 60, "p90": 180}, "freight": {"median": 20, "p90": 45}, "customs": {"median": 4, "p90": 15}}
    spec = section(
        every={"power_w": 5, "durability": {"life_years": 6, "failure_hazard_per_month": 0.01}, "antenna_height_m": {"median": 6, "p90": 15}},
        makers={"main": {"units_per_month": 300, "stage_days": stages}},
    )
    assert spec.makers["main"].units_per_month == 300.0
    assert spec.makers["main"].stage_days.installation.median == 0
    assert spec.every.durability.life_years == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"generations": {}},
        {"generations": {"box": {"price_usd": -1}}},
        {"generations": {"box": {"price_usd": 1, "from": date(2022, 1, 1), "until": date(2021, 1, 1)}}},
        {"makers": {"m": {"units_per_month": -1}}},
        {"makers": {"m": {"units_per_month": {date(2021, 1, 1): -1}}}},
        {"makers": {"m": {"units_per_month": 5, "growth_factor_per_month": 1.5}}},
        {"makers": {"m": {"units_per_month": 5, "growth_factor_per_month": 0.5, "units_per_month_cap": 10}}},
        {"makers": {"m": {"growth_factor_per_month": 1.5, "units_per_month_cap": 10}}},
        {"makers": {"m": {"units_per_month": {date(2021, 1, 1): 1}, "growth_from": date(2021, 1, 1)}}},
        {"makers": {"m": {"market_share": 0.5}}},
        {"makers": {"a": {"market_share": 0.5}, "b": {}}},
        {"makers": {"a": {"market_share": 0.5}, "b": {"market_share": 0.6}}},
        {"makers": {"m": {"freight": {"slots": 0}}}},
        {"every": {"durability": {"life_years": 0}}},
        {"every": {"power": 5}},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        section(**wrong)


def test_the_newest_box_in_the_shops_is_bought() -> None:
    spec = section(
        generations={
            "old": {"price_usd": 450, "until": date(2022, 6, 2)},
            "new": {"price_usd": 250, "from": date(2022, 6, 1), "until": date(2022, 6, 3)},
            "dear": {"price_usd": 900, "from": date(2022, 6, 1)},
        }
    )
    prices = hardware_prices(spec, start=START, n_days=7)
    assert prices.new_usd.tolist() == [450, 450, 250, 250, 250, 900, 900]
    assert prices.generation.tolist() == [0, 0, 1, 1, 1, 2, 2]


def test_without_a_box_in_the_shops_nobody_buys_and_the_last_price_replaces() -> None:
    spec = section(generations={"only": {"price_usd": 450, "from": date(2022, 6, 1), "until": date(2022, 6, 2)}})
    prices = hardware_prices(spec, start=START, n_days=6)
    assert prices.new_usd.tolist() == [np.inf, np.inf, 450, 450, np.inf, np.inf]
    assert prices.replacement_usd.tolist() == [450] * 6
    with pytest.raises(InputError) as caught:
        hardware_prices(spec, start=date(2023, 1, 1), n_days=6)
    assert caught.value.codes == ("no_hardware_on_sale",)


def test_price_from_a_series(tmp_path: Path) -> None:
    spec = section(generations={"box": {"price_usd": {"series": "helium-hotspot-price", "then": "hold"}}})
    assert hardware_prices(spec, start=START, n_days=4).new_usd.tolist() == [400, 400, 250, 250]
    euros = section(generations={"box": {"price_usd": {"series": "mine", "then": "hold"}}})
    (tmp_path / "mine.csv").write_text("# unit: eur\n# between: step\ndate,value,source\n2022-01-01,1,A\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        hardware_prices(euros, start=START, n_days=4, base_dir=tmp_path)
    assert caught.value.codes == ("wrong_unit",)
