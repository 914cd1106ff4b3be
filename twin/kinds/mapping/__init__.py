"""Mapping networks: drivers with dashcams who keep a street map fresh (Hivemapper)."""

from __future__ import annotations

from twin.kinds.mapping.spec import MappingScenario
from twin.registry import register_network

register_network(
    "mapping",
    spec=MappingScenario,
    furnish="twin.kinds.mapping.world:furnish",
    node_noun="dashcam",
    summary="drivers with dashcams who keep a street map fresh (Hivemapper)",
)
