"""What carried the network in the judged year, or what gave way."""

from __future__ import annotations

from typing import Any

from twin.nouns import Nouns
from twin.outcomes.classes import Outcome
from twin.report.numbers import ROUNDING, day, percent, usd
from twin.report.section import Section, render
from twin.report.view import View

PROPS = {"emission": "newly issued tokens", "grant": "grants", "hosts": "the {owners}' own pocket"}
FATES = {"censored": "not known: the run ends too soon to tell"}
SIDE_NAMES = {"supply": "service", "demand": "paid usage"}
SIDES = {"supply": "Service gave way first", "demand": "Paid usage gave way first"}


def funding_section(view: View) -> Section:
    """The identity F + V + P = O + K + profit as two bars of one length; and the spells of low service or usage."""
    outcome, funding, spells = view.verdict.get("outcome"), view.parsed("funding"), _spells(view)
    collapsed = outcome == Outcome.COLLAPSED
    title = "What gave way" if collapsed else "What carries it"
    bars = _bars(funding, view.nouns) if isinstance(funding, dict) else []
    if not bars and not spells and not collapsed:
        return Section(
            "funding", "What carries it", absent="the run was not judged, so there is no judged year whose funding could be shown"
        )
    coverage, share = view.verdict.get("fee_coverage"), view.verdict.get("subsidy_share")
    lead = ""
    if coverage is not None:
        lead = f"In the judged year customers' fees paid {percent(coverage)} of what the network cost to run and to replace"
        lead += "." if share is None else f"; {percent(share)} of operators' pay was subsidy."
    if view.verdict.get("propped_by"):
        lead += f" What keeps it up is mostly {PROPS.get(view.verdict['propped_by'], view.verdict['propped_by']).format(owners=view.nouns.owners)}."
    if collapsed:
        side = SIDES.get(str(view.verdict.get("collapse_side")), "It gave way")
        when = f" on {day(view.verdict['collapse_date'])}" if view.verdict.get("collapse_date") else " by the judged year"
        before = view.verdict.get("collapse_before_taper")
        lead = f"{side}{when}{'' if before is None else ', before the taper began' if before else ', after the taper had begun'}. {lead}"
    return Section("funding", title, lead.strip(), render("funding", bars=bars, spells=spells, collapsed=collapsed, nodes=view.nouns.nodes, owners=view.nouns.owners, tried=view.verdict.get("because_of_taper") is not None))


def _spells(view: View) -> list[dict[str, Any]]:
    """The spells with side and fate in plain words."""
    return [
        {**each, "side": SIDE_NAMES.get(str(each.get("side")), each.get("side")), "fate": FATES.get(str(each.get("fate")), each.get("fate"))}
        for each in view.parsed("spells") or []
    ]


def _bars(funding: dict[str, Any], nouns: Nouns) -> list[dict[str, Any]]:
    def value(name: str) -> float:
        return max(float(funding.get(f"{name}_usd") or 0.0), 0.0)

    grant = min(value("grant"), value("subsidy"))
    sources = [
        ("F: customers' fees", value("fee_funded"), "fees"), ("F: own use, nobody's payment", value("own_use"), "own"), ("V: newly issued tokens", value("subsidy") - grant, "subsidy"),
        ("V: grants", grant, "grants"), (f"P: out of the {nouns.owners}' pocket", value("hosts_pocket"), "hosts"),
    ]  # fmt: skip
    uses = [
        ("O: running cost", value("avoidable_cost"), "cost"),
        (f"K: replacement of {nouns.nodes}", value("replacement_cost"), "replacement"),
        (f"{nouns.owners}' profit", value("profit"), "profit"),
    ]
    whole = max(sum(part[1] for part in sources), sum(part[1] for part in uses))
    if whole <= 0:
        return []
    return [
        {
            "name": name,
            "total": usd(sum(part[1] for part in parts)),
            "parts": [{"name": n, "usd": v, "share": v / whole, "colour": c} for n, v, c in parts if v > ROUNDING * whole],
        }
        for name, parts in (("Paid by", sources), ("Spent on", uses))
    ]
