"""Self-dealt usage: who sells what usage earns rewards for buys it itself, out of its own pocket, and no customer has asked for it.

Of a dollar of such usage a part never comes back: the protocol's take, what is burned, and what the work costs. With r dollars of rewards for each dollar of usage
it pays iff

    r > take + burn + cost

Where a pot of P dollars is shared by usage and others bring U, W dollars of self-dealt usage earn P W / (U + W), and with a loss of l on each dollar

    the first dollar pays iff P / U > l;  one dealer alone does best with W = sqrt(P U / l) - U;  many, each too small to see itself, go on until W = P / l - U.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twin.arrays import Floats, Slots
from twin.integrity.inspection import Evidence, Found, Inspection, chance_over
from twin.integrity.sanctions import Sanctions, Verbs
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.scenario.sections.wash import WashChecksSpec

LOOKS_EVERY_DAYS = 7
WASH_CHECKS = "wash checks"
"""What campaigns and tables call the check."""


@dataclass(frozen=True, slots=True)
class WashTerms:
    """What a dollar of self-dealt usage loses on its way back into the pocket it came from."""

    take_share: float = 0.0
    """Fees of either side."""
    burned_share: float = 0.0
    """Buys tokens that are burned."""
    cost_share: float = 0.0
    """Power, machines and what else the work really costs, over its price."""

    @property
    def lost_share(self) -> float:
        """Of each dollar; rewards for a dollar of usage above this pay."""
        return min(self.take_share + self.burned_share, 1.0) + self.cost_share

    def net_usd(self, usage_usd: float, *, reward_usd_per_usd: float) -> float:
        """What so many dollars of self-dealt usage leave."""
        return usage_usd * (reward_usd_per_usd - self.lost_share)

    def pays(self, reward_usd_per_usd: float) -> bool:
        """Whether it is worth it."""
        return reward_usd_per_usd > self.lost_share


class WashChecks:
    """Weekly looks at who pays whom: those whose usage comes back to the pocket that paid it, and now and then an honest one who has a single customer."""

    def __init__(
        self, clock: Clock, streams: Streams, n: int, spec: WashChecksSpec, *, usage: Callable[[], tuple[Slots, Floats]], verbs: Verbs,
        penalise: Callable[[Found], None], life: Slots, luck_of: Slots | None = None,
    ) -> None:  # fmt: skip
        """`usage` says who was paid for usage lately, and the part of it that was self-dealt; `penalise` is what follows where no steps are stated; `life` is by slot,
        and so is `luck_of`, as in `Inspection`."""
        self.spec, self._usage, self._penalise, self._life = spec, usage, penalise, life
        self.inspection = Inspection(clock, streams, "wash check", starts=spec.starts, spec=spec, luck_of=luck_of)
        self.sanctions = Sanctions.stated(clock, streams, n, spec, verbs=verbs, check=WASH_CHECKS, luck_of=luck_of)

    def look(self) -> None:
        """The week's look."""
        self.inspection.hold(self)

    def evidence(self) -> Evidence | None:
        """The chance grows with the part of its usage that a node deals itself; an honest one's is that of an error."""
        slots, own_share = self._usage()
        months = LOOKS_EVERY_DAYS / DAYS_PER_MONTH
        cheats = own_share > 0
        found = chance_over(np.asarray(self.spec.detection_probability_per_month * own_share), months)
        erred = chance_over(self.spec.false_accusation_probability_per_month, months)
        return Evidence(slots, cheats, np.where(cheats, found, erred), self._life[slots])

    def penalise(self, found: Found) -> None:
        """By steps, or as the kind does."""
        if self.sanctions is not None:
            self.sanctions.impose(found, self._life)
        elif len(found.cheats) or len(found.wronged):
            self._penalise(found)
