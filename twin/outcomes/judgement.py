"""From the daily table, the nodes' judged year and the taper of one run to its verdict (VERDICT 4 to 6)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.nouns import PLAIN, Nouns
from twin.outcomes.beside import Known, beside_of
from twin.outcomes.classes import Figures, Outcome, Prop, classify, outcome_map
from twin.outcomes.collapse import Side, Spell, find_spells, first_collapse
from twin.outcomes.indicators import Funding, NodeYear, best_year, by_token, carried_shares, funding_of, survivorship_of
from twin.outcomes.taper import Taper, Window, price_taper_begins, why_not_judged
from twin.outcomes.verdict import Backed, Verdict
from twin.scenario.sections.judgement import TaperSpec, VerdictSpec

NOTHING_KNOWN = Known()


def first_day_of(daily: pd.DataFrame) -> date:
    """The first day of a daily table; `ValueError` if its rows are not one day after the other."""
    days = pd.DatetimeIndex(pd.to_datetime(daily["date"]))
    if len(days) == 0:
        raise ValueError("the daily table is empty")
    if len(days) > 1 and not bool((np.diff(days.to_numpy().astype("datetime64[D]").astype(np.int64)) == 1).all()):
        raise ValueError("the daily table skips or repeats a day")
    first: date = days[0].date()
    return first


@dataclass(frozen=True, slots=True)
class Kept:
    """A series' best subsidised year, its mean over the judged year, and their ratio (None where the best year was zero)."""

    reference: float
    judged: float
    share: float | None


def _kept(values: NDArray[np.float64], *, start: date, done: date, judged: Window, reference_days: int) -> Kept | None:
    reference = best_year(values, until_day=(done - start).days, days=reference_days)
    if reference is None:
        return None
    mean = float(values[judged.rows(start)].mean())
    return Kept(reference, mean, mean / reference if reference > 0 else None)


