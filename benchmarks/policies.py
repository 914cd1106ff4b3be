"""Policies of pay, emission and buy-back against each other over six regimes: what becomes of a network, on the same luck.

    python -m benchmarks.policies [--scenario FILE_OR_NAME …] [--policies NAME …] [--lives 8] [--minutes 30] [--out docs/policies.csv]

Token pay by the schedule is what every other policy is held against, life by life: stable pay, emission by a controller and by thresholds (both aim at the nodes
that run on the first decision, within the same bound by holders' pot; the controller without it, too), and three ways to buy tokens back with a treasury's income: a fixed half, thresholds and
a controller (both aim at the price of the first decision, with a runway of half a year). Regimes are the variants that are made of every scenario.
Lives are kept in the CSV as they end, so a run that stops goes on where it was; a row counts only for the scenario as it stands. Prints tables for docs/policies.md.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from twin.build import build
from twin.errors import InputError, TwinError
from twin.life import Life, life
from twin.scenario import Scenario, load

TOWN = Path(__file__).parent / "worlds" / "stations.yaml"
UNSEEN = ("record.cells=none", "record.operators=none")
REGIMES = ("calm", "bull", "bear", "crash", "attack", "demand_shock")
SCHEDULE = "schedule"
POLICIES = (SCHEDULE, "stable_pay", "controller", "controller_unbound", "thresholds", "buy_back_half", "buy_back_thresholds", "buy_back_controller")
ALIVE = ("self_sustaining", "niche")
COLUMNS = (
    "scenario", "digest", "regime", "policy", "life", "class", "usage_kept", "usage_carried_full", "nodes_at_end", "revenue_usd_per_day", "operators_emission_usd", "price_volatility_per_day", "left_per_node_year",
)  # fmt: skip
NUMBERS = COLUMNS[6:]


@dataclass(frozen=True)
class Study:
    """A scenario, and what its policies are set to."""

    scenario: Scenario
    starts: date
    policies: Mapping[str, Mapping[str, Any]]
    """Name -> dotted path -> value; those that the scenario cannot have are left out."""

    @property
    def name(self) -> str:
        """Of the scenario."""
        return self.scenario.name

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """Of what is stated of what is lived, by policy: the scenario's values but for defaults, and what the policy is set to."""
        stated = sorted((path, str(self.scenario.value(path))) for path, origin in self.scenario.provenance.items() if not origin.is_default)
        return {name: hashlib.sha256(json.dumps([stated, str(changes)]).encode()).hexdigest()[:8] for name, changes in self.policies.items()}

    def lives(self, n: int) -> Iterator[tuple[str, str, int]]:
        """(regime, policy, life): every pair has a first life before any has a second."""
        for replicate in range(n):
            for regime in REGIMES:
                if regime in self.scenario.made or regime in self.scenario.variants:
                    for policy in self.policies:
                        yield regime, policy, replicate

    def of(self, regime: str, policy: str) -> Scenario:
        """The scenario in a regime, under a policy."""
        found, changes = self.scenario.variant(regime), self.policies[policy]
        return found.variant(f"{regime}, {policy}", changes) if changes else found


