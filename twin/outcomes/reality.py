"""A life that is dead on a day on which the real network is known to have lived says so: something here is harsher than it was, or its place is not the network's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any


def outlived_words(reality: Mapping[str, Any] | None, collapsed_on: date | None) -> str:
    """Two sentences; empty where the life had not collapsed by the last day on which the real network is known to have lived. `reality` is the manifest's.

    A life of one place out of many may end while the rest of its network lives: there the network's life proves less.
    """
    if not reality or collapsed_on is None:
        return ""
    alive_on = reality["alive_on"]
    alive_on = date.fromisoformat(alive_on) if isinstance(alive_on, str) else alive_on
    if collapsed_on >= alive_on:
        return ""
    alive = f"The real network was still alive on {alive_on} (by its dated {reality['by']});"
    if reality.get("is_part"):
        return (
            f"{alive} the part of it that is lived here was not: it collapsed on {collapsed_on}. "
            "Either this place fared worse than the rest, or what is assumed here about customers and costs is harsher than what happened."
        )
    return f"{alive} this life was not: it collapsed on {collapsed_on}. So what is assumed here about customers, costs or the market is harsher than what happened."
