"""What stands beside the class: whether the verdict rests on one customer or on demand that tests nothing, and what the life without the taper showed."""

from __future__ import annotations

from typing import Any

from twin.outcomes.payers import payer_words
from twin.report.numbers import day, percent
from twin.report.view import View

STILL_PAID_SHARE = 0.1


def beside_rows(view: View, verdict: dict[str, Any]) -> list[str]:
    """A sentence each; nothing where a run does not say."""
    nouns, rows = view.nouns, []
    if verdict.get("overbuilt"):
        rows.append(f"Overbuilt: service stayed above 99% while four fifths of the {nouns.nodes} left, so this run says little about supply.")
    rows += _beta_rows(verdict)
    if (share := verdict.get("largest_customer_share")) is not None:
        name, groups = str(verdict.get("largest_customer")), view.run.manifest.get("groups_of_customers") or ()
        called = "" if name in groups else f" ({name.replace('_', ' ')})"
        rows.append(f"It rests on {payer_words(name, groups)}{called}, with {percent(share)} of what all paid in the best subsidised year.")
    if (met := verdict.get("demand_met_by_a_tenth")) is not None:
        rows.append(f"A tenth of the {nouns.nodes} of T0, taken by luck, would still give {percent(met)} of that day's service.")
    if (found := verdict.get("overbuild")) is not None:
        rows.append(f"On T0 there were {found:,.1f} times as many {nouns.nodes} as would have given 95% of its service, had they been placed well ({verdict.get('overbuild_at_least') or 1:,.1f} times if by luck).")
    elif (bound := verdict.get("overbuild_at_least")) is not None:
        if bound > 1:
            rows.append(f"On T0 there were at least {bound:,.1f} times as many {nouns.nodes} as give 95% of its service (a bound by thinning at random; well placed ones would do with fewer).")
        else:
            rows.append(f"On T0 none of the {nouns.nodes} were too many by this measure: with three in ten fewer, taken by luck, less than 95% of its service is left.")
    elif verdict.get("overbuild_note"):
        rows.append(str(verdict["overbuild_note"]))
    if (capacity := verdict.get("capacity_kept")) is not None:
        rows.append(f"Capacity kept in J: {percent(capacity)} of its best year.")
    if verdict.get("own_T0") or verdict.get("own_T1"):
        begins, done = (day(verdict[name]) if verdict.get(name) else "never" for name in ("own_T0", "own_T1"))
        rows.append(f"This variant's own subsidy begins to fade: {begins}; is done: {done}. It is judged in the reference's windows, to be compared.")
    if (left := verdict.get("subsidy_left")) is not None and left > STILL_PAID_SHARE:
        rows.append(f"The subsidy is still paid in J: {percent(left)} of its largest, in tokens.")
    if verdict.get("far_from_life"):
        rows.append(f"The dates that the scenario states lie more than 60 days from its own life: {verdict['far_from_life']}.")
    if other := verdict.get("without_taper_outcome"):
        so = "the taper did it" if verdict.get("because_of_taper") else "the taper did not decide it"
        rows.append(f"With the subsidy held from T0 on, on the same luck, it ends as {str(other).replace('_', ' ')}: in this one life {so}. That is one fork; how often it holds on other luck a study of both says.")
    return rows


def _beta_rows(verdict: dict[str, Any]) -> list[str]:
    """Where several networks share the token: what customers back of an emitted dollar, under either reading, if they differ."""
    own, token = verdict.get("backed_share"), verdict.get("token_backed_share")
    if own is None or token is None or percent(own) == percent(token):
        return []
    outcome = str(verdict.get("outcome_by_token") or verdict.get("outcome")).replace("_", " ")
    so = "the class would be the same" if verdict.get("outcome_by_token") in (None, verdict.get("outcome")) else f"it would be {outcome}"
    return [f"Of an emitted dollar this network's customers back {percent(own)} in J, those of all networks on its token {percent(token)}; by the latter {so}."]
