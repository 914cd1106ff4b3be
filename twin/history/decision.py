"""Which of several what-ifs is recommended, with the effect that is expected of it; and the rows of a forecast log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from twin.arrays import Floats
from twin.errors import InputError, Problem
from twin.history.forecast import Forecast, OfMetric
from twin.history.forecast_log import Row
from twin.history.metrics import network_of
from twin.history.scores import LEVELS, MEDIAN
from twin.odds.rows import BASE

MODEL, FREE, NAIVE = "twin-assimilated", "twin-free", "persistence"
EFFECT = "effect on "
"""Before the name of a metric: rows of this target are what a what-if changes, paired by member, and no forecast of a value."""
LOW, HIGH = 2, 20
"""Where 5 and 95 % stand among the levels."""


@dataclass(frozen=True)
class Recommended:
    """What is recommended, and why."""

    name: str
    """A what-if, or `base`: no change."""
    metric: str
    more: bool
    """Whether more of the metric is wanted, or less."""
    effects: dict[str, tuple[float, float, float]]
    """What-if -> its effect at the last horizon: 5 %, median, 95 %."""

    def sentence(self, unit: str, months: int) -> str:
        """In words."""
        wanted = "more" if self.more else "less"
        if self.name == BASE:
            said = "; ".join(f"{name} {middle:+,.4g} ({low:+,.4g} to {high:+,.4g})" for name, (low, middle, high) in self.effects.items())
            return f"no change is recommended: of none is it likely (95 %) that {self.metric} is {wanted} in {months} months. {said} {unit}"
        low, middle, high = self.effects[self.name]
        return f"recommended: {self.name}, for {wanted} {self.metric}: {middle:+,.4g} {unit} in {months} months (90 %: {low:+,.4g} to {high:+,.4g})"


def recommended(found: Forecast, wanted: str) -> Recommended:
    """The what-if with the largest median effect on a metric at the last horizon (`-metric`: the lowest), where 95 % of its effects point that way; else `base`.

    InputError where the metric is not forecast, or there is no what-if to choose from.
    """
    more, metric = not wanted.startswith("-"), wanted.lstrip("-")
    problems = []
    if metric not in found.metrics:
        problems.append(Problem("unknown_metric", f"{metric} is not among what is forecast: {', '.join(found.metrics)}.", path="--recommend"))
    if not found.what_ifs:
        problems.append(Problem("too_few_variants", "nothing to recommend: no what-if was given.", path="--recommend", suggestion="Give --variant or --what-if, several times for several."))
    if problems:
        raise InputError(problems)
    effects = {}
    for name in found.what_ifs:
        last = found.metrics[metric].effect(name)[-1]
        effects[name] = (float(last[LOW]), float(last[MEDIAN]), float(last[HIGH]))
    sure = {name: effect for name, effect in effects.items() if (effect[0] > 0 if more else effect[2] < 0)}
    best = max(sure, key=lambda name: sure[name][1] if more else -sure[name][1], default=BASE)
    return Recommended(best, metric, more, effects)


def log_rows(found: Forecast, *, calibration: str, chosen: Recommended | None, written_on: date) -> list[Row]:
    """All quantiles of a forecast as rows of a log: the model's of base and what-ifs, effects of what-ifs, and persistence."""
    model = MODEL if found.is_assimilated else FREE
    rows: list[Row] = []

    def add(of: OfMetric, target: str, model_id: str, scenario_id: str, levels: Floats) -> None:
        for at, months in enumerate(found.horizons_months):
            for level, value in zip(LEVELS.tolist(), levels[at].tolist(), strict=True):
                rows.append(
                    {
                        "origin_date": found.origin.isoformat(), "target": target, "horizon": str(months), "target_end_date": str(of.rows.dates[at]), "location": network_of(found.scenario),
                        "output_type": "quantile", "output_type_id": f"{level:g}", "value": repr(float(f"{value:.8g}")), "model_id": model_id, "scenario_id": scenario_id,
                        "target_start_date": str(of.rows.starts[at]), "unit": of.track.metric.unit, "version": "1", "scenario": found.scenario.name, "scenario_hash": found.scenario.hash,
                        "seed": str(found.scenario.seed), "calibration": calibration, "recommended": "" if chosen is None else chosen.name, "written_on": written_on.isoformat(),
                    }
                )  # fmt: skip

    for name, of in found.metrics.items():
        for scenario_id in (BASE, *found.what_ifs):
            add(of, name, model, scenario_id, of.quantiles(scenario_id))
        for scenario_id in found.what_ifs:
            add(of, EFFECT + name, model, scenario_id, of.effect(scenario_id))
        if of.persistence is not None:
            add(of, name, NAIVE, BASE, of.persistence)
    return rows


def in_words(levels: Sequence[float]) -> str:
    """Median and middle nine tenths."""
    return f"{levels[MEDIAN]:,.4g} ({levels[LOW]:,.4g} to {levels[HIGH]:,.4g})"
