"""A small world whose price is an open loop, put on a market that clears."""

from __future__ import annotations

from typing import Any

from twin.build import build
from twin.scenario import Scenario


def on_a_market(scenario: Scenario, *, scale: float = 1.0, path: str | None = None, **facts: Any) -> Scenario:
    """The scenario with a cleared price that begins where the open loop does; a fifth of what exists is the float."""
    was = build(scenario)
    token, supply = was.token_name, was.ledger.supply(was.token_name)
    start = {} if "opening_pot_usd" in facts else {"start_usd": was.chronicle.market.price_usd}
    gone = {"history": None, "listing_date": None} if was.chronicle.market.facts["loop"] == "closed" else {}
    price = {**gone, "kind": "cleared", "opening_float_tokens": 0.2 * supply, **start, **facts}
    changes: dict[str, Any] = {f"token.{token}.price": price}
    if path is not None:
        changes[path if path.startswith(("filecoin", "rewards")) else f"token.{token}.{path}"] = scale
    return scenario.variant("on a market", changes)
