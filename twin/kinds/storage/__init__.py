"""Storage networks: providers put up collateral and terms (Filecoin), or one payment keeps data for ever (Arweave)."""

from __future__ import annotations

from twin.kinds.storage.spec import StorageScenario
from twin.nouns import Nouns
from twin.registry import register_network

PROVIDERS = Nouns(node="provider", nodes="providers", owners="providers", service="storage for a term", capacity="data that could be kept", users="PiB of customers' data")
MINERS = Nouns(node="miner", nodes="miners", owners="miners", service="storage for good", capacity="copies kept of those promised", users="TB of space")


def nouns_of(spec: StorageScenario) -> Nouns:
    """Filecoin has providers, Arweave miners."""
    return MINERS if spec.network.protocol == "arweave" else PROVIDERS


register_network(
    "storage",
    spec=StorageScenario,
    furnish="twin.kinds.storage.world:furnish",
    node_noun="provider",
    nouns=nouns_of,
    summary="providers that store data for collateral and block rewards (Filecoin), or for an endowment (Arweave)",
)
