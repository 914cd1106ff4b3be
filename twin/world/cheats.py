"""Campaigns of cheats on the clock of a world, and their switch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from twin.integrity.campaigns import Campaign, Campaigns, Exploit, campaigns_of
from twin.kernel import Lane
from twin.world.world import World

C = TypeVar("C", bound=Campaign)


def let_cheat(world: World, exploit: Exploit[Campaign], *, lane: Lane = Lane.DECIDE, sub: int = 4) -> None:
    """The scenario's adversaries act by this exploit, each on its own days."""
    let_act(world, campaigns_of(world.society, world.clock, world.spec.adversaries), exploit, lane=lane, sub=sub)


def let_act(world: World, campaigns: Iterable[C], exploit: Exploit[C], *, lane: Lane = Lane.DECIDE, sub: int = 4) -> None:
    """These campaigns act by this exploit."""
    begun = Campaigns(world.clock, campaigns, exploit, lane=lane, sub=sub)
    world.mechanisms.offer("cheats", begun.switch, exists=bool(world.spec.adversaries))
