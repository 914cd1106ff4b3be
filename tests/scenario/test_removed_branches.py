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


def test_an_option_that_a_later_one_takes_away_is_told() -> None:
    def told(*sets: str) -> list[str]:
        return [warning.path or "" for warning in load("helium-iot-goteborg", sets=sets).warnings if warning.code == "set_in_vain"]

    assert told("customers.water_meters.sensors=-5", "customers={}") == ["customers.water_meters.sensors"]
    assert told("regulation.licence_duty.enabled=true", "regulation.licence_duty=null") == ["regulation.licence_duty.enabled"]
    assert told("seed=3", "seed=4", "customers={}") == []
    assert told("place.sites.count=30_000", "place={sites: {seed: 2}}") == []
