"""A storage scenario put together: which protocol it follows decides which twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twin.scenario import Scenario


def build(scenario: Scenario, *, cache: Path | None = None) -> Any:
    """The twin of a scenario on its first day; nothing depends on a map, so `cache` is not used."""
    network = scenario.spec.network
    if network.compat == "mechafil":
        from twin.assembly.storage_compat import CompatTwin

        return CompatTwin(scenario)
    if network.protocol == "filecoin":
        from twin.assembly.storage_filecoin import FilecoinTwin

        return FilecoinTwin(scenario)
    from twin.assembly.storage_arweave import ArweaveTwin

    return ArweaveTwin(scenario)
