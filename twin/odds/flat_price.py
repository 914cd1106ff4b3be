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
