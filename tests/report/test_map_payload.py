"""What the browser unpacks is what the table holds."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path

import h3
import numpy as np
import pandas as pd
import pytest
import shapely

from twin.errors import InputError
from twin.nouns import Nouns
from twin.record import RunFolder, RunStore, open_run
from twin.report import map_payload, write_map
from twin.report.map_columns import columns_of, levels_of
from twin.report.packing import pack_frames, pack_ids, pack_lines


def unpack(text: str, dtype: type) -> np.ndarray:
    return np.frombuffer(gzip.decompress(base64.b64decode(text)), dtype)


def frames_of(column: dict, n: int) -> np.ndarray:
    """Values by month and cell, decoded as the page does it."""
    steps = unpack(column["frames"], np.uint8).reshape(-1, n)
    return np.array(column["levels"])[np.cumsum(steps.astype(int), axis=0) % 256]


def test_ids_come_back() -> None:
    ids = np.sort(np.array([h3.str_to_int(c) for c in h3.grid_disk(h3.latlng_to_cell(57.7, 12.0, 8), 9)] + [2**63 + 5], np.uint64))
    packed = pack_ids(ids)
    steps = unpack(packed["lo"], np.uint32).astype(np.uint64) | (unpack(packed["hi"], np.uint32).astype(np.uint64) << np.uint64(32))
    assert np.array_equal(np.cumsum(steps, dtype=np.uint64), ids)


def test_frames_and_lines_come_back() -> None:
    frames = np.random.default_rng(1).integers(0, 256, (5, 40)).astype(np.uint8)
    assert np.array_equal(np.cumsum(unpack(pack_frames(frames), np.uint8).reshape(5, 40), axis=0, dtype=np.uint8), frames)
    lines = [np.array([[11.5, 57.1], [11.6, 57.2], [11.7, 57.0]]), np.array([[-3.0, -4.0], [-3.1, -4.0]])]
    packed = pack_lines(lines, scale=1e5)
    xy = unpack(packed["d"], np.int32).reshape(2, -1).T
    assert unpack(packed["n"], np.int32).tolist() == [3, 2]
    assert np.allclose(np.cumsum(xy[:3], axis=0) / 1e5, lines[0]) and np.allclose(np.cumsum(xy[3:], axis=0) / 1e5, lines[1])


@pytest.mark.parametrize("most", [64, 255])
def test_levels_are_near_the_values(most: int) -> None:
    rng = np.random.default_rng(1)
    by_name = {column.name: column for column in columns_of(Nouns())}
    for name, values, tolerance in (
        ("online", rng.integers(0, 60, 900).astype(float), 0),
        ("coverage_share", rng.random(900), 0.02),
        ("pay_usd", rng.lognormal(1, 1, 900), 2.5 / most),
    ):
        levels = levels_of(by_name[name], values[values > 0], most=most)
        decoded = levels.values[levels.encode(values)]
        assert np.abs(decoded - values).max() <= (tolerance if name != "pay_usd" else tolerance * values.max())
        assert np.array_equal(decoded > 0, values > 0), "nothing appears and nothing vanishes"
        assert levels.classes[0] == 0 and levels.classes[1:].min() == 1 and levels.classes.max() == len(levels.labels)


def test_payload_holds_the_table(synthetic_run: RunFolder) -> None:
    data = map_payload.map_data(synthetic_run)
    cells, months = synthetic_run.table("cells").query("inside").sort_values("h3"), synthetic_run.table("cells_monthly")
    columns = {column["name"]: column for column in data.payload["columns"]}
    assert data.n_cells == len(cells) and len(data.months) == 90 and data.every_months == 1 and data.coarsened_to is None
    for name, tolerance in (("online", 0.0), ("fake", 0.0), ("coverage_share", 0.00213)):
        wide = (
            months.pivot_table(index="month", columns="cell", values=name, aggfunc="sum").reindex(columns=cells.cell).fillna(0.0).to_numpy()
        )
        assert np.abs(frames_of(columns[name], data.n_cells) - wide).max() <= tolerance
    roles = [layer["role"] for layer in data.payload["layers"]]
    assert roles == ["land", "street", "main_street", "edge"] and "OpenStreetMap" in data.payload["attribution"]
    assert "Gothenburg" in [place[0] for place in data.payload["places"]]


def small_world(parent: Path, n: int, n_months: int = 3) -> RunFolder:
    """Cells of resolution 5 over Europe with noisy numbers."""
    centre = h3.latlng_to_cell(50.0, 12.0, 5)
    names = sorted(h3.grid_disk(centre, 60))[:n]
    lat, lng = np.array([h3.cell_to_latlng(c) for c in names]).T
    rng = np.random.default_rng(3)
    with RunStore.create(parent, name="europe", run_hash="00000000", about={"title": "Europe"}) as store:
        shape = [shapely.to_wkb(shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(c)])) for c in names]
        store.write("cells", {"cell": np.arange(n), "h3": np.array([h3.str_to_int(c) for c in names], np.uint64), "lat_deg": lat, "lng_deg": lng, "people": rng.random(n) * 100,
                              "country": "DE", "admin1": "", "land_class": 0, "inside": True, "geometry": shape})  # fmt: skip
        for month in pd.date_range("2021-01-01", periods=n_months, freq="MS"):
            online = rng.integers(0, 90, n)
            store.append("cells_monthly", {"month": month.date(), "cell": np.arange(n), "online": online, "online_as_seen": online, "coverage_share": rng.random(n), "users": rng.random(n) * 50,
                                           "pay_usd": rng.random(n) * 9, "fake": 0})  # fmt: skip
        store.finish()
    return open_run(store.folder)


def test_too_many_cells_are_merged_and_totals_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = small_world(tmp_path, 3000)
    monkeypatch.setattr(map_payload, "MOST_CELLS", 800)
    data = map_payload.map_data(run)
    assert data.coarsened_to == 4 and 400 < data.n_cells <= 800
    rows, cells = run.table("cells_monthly"), run.table("cells")
    merged = {column["name"]: frames_of(column, data.n_cells) for column in data.payload["columns"]}
    first = rows[rows.month == rows.month.min()]
    parents = np.unique([h3.cell_to_parent(h3.int_to_str(int(c)), 4) for c in cells.h3])
    child_of = pd.Series([h3.cell_to_parent(h3.int_to_str(int(c)), 4) for c in cells.h3])
    online = first.online.groupby(child_of.to_numpy()).sum().reindex(parents).to_numpy()
    assert np.abs(merged["online"][0] - online).max() <= online.max() * 2.1 / 254
    coverage = (first.coverage_share * cells.people).groupby(child_of.to_numpy()).sum() / cells.people.groupby(child_of.to_numpy()).sum()
    assert np.abs(merged["coverage_share"][0] - coverage.reindex(parents).to_numpy()).max() < 0.003, "weighed by people"


def test_a_page_that_would_be_too_large_leaves_out_months(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = small_world(tmp_path, 1500, n_months=24)
    monkeypatch.setattr(map_payload, "MOST_PACKED", 60_000)
    data = map_payload.map_data(run)
    assert data.every_months >= 2 and data.months[-1].isoformat() == "2022-12-01", "the last month always stays"
    assert sum(len(column["frames"]) for column in data.payload["columns"]) <= 60_000
    gaps = np.diff([month.year * 12 + month.month for month in data.months])
    assert set(gaps.tolist()) == {data.every_months}


def test_a_run_without_maps_says_so(tmp_path: Path) -> None:
    with RunStore.create(tmp_path, name="bare", run_hash="00000000", about={}) as store:
        store.finish()
    with pytest.raises(InputError, match="no monthly maps") as caught:
        write_map(store.folder)
    assert caught.value.codes == ("no_map",)


def test_a_network_that_is_not_on_a_map_says_so(tmp_path: Path) -> None:
    with RunStore.create(tmp_path, name="bare", run_hash="00000000", about={"scenario": {"network": {"kind": "storage"}}}) as store:
        store.finish()
    with pytest.raises(InputError, match="not laid out on a map"):
        write_map(store.folder)
