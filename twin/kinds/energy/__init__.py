"""Energy networks: households with solar and batteries that earn from programmes, markets and a token (HIP-128-like, Glow-like)."""

from __future__ import annotations

from twin.kinds.energy.spec import EnergyScenario
from twin.nouns import Nouns
from twin.registry import register_network

register_network(
    "energy",
    spec=EnergyScenario,
    furnish="twin.kinds.energy.world:furnish",
    schedule="twin.kinds.energy.rewards:schedule_of",
    nouns=Nouns(
        node="battery", nodes="batteries", owners="households", service="power on call", capacity="kW committed", covered="share of the cell's sites that take part",
        users="committed kW",
    ),  # fmt: skip
    summary="households with solar and batteries that earn from grids and a token (HIP-128, Glow, ConnectedSolutions)",
)
