"""A life that is dead on a day on which the real network is known to have lived says so: its flows are wrong, or its place is not the network's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any


def outlived_words(reality: Mapping[str, Any] | None, collapsed_on: date | None) -> str:
    """One sentence; empty where the life had not collapsed by the last day on which the real network is known to have lived. `reality` is the manifest's."""
    if not reality or collapsed_on is None:
        return ""
    alive_on = reality["alive_on"]
    alive_on = date.fromisoformat(alive_on) if isinstance(alive_on, str) else alive_on
    if collapsed_on >= alive_on:
        return ""
    return f"The real network was alive on {alive_on} (its dated {reality['by']}); this life is not, it collapsed on {collapsed_on}: look at its flows."
