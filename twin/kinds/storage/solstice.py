"""FIP-0118 "Solstice" (a draft): how a day's reward is split between consensus, service and burn, by what customers really paid."""

from __future__ import annotations

from datetime import date

from twin.kinds.storage.filecoin_spec import SolsticeSpec
from twin.units import DAYS_PER_YEAR

DAYS_PER_QUARTER = DAYS_PER_YEAR / 4
MONTHS_PER_QUARTER = 3


class Solstice:
    """Counts quarters and gates; `split` is asked once a day."""

    def __init__(self, spec: SolsticeSpec) -> None:
        self.spec = spec
        self.gates_met = 0
        self._quarter = -1
        self._paid_usd = 0.0

    def is_on(self, today: date) -> bool:
        """The draft's rules hold."""
        return self.spec.enabled and today >= self.spec.starts

    def split(self, today: date, paid_usd: float) -> tuple[float, float]:
        """(consensus, service) shares of today's reward; the rest is burned. `paid_usd`: external customers' payments of the day."""
        if not self.is_on(today):
            return 1.0, 0.0
        spec = self.spec
        quarter = int((today - spec.starts).days / DAYS_PER_QUARTER)
        if quarter != self._quarter:
            gates = spec.gates_usd_per_quarter
            # 5 to 10 % in the first quarter needs no gate; each later quarter climbs one step if the quarter before paid that step's volume
            if self._quarter >= 0 and self.gates_met < len(gates) and self._paid_usd >= gates[self.gates_met]:
                self.gates_met += 1
            self._quarter, self._paid_usd = quarter, 0.0
        self._paid_usd += paid_usd
        fallen = min(1.0, (today - spec.starts).days / (spec.fall_months / MONTHS_PER_QUARTER * DAYS_PER_QUARTER))
        consensus = spec.consensus_first_share + fallen * (spec.consensus_last_share - spec.consensus_first_share)
        service = spec.service_first_share + spec.service_step_share * (1 + self.gates_met)
        return consensus, min(service, 1.0 - consensus)
