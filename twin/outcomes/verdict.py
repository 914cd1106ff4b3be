"""The verdict on one run: the class with every number it rests on, its row in the tables, and its sentence in plain English."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from twin.nouns import PLAIN, Nouns
from twin.outcomes.beside import Beside
from twin.outcomes.classes import MapCell, Outcome, Prop
from twin.outcomes.collapse import Side, Spell
from twin.outcomes.columns import VERDICT_TABLE
from twin.outcomes.indicators import Funding, Survivorship
from twin.outcomes.sentence import is_because_of_taper, sentence_of
from twin.outcomes.taper import Taper, Window
from twin.scenario.sections.judgement import VerdictSpec

if TYPE_CHECKING:
    from twin.outcomes.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class Backed:
    """beta, the customer-backed part of an emitted dollar, in the mean of J: of the network that is judged, and of all that share its token. None: not known."""

    network: float | None = None
    token: float | None = None
    carried_cash_by_token: float | None = None
    carried_full_by_token: float | None = None
    outcome_by_token: Outcome | None = None
    """The class if fees were counted by the token's beta."""


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
    backed: Backed = Backed()
    """What customers back of an emitted dollar, under either reading."""
    beside: Beside = Beside()
    """What stands beside the class."""
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
        """The verdict in one plain English sentence of at most thirty words."""
        return sentence_of(self)

    def row(self, *, scorecard: Scorecard | None = None) -> dict[str, object]:
        """The one row of the table `verdict`: the columns of `VERDICT_TABLE`."""
        survivors, funding, beside = self.survivorship, self.funding, self.beside
        own, other = beside.own_taper, beside.without_taper
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
            "backed_share": self.backed.network,
            "token_backed_share": self.backed.token,
            "usage_carried_cash_by_token": self.backed.carried_cash_by_token,
            "usage_carried_full_by_token": self.backed.carried_full_by_token,
            "outcome_by_token": None if self.backed.outcome_by_token is None else self.backed.outcome_by_token.value,
            "capacity_kept": beside.capacity_kept,
            "largest_customer": beside.largest_customer,
            "largest_customer_share": beside.largest_customer_share,
            "demand_met_by_a_tenth": beside.demand_met_by_a_tenth,
            "overbuild_at_least": beside.overbuild_at_least,
            "overbuild": beside.overbuild,
            "overbuild_note": beside.overbuild_note,
            "overbuilt": beside.overbuilt,
            "bought_in_year": beside.bought_in_year,
            "subsidy_left": beside.subsidy_left,
            "own_t0": None if own is None else own.begins,
            "own_t1": None if own is None else own.done,
            "far_from_life": beside.far_from_life,
            "without_taper_outcome": None if other is None else other.outcome.value,
            "without_taper_usage_usd_per_day": None if other is None else other.judged_usage_usd_per_day,
            "because_of_taper": is_because_of_taper(self),
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
