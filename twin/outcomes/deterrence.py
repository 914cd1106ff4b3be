"""Whether what is at stake outweighs what cheating pays (VERDICT 11), with the stake at which it would (spot checks: compute dossier, section 6)."""

from __future__ import annotations

import math

import pandas as pd

from twin.outcomes.scorecard import Answer, Collateral, Grade, Number
from twin.units import DAYS_PER_YEAR

DETERS, HALF_DETERS = 1.0, 0.5
"""Deterrence from which a stake passes, and below which it fails (VERDICT 11)."""
NEXT_TO_NOTHING_USD = 1.0
"""Who would gain less in a year does not cheat for it (assumed)."""
HOURS_PER_YEAR = 24 * DAYS_PER_YEAR
TITLE = "Function of the collateral"


def caught_within_a_year(collateral: Collateral) -> float | None:
    """Probability that a false node is found within a year: 1 − (1 − p)^n for n looks; 0 where nobody looks, None where no one number says how surely a look finds."""
    if collateral.looks_per_year <= 0:
        return 0.0
    chance = collateral.catch_probability_per_look
    return None if chance is None else 1 - (1 - chance) ** collateral.looks_per_year


def years_until_caught(collateral: Collateral) -> float | None:
    """Mean time until a false node is found, 1/(n p); None where that is never, or not known."""
    finds = (collateral.catch_probability_per_look or 0.0) * collateral.looks_per_year
    return 1 / finds if finds > 0 else None


def deterring_stake_usd(collateral: Collateral) -> float | None:
    """Stake at which the expected profit of cheating is zero: stake × slash + honest margin = gain until found; 0 where the margin alone is enough.

    None where fakes cannot be paid, are never found, or lose nothing of a stake.
    """
    years, gain = years_until_caught(collateral), collateral.gain_usd_per_year
    if years is None or gain is None or collateral.slash_share <= 0:
        return None
    return max(gain * years - collateral.honest_margin_usd_per_year, 0.0) / collateral.slash_share


def deterrence(collateral: Collateral) -> float | None:
    """P(caught in a year) × (stake × slash + a year's honest margin) over a year's gain from cheating; None where cheating gains nothing, or P is not known."""
    caught, gain = caught_within_a_year(collateral), collateral.gain_usd_per_year
    if caught is None or gain is None or gain < NEXT_TO_NOTHING_USD:
        return None
    return caught * (collateral.stake_usd * collateral.slash_share + collateral.honest_margin_usd_per_year) / gain


def reward_share(fakes_usd: pd.Series, daily: pd.DataFrame) -> float | None:
    """Share of what operators were paid over a run that fakes took; None where nobody was paid anything."""
    paid = sum(float(daily[name].sum()) for name in ("operator_emission_usd", "operator_customer_usd", "operator_grant_usd") if name in daily)
    return float(fakes_usd.sum()) / paid if paid > 0 else None


def collateral_function(collateral: Collateral | None) -> Answer:
    """Whether what is at stake outweighs what cheating pays."""
    if collateral is None:
        return Answer("collateral", TITLE, Grade.FAIL, "no collateral: who is caught loses nothing that was put down", ())
    grade, reason = _graded(collateral)
    return Answer("collateral", TITLE, grade, reason, _numbers(collateral))


def _graded(collateral: Collateral) -> tuple[Grade, str]:
    if collateral.gain_usd_per_year is None:
        return Grade.NOT_APPLICABLE, f"nothing to gain: {collateral.unpaid_because}"
    if collateral.gain_usd_per_year < NEXT_TO_NOTHING_USD:
        return Grade.NOT_APPLICABLE, "cheating gains nothing here"
    if collateral.stake_usd <= 0:
        return Grade.FAIL, "no collateral: who is caught loses nothing that was put down"
    if collateral.looks_per_year <= 0:
        return Grade.FAIL, "no check looks for cheats: nobody can lose the stake for cheating"
    ratio = deterrence(collateral)
    if collateral.slash_share <= 0:
        kept = "who is caught keeps the stake: it is not taken for cheating"
        return (Grade.FAIL, kept) if ratio is None or ratio < HALF_DETERS else (Grade.WATCH, f"{kept}; what deters is the honest margin that is lost")
    if ratio is None:
        return Grade.WATCH, "a stake is taken from who is caught; how surely that happens is not known as a number"
    if ratio < DETERS:
        grade, words = (Grade.FAIL, "pays more than twice what is risked") if ratio < HALF_DETERS else (Grade.WATCH, "still pays more than is risked")
        return grade, f"a year of cheating that nobody finds {words}{_caught_after(collateral)}"
    with_it, without = collateral.cheats_reward_share, collateral.cheats_reward_share_without_slashing
    if with_it is None or without is None:
        return Grade.WATCH, "the risk outweighs the gain on paper; the paired run without slashing is missing"
    if without > with_it:
        return Grade.PASS, "the risk outweighs the gain, and cheats take less than they would without slashing"
    return Grade.WATCH, "the risk outweighs the gain on paper, yet slashing changes nothing"


def _caught_after(collateral: Collateral) -> str:
    """Said where a year's gain is not what a cheat gets: the stake is large enough for the time until it is found."""
    years, enough = years_until_caught(collateral), deterring_stake_usd(collateral)
    if years is None or enough is None or enough > collateral.stake_usd:
        return ""
    return f"; but a fake is found after {duration(years)} on average, and until then earns less than it risks"


def duration(years: float) -> str:
    """A time in the unit in which people say it."""
    hours = years * HOURS_PER_YEAR
    for unit, per in (("hour", 1.0), ("day", 24.0), ("month", HOURS_PER_YEAR / 12), ("year", HOURS_PER_YEAR)):
        largest = {"hour": 48.0, "day": 60 * 24.0, "month": 2 * HOURS_PER_YEAR}.get(unit, math.inf)
        if hours < largest:
            return f"{hours / per:.2g} {unit}s"
    raise ValueError(years)


def _numbers(collateral: Collateral) -> tuple[Number, ...]:
    years = years_until_caught(collateral)
    return (
        Number("deterrence", deterrence(collateral), "times", "P(caught in a year) x (stake x slash + a year's honest margin) over a year's gain from cheating"),
        Number("gain_usd_per_year", collateral.gain_usd_per_year, "USD/year", f"what a fake that nobody catches is paid in a year on the rules of the last day{_whose(collateral)}"),
        Number("stake_usd", collateral.stake_usd, "USD", f"what is put down{_whose(collateral)}"),
        Number("deterring_stake_usd", deterring_stake_usd(collateral), "USD", "stake at which a cheat expects no profit, at the mean time until it is found; empty: none would do, or nobody can gain"),
        Number("caught_probability_per_year", caught_within_a_year(collateral), "1", "probability that a fake is found within a year; empty: it hangs on who is near"),
        Number("days_until_caught", None if years is None else years * DAYS_PER_YEAR, "days", "mean time until a fake is found; empty: never, or it hangs on who is near"),
        Number("locked_share_of_supply", collateral.locked_share_of_supply, "1", "share of the supply that is locked as collateral"),
        Number("cheats_reward_share", collateral.cheats_reward_share, "1", "share of all rewards of the run that cheats took"),
        Number("cheats_reward_share_without_slashing", collateral.cheats_reward_share_without_slashing, "1", "the same, same luck, without slashing; empty: not run"),
    )


def _whose(collateral: Collateral) -> str:
    return f", {collateral.of}" if collateral.of else ""
