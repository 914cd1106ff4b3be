"""Campaigns of cheats on the clock of a world, and their switch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from twin.integrity.campaigns import Campaign, Campaigns, Exploit, campaigns_of
from twin.integrity.learning import Trick
from twin.kernel import Lane
from twin.world.world import World

C = TypeVar("C", bound=Campaign)


def let_cheat(world: World, exploit: Exploit[Campaign], *, tricks: Mapping[str, Trick] | None = None, lane: Lane = Lane.DECIDE, sub: int = 4) -> None:
    """The scenario's adversaries act by this exploit, each on its own days; those that learn choose among `tricks`, by what they believe of the checks."""
    if tricks and world.guard.someone_learns:
        exploit = world.guard.learn(tricks, otherwise=exploit, note=world.chronicle.note, pays=lambda usd: world.books.pay_for_cheating(usd), before_checks=lane < Lane.PROVE)
    let_act(world, campaigns_of(world.society, world.clock, world.spec.adversaries), exploit, lane=lane, sub=sub)


def let_act(world: World, campaigns: Iterable[C], exploit: Exploit[C], *, lane: Lane = Lane.DECIDE, sub: int = 4) -> None:
    """These campaigns act by this exploit."""
    begun = Campaigns(world.clock, campaigns, exploit, lane=lane, sub=sub)
    world.mechanisms.offer("cheats", begun.switch, exists=bool(world.spec.adversaries))