def study_of(name: str | Path, *, policies: Collection[str] = POLICIES) -> Study:
    """The study of a scenario: levels are those of its own life on the first decision's day. Raises InputError where no controller can be made of it."""
    scenario = load(name, sets=UNSEEN)
    if "controlled" not in scenario.made:
        raise InputError([] if "controlled" in scenario.variants else list(_refused(scenario)))
    controller = dict(scenario.made["controlled"])
    about = controller["policies.controlled"]
    starts, bound = about["starts"], about.get("bound", {})
    nodes, price = _found_on(scenario, starts)
    token, spec = next(iter(scenario.spec.token.items()))
    common = {"starts": starts, "every_days": 28}
    found: dict[str, Mapping[str, Any]] = {SCHEDULE: {}, "controller": controller}
    if bound:
        found["controller_unbound"] = {"policies.controlled": {name: value for name, value in about.items() if name != "bound"}}
    found["thresholds"] = {
        "policies.thresholds": {"kind": "threshold", "measures": "nodes_online", "lower": nodes, "upper": 1.1 * nodes, "below_share": about["most_share"], "above_share": 1.0, "bound": bound} | common
    }
    if "stable_pay" in scenario.made:
        found["stable_pay"] = scenario.made["stable_pay"]
    if hasattr(spec, "treasury") and getattr(spec.price, "kind", "") == "cleared":
        buys = {"steers": "buy_back", "bound": {"least_runway_months": 6.0}}
        rules = {
            "half": {"kind": "schedule", "share_by_date": {starts: 0.5}},
            "thresholds": {"kind": "threshold", "measures": "price_usd", "lower": price, "upper": 1.1 * price, "below_share": 1.0, "above_share": 0.0} | common,
            "controller": {"kind": "pid", "measures": "price_usd", "aim": price, "proportional_gain": 1.0, "integral_gain_per_month": 0.2} | common,
        }
        treasury = {} if spec.treasury is not None else {f"token.{token}.treasury": {"opening_usd": 0.0}}
        for rule, values in rules.items():
            found[f"buy_back_{rule}"] = treasury | {f"policies.{rule}": buys | values}
    return Study(scenario, starts, {policy: found[policy] for policy in POLICIES if policy in found and policy in (SCHEDULE, *policies)})


def _refused(scenario: Scenario) -> Iterator[Any]:
    try:
        scenario.variant("controlled")
    except InputError as refused:
        yield from refused.problems


def _found_on(scenario: Scenario, day: date) -> tuple[float, float]:
    """Nodes and price that the first decision of that day finds."""
    world = build(scenario)
    world.clock.run(until_day=(day - world.clock.start).days - 1)
    return float(world.nodes.online.sum()), world.today.price_usd


def lived(study: Study, regime: str, policy: str, replicate: int) -> dict[str, Any]:
    """The row of one life."""
    row: dict[str, Any] = {"scenario": study.name, "digest": study.digests[policy], "regime": regime, "policy": policy, "life": replicate}
    try:
        return row | _numbers(life(study.of(regime, policy), replicate=replicate), since=(study.starts - study.scenario.spec.calendar.start).days)
    except TwinError as error:
        print(f"{row}: {error}")
        return row | {"class": "failed"}


def _numbers(done: Life, *, since: int) -> dict[str, Any]:
    """What is compared; from the day of the first decision on, where it is a sum or a spread."""
    daily, verdict = done.daily.iloc[since:], done.verdict
    price = daily.price_usd.to_numpy(float)
    moves = np.diff(np.log(price[price > 0]))
    years, nodes = len(daily) / 365.25, float(daily.nodes_online.mean())
    left = float(daily.nodes_left.sum()) / (nodes * years) if "nodes_left" in daily and nodes > 0 else None
    return {
        "class": verdict.outcome.value, "usage_kept": verdict.paid_usage_kept, "usage_carried_full": verdict.usage_carried_full, "nodes_at_end": float(daily.nodes_online.iloc[-28:].mean()),
        "revenue_usd_per_day": float(daily.revenue_usd.iloc[-365:].mean()), "operators_emission_usd": float(daily.operator_emission_usd.sum()), "price_volatility_per_day": float(moves.std()), "left_per_node_year": left,
    }  # fmt: skip


def kept(path: Path, study: Study) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Lives of this study that the file knows."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["scenario"] == study.name and row["digest"] == study.digests.get(row["policy"])]
    return {(row["regime"], row["policy"], int(row["life"])): {**row, **{name: float(row[name]) if row[name] else None for name in NUMBERS}} for row in rows}


