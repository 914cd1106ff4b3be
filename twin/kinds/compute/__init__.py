"""Compute networks: a market for hours of GPUs in data centers and homes (Akash, Render, io.net)."""

from __future__ import annotations

from twin.kinds.compute.spec import ComputeScenario
from twin.nouns import Nouns
from twin.registry import register_network

register_network(
    "compute",
    spec=ComputeScenario,
    furnish="twin.kinds.compute.world:furnish",
    schedule="twin.kinds.compute.schedule:schedule_of",
    nouns=Nouns(
        node="provider", nodes="providers", owners="providers", service="GPUs for hire", capacity="GPU-hours within reach", covered="share of all GPU-hours wanted that this cell could serve",
        users="GPU-hours leased a day",
    ),  # fmt: skip
    summary="providers that lease GPUs by the hour: reverse auction (Akash), tiers (Render), clusters (io.net)",
)
