"""What a network of compute does to accounts that it takes for cheats: pay for being there withheld, stakes taken, accounts shut out or let in again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twin.arrays import Bools, Ints
from twin.integrity.inspection import LAST_DAY, Later, until
from twin.integrity.sanctions import Verbs
from twin.kernel import Clock
from twin.kinds.compute.places import Sites
from twin.kinds.compute.providers import Providers
from twin.kinds.compute.stakes import Stakes
from twin.state import NodeState


class Penalties:
    """Shared by all checks of the network."""

    def __init__(self, clock: Clock, sites: Sites, *, providers: Providers, stakes: Stakes, fakes_shut_out: Callable[[Ints], None]) -> None:
        self.clock, self.sites, self.providers, self.stakes, self.fakes_shut_out = clock, sites, providers, stakes, fakes_shut_out
        self.slashing_on = True
        self.slashed_tokens = 0.0
        """Today."""
        self._unpaid_until, self._of_life, self._out_until = np.zeros((3, sites.n), np.int64)
        """First day on which an account is paid again, which of those that ever stood on its site it is (who comes after it owes nothing), and first day in again."""
        self._back = Later()
        self.verbs = Verbs(withhold=self.withhold, slash=self.fine, ban=self.ban, restore=self.restore)

    def switch_slashing(self, on: bool) -> None:
        """Off: who is found gets the stake back."""
        self.slashing_on = on

    def may_be_paid(self) -> Bools:
        """Accounts from which nothing is withheld today."""
        return np.asarray((self._unpaid_until <= self.clock.day) | (self._of_life != self.providers.nodes.life))

    def begin_day(self) -> None:
        """Nothing is taken yet; those whose time is over come back."""
        self.slashed_tokens = 0.0
        for nodes in self._back.take(self.clock.day):
            self._let_in(nodes[self._out_until[nodes] <= self.clock.day])  # unless let in by an appeal and put out anew since

    # -- verbs -----------------------------------------------------------------------------------------------------
    def withhold(self, nodes: Ints, until_day: int) -> None:
        """Nothing for being there before this day; what customers pay stays."""
        self._unpaid_until[nodes], self._of_life[nodes] = until_day, self.providers.nodes.life[nodes]

    def slash(self, nodes: Ints, share: float) -> float:
        """Takes a share of their stakes; tokens."""
        tokens = self.stakes.slash(nodes, share if self.slashing_on else 0.0)
        self.slashed_tokens += tokens
        return tokens

    def fine(self, nodes: Ints, share: float) -> float:
        """The same of those who go on; they put up again what is missing."""
        tokens = self.slash(nodes, share)
        self.stakes.put_up(nodes[self.providers.nodes.online[nodes]])
        return tokens

    def ban(self, nodes: Ints, until_day: int) -> None:
        """Out, cheats for good; honest ones keep their stake where they may come back."""
        fake = self.sites.is_fake[nodes]
        self.shut_out(nodes[fake])
        if until_day == LAST_DAY:
            self.shut_out(nodes[~fake])
            return
        self.providers.suspend(nodes[~fake])
        self._out_until[nodes[~fake]] = until_day
        self._back.add(until_day, nodes[~fake])

    def shut_out(self, nodes: Ints) -> None:
        """Out for good; stakes come back after the cooldown, and a campaign may come again with other accounts."""
        self.providers.leave(nodes, NodeState.BANNED)
        fakes = nodes[self.sites.is_fake[nodes]]
        if len(fakes):
            self.fakes_shut_out(fakes)

    def suspend(self, nodes: Ints, days: int) -> None:
        """Honest ones, out for so many days."""
        self.ban(nodes, until(self.clock.day, days))

    def restore(self, nodes: Ints) -> None:
        """Paid again from today, and back where they were only suspended."""
        self._unpaid_until[nodes] = np.minimum(self._unpaid_until[nodes], self.clock.day)
        self._let_in(nodes)

    def _let_in(self, nodes: Ints) -> None:
        away = nodes[self.providers.nodes.state[nodes] == NodeState.OFFLINE]
        if len(away):
            self.providers.come_back(away)
