"""Who cheats and who looks, told apart by name: what a check finds reaches the campaigns that learn from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.integrity.beliefs import Beliefs
from twin.integrity.campaigns import Campaign, Exploit
from twin.integrity.inspection import Found, Inspection
from twin.integrity.learning import Learning, Trick
from twin.kernel import Clock

CampaignOf = Callable[[Slots], NDArray[np.integer]]
"""Number of the campaign to which each node belongs, in the order of the scenario's adversaries."""


class Guard:
    """Checks and campaigns of one life."""

    def __init__(self, adversaries: Mapping[str, Any]) -> None:
        self.names = list(adversaries)
        self.exploit_of = {name: str(getattr(spec, "exploit", "")) for name, spec in adversaries.items()}
        """What each adversary does today."""
        learners = {name: spec for name, spec in adversaries.items() if getattr(spec, "learns", None) is not None}
        self.beliefs = Beliefs(learners, (), exploit_of=self.exploit_of)
        self.someone_learns = bool(learners)
        self.learning: Learning | None = None
        """What campaigns that learn do; None: nobody learns."""

    def learn(self, clock: Clock, tricks: Mapping[str, Trick], *, otherwise: Exploit[Campaign], note: Callable[..., None]) -> Learning:
        """Campaigns that learn do so by these exploits; an adversary that names none has the kind's only one."""
        for name, exploit in self.exploit_of.items():
            self.exploit_of[name] = exploit or next(iter(tricks))
        self.learning = Learning(clock, self.beliefs, tricks, otherwise=otherwise, note=note)
        return self.learning

    def listen(self, inspection: Inspection, name: str, campaign_of: CampaignOf) -> None:
        """Campaigns hear what this check finds of them."""

        def tell(found: Found, looked_at: int) -> None:
            if self.learning is None or not len(found.cheats):
                return
            for number, caught in zip(*np.unique(campaign_of(found.cheats), return_counts=True), strict=True):
                self.learning.hear(name, self.names[number], int(caught))

        inspection.listeners.append(tell)
