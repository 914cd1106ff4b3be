"""Mobile networks: Wi-Fi access points that carry phones' data for carriers and were paid for coverage until 2026 (Helium Mobile)."""

from __future__ import annotations

from twin.kinds.mobile.spec import MobileScenario
from twin.registry import register_network

register_network(
    "mobile",
    spec=MobileScenario,
    furnish="twin.kinds.mobile.world:furnish",
    schedule="twin.kinds.mobile.subsidy:schedule_of",
    node_noun="access point",
    summary="Wi-Fi access points that carry phones' data for carriers and subscribers (Helium Mobile)",
)
