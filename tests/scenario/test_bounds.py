"""Amounts that can be no price, power or pot are refused, with what is expected and what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.errors import InputError
from twin.scenario import load


@pytest.mark.parametrize(
    ("scenario", "path", "value", "expected"),
    [
        ("helium-iot-goteborg", "token.HNT.price.holders_money_scale", "1e300", "from 1e-06 to 1e+06"),
        ("helium-iot-goteborg", "token.HNT.price.holders_money_scale", "1e-300", "from 1e-06 to 1e+06"),
        ("helium-iot-goteborg", "token.HNT.price.opening_pot_usd", "1e-300", "a number of US dollars, from 1 to 1e+15"),
        ("helium-iot-goteborg", "hardware.generations.indoor_gateway.price_usd", "1e300", "a number of US dollars, from 0 to 1e+06"),
        ("helium-iot-goteborg", "hardware.every.power_w", "1e9", "a number of watts, from 0 to 100000"),
        ("weatherxm-switzerland", "hardware.every.power_w", "1e9", "a number of watts, from 0 to 100000"),
        ("helium-mobile-us", "hardware.devices.indoor.price_usd", "1e300", "from 0 to 1e+06"),
        ("helium-mobile-us", "hardware.devices.indoor.power_w", "1e9", "from 0 to 100000"),
        ("ionet-world", "hardware.H100.capex_usd", "1e300", "from 0 to 1e+06"),
        ("ionet-world", "hardware.H100.card_power_w", "1e9", "greater than 0 and at most 100000"),
    ],
)  # fmt: skip
def test_an_amount_beyond_all_sense_is_refused(scenario: str, path: str, value: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        load(scenario, sets=[f"{path}={value}"])
    (problem,) = caught.value.problems
    assert (problem.code, problem.path) == ("out_of_range", path)
    assert expected in problem.message and "assumed" in (problem.suggestion or "")


def test_late_dates_and_unknown_sources_come_with_wrong_values(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "schema: 1\ntitle: all at once\nextends: helium-iot-goteborg\nplace: {sites: {count: 900_000_000}}\nsources: {operators.nobody.sells_share: assumed}\n"
        "customers: {water_meters: {starts: 2199-01-01, sensors_per_household: -1}}\noperators: {earners: {sells_share: x}}\n", "utf-8",
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        load(own)
    assert {(each.code, each.path) for each in caught.value.problems} == {
        ("out_of_range", "place.sites.count"), ("unknown_path", "sources.operators.nobody.sells_share"), ("unreachable_date", "customers.water_meters.starts"),
        ("out_of_range", "customers.water_meters.sensors_per_household"), ("wrong_type", "operators.earners.sells_share"),
        ("nobody_by_name", "verification.rings"),  # of its variants, for which so many sites are too many
    }  # fmt: skip
