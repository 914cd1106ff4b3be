"""The variant `flat_price`: the price of every token constant from T0 on, the other half of what odds say of the price (VERDICT 7).

A study may ask for it by name in any scenario. Where a file states a variant of that name, the file's own is lived: some hold the price from another day.
"""

from __future__ import annotations

from typing import Any

from twin.scenario import Scenario

FLAT_PRICE = "flat_price"


def flat_price(scenario: Scenario) -> dict[str, Any]:
    """Dotted path -> value of the price of each token, held from T0 at that of the day before; empty where the scenario has no token with a price that moves."""
    prices = {name: getattr(token, "price", None) for name, token in scenario.spec.token.items()}
    return {f"token.{name}.price": {"kind": "constant_from", "date": "taper_begin"} for name, price in prices.items() if price is not None and price.kind != "constant_from"}


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
