"""The response table: a life with nothing turned, and one for each lever on the same luck."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from twin.build import build
from twin.errors import TwinError
from twin.first_life import dated
from twin.life import Life, life
from twin.outcomes import Window
from twin.response.levers import Lever, levers_of
from twin.response.signs import Expectation, expectations
from twin.scenario import Scenario
from twin.scenario.sections.price import cleared_of
from twin.units import DAYS_PER_YEAR
from twin.world.world import Nowhere

SMOOTH_DAYS = 28
A_YEAR = timedelta(days=round(DAYS_PER_YEAR))
RULE_FELT_AFTER_DAYS = 75
"""Two monthly reviews, and who left is gone."""
QUANTITIES: Mapping[str, str] = {
    "nodes_peak": "most nodes online, 28-day mean",
    "nodes_at_t0": "nodes online when the subsidy begins to fade, 28-day mean",
    "nodes_judged": "nodes online in the judged year, mean",
    "nodes_after_rule": "nodes online in the month after two reviews under the rule",
    "arrived_after_rule": "nodes that come in the year after the rule, a day; known where nodes are ordered and arrive",
    "capacity": "capacity in the judged year, in the kind's own unit",
    "service": "service offered in the judged year, share",
    "usage_usd": "paid usage in the judged year, USD a day at constant prices",
    "revenue_usd": "paid by customers in the judged year, USD a day",
    "price_usd": "price of the token in the judged year, USD",
    "operators_usd": "dollars to operators over the whole life, USD a day",
    "operators_emission_usd": "of which new tokens",
    "operators_customer_usd": "of which customers' money passed on",
    "operators_grant_usd": "of which grants",
    "fake_pay_usd": "dollars to false nodes over the whole life, USD a day; known where the daily table tells what they took of all pay",
    "honest_pay_usd": "dollars to operators less those",
    "fake_share": "share of false nodes among those that the network believes to be online, whole life",
}


@dataclass(frozen=True)
class When:
    """The dates at which lives are compared, the same for all."""

    t0: date
    judged: Window
    rule: date
    """From when a rule of law holds that a lever makes."""

    @classmethod
    def of(cls, scenario: Scenario, cache: Path | None = None) -> When:
        """T0 and the judged year of the scenario; where the run does not hold them, its middle and its last year."""
        calendar, taper = scenario.spec.calendar, dated(scenario, cache=cache).taper
        last_year = Window(max(calendar.start, calendar.end - timedelta(days=scenario.spec.verdict.judged_days)), calendar.end)
        window = taper.judged_year(scenario.spec.verdict)
        if window is None or window.begins < calendar.start or window.ends > calendar.end:
            window = last_year
        middle = calendar.start + (calendar.end - calendar.start) / 2
        t0 = taper.begins if taper.begins is not None and calendar.start < taper.begins < calendar.end else middle
        rule = (calendar.start + (t0 - calendar.start) / 2).replace(day=1)
        decided_from = getattr(getattr(scenario.spec, "flows", None), "until", None)  # until then owners do what they did, whatever the law
        if decided_from is not None and calendar.start < decided_from < calendar.end:
            rule = max(rule, (decided_from + timedelta(days=32)).replace(day=1))
        return cls(t0, window, max(rule, calendar.start + timedelta(days=91)))


@dataclass(frozen=True)
class Answer:
    """What came out of one life."""

    lever: Lever
    values: Mapping[str, float]
    """Quantity -> number; empty where the scenario does not have the lever."""
    outcome: str = ""
    failed: str = ""
    """Why the life did not come to its end; empty: it did."""


@dataclass(frozen=True)
class Response:
    """The life with nothing turned and the answers to each lever."""

    scenario: Scenario
    when: When
    base: Answer
    answers: tuple[Answer, ...]

    @cached_property
    def by_lever(self) -> dict[str, Answer]:
        """Lever -> its answer."""
        return {answer.lever.name: answer for answer in self.answers}

    @property
    def scenario_clears(self) -> bool:
        """Whether the price of the token answers to who sells and buys."""
        return all(cleared_of(token.price) is not None for token in self.scenario.spec.token.values())

    def money_decides(self) -> Iterator[tuple[str, str, str]]:
        """Levers (`base` for none turned) whose class hangs on what holders' money follows: its class with dollars, and with the pot."""
        for pot in self.answers:
            dollars = self.base if pot.lever.again == "base" else self.by_lever.get(pot.lever.again)
            if dollars is not None and dollars.outcome and pot.outcome and dollars.outcome != pot.outcome:
                yield dollars.lever.name, dollars.outcome, pot.outcome

    def judged(self) -> Iterator[tuple[Expectation, str]]:
        """Each expected sign with `holds`, `fails`, `excused: …` or `absent: …`."""
        kind, name = self.scenario.spec.network.kind, self.scenario.name
        for row in expectations():
            answer = self.by_lever.get(row.lever)
            if answer is None or answer.lever.absent:
                yield row, f"absent: {answer.lever.absent if answer else 'not turned'}"
            elif answer.failed:
                yield row, "fails"
            elif row.quantity == "price_usd" and not self.scenario_clears:
                yield row, "absent: the price is an open loop and hears nothing"
            elif math.isnan(self.base.values[row.quantity]):
                yield row, "absent: this network has no such quantity"
            elif (excuse := row.excuse(kind, name)) is not None:
                yield row, f"excused: {excuse}"
            else:
                yield row, "holds" if row.holds(self.base.values[row.quantity], answer.values[row.quantity]) else "fails"


