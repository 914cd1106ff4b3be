"""What an energy network's token offers each day, and what its rules schedule without regard to the network's state."""

from __future__ import annotations

from twin.economy.held import Fading
from twin.economy.pots_and_rates import Emission, Offer
from twin.kernel import Clock
from twin.kinds.energy.network import BASELINE, SERVICE, Energy
from twin.kinds.energy.spec import EnergyScenario
from twin.outcomes import Schedule
from twin.world.schedules import schedule_of_emission


def schedule_of(spec: EnergyScenario) -> Schedule:
    """Tokens a day offered to households by the rules alone: baseline and service pots in full."""
    return schedule_of_emission(spec, share=spec.hosts.baseline_share + spec.hosts.service_share)


class Offers(Emission):
    """Baseline by score; service by what grids paid, the part of the pot that was served: an event's power over that committed."""

    def __init__(self, spec: EnergyScenario, clock: Clock, network: Energy, fading: Fading) -> None:
        super().__init__(spec.first_token, clock, fading, to_treasury_share=1 - spec.hosts.baseline_share - spec.hosts.service_share)
        self.network, self.hosts = network, spec.hosts

    def __call__(self) -> list[Offer]:
        """What each pot pays today, tokens."""
        hosts, day = self.hosts, self.clock.day
        pot, beyond = self.emitted.on(day), self.emitted.beyond_share(day)
        served = float(self.network.served_share.mean())
        service = pot * hosts.service_share * (served if self.network.revenue_usd > 0 else 0.0)
        return [Offer(BASELINE, pot * hosts.baseline_share, beyond_share=beyond), Offer(SERVICE, service, beyond_share=beyond)]
