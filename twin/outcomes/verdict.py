"""The verdict on one run: the class with every number it rests on, its row in the tables, and its sentence in plain English."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from twin.nouns import PLAIN, Nouns
from twin.outcomes.classes import MapCell, Outcome, Prop, reads
from twin.outcomes.collapse import Side, Spell
from twin.outcomes.columns import VERDICT_TABLE
from twin.outcomes.indicators import Funding, Survivorship
from twin.outcomes.taper import Taper, Window
from twin.scenario.sections.judgement import VerdictSpec

if TYPE_CHECKING:
    from twin.outcomes.scorecard import Scorecard

PROPS = {
    Prop.EMISSION: "newly issued tokens",
    Prop.GRANT: "grants",
    Prop.HOSTS: "hosts who pay out of their own pocket",
}
SIDES = {Side.SUPPLY: "service fell", Side.DEMAND: "paid usage fell"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The class of a run and every number it rests on. Shares are 0 to 1; None: not known or not asked."""

    outcome: Outcome
    reason: str
    """Why there is no verdict; empty where there is one."""
    spec: VerdictSpec
    """The thresholds it was judged by."""
    taper: Taper
    judged: Window | None
    earliest_horizon: date | None
    price_taper: date | None
    reference_usage_usd_per_day: float | None
    judged_usage_usd_per_day: float | None
    addressable_usd_per_day: float
    reference_service_share: float | None
    judged_service_share: float | None
    paid_usage_kept: float | None
    usage_carried_cash: float | None
    usage_carried_full: float | None
    service_kept: float | None
    paid_usage_kept_as_seen: float | None
    service_kept_as_seen: float | None
    funding: Funding | None
    survivorship: Survivorship | None
    propped_by: Prop | None
    near_the_line: str
    """`kept_share` or `floor_share` if usage carried in full lies near it."""
    price_out_of_range: bool | None
    collapse: Spell | None
    collapse_side: Side | None
    spells: tuple[Spell, ...]
    kept_after_cutoff: float | None
    cutoff_disagrees: bool | None
    cutoff_reason: str
    outcome_map: tuple[MapCell, ...]
    nouns: Nouns = PLAIN
    """What the sentence and the meanings of numbers call nodes."""

    @property
    def survives(self) -> bool:
        """Customers pay for the nodes and their replacement."""
        return self.outcome.survives

    @property
    def collapse_before_taper(self) -> bool | None:
        """The collapse began before T0; None without a dated collapse or a T0."""
        if self.collapse is None or self.taper.begins is None:
            return None
        return self.collapse.begins < self.taper.begins

    @property
    def price_lead_days(self) -> int | None:
        """Days by which the price cut the subsidy before the schedule did; negative: after it."""
        if self.price_taper is None or self.taper.begins is None:
            return None
        return (self.taper.begins - self.price_taper).days

    def sentence(self) -> str:
        """The verdict in one plain English sentence, with its numbers and dates."""
        return sentence_of(self)

    def row(self, *, scorecard: Scorecard | None = None) -> dict[str, object]:
        """The one row of the table `verdict`: the columns of `VERDICT_TABLE`."""
        survivors = self.survivorship
        funding = self.funding
        values: dict[str, object] = {
            "outcome": self.outcome.value,
            "reason": self.reason,
            "sentence": self.sentence(),
            "survives": self.survives,
            "alive": self.outcome.is_alive,
            "propped_by": None if self.propped_by is None else self.propped_by.value,
            "near_the_line": self.near_the_line,
            "price_out_of_range": self.price_out_of_range,
            "paid_usage_kept": self.paid_usage_kept,
            "usage_carried_cash": self.usage_carried_cash,
            "usage_carried_full": self.usage_carried_full,
            "service_kept": self.service_kept,
            "paid_usage_kept_as_seen": self.paid_usage_kept_as_seen,
            "service_kept_as_seen": self.service_kept_as_seen,
            "subsidy_share": None if funding is None else funding.subsidy_share,
            "fee_coverage": None if funding is None else funding.fee_coverage,
            "t0": self.taper.begins,
            "t1": self.taper.done,
            "t0_usd": self.price_taper,
            "price_lead_days": self.price_lead_days,
            "judged_from": None if self.judged is None else self.judged.begins,
            "judged_until": None if self.judged is None else self.judged.ends,
            "earliest_horizon": self.earliest_horizon,
            "reference_usage_usd_per_day": self.reference_usage_usd_per_day,
            "judged_usage_usd_per_day": self.judged_usage_usd_per_day,
            "addressable_usd_per_day": self.addressable_usd_per_day,
            "reference_service_share": self.reference_service_share,
            "judged_service_share": self.judged_service_share,
            "collapse_date": None if self.collapse is None else self.collapse.begins,
            "collapse_side": None if self.collapse_side is None else self.collapse_side.value,
            "collapse_before_taper": self.collapse_before_taper,
            "spells": json.dumps([_spell_facts(spell) for spell in self.spells]),
            "in_profit_of_live": None if survivors is None else survivors.in_profit_of_live,
            "in_profit_of_starters": None if survivors is None else survivors.in_profit_of_starters,
            "cash_positive_of_live": None if survivors is None else survivors.cash_positive_of_live,
            "cash_positive_of_starters": None if survivors is None else survivors.cash_positive_of_starters,
            "kept_after_cutoff": self.kept_after_cutoff,
            "cutoff_disagrees": self.cutoff_disagrees,
            "cutoff_reason": self.cutoff_reason,
            "scorecard": None if scorecard is None else scorecard.to_json(),
            "funding": None if funding is None else json.dumps(asdict(funding)),
            "outcome_map": json.dumps([asdict(cell) for cell in self.outcome_map]),
        }
        return {field.name: values[field.name.lower()] for field in VERDICT_TABLE.fields}


def _spell_facts(spell: Spell) -> dict[str, object]:
    return {
        "side": spell.side.value,
        "begins": spell.begins.isoformat(),
        "ends": spell.ends.isoformat(),
        "days": spell.n_days,
        "fate": spell.fate.value,
        "lowest_share": spell.lowest_share,
    }


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