def amounts(daily: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column of the daily table as numbers; zeros where the network has no such thing and the column is absent."""
    values = _column(daily, name)
    return np.zeros(len(daily)) if values is None else values


def _column(daily: pd.DataFrame, name: str) -> NDArray[np.float64] | None:
    """A column of the daily table as numbers; None if it is not there."""
    return daily[name].to_numpy(dtype=np.float64) if name in daily else None


def _spells(
    usage: NDArray[np.float64], service: NDArray[np.float64], *, start: date, floor_usd: float, spec: VerdictSpec, until: date | None
) -> tuple[Spell, ...]:
    supply = find_spells(service, side=Side.SUPPLY, start=start, starting_floor=spec.started_share, spec=spec, recover_by=until)
    demand = find_spells(usage, side=Side.DEMAND, start=start, starting_floor=floor_usd, spec=spec, recover_by=until)
    return tuple(sorted(supply + demand, key=lambda spell: (spell.begins, spell.side is Side.DEMAND)))


def _left_price_range(price: NDArray[np.float64] | None, spec: VerdictSpec) -> bool | None:
    if spec.price_range_usd is None or price is None:
        return None
    return bool(np.nanmin(price) < spec.price_range_usd.low or np.nanmax(price) > spec.price_range_usd.high)


def _price_taper(daily: pd.DataFrame, price: NDArray[np.float64] | None, *, start: date, taper_spec: TaperSpec) -> date | None:
    scheduled = _column(daily, "scheduled_subsidy_tokens")
    if price is None or scheduled is None:
        return None
    return price_taper_begins(np.nan_to_num(scheduled * price), start=start, spec=taper_spec)


def _propped_by(funding: Funding) -> Prop:
    props = {
        Prop.EMISSION: funding.subsidy_usd - funding.grant_usd,
        Prop.GRANT: funding.grant_usd,
        Prop.HOSTS: funding.hosts_pocket_usd,
    }
    return max(props, key=lambda prop: props[prop])


def _near_the_line(carried_full: float | None, spec: VerdictSpec) -> str:
    if carried_full is None:
        return ""
    for name, threshold in (("kept_share", spec.kept_share), ("floor_share", spec.floor_share)):
        if abs(carried_full - threshold) <= spec.near_the_line:
            return name
    return ""


def _mean_of_year(daily: pd.DataFrame, name: str, judged: Window | None, start: date, reason: str) -> float | None:
    values = _column(daily, name)
    return None if values is None or judged is None or reason else float(values[judged.rows(start)].mean())


def _cutoff_reason(kept_after_cutoff: float, carried_full: float, nouns: Nouns) -> str:
    if kept_after_cutoff > carried_full:
        return f"usage stayed although fees did not pay for it: {nouns.owners} who ignore their cost, or who have sunk it"
    return f"usage left although fees paid for it: the {nouns.nodes} that carry it need neighbours whom only the subsidy keeps"


def judge(
    daily: pd.DataFrame,
    nodes: NodeYear | None,
    taper: Taper,
    *,
    spec: VerdictSpec,
    taper_spec: TaperSpec,
    addressable_usd_per_day: float,
    kept_after_cutoff: float | None = None,
    failure: str = "",
    nouns: Nouns = PLAIN,
    known: Known = NOTHING_KNOWN,
) -> Verdict:
    """The verdict on one run from its table `network_daily`. A column that the network leaves out counts as zeros.

    `nodes` are sums over the judged year (None: not recorded; then only networks that never started or collapsed are judged).
    `taper` comes from the reference variant. `addressable_usd_per_day` is what the scenario's customers could buy, at reference prices;
    where that is nothing, the network never started.
    `kept_after_cutoff` is kappa_cut of the second run without subsidies, if there was one. `failure` says why the run failed, if it did.
    `nouns` are the words for nodes in what the verdict says. `known` is what stands beside the class and in no daily table.
    """
    if not math.isfinite(addressable_usd_per_day) or addressable_usd_per_day < 0:
        raise ValueError("addressable_usd_per_day must be finite and not negative")
    start = first_day_of(daily)
    usage, service = amounts(daily, "usage_constant_usd"), amounts(daily, "service_share")
    if not (np.isfinite(usage).all() and np.isfinite(service).all()):
        raise ValueError("usage or service has days without a value")
    price = _column(daily, "price_usd")
    too_short = why_not_judged(taper, starts=start, ends=start + timedelta(days=len(daily)), spec=spec)
    reason = failure or ("" if too_short is None else too_short.reason)
    judged = taper.judged_year(spec)
    until = None if judged is None else judged.ends
    floor_usd = spec.started_share * addressable_usd_per_day
    spells = _spells(usage, service, start=start, floor_usd=floor_usd, spec=spec, until=until)
    collapse = first_collapse(spells, until=until)

    used = served = used_as_seen = served_as_seen = None
    cash = full = None
    funding = survivorship = None
    if not reason and judged is not None and taper.done is not None:
        kept = partial(_kept, start=start, done=taper.done, judged=judged, reference_days=spec.reference_days)
        used, served = kept(usage), kept(service)
        usage_as_seen, service_as_seen = _column(daily, "usage_constant_usd_as_seen"), _column(daily, "service_share_as_seen")
        used_as_seen = None if usage_as_seen is None else kept(usage_as_seen)
        served_as_seen = None if service_as_seen is None else kept(service_as_seen)
        if nodes is not None:
            funding, survivorship = funding_of(nodes), survivorship_of(nodes)
        if used is not None and used.share is not None:
            carried = (0.0, 0.0) if used.share == 0 else None if nodes is None else carried_shares(nodes)
            if carried is not None:
                cash, full = used.share * carried[0], used.share * carried[1]
    figures = Figures(
        is_judged=used is not None,
        has_started=used is not None and addressable_usd_per_day > 0 and used.reference > 0 and used.reference >= floor_usd,
        has_collapsed=collapse is not None,
        paid_usage_kept=None if used is None else used.share or 0.0,
        usage_carried_cash=cash,
        usage_carried_full=full,
    )
    outcome_by_token = None
    token_cash = token_full = None
    if nodes is not None and (other := by_token(nodes)) is not None and used is not None and used.share and (carried := carried_shares(other)) is not None:
        token_cash, token_full = used.share * carried[0], used.share * carried[1]
        of_token = replace(figures, usage_carried_cash=token_cash, usage_carried_full=token_full)
        outcome_by_token = classify(of_token, kept_share=spec.kept_share, floor_share=spec.floor_share)
    outcome = classify(figures, kept_share=spec.kept_share, floor_share=spec.floor_share)
    if outcome is Outcome.NOT_JUDGED and not reason:
        reason = f"paid usage of the judged year is not attributed to {nouns.nodes}, so nobody can tell who carried it"
    service_kept = None if served is None else served.share
    side = None if collapse is None else collapse.side
    if outcome is Outcome.COLLAPSED and side is None:
        side = Side.SUPPLY if service_kept is not None and service_kept < spec.floor_share else Side.DEMAND
    disagrees = None if kept_after_cutoff is None or full is None else abs(kept_after_cutoff - full) > spec.cutoff_disagreement
    return Verdict(
        outcome=outcome,
        reason=reason,
        spec=spec,
        taper=taper,
        judged=judged,
        earliest_horizon=None if too_short is None else too_short.earliest_horizon,
        price_taper=_price_taper(daily, price, start=start, taper_spec=taper_spec),
        reference_usage_usd_per_day=None if used is None else used.reference,
        judged_usage_usd_per_day=None if used is None else used.judged,
        addressable_usd_per_day=addressable_usd_per_day,
        reference_service_share=None if served is None else served.reference,
        judged_service_share=None if served is None else served.judged,
        paid_usage_kept=None if used is None else used.share,
        usage_carried_cash=cash,
        usage_carried_full=full,
        backed=Backed(
            _mean_of_year(daily, "backed_share", judged, start, reason), _mean_of_year(daily, "token_backed_share", judged, start, reason), token_cash, token_full, outcome_by_token
        ),
        service_kept=service_kept,
        paid_usage_kept_as_seen=None if used_as_seen is None else used_as_seen.share,
        service_kept_as_seen=None if served_as_seen is None else served_as_seen.share,
        funding=funding,
        survivorship=survivorship,
        propped_by=_propped_by(funding) if outcome is Outcome.SUBSIDY_DEPENDENT and funding is not None else None,
        near_the_line=_near_the_line(full, spec) if outcome.is_alive else "",
        price_out_of_range=_left_price_range(price, spec),
        collapse=collapse,
        collapse_side=side,
        spells=spells,
        kept_after_cutoff=kept_after_cutoff,
        cutoff_disagrees=disagrees,
        cutoff_reason=_cutoff_reason(kept_after_cutoff, full, nouns) if disagrees and kept_after_cutoff is not None and full is not None else "",
        outcome_map=outcome_map(figures),
        beside=beside_of(daily, known, taper, start=start, judged=None if reason else judged, spec=spec, taper_spec=taper_spec),
        nouns=nouns,
    )