def respond(
    scenario: Scenario, *, only: Callable[[Lever], bool] = lambda lever: True, workers: int = 1, cache: Path | None = None,
    progress: Callable[[int, int], object] = lambda done, of: None,
) -> Response:  # fmt: skip
    """Turns one lever at a time. `only` says which (what turns one of them again comes along); `workers` is the number of processes."""
    when, world = When.of(scenario, cache), build(scenario, cache=cache)
    known = levers_of(scenario, jurisdictions=countries_of(world.ground), customers_in=world.trade.customer_countries, at=when.rule, mechanisms=world.mechanisms.names)
    del world  # of a million sites it weighs a gigabyte
    wanted = {lever.name for lever in known if only(lever)}
    levers = [lever for lever in known if lever.name in wanted or lever.again in wanted]
    tasks = [Lever("base", "nothing is turned"), *levers]
    n = len(tasks)
    answer_of = partial(_answer, scenario=scenario, when=when, cache=cache)
    answers: list[Answer] = []
    progress(0, n)
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            for answer in pool.map(answer_of, tasks):
                answers.append(answer)
                progress(len(answers), n)
    else:
        for answer in map(answer_of, tasks):
            answers.append(answer)
            progress(len(answers), n)
    return Response(scenario, when, answers[0], tuple(answers[1:]))


def countries_of(ground: Any) -> list[str]:
    """The countries in which sites are; none where nodes stand nowhere."""
    if isinstance(ground, Nowhere):
        return []
    sites = getattr(ground, "spots", None) or getattr(ground, "sites", None) or ground
    numbers, names = getattr(sites, "jurisdiction", None), getattr(sites, "jurisdictions", ())
    if numbers is None:
        numbers, names = ground.map.jurisdiction, ground.map.jurisdictions
    return sorted({names[number].country for number in np.unique(numbers)} - {""})


def _answer(lever: Lever, scenario: Scenario, when: When, cache: Path | None) -> Answer:
    if lever.absent:
        return Answer(lever, {})
    gc.collect()  # the world of the last lever goes first
    try:
        lived = life(lever.applied(scenario), switched_off=lever.switch_off, cache=cache)
    except TwinError as error:
        return Answer(lever, {}, failed=str(error))
    return Answer(lever, measured(lived, when), lived.verdict.outcome.value)


COLUMNS = {"capacity": "capacity", "service": "service_share", "usage_usd": "usage_constant_usd", "revenue_usd": "revenue_usd"}
"""Quantity -> column of the daily table; NaN where a network knows nothing of it (`compat: mechafil` has nobody on its chain)."""


def measured(lived: Life, when: When) -> dict[str, float]:
    """The quantities of a life; see `QUANTITIES`."""
    days = lived.daily.set_index(pd.to_datetime(lived.daily["date"])).drop(columns="date")
    nodes = days["nodes_online"].rolling(SMOOTH_DAYS, min_periods=1).mean()
    judged = _between(days, when.judged.begins, when.judged.ends)
    ruled = when.rule + timedelta(days=RULE_FELT_AFTER_DAYS)
    seen = days.get("nodes_online_as_seen", days["nodes_online"])
    paid = {name: float(days[f"operator_{name}_usd"].mean()) for name in ("emission", "customer", "grant") if f"operator_{name}_usd" in days}
    fakes = float(taken.mean()) if (taken := fakes_usd(days)) is not None else math.nan
    return {
        "nodes_peak": float(nodes.max()),
        "nodes_at_t0": float(nodes.asof(pd.Timestamp(when.t0))),
        "nodes_judged": float(judged["nodes_online"].mean()),
        "nodes_after_rule": float(_between(days, ruled, ruled + timedelta(days=30))["nodes_online"].mean()),
        "arrived_after_rule": float(_between(days, when.rule, when.rule + A_YEAR)["nodes_arrived"].mean()) if "nodes_arrived" in days else math.nan,
        **{ours: float(judged[column].mean()) if column in judged else math.nan for ours, column in COLUMNS.items()},
        "price_usd": float(judged["price_usd"].mean()),
        "operators_usd": sum(paid.values()),
        **{f"operators_{name}_usd": usd for name, usd in paid.items()},
        "fake_pay_usd": fakes,
        "honest_pay_usd": sum(paid.values()) - fakes,
        "fake_share": float(((seen - days["nodes_online"]).clip(lower=0) / seen.clip(lower=1)).mean()),
    }


def fakes_usd(days: pd.DataFrame) -> pd.Series | None:
    """What false nodes were paid, USD a day; None where the table does not tell: hotspots (who are paid data credits' worth beside) have a share of proof alone."""
    if "fakes_paid_usd" in days:
        return days["fakes_paid_usd"]
    if "fake_share_of_proof" not in days or "data_credits" in days:
        return None
    return days["fake_share_of_proof"] * days["operator_emission_usd"]


def _between(days: pd.DataFrame, first: date, end: date) -> pd.DataFrame:
    return days.loc[str(first) : str(end - timedelta(days=1))]
