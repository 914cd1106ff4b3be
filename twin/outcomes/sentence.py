"""The verdict in one sentence of at most thirty words, in the network's own nouns (VERDICT 5: what a sentence may say)."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from twin.nouns import Nouns
from twin.outcomes.beside import KEPT_MORE, Beside
from twin.outcomes.classes import Outcome, Prop
from twin.outcomes.collapse import Side, Spell
from twin.outcomes.indicators import Funding
from twin.outcomes.taper import Taper
from twin.scenario.sections.judgement import VerdictSpec

MOST_WORDS = 30
LITTLE_LEFT = 0.5
"""Where less of the capacity of the best year is left, a sentence on a network that lives says so."""
PROPS = {Prop.EMISSION: "newly issued tokens", Prop.GRANT: "grants", Prop.HOSTS: "{owners}' own pockets"}
SIDES = {Side.SUPPLY: "service fell", Side.DEMAND: "paid usage fell"}


class Verdict(Protocol):
    """What a sentence reads of a verdict; each is what `outcomes.verdict.Verdict` says it is."""

    @property
    def outcome(self) -> Outcome:
        """The class."""

    @property
    def reason(self) -> str:
        """Why there is no verdict."""

    @property
    def spec(self) -> VerdictSpec:
        """Thresholds."""

    @property
    def taper(self) -> Taper:
        """T0 and T1."""

    @property
    def earliest_horizon(self) -> date | None:
        """End of a run that could be judged."""

    @property
    def reference_usage_usd_per_day(self) -> float | None:
        """Q of the best subsidised year."""

    @property
    def addressable_usd_per_day(self) -> float:
        """What customers could buy."""

    @property
    def paid_usage_kept(self) -> float | None:
        """Paid usage kept, a share."""

    @property
    def usage_carried_full(self) -> float | None:
        """Delivered by nodes whose fees pay running cost and replacement, a share."""

    @property
    def funding(self) -> Funding | None:
        """Who paid for the judged year."""

    @property
    def propped_by(self) -> Prop | None:
        """What keeps a subsidy-dependent network up."""

    @property
    def near_the_line(self) -> str:
        """The threshold that is near, if one is."""

    @property
    def collapse(self) -> Spell | None:
        """The spell of collapse."""

    @property
    def collapse_side(self) -> Side | None:
        """What gave way first."""

    @property
    def beside(self) -> Beside:
        """What stands beside the class."""

    @property
    def nouns(self) -> Nouns:
        """The network's words."""


def percent(share: float | None) -> str:
    """A share as a whole percentage; one decimal below ten percent, where a point matters."""
    if share is None:
        return "an unknown share"
    if 0 < share < 0.0005:
        return "below 0.1%"
    return f"{share:.1%}" if 0 < abs(share) < 0.0995 else f"{share:.0%}"


def usd(amount: float | None) -> str:
    """An amount in USD with as many digits as can be read."""
    if amount is None:
        return "an unknown amount"
    for scale, word in ((1e9, " billion"), (1e6, " million")):
        if abs(amount) >= scale:
            return f"USD {amount / scale:,.1f}{word}"
    return f"USD {amount:,.0f}" if abs(amount) >= 100 else f"USD {amount:,.2f}"


def class_words(outcome: Outcome) -> str:
    """A class as a sentence names it."""
    return "self-sustaining" if outcome is Outcome.SELF_SUSTAINING else outcome.value.replace("_", " ")


def sentence_of(verdict: Verdict) -> str:
    """What became of the network; then, as far as thirty words go, why, and what qualifies it. Ends with a full stop."""
    text = _core(verdict)
    if verdict.beside.overbuilt:
        text = f"overbuilt, a fifth of the {verdict.nouns.nodes} would do; {text}"
    for more in (cause(verdict), *_qualifiers(verdict)):
        if more and _n_words(text + more) <= MOST_WORDS:
            text += more
    words = text.split()
    if len(words) > MOST_WORDS:
        text = " ".join(words[: MOST_WORDS - 1]) + " …"
    return f"{text[:1].upper()}{text[1:]}."


def _n_words(text: str) -> int:
    return len(text.split())


def is_because_of_taper(verdict: Verdict) -> bool | None:
    """Whether the same luck without the taper ends in another class, or keeps more than 0.2 more of the usage; None where nobody tried."""
    other = verdict.beside.without_taper
    if other is None or verdict.outcome is Outcome.NOT_JUDGED:
        return None
    if other.outcome is not verdict.outcome:
        return True
    reference, usage = verdict.reference_usage_usd_per_day, other.judged_usage_usd_per_day
    return bool(reference and usage is not None and usage / reference - (verdict.paid_usage_kept or 0.0) > KEPT_MORE)


