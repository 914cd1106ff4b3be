"""Those who claim GPUs that they do not have: when they come, whether they come again, and that they are gone once the mechanism is off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock, Streams
from twin.kinds.compute.places import Sites
from twin.kinds.compute.providers import Providers
from twin.kinds.compute.supply_spec import FakeGpusSpec
from twin.state import NodeState

Ints = NDArray[np.int64]


class FakeGpus:
    """Campaigns of accounts; their sites come after those of honest groups."""

    def __init__(
        self, clock: Clock, streams: Streams, campaigns: Mapping[str, FakeGpusSpec], sites: Sites, *, providers: Providers, cooldown_days: int, note: Callable[..., None]
    ) -> None:
        self.clock, self.streams, self.campaigns, self.sites, self.providers, self.note = clock, streams, campaigns, sites, providers, note
        self.cooldown_days, self.on = cooldown_days, True
        self._returns = np.array([each.returns for each in campaigns.values()], bool)
        self._again: dict[int, list[Ints]] = defaultdict(list)

    def switch(self, on: bool) -> None:
        """Off: who claims only is gone at once and nobody comes; on again: those whose day is still to come, come."""
        self.on = on
        if not on:
            self._again.clear()
            self.providers.leave(np.flatnonzero(self.providers.nodes.online & self.sites.is_fake), NodeState.PROSPECT)

    def arrive(self) -> None:
        """Accounts whose day it is, each on its own day, and those shut out whose cooldown is over."""
        if not self.on:
            return
        state = self.providers.nodes.state
        for number, (name, campaign) in enumerate(self.campaigns.items()):
            mine = np.flatnonzero(self.sites.campaign == number)
            since = (self.clock.today - campaign.starts).days
            due = (self.streams.uniform("when claims come", number, mine) * max(campaign.spread_days, 1e-9)).astype(int)
            new = mine[(due == since) & (state[mine] == NodeState.PROSPECT)]
            if since >= 0 and len(new):
                self.providers.put_online(new)
                self.note("fake_gpus", subject=name, count=int(self.sites.claimed_gpus[new].sum()), unit="GPUs claimed")
        for nodes in self._again.pop(self.clock.day, []):
            self.providers.put_online(nodes)

    def shut_out(self, nodes: Ints) -> None:
        """Where a campaign comes again it does so with new accounts, after the cooldown."""
        again = nodes[self._returns[self.sites.campaign[nodes]]]
        if len(again):
            self._again[self.clock.day + self.cooldown_days + 1].append(again)
