"""How a policy finds its share: a controller with anti-windup, two thresholds, or the calendar; then a solvency bound. Pure: it knows no network.

PID, at decision k, dt months after the one before, e = (aim - measured) / aim (the other way round where a larger share lowers what is measured):

    wanted = base + K_p e + I,   I = I_before + K_i dt e,   less K_d (measured - measured_before) / (aim dt)

The share is `wanted` within the limits: level, step, and last the bound, which nothing overrides. Where a limit holds it, the integral takes in no more of a
decision's error than brings `wanted` to the limit (anti-windup), so that the share begins to leave the limit at the first decision at which the error turns.
A gain of 0 leaves its part out. Cannot answer: a controller that knows how the network answers (predictive), or several aims at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Protocol

from twin.scenario.model import value_on
from twin.scenario.sections.policies import DatedShareSpec, PidSpec, ThresholdSpec

LEVEL, STEP, BOUND = "level", "step", "bound"
"""Which limit a share stands at."""
MOST_AIMS = 2.0
"""assumed: what has no bound (revenue over no emission at all) counts as so many times the aim, an error of the whole aim"""


@dataclass(frozen=True, slots=True)
class Decided:
    """A share, what the rule wanted before its limits, and which limit held (empty: none)."""

    share: float
    wanted_share: float
    held_by: str = ""


class Rule(Protocol):
    """A policy's rule."""

    def decide(self, today: date, measured: float | None, *, months: float, most_share: float) -> Decided:
        """The share from now on; `months` since the last decision, `most_share` by the solvency bound. None is measured where nobody can tell."""

    @property
    def aims_at(self) -> float | None:
        """What is aimed at: of two thresholds the lower one, of a calendar nothing."""


class Pid:
    """A controller; remembers its integral, and what it last measured and decided."""

    def __init__(self, spec: PidSpec, *, base_share: float) -> None:
        """`base_share` holds before the first decision."""
        self.spec, self.base_share, self.share = spec, base_share, base_share
        self.integral, self.aim = 0.0, spec.aim
        self._before: float | None = None

    @property
    def aims_at(self) -> float | None:
        """What is stated, or what it measured first; None before that."""
        return self.aim

    def decide(self, today: date, measured: float | None, *, months: float, most_share: float) -> Decided:
        """The share from now on."""
        spec = self.spec
        if self.aim is None and measured is not None and 0 < measured < inf:
            self.aim = measured
        if measured is None or (aim := self.aim) is None:
            return self._stand_at(Decided(*_bounded(self.share, most_share, self.share)))
        sign, measured = -1.0 if spec.is_reversed else 1.0, MOST_AIMS * aim if measured == inf else measured
        error = sign * (aim - measured) / aim
        speed = 0.0 if self._before is None or months <= 0 else sign * (measured - self._before) / (aim * months)
        self._before = measured
        before, integral = self.integral, self.integral + spec.integral_gain_per_month * months * error
        rest = self.base_share + spec.proportional_gain * error - spec.derivative_gain_months * speed
        wanted = rest + integral
        share, held_by = min(max(wanted, spec.least_share), spec.most_share), ""
        if share != wanted:
            held_by = LEVEL
        if spec.most_step_share is not None and abs(share - self.share) > spec.most_step_share:
            share, held_by = self.share + (spec.most_step_share if share > self.share else -spec.most_step_share), STEP
        if share > most_share:
            share, held_by = most_share, BOUND
        # a limit takes of the new integral what lies beyond it, and no more than that
        self.integral = integral if share == wanted else min(max(share - rest, min(before, integral)), max(before, integral))
        return self._stand_at(Decided(share, wanted, held_by))

    def _stand_at(self, decided: Decided) -> Decided:
        self.share = decided.share
        return decided


class Thresholds:
    """Two shares and a band between them in which nothing changes."""

    def __init__(self, spec: ThresholdSpec, *, base_share: float) -> None:
        self.spec, self._wanted = spec, base_share

    @property
    def aims_at(self) -> float | None:
        """The lower threshold."""
        return self.spec.lower

    def decide(self, today: date, measured: float | None, *, months: float, most_share: float) -> Decided:
        """The share from now on."""
        spec = self.spec
        if measured is not None and measured < spec.lower:
            self._wanted = spec.below_share
        elif measured is not None and measured > spec.upper:
            self._wanted = spec.above_share
        return Decided(*_bounded(self._wanted, most_share, self._wanted))


class ByCalendar:
    """The share of the day."""

    def __init__(self, spec: DatedShareSpec, *, base_share: float) -> None:
        self.spec, self._base = spec, base_share

    @property
    def aims_at(self) -> float | None:
        """Nothing."""
        return None

    def decide(self, today: date, measured: float | None, *, months: float, most_share: float) -> Decided:
        """The share from now on."""
        wanted = value_on(self.spec.share_by_date, today, self._base)
        return Decided(*_bounded(wanted, most_share, wanted))


def rule_of(spec: PidSpec | ThresholdSpec | DatedShareSpec, *, base_share: float) -> Rule:
    """The rule that a scenario states."""
    match spec:
        case PidSpec():
            return Pid(spec, base_share=base_share)
        case ThresholdSpec():
            return Thresholds(spec, base_share=base_share)
        case DatedShareSpec():
            return ByCalendar(spec, base_share=base_share)


def _bounded(share: float, most_share: float, wanted: float) -> tuple[float, float, str]:
    return (most_share, wanted, BOUND) if share > most_share else (share, wanted, "")
