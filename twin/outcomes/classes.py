"""The outcome classes of a network, tested in order (VERDICT 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from twin.nouns import Nouns


class Outcome(StrEnum):
    """What became of a network once its subsidy had gone; in the order in which the tests are made."""

    NOT_JUDGED = "not_judged"
    NEVER_STARTED = "never_started"
    COLLAPSED = "collapsed"
    SELF_SUSTAINING = "self_sustaining"
    NICHE = "niche"
    COASTING = "coasting"
    SUBSIDY_DEPENDENT = "subsidy_dependent"

    @property
    def survives(self) -> bool:
        """Customers pay for the nodes and their replacement, at full size or smaller."""
        return self in (Outcome.SELF_SUSTAINING, Outcome.NICHE)

    @property
    def is_alive(self) -> bool:
        """There is a network in the judged year, whoever pays for it."""
        return self not in (Outcome.NOT_JUDGED, Outcome.NEVER_STARTED, Outcome.COLLAPSED)


_READS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.NOT_JUDGED: "the run allows no verdict",
        Outcome.NEVER_STARTED: "too little, too late, or no market",
        Outcome.COLLAPSED: "service or paid usage went away",
        Outcome.SELF_SUSTAINING: "customers pay, and {nodes} get replaced",
        Outcome.NICHE: "a smaller network that pays its way",
        Outcome.COASTING: "running cost is paid, replacement is not",
        Outcome.SUBSIDY_DEPENDENT: "kept, but not by customers",
    }
)


def reads(outcome: Outcome, nouns: Nouns, *, mostly_own_use: bool = False) -> str:
    """A class in plain words; where owners' own use carries most of it nobody says that customers pay."""
    if mostly_own_use and outcome.survives:
        return f"owners' own use pays for {nouns.nodes}"
    return _READS[outcome].format(nodes=nouns.nodes)


class Prop(StrEnum):
    """What keeps a subsidy-dependent network up."""

    EMISSION = "emission"
    GRANT = "grant"
    HOSTS = "hosts"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the classes are decided on."""

    is_judged: bool
    has_started: bool
    has_collapsed: bool
    """A collapse by spells (section 6) before the end of the judged year."""
    paid_usage_kept: float | None
    usage_carried_cash: float | None
    usage_carried_full: float | None


def classify(figures: Figures, *, kept_share: float, floor_share: float) -> Outcome:
    """The first class that applies. Figures that are missing where a test needs them give `not_judged`."""
    if not figures.is_judged or figures.paid_usage_kept is None:
        return Outcome.NOT_JUDGED
    if not figures.has_started:
        return Outcome.NEVER_STARTED
    if figures.has_collapsed or figures.paid_usage_kept < floor_share:
        return Outcome.COLLAPSED
    if figures.usage_carried_full is None or figures.usage_carried_cash is None:
        return Outcome.NOT_JUDGED
    if figures.usage_carried_full >= kept_share:
        return Outcome.SELF_SUSTAINING
    if figures.usage_carried_full >= floor_share:
        return Outcome.NICHE
    if figures.usage_carried_cash >= floor_share:
        return Outcome.COASTING
    return Outcome.SUBSIDY_DEPENDENT


KEPT_SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)
FLOOR_SHARES = (0.1, 0.15, 0.2, 0.25, 0.3)
"""Thresholds over which the outcome map shows whether the class hangs on a convention (VERDICT 12)."""


@dataclass(frozen=True, slots=True)
class MapCell:
    """The class under one pair of thresholds."""

    kept_share: float
    floor_share: float
    outcome: Outcome


def outcome_map(figures: Figures) -> tuple[MapCell, ...]:
    """The class for kept 0.5 to 0.9 and floor 0.1 to 0.3; row by row, floor within kept."""
    return tuple(
        MapCell(kept, floor, classify(figures, kept_share=kept, floor_share=floor)) for kept in KEPT_SHARES for floor in FLOOR_SHARES
    )
