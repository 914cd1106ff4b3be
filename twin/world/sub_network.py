"""The books of a network of devices that shares its token with another sub-network."""

from __future__ import annotations

from collections.abc import Callable

from twin.economy.shared_token_books import Given, SharedTokenBooks, SubNetwork
from twin.state import Accrual
from twin.world.devices import Devices
from twin.world.world import World


def books_of_sub_network(
    world: World, devices: Devices, accrual: Accrual, rules: SubNetwork, given: Given, *, inside_share: Callable[[str], float] = lambda pool: 1.0
) -> SharedTokenBooks:
    """The day's settlement by these rules; the rest sells what the groups do on the mean. `inside_share` is the part of a pool that is reported."""
    return SharedTokenBooks(
        world.clock, rules, token_name=world.token_name, token=world.token, given=given, accrual=accrual, today=world.today,
        replacement_usd_per_day=devices.replacement_usd_per_day, backing_days=world.spec.verdict.backing_days, fading=world.fading,
        rest_sells_share=devices.parties.mean_of("sells_share"), inside_share=inside_share,
    )  # fmt: skip
