"""Sensing networks: fixed stations that measure (GNSS reference, weather, roadside observers) and are paid by one of four kernels."""

from __future__ import annotations

from twin.kinds.sensing.spec import SensingScenario
from twin.nouns import Nouns
from twin.registry import register_network

register_network(
    "sensing",
    spec=SensingScenario,
    furnish="twin.kinds.sensing.world:furnish",
    schedule="twin.kinds.sensing.offers:schedule_of",
    nouns=Nouns(
        node="station", nodes="stations", owners="station owners", service="measurements", capacity="places measured well enough", covered="share of the cell's demand that is served",
        users="USD paid a day",
    ),  # fmt: skip
    summary="fixed stations that measure and are paid for presence, points or service (375ai, GEODNET, WeatherXM)",
)
