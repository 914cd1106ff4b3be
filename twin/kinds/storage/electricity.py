"""What electricity costs where providers stand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.errors import InputError, Problem
from twin.geo.electricity import household_usd_per_kwh


def prices_of_electricity(countries: tuple[str, ...], *, section: str, strict: bool) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """USD per kWh a household pays in each country, and the countries that took their continent's mean. InputError for those under `strict`."""
    found, guessed = household_usd_per_kwh(countries)
    if guessed and strict:
        raise InputError(
            [
                Problem(
                    "no_electricity_price", f"there is no electricity price for {code}", path=section,
                    suggestion="network.strict: false takes its continent's mean",
                )
                for code in guessed
            ]
        )  # fmt: skip
    return found, guessed
