"""A log held to what came: windows, waiting targets, what-ifs that were made, and the numbers of the score."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from cli.command_line import twin

from twin.history.decision import EFFECT
from twin.history.forecast_log import CONTENT, append, read_log
from twin.history.observations import Observed
from twin.history.scores import LEVELS
from twin.history.scoring_log import scored, truth


def seen(metric: str, *rows: tuple[str, str, float]) -> Observed:
    starts, dates = (np.array([row[i] for row in rows], dtype="datetime64[D]") for i in (0, 1))
    return Observed("town", metric, "nodes", starts, dates, np.array([row[2] for row in rows]), ("=",) * len(rows), ("here",) * len(rows))


def of(target: str, model: str, middle: float, half: float, *, scenario: str = "base", months: str = "1", ends: str = "2025-01-31", **more: str) -> list[dict[str, str]]:
    plain = dict.fromkeys(CONTENT, "") | {
        "origin_date": "2024-12-31", "target": target, "horizon": months, "target_end_date": ends, "location": "town", "output_type": "quantile", "model_id": model, "scenario_id": scenario,
        "target_start_date": ends, "unit": "nodes", "version": "1", "scenario": "town", "scenario_hash": "abc", "seed": "1", "written_on": "2025-01-01",
    }  # fmt: skip
    return [plain | more | {"output_type_id": f"{level:g}", "value": repr(middle + half * (2 * level - 1))} for level in LEVELS.tolist()]


def test_a_stock_is_read_on_the_day_or_near_it() -> None:
    day = date(2025, 1, 31)
    assert truth(seen("nodes_online", ("2025-01-31", "2025-01-31", 7)), starts=day, ends=day, of="stock") == 7
    assert truth(seen("nodes_online", ("2025-01-21", "2025-01-21", 10), ("2025-02-10", "2025-02-10", 30)), starts=day, ends=day, of="stock") == 20
    assert truth(seen("nodes_online", ("2025-01-26", "2025-01-26", 9)), starts=day, ends=day, of="stock") == 9
    assert np.isnan(truth(seen("nodes_online", ("2025-01-20", "2025-01-20", 9)), starts=day, ends=day, of="stock"))
    assert np.isnan(truth(seen("nodes_online", ("2024-11-30", "2024-11-30", 10), ("2025-02-10", "2025-02-10", 30)), starts=day, ends=day, of="stock"))
    assert np.isnan(truth(None, starts=day, ends=day, of="stock"))


def test_a_flow_is_the_mean_of_the_rows_in_its_window() -> None:
    first, last = date(2025, 1, 2), date(2025, 1, 31)
    weeks = seen("revenue_usd_per_day", ("2024-12-30", "2025-01-05", 10), ("2025-01-06", "2025-01-12", 20), ("2025-01-13", "2025-01-31", 30))
    assert truth(weeks, starts=first, ends=last, of="flow") == pytest.approx((4 * 10 + 7 * 20 + 19 * 30) / 30)
    assert np.isnan(truth(seen("revenue_usd_per_day", ("2025-01-01", "2025-01-08", 10)), starts=first, ends=last, of="flow"))
    assert truth(seen("stored_share", ("2025-01-28", "2025-01-28", 0.2)), starts=last, ends=last, of="share") == 0.2   # read on a day
    single = seen("revenue_usd_per_day", *((f"2025-01-{day:02d}", f"2025-01-{day:02d}", float(day)) for day in (5, 15, 25)))
    assert truth(single, starts=first, ends=last, of="flow") == 15


def test_scores_by_hand_and_targets_that_wait(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    append(log, of("nodes_online", "twin-assimilated", 100, 50) + of("nodes_online", "persistence", 80, 0) + of("nodes_online", "twin-assimilated", 100, 50, months="12", ends="2025-12-31"))
    values, effects = scored(read_log(log), {"town": {"nodes_online": seen("nodes_online", ("2025-01-31", "2025-01-31", 100))}})
    assert not effects and [one.is_known for one in values] == [True, True, False]
    ours, naive, _ = values
    assert naive.wis == 20   # all quantiles one number: the absolute error
    assert ours.wis == pytest.approx(float(np.mean(2 * np.where(LEVELS < 0.5, LEVELS, 1 - LEVELS) * np.abs(50 * (2 * LEVELS - 1)))))
    assert ours.covers(0.5) and ours.covers(0.9) and not naive.covers(0.9)


def test_what_ifs_count_once_they_were_made(tmp_path: Path) -> None:
    log, town = tmp_path / "log.csv", {"town": {"nodes_online": seen("nodes_online", ("2025-01-31", "2025-01-31", 112))}}
    append(log, of("nodes_online", "twin-free", 100, 5, recommended="more") + of("nodes_online", "twin-free", 110, 5, scenario="more") + of(EFFECT + "nodes_online", "twin-free", 10, 3, scenario="more", recommended="more"))
    values, [effect] = scored(read_log(log), town)
    assert [one.scenario_id for one in values] == ["base"] and np.isnan(effect.came)
    values, [effect] = scored(read_log(log), town, made=["more"])
    assert [one.scenario_id for one in values] == ["more"] and effect.came == pytest.approx(12) and effect.is_inside
    far = {"town": {"nodes_online": seen("nodes_online", ("2025-01-31", "2025-01-31", 140))}}
    assert not scored(read_log(log), far, made=["more"])[1][0].is_inside


def test_from_the_command_line(tmp_path: Path) -> None:
    log, table = tmp_path / "log.csv", tmp_path / "seen.csv"
    append(log, of("nodes_online", "twin-free", 100, 50, recommended="more") + of("nodes_online", "persistence", 80, 10) + of("nodes_online", "twin-free", 110, 5, scenario="more") + of(EFFECT + "nodes_online", "twin-free", 10, 3, scenario="more", recommended="more"))
    table.write_text("network,metric,date,value,unit,source\ntown,nodes_online,2025-01-31,100,nodes,here\n")
    done = twin("score", log, "--observations", table, "--csv", tmp_path / "scores.csv")
    assert done.exit_code == 0 and "1 targets scored, 0 wait. Better than persistence on 1 of 1" in done.stdout and "more (recommended): its effect is not known" in done.stdout
    assert "…" not in done.stdout and "100 (55 to 145)" in done.stdout   # nothing is cut off
    assert len((tmp_path / "scores.csv").read_text().splitlines()) == 3
    assert "came -0" in twin("score", log, "--observations", table, "--made", "more").stdout or "came +0" in twin("score", log, "--observations", table, "--made", "more").stdout
    append(log, of("nodes_online", "twin-free", 100, 50, location="another-town", scenario_hash="b"))   # of which the table says nothing
    assert "1 targets scored, 1 wait" in twin("score", log, "--observations", table).stdout
    table.write_text(table.read_text().replace("town,", "village,"))
    assert "no row of another-town, town" in twin("score", log, "--observations", table).stderr
    table.write_text(table.read_text().replace("village,", "town,"))
    wrong = twin("score", log, "--observations", table, "--made", "less")
    assert wrong.exit_code == 2 and "less" in wrong.stderr
    log.write_text(log.read_text().replace("100.0", "101.0"))
    assert twin("score", log, "--observations", table).exit_code == 2
    assert twin("score", tmp_path / "none.csv").exit_code == 2
