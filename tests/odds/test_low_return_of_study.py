"""The point of low return from a study's own daily series, and what a study says that cannot have one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from small import village
from test_page import DIES, LIVES, page_of_studies, told, words_of

from twin.odds.analysis.low_return import DailyLife, low_return
from twin.odds.answers import Left
from twin.odds.daily_lives import daily_life
from twin.odds.designs import replicates
from twin.odds.engines.forked import Forked
from twin.odds.folder import StudyFolder
from twin.odds.living import live_plan
from twin.odds.manifest import write_manifest
from twin.odds.rows import Plan
from twin.odds.study import Study

START, DAYS = date(2024, 1, 1), 1_500
DIES_ON = 1_300


def days_of(i: int, *, survives: bool) -> pd.DataFrame:
    """Usage of one that dies halves every 120 days from day 900 on; half of the pay is fees, and on some days there is none."""
    rng = np.random.default_rng([7, i])
    fall = np.ones(DAYS) if survives else 0.5 ** (np.maximum(np.arange(DAYS) - 900, 0) / 120)
    pay = np.where(rng.random(DAYS) < 0.01, 0.0, 100.0)
    return pd.DataFrame({
        "service_share": 0.9 * np.sqrt(fall) * np.exp(0.05 * rng.normal(size=DAYS)), "usage_constant_usd": 100 * fall, "operator_emission_usd": 0.8 * pay,
        "operator_customer_usd": 0.2 * pay, "operator_fee_funded_usd": 0.5 * pay,
    }, index=pd.date_range(START, periods=DAYS))  # fmt: skip


def with_series(out: Path, n: int) -> Study:
    """A study of n lives, every second of which dies."""
    plan = Plan(village(), replicates(n))
    folder = StudyFolder(out)
    write_manifest(folder, plan)
    for row in plan.rows():
        survives = row.replicate % 4 < 2
        table = pa.Table.from_pandas(days_of(row.replicate, survives=survives).rename_axis("date").reset_index(), preserve_index=False)
        folder.write_series(row.key, table.set_column(0, "date", table.column("date").cast(pa.timestamp("ms")).cast(pa.date32())).append_column("key", pa.array([row.key] * DAYS).dictionary_encode()))
        end = {"outcome": "niche", "T0": "2024-03-01"} if survives else {"outcome": "collapsed", "T0": "2024-03-01", "collapse_date": str(START + timedelta(days=DIES_ON)), "collapse_side": "demand"}
        folder.write_marker(Left(row.variant, row.draw, row.replicate, row.key, end, {}, {"price_luck": 1.0 + row.replicate}, 1.0, 10, 10.0))
    return Study(out)


def test_a_study_hands_over_what_was_recorded(tmp_path: Path) -> None:
    study = with_series(tmp_path / "study", 120)
    found = study.low_return()
    assert (found.n_collapses, found.n_survivals) == (60, 60) and found.told == (30, 30) and found.wrongly_written_off == (0, 30)
    shares = (0.5, np.nan)
    lives = []
    for i in range(120):
        days, survives = days_of(i, survives=i % 4 < 2), i % 4 < 2
        fee = np.where(days["operator_emission_usd"] > 0, *shares)
        lives.append(DailyLife(None, i, survives, None if survives else DIES_ON, (date(2024, 3, 1) - START).days, days["service_share"].to_numpy(), days["usage_constant_usd"].to_numpy(), fee))
    assert low_return(lives) == found
    assert "30 of 30 collapses are told before they begin" in words_of(page_of_studies(tmp_path, study), "survival")


def test_few_lives_say_why_not_and_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(village(), replicates(2))
    study = live_plan(plan, out=tmp_path, engine=Forked(1))
    monkeypatch.setattr(Study, "daily", lambda *_, **__: pytest.fail("series were read"))
    assert study.low_return().sentence() == "The point of low return takes 30 collapses and 30 survivals; there are 0 and 0."


def test_verdicts_alone_say_why_not(tmp_path: Path) -> None:
    study = told(tmp_path, village(), replicates(80), [LIVES, DIES] * 40)
    assert "left their verdicts alone" in study.low_return().sentence() and study.low_return().n_collapses == 40
    assert "The point of low return is read from daily series" in words_of(page_of_studies(tmp_path, study), "survival")


def test_a_real_life_is_read(tmp_path: Path) -> None:
    study = live_plan(Plan(village(), replicates(1)), out=tmp_path, engine=Forked(1))
    days = next(study.daily())
    row = study.results().iloc[0].copy()
    row["outcome"], row["taper_begins"] = "niche", date(2024, 3, 1)
    life = daily_life(days, row)
    assert life.survives and life.collapse_day is None and life.taper_day == (date(2024, 3, 1) - days.index[0].date()).days
    assert len(life.service) == len(life.usage) == len(life.fee_share) == len(days) and np.nanmax(life.fee_share) <= 1
