"""What the user asked to be lived: a scenario with its options, loaded to any last day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from twin.errors import InputError
from twin.scenario import Scenario, load

FURTHER_DAYS = 92
"""An entry of the file that lies beyond a day that was asked for is reached in steps of a quarter."""


@dataclass(frozen=True)
class Named:
    """A file or bundled name, with what `--set`, `--variant` and `--seed` say."""

    file: str
    sets: tuple[str, ...] = ()
    variant: str | None = None
    seed: int | None = None
    whole: Scenario = field(init=False, compare=False)
    """To the last day of its own calendar."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "whole", load(self.file, sets=self.sets, variant=self.variant, seed=self.seed))

    def until(self, last: date) -> Scenario:
        """The scenario whose last day is `last`, or a few quarters later where entries of the file lie beyond it; its judged windows end with it. InputError where it begins later."""
        ends, wanted = self.whole.spec.calendar.end, last + timedelta(days=1)
        if wanted >= ends:
            return self.whole if wanted == ends else self._ending(wanted)
        while wanted < ends:
            try:
                return self._ending(wanted)
            except InputError as error:
                if set(error.codes) != {"unreachable_date"}:
                    raise
                wanted += timedelta(days=FURTHER_DAYS)
        return self.whole

    def _ending(self, ends: date) -> Scenario:
        return load(self.file, sets=(*self.sets, f"calendar.end={ends}"), variant=self.variant, seed=self.seed)


def holding(scenario: Scenario, free: Mapping[str, Any]) -> Scenario:
    """The scenario in which nothing is uncertain but the paths of `free`: all else is known to be as stated."""
    fixed = {path: scenario.value(path) for path in scenario.unknowns if path not in free}
    return scenario.variant("fitted", fixed) if fixed else scenario
