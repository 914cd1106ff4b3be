"""The verdict on a world that has been run."""

from __future__ import annotations

from datetime import date

from twin.judging import is_reference
from twin.outcomes import Known, Taper, TaperOrigin, Verdict, WithoutTaper, find_taper, judge
from twin.record import Recorder
from twin.world import World


def judged(twin: World, recorder: Recorder, cut: float | None, without_taper: WithoutTaper | None = None) -> Verdict:
    """`cut` is what was kept after a cut-off, `without_taper` how the same luck ended with the subsidy held from T0 on; None where that was not tried."""
    spec, scenario, thinned = twin.scenario.spec, twin.scenario, twin.thinned
    known = Known(
        paid_by=lambda days: twin.trade.paid(days)[0],
        demand_met_by_a_tenth=None if thinned is None else thinned.met_by_a_tenth,
        overbuild_at_least=None if thinned is None else thinned.overbuild_at_least,
        overbuild=None if thinned is None else thinned.overbuild,
        overbuild_note=overbuild_note(twin),
        subsidy=twin.subsidy,
        own_taper=own_taper(twin),
        is_reference=is_reference(scenario),
        without_taper=without_taper,
    )
    return judge(
        recorder.network_daily(),
        twin.node_year(),
        twin.taper,
        spec=spec.verdict,
        taper_spec=spec.taper,
        addressable_usd_per_day=twin.addressable_usd_per_day(),
        kept_after_cutoff=cut,
        nouns=scenario.network.nouns(spec),
        known=known,
    )


def overbuild_note(twin: World) -> str:
    """How it was found how many nodes too many there were on T0, or why it was not; one sentence."""
    thinned, nodes = twin.thinned, twin.scenario.network.nouns(twin.scenario.spec).nodes
    if twin.trade.why_not_thinned:
        return f"How many {nodes} too many there were is not known: {twin.trade.why_not_thinned}."
    if thinned is None:
        return f"How many {nodes} too many there were is not known: none ran on T0, or that day lies outside the run."
    if thinned.overbuild is not None:
        return f"Counted by placing {nodes} greedily, the one that adds most first, until they give 95 % of the service of T0."
    if thinned.overbuild_at_least == 1.0:
        return f"None of the {nodes} of T0 were too many by this measure: with three in ten fewer, taken by luck, less than 95 % of its service is left."
    if thinned.overbuild_at_least is not None:
        return f"A bound by thinning at random, since no map of a city says whom each of the {nodes} serves; well placed ones would do with fewer."
    return f"How many {nodes} too many there were is not known: nothing was served on T0."


def own_taper(twin: World) -> Taper | None:
    """The dates of a variant that changes the subsidy, by its own rules or from its own life; None where they are the reference's."""
    if is_reference(twin.scenario):
        return None
    own = find_taper(twin.spec.taper, twin.subsidy, origin=TaperOrigin.LIFE if twin.schedule is None else TaperOrigin.RULES)
    return None if (own.begins, own.done) == (twin.taper.begins, twin.taper.done) else own


def last_day_of_year(twin: World) -> int | None:
    """The last day of the judged year as a day of the run; None where the run has not all of it."""
    window = twin.taper.judged_year(twin.scenario.spec.verdict)
    if window is None:
        return None
    day = (window.ends - twin.clock.start).days - 1
    return day if day < twin.clock.n_days else None


def day_of(twin: World, when: date | None) -> int | None:
    """A date as a day of the run after its first; None where it is none."""
    if when is None:
        return None
    day = (when - twin.clock.start).days
    return day if 0 < day < twin.clock.n_days else None