def live_on(study: Study, n: int, path: Path, *, minutes: float) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Lives what the file does not know yet, for so long, and returns all that it knows."""
    known, ends = kept(path, study), time.monotonic() + 60 * minutes
    missing = [each for each in study.lives(n) if each not in known]
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        if is_new:
            table.writeheader()
        for done, each in enumerate(missing):
            if time.monotonic() > ends:
                print(f"{study.name}: {len(missing) - done} lives are left; the same command goes on with them")
                break
            row = lived(study, *each)
            table.writerow(row)
            file.flush()
            known[each] = {name: row.get(name) for name in COLUMNS}
    return known


def tables_of(study: Study, known: Mapping[tuple[str, str, int], Mapping[str, Any]]) -> str:
    """Two tables: what became of each policy in each regime, and all regimes together beside the schedule, in pairs."""
    lines = ["| regime | policy | lives | classes | usage kept | carried in full | nodes at the end | volatility a day | left a node-year |", "|---|---|---|---|---|---|---|---|---|"]
    for regime in REGIMES:
        for policy in study.policies:
            if rows := [row for (r, p, _), row in known.items() if (r, p) == (regime, policy)]:
                lines.append(f"| {regime} | {policy} | {len(rows)} | {_classes(rows)} | " + " | ".join(_middle(rows, name) for name in _SHOWN) + " |")
    lines += ["", "| policy | pairs | alive | carried in full: more / less / alike | nodes at the end: more / fewer | volatility: lower / higher | left: fewer / more | usage kept | carried in full | dollars of emission |", "|---|---|---|---|---|---|---|---|---|---|"]
    for policy in study.policies:
        pairs = [(row, known[regime, SCHEDULE, n]) for (regime, p, n), row in known.items() if p == policy and (regime, SCHEDULE, n) in known]
        rows = [row for row, _ in pairs]
        if not rows:
            continue
        alive = sum(row["class"] in ALIVE for row in rows)
        cells = [_wins(pairs, "usage_carried_full"), _wins(pairs, "nodes_at_end", ties=False), _wins(pairs, "price_volatility_per_day", ties=False, less=True), _wins(pairs, "left_per_node_year", ties=False, less=True)]
        lines.append(f"| {policy} | {len(pairs)} | {alive} | " + " | ".join(cells) + " | " + " | ".join(_middle(rows, name) for name in ("usage_kept", "usage_carried_full", "operators_emission_usd")) + " |")
    return "\n".join(lines)


_SHOWN = ("usage_kept", "usage_carried_full", "nodes_at_end", "price_volatility_per_day", "left_per_node_year")


def _classes(rows: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in Counter(row["class"] for row in rows).most_common())


def _middle(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    values = [row[name] for row in rows if row.get(name) is not None]
    return f"{median(values):.3g}" if values else ""


def _wins(pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], name: str, *, ties: bool = True, less: bool = False) -> str:
    """In how many pairs the policy has more than the schedule, less, and (where asked for) the same, the other way round with `less`; and the median change."""
    both = [(row[name], other[name]) for row, other in pairs if row.get(name) is not None and other.get(name) is not None]
    more, fewer = sum(a > b for a, b in both), sum(a < b for a, b in both)
    found = (fewer, more) if less else (more, fewer)
    said = " / ".join(map(str, (*found, len(both) - more - fewer) if ties else found))
    changes = [a / b - 1 for a, b in both if b]
    return f"{said} ({median(changes):+.1%})" if changes else said


def main(arguments: Sequence[str] | None = None) -> None:
    """Lives what is missing and prints what is known."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.policies", description=__doc__.splitlines()[0])
    parser.add_argument("--scenario", nargs="*", default=[str(TOWN)], help="names or files; the town of stations where none is given")
    parser.add_argument("--policies", nargs="*", choices=POLICIES, default=list(POLICIES), help="which of them, beside the schedule")
    parser.add_argument("--lives", type=int, default=8, help="lives of each policy in each regime")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long to live at most, for each scenario")
    parser.add_argument("--out", type=Path, default=Path("docs/policies.csv"), help="where lives are kept")
    asked = parser.parse_args(arguments)
    for name in asked.scenario:
        study = study_of(name, policies=asked.policies)
        refused = {regime: why for regime, why in study.scenario.not_made.items() if regime in REGIMES}
        print(f"{study.name}: first decision on {study.starts}" + "".join(f"; no {regime}: {why}" for regime, why in refused.items()))
        print(tables_of(study, live_on(study, asked.lives, asked.out, minutes=asked.minutes)), flush=True)


if __name__ == "__main__":
    main()
