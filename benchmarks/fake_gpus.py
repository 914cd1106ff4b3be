"""What campaigns that learn take of a network of GPUs in its variant `under_attack`, and what looking for them costs, by how hard somebody looks: one life each.

    python -m benchmarks.fake_gpus [ionet-world|akash-world|render-world ...]

By `verification.detection_multiple`: nobody looks, once, as the variant states it, and as hard as its sharpest date all the time; and the scenario without the attack.
"""

from __future__ import annotations

import sys

import pandas as pd

from twin.build import build
from twin.judged import judged
from twin.outcomes import Verdict
from twin.record import Recorder
from twin.record.in_memory import NoStore
from twin.scenario import Scenario, load

SCENARIOS = ("ionet-world", "akash-world", "render-world")
QUICK = ("record.cells=none", "record.operators=none")
PAID = ("operator_emission_usd", "operator_customer_usd", "operator_grant_usd")


def rows(name: str) -> list[tuple[str, Scenario]]:
    """Scenarios by their label."""
    stated = load(name, variant="under_attack", sets=QUICK)
    multiple, start = stated.spec.verification.detection_multiple, stated.spec.calendar.start

    def looked(times: float) -> Scenario:
        return load(name, variant="under_attack", sets=(*QUICK, f"verification.detection_multiple={{{start}: {times:g}}}",))

    sharpest = max(multiple.values())
    return [("nobody looks", looked(0)), ("once", looked(1)), ("as stated", stated), (f"{sharpest:g} times", looked(sharpest)), ("no attack", load(name, sets=QUICK))]


def line(label: str, scenario: Scenario) -> str:
    """What one life says."""
    world = build(scenario)
    recorder = Recorder(NoStore(extra_columns=world.daily_fields, absent_columns=world.absent_fields), start=world.clock.start, n_days=world.clock.n_days)
    world.record_with(recorder)
    world.clock.run()
    days, verdict = recorder.network_daily(), judged(world, recorder, None)
    paid, fakes = sum(float(days[column].sum()) for column in PAID if column in days), float(days.fakes_paid_usd.sum())
    hollow, dealt = (float(days[column].sum()) if column in days else 0.0 for column in ("hollow_gpu_hours", "self_dealt_usd"))
    checks = pd.DataFrame(world.pressure_tables.get("checks_monthly", {"cost_usd": [], "wronged": [], "driven_out": []}))
    campaigns = pd.DataFrame(world.pressure_tables.get("campaigns_monthly", {"campaign": [], "nodes": [], "month": []})).groupby("campaign")
    most = "; ".join(f"{name} {int(each.nodes.max())} ({each.loc[each.nodes.idxmax()].month:%Y-%m})" for name, each in campaigns)
    return (
        f"{label:14}{int(days.fakes_online.max()):6}{fakes:14,.0f}{100 * fakes / paid:7.1f} %{hollow:12,.0f}{dealt:12,.0f}{days.usage_constant_usd.mean():12,.0f}{days.nodes_online.mean():8.0f}"
        f"{checks.cost_usd.sum():12,.0f}{int(checks.wronged.sum()):6}{int(checks.driven_out.sum()):5}  {_words(verdict)}  {most}"
    )


def _words(verdict: Verdict) -> str:
    kept = verdict.paid_usage_kept
    return f"{verdict.outcome.value.replace('_', ' ')}" + ("" if kept is None else f" {kept:.2f}")


def main() -> None:
    """Prints a table for each network."""
    for name in sys.argv[1:] or SCENARIOS:
        print(f"{name:14}{'fakes':>6}{'paid, USD':>14}{'of all':>9}{'hollow h':>12}{'own USD':>12}{'Q a day':>12}{'hosts':>8}{'looks, USD':>12}{'wrong':>6}{'out':>5}  class; most accounts")
        for label, scenario in rows(name):
            print(line(label, scenario), flush=True)


if __name__ == "__main__":
    main()
