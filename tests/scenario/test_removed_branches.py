"""A branch that an option takes away takes its ranges along, with a note; others that lead nowhere are still errors."""

from __future__ import annotations

import pytest

from twin.scenario import load

LOST = "customers.city_sensors.potential_sensors_per_1000_people"


@pytest.mark.parametrize("option", ["customers={}", "customers=null"])
def test_without_customers_their_ranges_are_gone(option: str) -> None:
    scenario = load("helium-iot-goteborg", sets=[option])
    assert scenario.spec.customers == {}
    assert LOST not in scenario.spec.uncertain and LOST in load("helium-iot-goteborg").spec.uncertain


def test_a_range_that_goes_is_said() -> None:
    said = {warning.code: warning.path for warning in load("helium-iot-goteborg", sets=["customers={}"]).warnings}
    assert said["range_without_value"].endswith(LOST)


def test_what_an_option_removes_may_be_gone_beside_a_variant() -> None:
    assert load("filecoin-world", variant="paying_data", sets=["flows=null"]).spec.flows is None
