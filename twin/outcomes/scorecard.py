"""The four questions an investor asks, answered with numbers and a grade each (VERDICT 11); there is no total score."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

import pandas as pd

from twin.outcomes.taper import Schedule


class Grade(StrEnum):
    """How a question is answered."""

    PASS = "pass"
    WATCH = "watch"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Number:
    """One number behind a grade; `value` None says that this run cannot know it."""

    name: str
    value: float | str | None
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with its grade, the reason for the grade, and its numbers."""

    question: str
    title: str
    grade: Grade
    reason: str
    numbers: tuple[Number, ...]

    def value(self, name: str) -> float | str | None:
        """The number of that name; `KeyError` if there is none."""
        for number in self.numbers:
            if number.name == name:
                return number.value
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The four answers."""

    answers: tuple[Answer, ...]

    def __getitem__(self, question: str) -> Answer:
        """The answer to `emission`, `sustainability`, `collateral` or `demand`."""
        return next(answer for answer in self.answers if answer.question == question)

    def to_json(self) -> str:
        """The scorecard as it stands in the table `verdict`."""
        return json.dumps([asdict(answer) for answer in self.answers])


@dataclass(frozen=True, slots=True)
class Collateral:
    """What stands against cheating: what a fake would gain, how surely it is found, and what it has put down."""

    gain_usd_per_year: float | None
    """What a fake that nobody catches is paid in a year on the rules of the day, beyond what honesty would pay the same disks or cards; None: no rule pays a fake."""
    unpaid_because: str = ""
    """Why no rule pays a fake, as the end of a sentence; empty where one does."""
    looks_per_year: float = 0.0
    """How often a check looks at a node; 0: nobody looks."""
    catch_probability_per_look: float | None = None
    """Chance that one look finds a fake; None: nobody looks, or it hangs on who stands near and is no one number."""
    stake_usd: float = 0.0
    """0: nobody stakes."""
    slash_share: float = 0.0
    """Of the stake, lost by who is found to cheat."""
    honest_margin_usd_per_year: float = 0.0
    """What who is shut out loses beside."""
    of: str = ""
    """Whose gain and stake these are, such as `the mean GPU host`."""
    locked_share_of_supply: float | None = None
    cheats_reward_share: float | None = None
    """Of all rewards of the run; None: the network's tables do not tell."""
    cheats_reward_share_without_slashing: float | None = None
    """From the paired run without slashing, if there was one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a scorecard needs beside the verdict; amounts are over `evidence_window`: the judged year, or the last year if there is none."""

    daily: pd.DataFrame
    """The table `network_daily`."""
    ledger_monthly: pd.DataFrame
    """The table `ledger_monthly`."""
    customers_usd: Mapping[str, float]
    """Revenue from each external customer."""
    customers_year_before_usd: Mapping[str, float] | None = None
    """The same for the year before."""
    affiliates_usd: float = 0.0
    """Billed to the project's own affiliates; outside the verdict."""
    schedule: Schedule | None = None
    """Scheduled subsidy since the first emission; None: the shape of emission is read from the run's own mints."""
    collateral: Collateral | None = None
    """None: the network cannot tell."""
    treasury_accounts: tuple[str, ...] = ("treasury",)
    groups: tuple[str, ...] = ()
    """Customers that are many small buyers under one name."""
