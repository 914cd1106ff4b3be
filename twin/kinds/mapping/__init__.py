"""Mapping networks: drivers with dashcams who keep a street map fresh (Hivemapper)."""

from __future__ import annotations

from twin.kinds.mapping.spec import MappingScenario
from twin.nouns import Nouns
from twin.registry import register_network

register_network(
    "mapping",
    spec=MappingScenario,
    furnish="twin.kinds.mapping.world:furnish",
    nouns=Nouns(
        node="dashcam", nodes="dashcams", owners="drivers", service="a fresh map", capacity="street km that are fresh", covered="share of the cell's street km that is fresh",
        users="street km sold",
    ),  # fmt: skip
    summary="drivers with dashcams who keep a street map fresh (Hivemapper)",
)
