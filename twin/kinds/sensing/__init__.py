"""Sensing networks: fixed stations that measure (GNSS reference, weather, roadside observers) and are paid by one of four kernels."""

from __future__ import annotations

from twin.kinds.sensing.spec import SensingScenario
from twin.registry import register_network

register_network(
    "sensing",
    spec=SensingScenario,
    furnish="twin.kinds.sensing.world:furnish",
    schedule="twin.kinds.sensing.offers:schedule_of",
    node_noun="station",
    summary="fixed stations that measure and are paid for presence, points or service (375ai, GEODNET, WeatherXM)",
)
