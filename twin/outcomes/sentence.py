"""The verdict in one plain English sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.outcomes.classes import Outcome, Prop, reads
from twin.outcomes.collapse import Side

if TYPE_CHECKING:
    from twin.outcomes.verdict import Verdict

PROPS = {
    Prop.EMISSION: "newly issued tokens",
    Prop.GRANT: "grants",
    Prop.HOSTS: "hosts who pay out of their own pocket",
}
SIDES = {Side.SUPPLY: "service fell", Side.DEMAND: "paid usage fell"}


def percent(share: float | None) -> str:
    """A share as a whole percentage; one decimal below ten percent, where a point matters."""
    if share is None:
        return "an unknown share"
    return f"{share:.1%}" if 0 < abs(share) < 0.0995 else f"{share:.0%}"


def usd(amount: float | None) -> str:
    """An amount in USD with as many digits as can be read."""
    if amount is None:
        return "an unknown amount"
    for scale, word in ((1e9, " billion"), (1e6, " million")):
        if abs(amount) >= scale:
            return f"USD {amount / scale:,.1f}{word}"
    return f"USD {amount:,.0f}" if abs(amount) >= 100 else f"USD {amount:,.2f}"


def sentence_of(verdict: Verdict) -> str:
    """Class, evidence, dates, and what qualifies the class, as one sentence that ends with a full stop."""
    opening = f"{verdict.outcome.value.replace('_', ' ').capitalize()}: "
    return opening + _body(verdict) + _qualifier(verdict) + "."


def _body(verdict: Verdict) -> str:
    match verdict.outcome:
        case Outcome.NOT_JUDGED:
            later = f"; a run until {verdict.earliest_horizon} could be judged" if verdict.earliest_horizon else ""
            return f"{verdict.reason}{later}"
        case Outcome.NEVER_STARTED:
            reached = ""
            if verdict.addressable_usd_per_day > 0:
                reached = f", {percent((verdict.reference_usage_usd_per_day or 0.0) / verdict.addressable_usd_per_day)} of what its customers could buy"
            return f"even in its best subsidised year customers paid only {usd(verdict.reference_usage_usd_per_day or 0.0)} a day{reached}"
        case Outcome.COLLAPSED:
            return _collapse(verdict)
        case _:
            return _kept(verdict)


def _collapse(verdict: Verdict) -> str:
    side = verdict.collapse_side or Side.DEMAND
    if verdict.collapse is None:
        also = f" and {percent(verdict.service_kept)} of its service" if verdict.service_kept is not None else ""
        return f"in the judged year {_window(verdict)} only {percent(verdict.paid_usage_kept)} of the best subsidised year's paid usage{also} was left"
    when = ""
    if verdict.taper.begins is not None:
        days = (verdict.collapse.begins - verdict.taper.begins).days
        when = ", on the day" if days == 0 else f", {abs(days):,} days {'before' if days < 0 else 'after'}"
        when += f" the subsidy began to fade ({verdict.taper.begins})"
    return f"{SIDES[side]} below {percent(verdict.spec.collapse_below_share)} of its best year on {verdict.collapse.begins} and stayed there{when}"


def _kept(verdict: Verdict) -> str:
    amounts = f"{usd(verdict.judged_usage_usd_per_day)} a day against {usd(verdict.reference_usage_usd_per_day)}"
    carried = (
        f"{verdict.nouns.nodes} whose fees pay their running cost delivered {percent(verdict.usage_carried_cash)}, "
        f"{verdict.nouns.nodes} whose fees also pay for a new one {percent(verdict.usage_carried_full)}"
    )
    text = (
        f"{reads(verdict.outcome, verdict.nouns)}; in the judged year {_window(verdict)} customers paid for {percent(verdict.paid_usage_kept)} "
        f"of the best subsidised year's usage ({amounts}): {carried}"
    )
    if verdict.propped_by is not None:
        text += f"; what keeps it up is mostly {PROPS[verdict.propped_by]}"
    return f"{text}; the subsidy faded from {verdict.taper.begins} to {verdict.taper.done}"


def _window(verdict: Verdict) -> str:
    return f"({verdict.judged.begins} until {verdict.judged.ends})" if verdict.judged is not None else ""


def _qualifier(verdict: Verdict) -> str:
    parts = []
    if verdict.near_the_line:
        parts.append("near the line between two classes")
    if verdict.price_out_of_range:
        parts.append("at token prices outside the range that the scenario states")
    if verdict.cutoff_disagrees:
        parts.append(f"cut every subsidy and {percent(verdict.kept_after_cutoff)} stays: {verdict.cutoff_reason}")
    return f" ({'; '.join(parts)})" if parts else ""
