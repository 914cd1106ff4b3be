"""A run folder: finished, interrupted, failed, refused, broken."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from twin.errors import InputError
from twin.record import Recorder, RunFolder, RunStore, open_run
from twin.record.manifest import Status
from twin.record.tables import NETWORK_DAILY, TABLES, WIRELESS_DAILY, Field

START = date(2021, 1, 1)
ABOUT = {"name": "town", "title": "A town", "seed": 7, "calendar": {"start": "2021-01-01", "end": "2021-12-31"}, "scenario": {"seed": 7}}


def make_store(parent: Path, **options: object) -> RunStore:
    settings: dict[str, object] = {"name": "town", "run_hash": "0123456789abcdef", "about": ABOUT, **options}
    return RunStore.create(parent, **settings)


def day_row(day: int, names: tuple[str, ...] = NETWORK_DAILY.column_names) -> dict[str, float]:
    return {name: float(day * 10 + i) for i, name in enumerate(names) if name != "date"}


def fill(store: RunStore, n_days: int = 90, *, stop_after: int | None = None) -> Recorder:
    recorder = Recorder(store, start=START, n_days=n_days)
    shape = shapely.to_wkb(shapely.box(12.0, 57.6, 12.01, 57.61))
    store.write(
        "cells",
        {
            "cell": [0, 1],
            "h3": np.array([617, 618], np.uint64),
            "lat_deg": [57.6, 57.7],
            "lng_deg": 12.0,
            "people": [10.0, 0.0],
            "country": "SE",
            "admin1": "Västra Götaland",
            "land_class": [1, 0],
            "inside": [True, False],
            "geometry": [shape, shape],
        },
    )
    for day in range(n_days):
        if stop_after is not None and day >= stop_after:
            return recorder
        recorder.daily(day, day_row(day, store.table("network_daily").column_names))
        today = pd.Timestamp(START) + pd.Timedelta(days=day)
        if today.day == 15:
            recorder.event(day, lane="SHOCK", kind="rule", subject=f"rule {day}", count=day)
        if today.is_month_end:
            recorder.monthly(
                "cells_monthly",
                today.date(),
                {
                    "cell": np.array([0, 1], np.int32),
                    "online": [day, 0],
                    "online_as_seen": day,
                    "coverage_share": [0.5, 0.25],
                    "users": 1.5,
                    "pay_usd": 3.0,
                    "fake": 0,
                },
            )
            recorder.monthly(
                "ledger_monthly",
                today.date(),
                {
                    "asset": "HNT",
                    "source": ["mint"],
                    "target": "operators_accrued",
                    "reason": "proof",
                    "funding": "emission",
                    "amount": 5.0,
                    "amount_usd": 10.0,
                },
            )
            recorder.month_done()
    return recorder


def test_a_finished_run_gives_back_what_was_put_in(tmp_path: Path) -> None:
    with make_store(tmp_path, extra_columns={"network_daily": WIRELESS_DAILY}, licence="ODbL-1.0") as store:
        fill(store)
        store.finish(outcome="niche")
    run = open_run(tmp_path / "town-01234567")
    assert run.complete and run.status is Status.COMPLETE and run.manifest["outcome"] == "niche" and run.manifest["reached"] == "2021-03-31"
    daily = run.table("network_daily")
    assert list(daily.columns) == [*NETWORK_DAILY.column_names, *(field.name for field in WIRELESS_DAILY)]
    assert len(daily) == 90 and daily["date"].iloc[-1] == pd.Timestamp("2021-03-31") and daily["price_usd"].iloc[3] == 31.0
    assert daily["nodes_online"].dtype == np.int64
    cells = run.table("cells_monthly")
    assert cells["cell"].dtype == np.int32 and cells["coverage_share"].dtype == np.float32 and len(cells) == 6
    assert run.table("events")["subject"].tolist() == ["rule 14", "rule 45", "rule 73"]
    assert len(run.table("operators_monthly")) == 0, "a table without rows is there, empty"
    assert run.check() == [] and "verdict" not in run.tables
    assert not list(run.path.glob("*.tmp")) and not (run.path / "run.lock").exists() and not (run.path / ".ballast").exists()


def test_units_meanings_and_licence_travel_in_the_file(tmp_path: Path) -> None:
    with make_store(tmp_path, licence="ODbL-1.0") as store:
        fill(store)
        store.finish()
    run = open_run(store.folder)
    assert run.units("network_daily")["operator_cost_usd"][0] == "USD/day"
    for name in run.tables:
        assert pq.read_schema(run.path / f"{name}.parquet").metadata[b"licence"] == b"ODbL-1.0"
    chunk = pq.ParquetFile(run.path / "cells_monthly.parquet").metadata.row_group(0).column(1)
    assert chunk.compression == "ZSTD" and not chunk.has_dictionary_page


def test_hash_depends_on_values_not_on_parts(tmp_path: Path) -> None:
    hashes = []
    for parent, every in ((tmp_path / "a", 0.0), (tmp_path / "b", 1e9)):
        with make_store(parent, flush_every_s=every) as store:
            fill(store)
            if every == 0.0:
                assert len(list((store.folder / "network_daily").glob("part-*.parquet"))) == 3
            else:
                assert not (store.folder / "network_daily").exists()
            store.finish()
        hashes.append({name: entry["content_hash"] for name, entry in open_run(store.folder).manifest["tables"].items()})
    assert hashes[0] == hashes[1]
    with make_store(tmp_path / "c") as store:
        fill(store, n_days=89)
        store.finish()
    other = open_run(store.folder).manifest["tables"]
    assert other["network_daily"]["content_hash"] != hashes[0]["network_daily"]
    assert other["cells"]["content_hash"] == hashes[0]["cells"]


def test_one_changed_value_is_noticed(tmp_path: Path) -> None:
    with make_store(tmp_path) as store:
        fill(store)
        store.finish()
    path = store.folder / "ledger_monthly.parquet"
    part = pq.read_table(path)
    amounts = part.column("amount").to_numpy().copy()
    amounts[1] = np.nextafter(amounts[1], 9)
    pq.write_table(part.set_column(6, part.schema.field(6), [amounts]), path)
    assert open_run(store.folder).check() == ["ledger_monthly"]


def test_minus_zero_and_nan_have_one_spelling(tmp_path: Path) -> None:
    hashes = []
    for i, values in enumerate(([0.0, np.nan], [-0.0, -np.float64(np.nan)])):
        with make_store(tmp_path / str(i)) as store:
            store.append(
                "operators_monthly",
                {name: 0 for name in TABLES["operators_monthly"].column_names}
                | {"month": START, "group": ["a", "b"], "earned_usd": np.array(values)},
            )
            store.finish()
        hashes.append(open_run(store.folder).manifest["tables"]["operators_monthly"]["content_hash"])
    assert hashes[0] == hashes[1]


def test_interrupted_run_is_readable_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), make_store(tmp_path) as store:
        fill(store, stop_after=40)
        raise KeyboardInterrupt
    run = open_run(store.folder)
    assert not run.complete and run.status is Status.INTERRUPTED and run.manifest["reached"] == "2021-02-09"
    assert len(run.table("network_daily")) == 40 and len(run.table("cells_monthly")) == 2
    with pytest.raises(InputError, match="verdict is missing") as caught:
        run.table("verdict")
    assert caught.value.codes == ("broken_run",)


def test_an_impatient_second_interruption_leaves_it_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt), make_store(tmp_path) as store:
        fill(store, stop_after=40)

        def again() -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(store, "flush", again)
        raise KeyboardInterrupt
    assert json.loads((store.folder / "manifest.json").read_text())["status"] == "interrupted"


def test_failed_run_keeps_the_traceback(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), make_store(tmp_path) as store:
        fill(store, stop_after=35)
        _ = 1 / 0
    run = open_run(store.folder)
    assert run.status is Status.FAILED and run.manifest["failure"]["type"] == "ZeroDivisionError" and len(run.table("network_daily")) == 35
    assert "ZeroDivisionError: division by zero" in (run.path / "run.log").read_text()
    assert "test_run_folder.py" in run.manifest["failure"]["traceback"]


def test_a_killed_run_counts_as_interrupted(tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        import sys, time; sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        from test_run_folder import fill, make_store
        with make_store(Path({str(tmp_path)!r}), flush_every_s=0) as store:
            fill(store, stop_after=60)
            print("ready", flush=True)
            time.sleep(60)
    """)
    worker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert worker.stdout is not None and worker.stdout.readline() == b"ready\n"
    folder = tmp_path / "town-01234567"
    assert open_run(folder).status is Status.RUNNING
    with pytest.raises(InputError) as caught:
        make_store(tmp_path)
    assert caught.value.codes == ("run_in_progress",)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    run = open_run(folder)
    assert run.status is Status.INTERRUPTED and json.loads((folder / "manifest.json").read_text())["status"] == "running"
    assert len(run.table("network_daily")) == 59, "the days up to the last month's end were on the disk"
    with make_store(tmp_path) as store:
        fill(store)
        store.finish()
    assert open_run(folder).complete, "an unfinished folder may be written again"


