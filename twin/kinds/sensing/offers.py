"""What the kernels of a sensing network offer each day, and what their rules schedule without regard to the network's state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from twin.economy.emission import day_range, days_of_rules, first_day, tokens_per_day
from twin.economy.held import Fading, Remembered, Scheduled, beyond_share
from twin.economy.pots_and_rates import Emission, Offer, PotsAndRates
from twin.kernel import Clock
from twin.kinds.sensing.kernel_spec import FixedRateSpec, PoolByPointsSpec, PoolByScoreSpec, ServicePoolSpec
from twin.kinds.sensing.kernels import decayed_pool, fixed_rate_tokens_per_day
from twin.kinds.sensing.network import Sensing
from twin.kinds.sensing.spec import SensingScenario
from twin.outcomes import Schedule
from twin.state import Today

WEEK_DAYS = 7


def schedule_of(spec: SensingScenario) -> Schedule | None:
    """Tokens a day offered to stations by the rules alone; None where a fixed rate pays each station, however many there are."""
    if any(isinstance(kernel, FixedRateSpec) for kernel in spec.rewards.values()):
        return None
    token = spec.first_token
    start = min([first_day(token.emission)] if token.emission else [], default=spec.calendar.start)
    start = min([start, *(kernel.starts for kernel in spec.rewards.values() if isinstance(kernel, PoolByPointsSpec))])
    days = days_of_rules(start, spec.calendar.end)
    emitted = tokens_per_day(token.emission, days) if token.emission else np.zeros(len(days))
    offered = np.zeros(len(days))
    for kernel in spec.rewards.values():
        if isinstance(kernel, PoolByScoreSpec | ServicePoolSpec):
            offered += emitted * kernel.share_of_emission
        elif isinstance(kernel, PoolByPointsSpec):
            offered += points_pool_per_day(kernel, days)
    return Schedule(start, offered * token.emission_scale_share)


def points_pool_per_day(kernel: PoolByPointsSpec, days: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Tokens a day of a decaying weekly pool; 0 before its first week."""
    age = (days - np.datetime64(kernel.starts, "D")).astype(np.int64)
    weekly = decayed_pool(kernel.tokens_per_week, np.maximum(age, 0) // WEEK_DAYS, decay_share_per_period=kernel.decay_share_per_period, period_weeks=kernel.period_weeks)
    return np.where(age >= 0, weekly / WEEK_DAYS, 0.0)


class Offers(Emission):
    """What each kernel offers today, and what the rest of the network weighs in it."""

    def __init__(
        self, spec: SensingScenario, clock: Clock, network: Sensing, stations: NDArray[np.float64], usd: NDArray[np.float64], today: Today, fading: Fading
    ) -> None:
        shared = sum(each.share_of_emission for each in spec.rewards.values() if isinstance(each, PoolByScoreSpec | ServicePoolSpec))
        super().__init__(spec.first_token, clock, fading, to_treasury_share=max(1 - shared, 0.0))
        self.spec, self.network, self.today, self._stations, self._usd = spec, network, today, stations, usd
        days, scale = day_range(clock.start, clock.end), spec.first_token.emission_scale_share
        self._points = {name: Scheduled(scale * points_pool_per_day(each, days), fading) for name, each in spec.rewards.items() if isinstance(each, PoolByPointsSpec)}
        self._at_rates = {name: Remembered(fading) for name, each in spec.rewards.items() if isinstance(each, FixedRateSpec)}
        """What fixed rates pay all stations together; their number is the network's state."""
        self._scale, self._steered = scale, fading.steered
        self._full_tokens = dict.fromkeys(self._at_rates, 0.0)
        """The same as a policy finds it, before its share; of the last settlement."""
        if self._at_rates:
            fading.steered.emits(lambda day: sum(self._full_tokens.values()))
        self.books: PotsAndRates | None = None

    def outside_weights(self) -> dict[str, Callable[[], float]]:
        """For each pot what all stations outside weigh together today."""
        if self.spec.outside is None:
            return {}
        return {name: partial(self._outside_weight, kernel) for name, kernel in self.spec.rewards.items()}

    def stations_elsewhere(self) -> float:
        """Stations of the rest of the network today: the dated number, and what it answers to what the mint is worth."""
        return float(self._stations[self.clock.day]) * (1.0 if self.books is None else self.books.rest_answers())

    def _outside_weight(self, kernel: object) -> float:
        day, outside = self.clock.day, self.spec.outside
        assert outside is not None
        match kernel:
            case ServicePoolSpec():
                return float(self._usd[day])
            case PoolByPointsSpec():
                return self.stations_elsewhere() * kernel.hardware_points_per_week
            case _:
                return self.stations_elsewhere() * outside.score_share_per_station

    def __call__(self) -> list[Offer]:
        """What each kernel pays today."""
        day, found = self.clock.day, []
        beyond = self.emitted.beyond_share(day)
        for name, kernel in self.spec.rewards.items():
            match kernel:
                case FixedRateSpec():
                    found.append(self._at_a_rate(name, kernel))
                case PoolByScoreSpec():
                    pool = self.emitted.on(day) * kernel.share_of_emission
                    if kernel.pays_out_in_full:
                        found.append(Offer(name, pool, beyond_share=beyond))
                        continue
                    everybody = self.network.eligible[name] + (self.stations_elsewhere() if self.spec.outside else 0.0)
                    by_rules = self.emitted.by_rules(day) * kernel.share_of_emission
                    # the first to come would have all of it: an offer of nothing would keep an empty network empty
                    found.append(Offer(name, pool / max(everybody, 1.0), is_rate=True, pool_tokens=by_rules, beyond_share=beyond))
                case PoolByPointsSpec():
                    found.append(Offer(name, self._points[name].on(day), beyond_share=self._points[name].beyond_share(day)))
                case ServicePoolSpec():
                    pool = self.emitted.on(day) * kernel.share_of_emission
                    served = self.today.usage_constant_usd + float(self._usd[day])
                    found.append(Offer(name, pool * min(1.0, served / kernel.target_usd_per_day), beyond_share=beyond))
        return found

    def _at_a_rate(self, name: str, kernel: FixedRateSpec) -> Offer:
        """So much for each unit of weight while the allocation lasts; with the taper held so much that all together get what they got before it."""
        assert self.books is not None
        rate = fixed_rate_tokens_per_day(kernel.tokens_per_station_per_day, self.clock.today, halves_every_years=kernel.halves_every_years) * self._scale
        if kernel.allocation_tokens is not None and kernel.mined_before_tokens + self.books.mined_tokens >= kernel.allocation_tokens:
            rate = 0.0
        weight = self.books.accrual.total(name) + (self._outside_weight(kernel) if self.spec.outside else 0.0)
        self._full_tokens[name] = rate * weight
        rate *= self._steered.on(self.clock.day)
        paid = self._at_rates[name].on(self.clock.day, rate * weight)
        beyond = beyond_share(paid, rate * weight)
        return Offer(name, paid / max(weight, 1.0) if beyond else rate, is_rate=True, beyond_share=beyond)