def cause(verdict: Verdict) -> str:
    """What the life without the taper allows to say, as the end of a sentence; empty where there was none. One fork of one life: another seed may say otherwise."""
    because, other = is_because_of_taper(verdict), verdict.beside.without_taper
    if because is None or other is None:
        return ""
    if because and other.outcome is not verdict.outcome:
        return f"; because of the taper in this life, else {class_words(other.outcome)}"
    if because and verdict.outcome.is_alive:
        return "; in this life smaller because of the taper"
    if verdict.outcome.is_alive:
        return "; it would have lived either way"
    if verdict.outcome is Outcome.NEVER_STARTED:
        return "; nor would it without the taper"
    if because:
        return "; without the taper it would have died too"
    begins = verdict.taper.begins
    fell_after = verdict.collapse is not None and begins is not None and verdict.collapse.begins >= begins
    return "; it would have died either way" if fell_after else "; it was dying before the rewards faded"


def _qualifiers(verdict: Verdict) -> tuple[str, ...]:
    alive, capacity = verdict.outcome.is_alive, verdict.beside.capacity_kept
    return (
        "; rewards are still paid" if alive and verdict.beside.still_paid else "",
        "; hardware nobody would buy again" if verdict.outcome is Outcome.COASTING and verdict.beside.bought_in_year is False else "",
        f"; {percent(capacity)} of its capacity is left" if alive and capacity is not None and capacity < LITTLE_LEFT else "",
        "; near the line" if verdict.near_the_line else "",
    )


def _core(verdict: Verdict) -> str:
    name = f"{class_words(verdict.outcome)}: "
    match verdict.outcome:
        case Outcome.NOT_JUDGED:
            later = f"; a run until {verdict.earliest_horizon} could be judged" if verdict.earliest_horizon else ""
            return name + verdict.reason + (later if _n_words(verdict.reason + later) <= MOST_WORDS - 2 else "")
        case Outcome.NEVER_STARTED:
            reached = ""
            if verdict.addressable_usd_per_day > 0:
                reached = f", {percent((verdict.reference_usage_usd_per_day or 0.0) / verdict.addressable_usd_per_day)} of what they could buy"
            return f"{name}even in its best subsidised year customers paid only {usd(verdict.reference_usage_usd_per_day or 0.0)} a day{reached}"
        case Outcome.COLLAPSED:
            return name + _collapse(verdict)
        case _:
            return name + _kept(verdict)


def _collapse(verdict: Verdict) -> str:
    if verdict.collapse is None:
        return f"only {percent(verdict.paid_usage_kept)} of the best year's paid usage was left in the judged year"
    side, when = verdict.collapse_side or Side.DEMAND, ""
    if verdict.taper.begins is not None:
        days = (verdict.collapse.begins - verdict.taper.begins).days
        when = ", on the day" if days == 0 else f", {abs(days):,} days {'before' if days < 0 else 'after'}"
        when += " the rewards began to fade"
    return f"{SIDES[side]} below {percent(verdict.spec.collapse_below_share)} of its best year on {verdict.collapse.begins}{when}"


def _kept(verdict: Verdict) -> str:
    nodes, left = verdict.nouns.nodes, f"{percent(verdict.paid_usage_kept)} of the best year's usage"
    has_grown = (verdict.paid_usage_kept or 0.0) > 1.0
    buy, is_left = ("buy", "is bought") if has_grown else ("still buy", "is left")
    own_use = verdict.funding is not None and verdict.funding.is_mostly_own_use
    match verdict.outcome:
        case Outcome.SELF_SUSTAINING:
            if own_use:
                return f"{left} {is_left}; owners' own use pays for {nodes} and their replacement"
            return f"customers {buy} {left} and pay for {nodes} and their replacement"
        case Outcome.NICHE:
            if has_grown and not own_use:
                return f"customers buy {left}; {nodes} that earn their replacement deliver {percent(verdict.usage_carried_full)}"
            return f"a smaller network lives mostly on its owners' own use; {left} {is_left}" if own_use else f"a smaller network pays its way; customers {buy} {left}"
        case Outcome.COASTING:
            if own_use:
                return f"owners' own use pays the running cost of {nodes}, not their replacement; {left} {is_left}"
            return f"{nodes} earn their running cost, not their replacement; customers {buy} {left}"
        case _:
            return f"{left} {is_left}, kept up mostly by {'subsidy' if verdict.propped_by is None else PROPS[verdict.propped_by].format(owners=verdict.nouns.owners)}"
