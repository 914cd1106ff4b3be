"""The dates of a taper found while they are lived: where the reference itself is run and nobody has lived it before, one life does for both.

T0 and T1 are the days after the last on which the trailing mean of the subsidy is at least a share of its maximum. The last day at or above that share of
the maximum *so far* is the same day: the maximum stands on such a day, and after it the maximum so far is the maximum. So a day below the line may be the one;
the evening's snapshots are taken, and taken again if the subsidy comes back.
"""

from __future__ import annotations

from collections.abc import Callable

from twin.kernel import Clock, Lane
from twin.outcomes.taper import ON_THE_LINE
from twin.scenario.sections.judgement import TaperSpec, VerdictSpec
from twin.world.judged_year import JudgedYear
from twin.world.paid_subsidy import PaidSubsidy


class FadesBelow:
    """The day after the last on which a series was at least a share of its maximum, as far as it is known."""

    def __init__(self, share: float) -> None:
        self._share, self._most = share, 0.0
        self.day: int | None = None

    def see(self, day: int, value: float) -> bool | None:
        """Whether it was thought to be below for good and is not, or (True) is from today on; None: as before."""
        self._most = max(self._most, value)
        if value >= self._share * self._most * (1 - ON_THE_LINE):
            came_back, self.day = self.day is not None, None
            return False if came_back else None
        if self.day is not None:
            return None
        self.day = day
        return True


class FindsDates:
    """Looks every evening whether the taper has begun or is done, and takes the judged year's snapshots then."""

    def __init__(
        self, clock: Clock, year: JudgedYear, paid: PaidSubsidy, taper: TaperSpec, verdict: VerdictSpec, *, began: Callable[[bool], None]
    ) -> None:
        """`began` hears whether the taper seems to begin tonight, or has not begun after all."""
        self.clock, self.year, self._paid, self._mean_days, self._began = clock, year, paid, taper.mean_days, began
        self.begins, self.done = FadesBelow(taper.begins_below_share), FadesBelow(taper.done_below_share)
        self._settle_days, self._judged_days = verdict.settle_days, verdict.judged_days
        self._totals = [0.0] * taper.mean_days
        """Tokens paid up to each evening, after so many evenings before the first."""
        clock.every_day(self.look, lane=Lane.OBSERVE, sub=2, name="whether the subsidy has faded")

    def look(self) -> None:
        """Tonight's mean."""
        day, totals = self.clock.day, self._totals
        totals.append(totals[-1] + float(self._paid.by_day[day]))
        mean = (totals[-1] - totals[-1 - self._mean_days]) / self._mean_days
        if (began := self.begins.see(day, mean)) is not None:
            self.year.live_on_taper = self.year.online_of.online.copy() if began else None
            self._began(began)
        if self.done.see(day, mean) is False:
            self.year.forget()
        if self.done.day is not None:
            first = self.done.day + self._settle_days - 1
            if day == first:
                self.year.begin()
            elif day == first + self._judged_days:
                self.year.end()
