"""What is drawn of a market, in variants that hold its price from some day on (`flat_price`, `held_price`): the same until that day as in the base."""

from __future__ import annotations

from twin.scenario import Scenario


def held_markets(base: Scenario, variant: Scenario) -> dict[str, str]:
    """What is drawn of a token's market in the base -> where it stands in a variant that holds that price from some day on: under `before`, so that both draw the same until then."""
    found: dict[str, str] = {}
    for name, token in base.spec.token.items():
        price, held = getattr(token, "price", None), getattr(variant.spec.token.get(name), "price", None)
        before = getattr(held, "before", None)
        if price is not None and before is not None and before.kind == price.kind:
            front = f"token.{name}.price."
            found |= {path: f"{front}before.{path.removeprefix(front)}" for path in base.unknowns if path.startswith(front) and path not in variant.unknowns}
    return found
