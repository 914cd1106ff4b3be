"""The verdict in one sentence, the three numbers it rests on, and how near the line it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from twin.outcomes.classes import Outcome, reads
from twin.outcomes.reality import outlived_words
from twin.outcomes.taper import TaperOrigin
from twin.record.manifest import Status
from twin.report.numbers import day, percent
from twin.report.section import Section, render
from twin.report.sections.beside import beside_rows
from twin.report.sections.income import market_of, who_paid
from twin.report.view import View

NAMES = {outcome: outcome.value.replace("_", " ").capitalize() for outcome in Outcome}
BARS = (
    ("paid_usage_kept", "κ", "paid usage kept", "of the best subsidised year, constant prices"),
    ("usage_carried_cash", "κ cash", "… delivered by {nodes} whose fees and own use pay their running cost", ""),
    ("usage_carried_full", "κ full", "… and a new {node} when the old one dies", "this one decides the class"),
)
DEFAULT_KEPT, DEFAULT_FLOOR, DEFAULT_SETTLE_DAYS = 0.7, 0.2, 180


def verdict_section(view: View) -> Section:
    """Class, sentence, bars of κ against the thresholds, dates, and what qualifies the verdict."""
    verdict = view.verdict
    if not verdict.get("outcome"):
        return Section("verdict", "Verdict", body=render("no_verdict", why=_why_none(view)))
    outcome = Outcome(verdict["outcome"])
    spec = view.spec_verdict()
    kept, floor = float(spec.get("kept_share", DEFAULT_KEPT)), float(spec.get("floor_share", DEFAULT_FLOOR))
    funding = view.parsed("funding")
    own_use = isinstance(funding, dict) and (funding.get("own_use_usd") or 0.0) > (funding.get("fee_funded_usd") or 0.0)
    words = reads(outcome, view.nouns, mostly_own_use=own_use)
    bars = [{"symbol": s, "name": n.format(node=view.nouns.node, nodes=view.nouns.nodes), "note": note, "value": verdict[key]} for key, s, n, note in BARS if verdict.get(key) is not None]
    top = max([1.0, *(bar["value"] * 1.04 for bar in bars)])
    sentence = str(verdict.get("sentence") or words)
    return Section(
        "verdict",
        "Verdict",
        body=render(
            "verdict",
            outcome=outcome.value,
            name=NAMES[outcome],
            reads=words,
            sentence=_without(sentence, f"{NAMES[outcome]}: ", f"{words}; "),
            near=bool(verdict.get("near_the_line")),
            bars=[{**bar, "width": min(bar["value"] / top, 1) * 100} for bar in bars],
            lines=[{"name": name, "share": share, "left": share / top * 100} for name, share in (("floor", floor), ("kept", kept))],
            dates=_dates(verdict, taper=view.spec_taper(), origin=view.taper_origin(), settle_days=int(spec.get("settle_days", DEFAULT_SETTLE_DAYS))),
            caveats=_caveats(view, verdict, kept=kept, floor=floor),
            grid=_grid(view.parsed("outcome_map"), kept=kept, floor=floor),
            seed=view.run.manifest.get("seed", "?"),
            outlived=outlived_words(view.run.manifest.get("real_network"), verdict.get("collapse_date")),
            who_paid=who_paid(view),
            open_loop=market_of(view).get("loop") == "open",
        ),
    )


def _without(sentence: str, *heads: str) -> str:
    """The sentence without what already stands above it in large type."""
    for head in heads:
        sentence = sentence.removeprefix(head)
    return sentence[:1].upper() + sentence[1:]


def _why_none(view: View) -> str:
    reached = view.run.manifest.get("reached")
    until = f" It reached {reached}; what follows shows the days up to there." if reached else ""
    match view.run.status:
        case Status.INTERRUPTED:
            return f"The run was interrupted before it could be judged.{until}"
        case Status.FAILED:
            return f"The run failed: {view.run.manifest.get('reason') or 'no reason recorded'}.{until}"
        case Status.RUNNING:
            return f"The run is still going on.{until}"
        case _:
            return "The run is complete, but its table of the verdict is empty."


def _dates(verdict: dict[str, Any], *, taper: dict[str, Any], origin: str, settle_days: int) -> list[dict[str, str]]:
    """T0, T1, the judged year and T0 in USD: name, date and what it means each."""
    begins, done = (float(taper.get(name, share)) for name, share in (("begins_below_share", 0.75), ("done_below_share", 0.1)))
    which = "subsidy that the reference's own life paid" if origin == TaperOrigin.LIFE.value else "scheduled subsidy"
    meanings = {"T0": f"{which} falls below {begins:.0%} of its peak for good: the taper begins", "T1": f"… below {done:.0%}: the taper is done"}
    if origin == TaperOrigin.STATED.value:
        meanings = {"T0": "the taper begins, as the scenario states", "T1": "the taper is done, as the scenario states"}
    rows = [{"name": name, "value": day(verdict[name]), "meaning": meaning} for name, meaning in meanings.items() if verdict.get(name)]
    if verdict.get("judged_from") and verdict.get("judged_until"):
        last = verdict["judged_until"] - timedelta(days=1)
        rows.append(
            {
                "name": "J",
                "value": f"{day(verdict['judged_from'])} to {day(last)}",
                "meaning": f"the judged year, {settle_days:,} days after the taper is done",
            }
        )
    if verdict.get("T0_usd"):
        lead = verdict.get("price_lead_days")
        extra = "" if lead is None else f", {abs(int(lead)):,} days {'before' if lead >= 0 else 'after'} T0"
        rows.append(
            {
                "name": "T0 in USD",
                "value": day(verdict["T0_usd"]),
                "meaning": f"scheduled subsidy at the day's price falls below {float(taper.get('price_below_share', 0.5)):.0%} of its peak for good{extra}; used for no window",
            }
        )
    return rows


def _caveats(view: View, verdict: dict[str, Any], *, kept: float, floor: float) -> list[str]:
    rows = []
    if verdict.get("near_the_line"):
        threshold = floor if verdict["near_the_line"] == "floor_share" else kept
        rows.append(
            f"Near the line: κ full lies within 0.05 of the threshold {threshold:g}. A small change of an assumption changes the class."
        )
    if verdict.get("kept_after_cutoff") is not None:
        said = "which disagrees with" if verdict.get("cutoff_disagrees") else "in line with"
        reason = f" Likely reason: {verdict['cutoff_reason']}." if verdict.get("cutoff_reason") else ""
        carried = percent(verdict.get("usage_carried_full"))
        rows.append(
            f"Cut-off test, one fork of this one life: with every subsidy cut, {percent(verdict['kept_after_cutoff'])} of the paid usage stayed, {said} κ full ({carried}).{reason}"
        )
    if verdict.get("price_out_of_range"):
        rows.append("The token's price left the range for which the scenario claims to be fair.")
    if verdict.get("service_kept") is not None:
        rows.append(f"Service kept in J: {percent(verdict['service_kept'])} of the best subsidised year.")
    rows += beside_rows(view, verdict)
    if verdict.get("earliest_horizon"):
        rows.append(f"A run until {day(verdict['earliest_horizon'])} could be judged.")
    if view.run.status is not Status.COMPLETE:
        rows.append(f"The run folder is not complete ({view.run.status.value}).")
    return rows


def _grid(cells: Any, *, kept: float, floor: float) -> dict[str, Any] | None:
    """The class over thresholds, as rows of kept and columns of floor."""
    if not isinstance(cells, list) or not cells:
        return None
    floors = sorted({cell["floor_share"] for cell in cells})
    by_kept: dict[float, dict[float, str]] = {}
    for cell in cells:
        by_kept.setdefault(cell["kept_share"], {})[cell["floor_share"]] = cell["outcome"]
    rows = [
        {
            "kept": k,
            "cells": [
                {"outcome": by_kept[k].get(f, ""), "name": by_kept[k].get(f, "").replace("_", " "), "here": (k, f) == (kept, floor)}
                for f in floors
            ],
        }
        for k in sorted(by_kept, reverse=True)
    ]
    n_classes = len({cell["outcome"] for cell in cells})
    return {"floors": floors, "rows": rows, "n_classes": n_classes}
