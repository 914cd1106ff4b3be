"""Campaigns: who cheats, from when, and that all of it stops once the mechanism is off. How a cheat is done is the exploit of a kind.

A campaign is a party that chooses (a Mesa agent) with a calendar of its own: on each of its days it asks its exploit, which enters, grows, moves or
gives up, and says when to ask again.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from typing import Any, Generic, Protocol, TypeVar

import mesa
import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock, Lane, digest


class Campaign(mesa.Agent):
    """One group of cheats of one mind."""

    def __init__(self, society: mesa.Model, name: str, number: int, spec: Any, *, starts_day: int, label: str = "") -> None:
        """`number` marks its nodes; `starts_day` is the first day on which it acts, in days since the start of the run; `label` is its name in the plan."""
        super().__init__(society)
        self.name, self.number, self.spec, self.starts_day, self.label = name, number, spec, starts_day, label or f"campaign {name}"
        self.step = self.begun = 0
        """How often it has acted since it began, and how often it has begun."""


def campaigns_of(society: mesa.Model, clock: Clock, specs: Mapping[str, Any]) -> list[Campaign]:
    """A campaign for each adversary of a scenario, by the date from which it acts."""
    return [Campaign(society, name, number, spec, starts_day=(spec.starts - clock.start).days) for number, (name, spec) in enumerate(specs.items())]


MOST_ACCOUNTS = 1 << 20
"""Of one campaign, by which numbers of luck are spaced."""


def luck_of_accounts(n_honest: int, accounts: Mapping[str, int]) -> NDArray[np.int64]:
    """A number for the luck of each place: its own for honest ones, and for those kept for so many accounts of each campaign one that follows from its name.

    So another campaign, wherever its name sorts and however many it may have, changes nobody's luck.
    """
    each = [digest(f"luck of {name}") % (1 << 42) * MOST_ACCOUNTS + np.arange(count) for name, count in accounts.items()]
    return np.concatenate([np.arange(n_honest), *each]).astype(np.int64)


C = TypeVar("C", bound=Campaign)
C_contra = TypeVar("C_contra", bound=Campaign, contravariant=True)


class Exploit(Protocol[C_contra]):
    """One way of being paid for what is not there, in one kind of network."""

    def act(self, campaign: C_contra) -> int | None:
        """The campaign's day: it enters, grows, moves or gives up. Returns the day on which it acts next; None: never again."""

    def stop(self, campaign: C_contra) -> None:
        """All that it runs stops at once, and its places are free for honest ones."""


class Campaigns(Generic[C]):
    """All campaigns of a scenario."""

    def __init__(self, clock: Clock, campaigns: Iterable[C], exploit: Exploit[C], *, lane: Lane = Lane.DECIDE, sub: int = 4) -> None:
        self.clock, self.exploit, self.lane, self.sub, self.on = clock, exploit, lane, sub, True
        self.each = list(campaigns)
        for campaign in self.each:
            clock.process(self._course_of(campaign), name=campaign.label)

    def switch(self, on: bool) -> None:
        """Whether campaigns come and stay; off, all that run stop at once; on again, each begins anew, on the morrow or on its own first day."""
        self.on = on
        for campaign in self.each:
            if not on:
                self.exploit.stop(campaign)
            else:
                campaign.step, campaign.starts_day = 0, max(campaign.starts_day, self.clock.day + 1)
                self.clock.process(self._course_of(campaign), name=campaign.label)

    def _course_of(self, campaign: C) -> Generator[Any, Any, None]:
        """Ends with the campaign, or on the first day on which cheats are off; `begun` tells it from one that was begun anew."""
        campaign.begun += 1
        begun, day = campaign.begun, max(campaign.starts_day, 0)
        while day < self.clock.n_days:
            if day >= self.clock.day:
                yield self.clock.at(day, self.lane, self.sub)
            if not self.on or campaign.begun != begun:
                return
            following = self.exploit.act(campaign)
            campaign.step += 1
            if following is None:
                return
            day = following
