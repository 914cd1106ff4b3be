"""Energy networks: households with solar and batteries that earn from programmes, markets and a token (HIP-128-like, Glow-like)."""

from __future__ import annotations

from twin.kinds.energy.spec import EnergyScenario
from twin.registry import register_network

register_network(
    "energy",
    spec=EnergyScenario,
    furnish="twin.kinds.energy.world:furnish",
    schedule="twin.kinds.energy.rewards:schedule_of",
    node_noun="battery",
    summary="households with solar and batteries that earn from grids and a token (HIP-128, Glow, ConnectedSolutions)",
)
