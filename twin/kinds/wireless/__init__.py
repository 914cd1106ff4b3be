"""Wireless networks: hotspots that prove coverage and carry data (Helium IoT)."""

from __future__ import annotations

from twin.kinds.wireless.spec import WirelessScenario
from twin.registry import register_network

register_network(
    "wireless",
    spec=WirelessScenario,
    furnish="twin.kinds.wireless.world:furnish",
    schedule="twin.kinds.wireless.subsidy:schedule_of",
    node_noun="hotspot",
    summary="hotspots that prove coverage by radio and carry data of sensors (Helium IoT)",
)
