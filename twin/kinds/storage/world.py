"""A storage scenario put together: which protocol it follows decides which twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twin.scenario import Scenario


def build(scenario: Scenario, *, cache: Path | None = None) -> Any:
    """The twin of a scenario on its first day; nothing depends on a map, so `cache` is not used."""
    network = scenario.spec.network
    if network.compat == "mechafil":
        from twin.kinds.storage.compat_world import CompatTwin

        return CompatTwin(scenario)
    if network.protocol == "filecoin":
        from twin.kinds.storage.filecoin_world import FilecoinTwin

        return FilecoinTwin(scenario)
    from twin.kinds.storage.arweave_world import ArweaveTwin

    return ArweaveTwin(scenario)