def test_finished_folder_is_refused_unless_given_up(tmp_path: Path) -> None:
    with make_store(tmp_path) as store:
        fill(store)
        store.finish()
    before = {path.name: path.stat().st_mtime_ns for path in store.folder.iterdir()}
    with pytest.raises(InputError, match="town-01234567") as caught:
        make_store(tmp_path)
    assert caught.value.codes == ("run_exists",) and caught.value.exit_code == 2
    assert {path.name: path.stat().st_mtime_ns for path in store.folder.iterdir()} == before
    (store.folder / "my notes.txt").write_text("mine")
    with make_store(tmp_path, overwrite=True) as again:
        fill(again, n_days=31)
        again.finish()
    assert len(open_run(again.folder).table("network_daily")) == 31 and (again.folder / "my notes.txt").read_text() == "mine"


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "town-01234567"
    folder.mkdir()
    (folder / "thesis.docx").write_text("x")
    with pytest.raises(InputError, match="thesis.docx") as caught:
        make_store(tmp_path, overwrite=True)
    assert caught.value.codes == ("not_a_run_folder",) and [entry.name for entry in folder.iterdir()] == ["thesis.docx"]


def test_read_only_output_folder_is_refused_before_anything_runs(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import os, sys
        from twin.errors import InputError
        from twin.record import RunStore
        if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)
        try: RunStore.create("out", name="town", run_hash="0123456789", about={})
        except InputError as exc: print(exc.codes[0], exc.exit_code)
    """)
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "output_not_writable 2\n", done.stderr
    assert not list((tmp_path / "out").iterdir())


def test_output_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError) as caught:
        make_store(tmp_path / "out")
    assert caught.value.codes == ("output_not_writable",)


@pytest.mark.parametrize(
    ("spoil", "code", "says"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "broken_run", "manifest.json is missing"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "broken_run", "cannot be read"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "broken_run", "format"),
        (lambda folder: (folder / "events.parquet").unlink(), "broken_run", "events.parquet"),
        (
            lambda folder: (folder / "manifest.json").write_text('{"format": 3, "versions": {"depin-twin": "0.9"}}'),
            "newer_format",
            "depin-twin 0.9",
        ),
    ],
)
def test_broken_folders_say_what_is_missing(tmp_path: Path, spoil, code: str, says: str) -> None:
    with make_store(tmp_path) as store:
        fill(store)
        store.finish()
    spoil(store.folder)
    with pytest.raises(InputError, match=says) as caught:
        open_run(store.folder)
    assert caught.value.codes == (code,)


def test_truncated_table_is_named(tmp_path: Path) -> None:
    with make_store(tmp_path) as store:
        fill(store)
        store.finish()
    path = store.folder / "network_daily.parquet"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="network_daily cannot be read"):
        open_run(store.folder).table("network_daily")


def test_undeclared_missing_and_lossy_columns_are_refused(tmp_path: Path) -> None:
    with make_store(tmp_path, extra_columns={"network_daily": [Field("hotspots_on_masts", "int64", "count", "boxes on masts")]}) as store:
        recorder = Recorder(store, start=START, n_days=2)
        with pytest.raises(ValueError, match="hotspots_on_masts"):
            recorder.daily(0, day_row(0))
        with pytest.raises(ValueError, match="day 1 after day -1"):
            recorder.daily(1, day_row(1))
        ledger = {
            "month": START,
            "asset": ["HNT"],
            "source": "a",
            "target": "b",
            "reason": "",
            "funding": "",
            "amount": 1.0,
            "amount_usd": 1.0,
        }
        with pytest.raises(ValueError, match="not declared: colour"):
            store.append("ledger_monthly", {**ledger, "colour": "red"})
        with pytest.raises(ValueError, match="different length"):
            store.append("ledger_monthly", {**ledger, "amount": [1.0, 2.0]})
        with pytest.raises(ValueError, match="online"):
            store.append(
                "cells_monthly",
                {"month": START, "cell": [0], "online": 1.5, "online_as_seen": 0, "coverage_share": 0, "users": 0, "pay_usd": 0, "fake": 0},
            )
        store.finish()


def test_map_of_a_month_opens_in_geopandas(tmp_path: Path) -> None:
    import geopandas as gpd

    with make_store(tmp_path) as store:
        fill(store)
        store.finish()
    run = open_run(store.folder)
    assert gpd.read_parquet(store.folder / "cells.parquet").crs == "OGC:CRS84"
    frame = run.map("online", day=45)
    assert isinstance(frame, gpd.GeoDataFrame) and frame["online"].tolist() == [58, 0] and frame.geometry.iloc[0].geom_type == "Polygon"
    assert run.map("online", month="2021-01")["online"].tolist() == [30, 0] == run.map("online", day=date(2021, 1, 3))["online"].tolist()
    for bad, code in (({"month": "2025-01"}, "no_such_month"), ({"day": 900}, "no_such_month")):
        with pytest.raises(InputError) as caught:
            run.map("online", **bad)
        assert caught.value.codes == (code,)
    with pytest.raises(InputError, match="coverage_share"):
        run.map("colour")


def test_a_decade_of_days_and_forty_months_are_written(tmp_path: Path) -> None:
    with make_store(tmp_path) as store:
        recorder = Recorder(store, start=START, n_days=3650)
        for day in range(3650):
            recorder.daily(day, day_row(day))
        cell = np.arange(2000, dtype=np.int32)
        for month in pd.date_range("2021-01-01", periods=40, freq="MS"):
            recorder.monthly(
                "cells_monthly",
                month.date(),
                {
                    "cell": cell,
                    "online": cell,
                    "online_as_seen": cell,
                    "coverage_share": cell / 2000,
                    "users": cell,
                    "pay_usd": cell,
                    "fake": 0,
                },
            )
            recorder.month_done()
        store.finish()


@pytest.mark.parametrize("every", [0.0, 1e9])
def test_months_one_by_one(tmp_path: Path, every: float) -> None:
    with make_store(tmp_path, flush_every_s=every) as store:
        fill(store)
        unfinished = [(month, len(rows)) for month, rows in open_run(store.folder).by_month("cells_monthly")] if every == 0 else None
        store.finish()
    run = open_run(store.folder)
    months = dict(run.by_month("cells_monthly", columns=["online"]))
    assert list(months) == run.months() == [date(2021, 1, 1), date(2021, 2, 1), date(2021, 3, 1)]
    assert months[date(2021, 2, 1)].online.tolist() == [58, 0] and list(months[date(2021, 2, 1)].columns) == ["month", "online"]
    assert unfinished is None or unfinished == [(month, 2) for month in months]
    with pytest.raises(InputError):
        list(RunFolder(tmp_path, {"status": "complete"}).by_month("cells_monthly"))


def test_columns_without_meaning_are_absent(tmp_path: Path) -> None:
    absent = {"nodes_in_drawer", "operator_grant_usd"}
    with make_store(tmp_path, absent_columns=absent) as store:
        recorder = fill(store)
        with pytest.raises(ValueError, match="operator_grant_usd"):
            recorder.daily(90, day_row(90))
        store.finish()
    run = open_run(store.folder)
    assert list(run.table("network_daily")) == [name for name in NETWORK_DAILY.column_names if name not in absent]
    assert "nodes_in_drawer" not in run.units("operators_monthly") and "nodes_ordered" in run.units("operators_monthly")
    assert run.check() == []


@pytest.mark.parametrize("name", ["nodes_in_drawr", "nodes_online", "price_usd", "minted_tokens", "burned_tokens", "supply_tokens", "cell"])
def test_only_a_known_column_that_not_every_network_needs_can_be_left_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        make_store(tmp_path, absent_columns={name})
    assert list(tmp_path.iterdir()) == []
