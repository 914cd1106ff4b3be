"""What the page of a study says of one variant: plain tables and sentences."""

from __future__ import annotations

import math

import pandas as pd

from twin.errors import InputError
from twin.odds.analysis import Odds, Status, class_counts, odds, of_variant, price_thirds, survival, with_price
from twin.odds.analysis.intervals import percent_range
from twin.odds.analysis.price import PriceThirds
from twin.odds.designs import Layout
from twin.odds.page_deciding import deciding_part
from twin.odds.study import Study
from twin.outcomes.classes import Outcome
from twin.report.study_data import Ranged, SurvivalPart, VariantPart

FAN_STEPS = 300
"""Dates of a fan at most; more could not be told apart on the page."""
SMOOTHED_DAYS = 28
"""Days over which paid usage is averaged in each life, as in the report of a run: bills come by the month."""
NOT_DRAWN = (Layout.FACTORIAL, Layout.SALTELLI, Layout.MORRIS)
"""Layouts whose points are not draws from the priors."""
LAID_OUT = "The points were laid out, not drawn from what is thought likely, so shares of their lives say little."


def fan_columns(study: Study) -> dict[str, tuple[str, str]]:
    """Columns of `network_daily` that have a fan -> (title, unit)."""
    nodes = str(study.manifest.said.get("nodes", "nodes"))
    return {
        "nodes_online": (f"{nodes[:1].upper()}{nodes[1:]} online", nodes),
        "usage_constant_usd": ("Paid usage", f"USD a day at constant prices, mean of {SMOOTHED_DAYS} days"),
        "price_usd": ("Token price", "USD a token"),
    }


def variant_part(study: Study, results: pd.DataFrame, variant: str, name: str) -> VariantPart:
    """All that the lives of one variant say; `name` is what the page calls it."""
    rows = of_variant(results, variant)
    pending = max(study.manifest.points - len(rows), 0)
    counts = {str(column): int(n) for column, n in class_counts(rows).iloc[0].items() if n}
    said, between, because = odds_said(study, rows)
    said += f"; {pending:,} of {study.manifest.points:,} planned lives have not been lived" if pending else ""
    laid_out = study.design.layout in NOT_DRAWN
    curve, why_not = (None, LAID_OUT) if laid_out else _survival(rows)
    thirds, third_rows = (LAID_OUT, ()) if laid_out else _thirds(rows)
    return VariantPart(name, said, because, between, counts, curve, why_not, study.low_return(variant).sentence(), _fans(study, variant), thirds, third_rows, deciding_part(study, rows))


def odds_said(study: Study, rows: pd.DataFrame) -> tuple[str, str, str]:
    """(the odds in a sentence, between which shares they lie, how many died because of the taper); the last two are empty where that is not known."""
    try:
        found: Odds = with_price(odds(rows, blocks=study.design.blocks), rows)
    except ValueError as error:  # too few of the scrambled designs have been lived
        ended = int(rows["status"].isin([Status.DONE, Status.FAILED]).sum())
        alive = int(rows["outcome"].isin([each.value for each in Outcome if each.survives]).sum())
        return f"{alive:,} of {ended:,} lives survive ({error})", "", ""
    because = "" if found.because_of_taper is None else found.because_of_taper.sentence()
    if study.design.layout in NOT_DRAWN:
        return f"{found.survivors:,} of {found.n:,} lives survive ({study.design.layout.value} points: laid out, not drawn from what is thought likely, so their share is no odds)", "", because
    between = "" if found.interval is None else percent_range(found.interval.low, found.interval.high)
    return found.sentence(), between, because


def _survival(rows: pd.DataFrame) -> tuple[SurvivalPart | None, str]:
    try:
        found = survival(rows)
    except ValueError as error:
        return None, f"{str(error)[:1].upper()}{str(error)[1:]}."
    curve, causes, horizon = found.curve, found.causes, found.horizon_days
    if float(curve["days"].iloc[-1]) < horizon:  # the last life has collapsed before: what holds then holds until the horizon
        curve = pd.concat([curve, curve.iloc[[-1]].assign(days=horizon, collapsed=0)], ignore_index=True)
        causes = pd.concat([causes, causes.iloc[[-1]].set_axis(pd.Index([horizon], name="days"))])
    return SurvivalPart(found.sentence(), curve, causes), ""


def _fans(study: Study, variant: str) -> dict[str, pd.DataFrame]:
    manifest = study.manifest
    every = max(1, math.ceil((manifest.ends - manifest.starts).days / FAN_STEPS))
    found = {}
    for column in fan_columns(study):
        try:
            found[column] = study.fan(column, variant, every_days=every, mean_days=SMOOTHED_DAYS if column == "usage_constant_usd" else 1).table
        except (InputError, ValueError):  # this kind of network has no such column, or no life left its series
            continue
    return found


def _thirds(rows: pd.DataFrame) -> tuple[str, tuple[Ranged, ...]]:
    done = rows[rows["status"] == Status.DONE]
    if not len(done) or done["price_luck"].isna().all():
        return "No life has a judged year to take the price of.", ()
    found: PriceThirds = price_thirds(done, "price_luck", unit="USD")
    return found.sentence(), tuple(
        Ranged(
            f"{third.name} third", third.odds.survivors / third.odds.n, *_ends(third.odds), f"{third.low:.3g} to {third.high:.3g} USD, {third.odds.n} lives",
        )
        for third in found.thirds
    )  # fmt: skip


def _ends(found: Odds) -> tuple[float, float]:
    return (math.nan, math.nan) if found.interval is None else (found.interval.low, found.interval.high)
