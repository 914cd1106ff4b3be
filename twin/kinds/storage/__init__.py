"""Storage networks: providers put up collateral and terms (Filecoin), or one payment keeps data for ever (Arweave)."""

from __future__ import annotations

from twin.kinds.storage.spec import StorageScenario
from twin.registry import register_network

register_network(
    "storage",
    spec=StorageScenario,
    furnish="twin.kinds.storage.world:furnish",
    node_noun="provider",
    summary="providers that store data for collateral and block rewards (Filecoin), or for an endowment (Arweave)",
)
