"""Those who claim GPUs that they do not have: when they come, whether they come again, and that they are gone once the mechanism is off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.arrays import Ints
from twin.integrity.campaigns import Campaign
from twin.integrity.inspection import Later
from twin.kernel import Clock, Streams
from twin.kinds.compute.cheats_spec import FakeGpusSpec
from twin.kinds.compute.places import Sites
from twin.kinds.compute.providers import Providers
from twin.state import NodeState, Note


class FakeGpus:
    """The exploit of all campaigns: accounts that claim; their sites come after those of honest groups."""

    def __init__(
        self, clock: Clock, streams: Streams, campaigns: Sequence[FakeGpusSpec], sites: Sites, *, providers: Providers, cooldown_days: int, note: Note
    ) -> None:
        self.clock, self.streams, self.sites, self.providers, self.note, self.cooldown_days = clock, streams, sites, providers, note, cooldown_days
        self._returns = np.array([each.returns and each.learns is None for each in campaigns], bool)
        self._again = Later()

    def stop(self, campaign: Campaign) -> None:
        """Its accounts are gone at once."""
        self._again.clear()
        self.providers.leave(np.flatnonzero(self.providers.nodes.online & (self.sites.campaign == campaign.number)), NodeState.PROSPECT)

    def act(self, campaign: Campaign) -> int | None:
        """Accounts whose day it is, each on its own day, and those shut out whose cooldown is over; it looks every day."""
        state, today = self.providers.nodes.state, self.clock.day
        mine = np.flatnonzero(self.sites.campaign == campaign.number)
        due = (self.streams.uniform("when claims come", 0, self.sites.luck[mine]) * max(campaign.spec.spread_days, 1e-9)).astype(int)
        new = mine[(due == today - campaign.starts_day) & (state[mine] == NodeState.PROSPECT)]
        if len(new):
            self.providers.put_online(new)
            self.note("fake_gpus", subject=campaign.name, count=int(self.sites.claimed_gpus[new].sum()), unit="GPUs claimed")
        for nodes in self._again.take(today):
            self.providers.put_online(nodes)
        return today + 1

    def shut_out(self, nodes: Ints) -> None:
        """Where a campaign comes again it does so with new accounts, after the cooldown."""
        again = nodes[self._returns[self.sites.campaign[nodes]]]
        if len(again):
            self._again.add(self.clock.day + self.cooldown_days + 1, again)
