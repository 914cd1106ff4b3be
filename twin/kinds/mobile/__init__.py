"""Mobile networks: Wi-Fi access points that carry phones' data for carriers and were paid for coverage until 2026 (Helium Mobile)."""

from __future__ import annotations

from twin.kinds.mobile.spec import MobileScenario
from twin.nouns import Nouns
from twin.registry import register_network

register_network(
    "mobile",
    spec=MobileScenario,
    furnish="twin.kinds.mobile.world:furnish",
    schedule="twin.kinds.mobile.subsidy:schedule_of",
    nouns=Nouns(
        node="access point", nodes="access points", service="Wi-Fi for phones", capacity="passers-by served", covered="share of the cell's passers-by that are served",
        users="phones a day",
    ),  # fmt: skip
    summary="Wi-Fi access points that carry phones' data for carriers and subscribers (Helium Mobile)",
)
