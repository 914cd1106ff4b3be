"""Wireless networks: hotspots that prove coverage and carry data (Helium IoT)."""

from __future__ import annotations

from twin.kinds.wireless.spec import WirelessScenario
from twin.nouns import Nouns
from twin.registry import register_network

register_network(
    "wireless",
    spec=WirelessScenario,
    furnish="twin.kinds.wireless.world:furnish",
    schedule="twin.kinds.wireless.subsidy:schedule_of",
    nouns=Nouns(
        node="hotspot", nodes="hotspots", service="coverage", capacity="people covered", covered="share of the cell's people within reach", users="sensors"
    ),  # fmt: skip
    summary="hotspots that prove coverage by radio and carry data of sensors (Helium IoT)",
)
