"""Observations: what ships can be read, what a user brings is read by the same road, and all that is wrong with it is said at once."""

from __future__ import annotations

from datetime import date
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twin.errors import InputError
from twin.history.catalogue import ARWEAVE, CHAIN, FILECOIN, OF_KIND, SHARED
from twin.history.document import TARGET, page
from twin.history.metrics import all_metrics, metric_of, metrics_of, network_of
from twin.history.observations import between, read, read_for, shipped, shipped_for, shipped_networks
from twin.record.tables import NETWORK_DAILY
from twin.scenario import load
from twin.scenario.shipped import bundled_names
from twin.world.document import absent_columns, added_columns

HEAD = "network,metric,start,date,value,unit,bound,definition,source\n"


def written(tmp_path: Path, rows: str, head: str = HEAD) -> Path:
    path = tmp_path / "seen.csv"
    path.write_text(head + rows, encoding="utf-8")
    return path


def problems(tmp_path: Path, rows: str, **how: object) -> list[tuple[str, int | None]]:
    with pytest.raises(InputError) as caught:
        read(written(tmp_path, rows), **how)  # type: ignore[arg-type]
    return [(problem.code, problem.line) for problem in caught.value.problems]


@pytest.mark.parametrize("network", shipped_networks())
def test_every_shipped_table_is_sound(network: str) -> None:
    tables = shipped(network)
    assert tables
    for name, seen in tables.items():
        assert (seen.network, seen.metric, seen.unit) == (network, name, all_metrics()[name].unit)
        assert (np.diff(seen.dates.astype(int)) >= 0).all() and (seen.starts <= seen.dates).all()
        assert np.isfinite(seen.values).all() and min(map(len, seen.sources)) > 5


def test_a_metric_means_the_same_wherever_it_stands() -> None:
    every = (*CHAIN, *FILECOIN, *ARWEAVE, *chain.from_iterable(OF_KIND.values()), *SHARED)
    assert len({metric.name for metric in every}) == len(every) == len(all_metrics())


@pytest.mark.parametrize("name", bundled_names())
def test_metrics_are_read_from_columns_that_the_kind_has(name: str) -> None:
    scenario = load(name)
    added, absent = added_columns(), absent_columns()
    kind = {"storage": scenario.spec.network.protocol if scenario.spec.network.kind == "storage" else ""}.get(scenario.spec.network.kind, scenario.spec.network.kind).capitalize()
    without = absent.get(kind, frozenset()) | absent.get(f"{kind} {getattr(getattr(scenario.spec, 'rewards', None), 'kind', '')}".replace("_", " "), frozenset())
    there = {*NETWORK_DAILY.column_names, *(field.name for field in added[kind])} - without
    metrics = metrics_of(scenario)
    assert len(metrics) >= 7
    for metric in metrics.values():
        assert bool(metric.columns) != bool(metric.given), metric.name
        assert set(metric.columns) <= there, metric.name


def test_the_page_of_metrics_is_current() -> None:
    assert TARGET.read_text(encoding="utf-8") == page()


def test_a_place_does_not_answer_for_the_world() -> None:
    city = load("helium-iot-goteborg")
    assert "hotspots_active" not in metrics_of(city) and "nodes_online" in metrics_of(city)
    assert set(shipped_for(city)) == {"price_usd"} and "hotspots_active" in shipped_for(load("helium-iot-world"))  # one token, one price


def test_an_earlier_opening_answers_what_lies_before_the_file(tmp_path: Path) -> None:
    scenario = load("arweave-world", variant="from_2023")
    seen = shipped_for(scenario)
    inside = between(seen["weave_tb"], scenario.spec.calendar.start, scenario.spec.calendar.end)
    assert inside.values.tolist() == [151.1, 180, 220, 371] and scenario.spec.arweave.opening_weave_tb == 151.1
    flows = between(seen["uploaded_tb_per_day"], scenario.spec.calendar.start, scenario.spec.calendar.end)
    assert len(flows) == 3 and (flows.starts[1:] == flows.dates[:-1] + 1).all()


def test_a_places_own_nodes_and_revenue_are_not_the_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "observations" / "helium-iot.csv"
    table.parent.mkdir()
    rows = "helium-iot,nodes_online,2022-01-01,1,nodes,a page\nhelium-iot,supply_tokens,2022-01-01,1,tokens,a page\n"
    table.write_text("network,metric,date,value,unit,source\n" + rows, encoding="utf-8")
    city, world = load("helium-iot-goteborg"), load("helium-iot-world")
    monkeypatch.setenv("TWIN_SCENARIOS", str(tmp_path))
    assert set(shipped_for(city)) == {"supply_tokens"} and set(shipped_for(world)) == {"nodes_online", "supply_tokens"}


@pytest.mark.parametrize(
    ("scenario", "names"),
    [
        ("helium-iot-world", ["hotspots_onboarded", "hotspots_active", "credits_burned_usd_per_day"]),
        ("helium-mobile-us", ["access_points_onboarded", "subscribers", "carrier_gb_per_day"]),
        ("hivemapper-goteborg", ["map_progress_share", "burned_tokens_per_day"]),
        ("render-world", ["burned_tokens_per_day", "nodes_rewarded", "wallets_left_per_day"]),
        ("akash-world", ["gpus_online", "revenue_usd_per_day", "leased_share"]),
        ("arweave-world", ["weave_tb", "uploaded_tb_per_day", "upload_fee_usd_per_gib"]),
        ("ionet-world", ["gpus_verified", "gpus_displayed"]),
        ("geodnet-world", ["stations_active"]),
        ("weatherxm-switzerland", ["stations_rewarded"]),
        ("helium-iot-pittsburgh", ["nodes_onboarded", "price_usd"]),
    ],
)
def test_what_is_known_of_each_network(scenario: str, names: list[str]) -> None:
    assert set(names) <= set(shipped_for(load(scenario)))


def test_filecoin_is_as_published() -> None:
    tables = shipped_for(load("filecoin-world"))
    assert {"raw_power_eib", "quality_power_eib", "onboarded_raw_pib_per_day", "renewed_share", "burned_tokens_per_day", "circulating_tokens", "locked_tokens"} <= set(tables)
    raw = between(tables["raw_power_eib"], date(2022, 10, 10), date(2022, 10, 10))
    assert raw.values.tolist() == pytest.approx([16.5973]) and raw.bounds == ("=",)
    week = between(tables["onboarded_raw_pib_per_day"], date(2022, 10, 10), date(2022, 10, 16))
    assert week.values.tolist() == pytest.approx([11.1886], rel=0.05) and str(week.starts[0]) == "2022-10-10"
    assert len(tables["raw_power_eib"].points) == len(tables["raw_power_eib"]) - 2


def test_a_network_is_called_by_its_part_or_by_the_scenario(tmp_path: Path) -> None:
    scenario = load("filecoin-world")
    assert network_of(scenario) == "filecoin" and network_of(scenario.variant("no_rewards")) == "filecoin"
    own = tmp_path / "my-net.yaml"
    own.write_text("schema: 1\nextends: filecoin-world\ntitle: mine\n", encoding="utf-8")
    assert network_of(load(str(own))) == "filecoin"
    assert shipped("my-net") == {}


def test_an_unknown_metric_names_those_there_are() -> None:
    with pytest.raises(InputError, match=r"(?s)raw_power_eib, .*did you mean raw_power_eib") as caught:
        metric_of(load("filecoin-world"), "raw_power_pib")
    assert caught.value.codes == ("unknown_metric",)
    assert "nodes_left_per_day" not in metrics_of(load("filecoin-world"))


def test_rows_in_any_order_bounds_and_future_dates(tmp_path: Path) -> None:
    rows = "n,raw_power_eib,,2024-02-01,2,EiB,,,a page\nn,raw_power_eib,,2031-01-01,9,EiB,>,,a page\nn,raw_power_eib,,2023-02-01,1,EiB,=,,a page\n"
    seen = read(written(tmp_path, rows))["raw_power_eib"]
    assert [str(day) for day in seen.dates] == ["2023-02-01", "2024-02-01", "2031-01-01"] and seen.bounds == ("=", "=", ">")
    assert seen.points.values.tolist() == [1, 2] and seen.network == "n"


@pytest.mark.parametrize(
    ("metric", "unit", "by"),
    [
        ("raw_power_eib", "PiB", 1 / 1024),
        ("raw_power_eib", "TiB", 1 / 1024**2),
        ("raw_power_eib", "EB", 1e18 / 2**60),
        ("renewed_share", "percent", 0.01),
        ("renewed_share", "per thousand", 0.001),
        ("revenue_usd_per_day", "cents/day", 0.01),
        ("revenue_usd_per_day", "USD/week", 1 / 7),
        ("revenue_usd_per_day", "thousand USD", 1000 / 10),  # a sum over the ten days of the row
        ("nodes_online", "count", 1),
        ("nodes_online", "thousand nodes", 1000),
        ("supply_tokens", "million tokens", 1e6),
    ],
)
def test_units_are_converted_where_it_is_sure(tmp_path: Path, metric: str, unit: str, by: float) -> None:
    seen = read(written(tmp_path, f"n,{metric},2023-01-01,2023-01-10,0.5,{unit},,,a page\n"))[metric]
    assert seen.values.tolist() == pytest.approx([0.5 * by]) and seen.unit == all_metrics()[metric].unit


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    rows = (
        "n,raw_power_eib,,2023-01-01,1,EiB,,,a page\n"       # 2
        "n,raw_power_eib,,2023-01-01,1,EiB,,,a page\n"       # 3: again
        "n,raw_power,,2023-01-02,1,EiB,,,a page\n"           # 4: no such metric
        "n,revenue_usd_per_day,,2023-01-02,1,EUR/day,,,a page\n"   # 5: a rate is needed
        "n,revenue_usd_per_day,,2023-01-31,1,USD/month,,,a page\n"   # 6: how long is it
        "n,revenue_usd_per_day,,2023-01-31,1,USD,,,a page\n"   # 7: since when
        "n,raw_power_eib,,2023-01-03,nan,EiB,,,a page\n"     # 8
        "n,raw_power_eib,,2023-01-04,inf,EiB,,,a page\n"     # 9
        "n,raw_power_eib,,2023-02-30,1,EiB,,,a page\n"       # 10
        "n,raw_power_eib,2023-03-02,2023-03-01,1,EiB,,,a page\n"   # 11
        "n,raw_power_eib,,2023-01-05,1,EiB,about,,a page\n"  # 12
        "n,raw_power_eib,,2023-01-06,1,EiB,,,\n"             # 13
        "n,renewed_share,,2023-01-06,62,share,,,a page\n"    # 14: percent
        "n,raw_power_eib,,2023-01-07,-1,EiB,,,a page\n"      # 15
        "n,nodes_online,,2023-01-07,1,count,,registered,a page\n"   # 16
        "n,nodes_online,,2023-01-08,1,count,,rewarded,a page\n"     # 17: another definition
        "n,raw_power_eib,,2023-01-09,1,eib,,,a page\n"       # 18: spelled otherwise
    )  # fmt: skip
    assert problems(tmp_path, rows) == [
        ("duplicate_date", 3), ("unknown_metric", 4), ("other_unit", 5), ("other_unit", 6), ("other_unit", 7), ("not_a_number", 8), ("not_a_number", 9), ("bad_date", 10),
        ("bad_window", 11), ("bad_bound", 12), ("missing_source", 13), ("share_above_one", 14), ("negative_value", 15), ("two_definitions", 17), ("other_unit", 18),
    ]  # fmt: skip


def test_a_number_too_large_for_its_unit(tmp_path: Path) -> None:
    assert problems(tmp_path, "n,supply_tokens,,2023-01-01,1e308,million tokens,,,a page\n") == [("not_a_number", 2)]


def test_a_refused_unit_comes_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"(?s)a rate would be needed.*28 to 31 days: write the sum in USD with its first day in the column start.*write EiB"):
        read(written(tmp_path, "n,revenue_usd_per_day,,2023-01-02,1,EUR/day,,,p\nn,revenue_usd_per_day,,2023-01-31,1,USD/month,,,p\nn,raw_power_eib,,2023-01-09,1,eib,,,p\n"))


def test_whose_rows_are_meant(tmp_path: Path) -> None:
    rows = "a,nodes_online,,2023-01-01,1,nodes,,,a page\nb,nodes_online,,2023-01-01,2,nodes,,,a page\n"
    assert problems(tmp_path, rows) == [("several_networks", None)]
    assert read(written(tmp_path, rows), network="b")["nodes_online"].values.tolist() == [2]
    assert problems(tmp_path, rows, network="c") == [("other_network", None)]
    assert problems(tmp_path, "a,raw_power_eib,,2023-01-01,1,EiB,,,a page\n", metrics=metrics_of(load("akash-world"))) == [("unknown_metric", 2)]


def test_a_scenario_finds_its_rows_under_its_network_its_own_name_or_the_only_one(tmp_path: Path) -> None:
    rows = "a,nodes_online,,2023-01-01,1,nodes,,,a page\nb,nodes_online,,2023-01-01,2,nodes,,,a page\n"
    both = written(tmp_path, rows)
    assert [read_for(both, *names)["nodes_online"].values[0] for names in (("a", "b"), ("x", "b"))] == [1, 2]
    with pytest.raises(InputError, match="rows of several networks"):
        read_for(both, "x", "y")
    assert read_for(written(tmp_path, rows.split("\n", maxsplit=1)[0] + "\n"), "x", "y")["nodes_online"].network == "a"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("network,metric,date,value,source\n", "missing_columns"),
        ("network,metric,date,value,unit,source,note\n", "unknown_columns"),
        ("network,metric,date,value,unit,source,value\n", "duplicate_columns"),
    ],
)
def test_columns(tmp_path: Path, head: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read(written(tmp_path, "", head))
    assert code in caught.value.codes


def test_a_table_with_semicolons_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="put commas between columns"):
        read(written(tmp_path, "n;nodes_online;2023-01-01;1,5;nodes;a page\n", "network;metric;date;value;unit;source\n"))


def test_a_table_as_spreadsheets_write_it(tmp_path: Path) -> None:
    path = tmp_path / "seen.csv"
    path.write_bytes(b'\xef\xbb\xbf"network","metric","date","value","unit","source"\r\n"n","nodes_online","2023-01-01","1.5","nodes","a page, with a comma"\r\n')
    seen = read(path)["nodes_online"]
    assert seen.values.tolist() == [1.5] and seen.sources == ("a page, with a comma",)


CELLS = st.one_of(
    st.sampled_from(["n", "raw_power_eib", "renewed_share", "2023-01-01", "2023-02-30", "1", "-1", "1e308", "nan", "EiB", "thousand USD/week", "percent", "", "<", "a page", '"', ";", "USD/", "/day", "million"]),
    st.text(max_size=12),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=9, max_size=9), min_size=1, max_size=4))
def test_whatever_stands_in_a_table_it_is_read_or_refused(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "seen.csv"
    path.write_text(HEAD + "\n".join(",".join(row) for row in rows), encoding="utf-8", errors="replace", newline="")
    try:
        found = read(path)
    except InputError as error:
        assert error.problems
    else:
        assert all(np.isfinite(seen.values).all() and len(seen) for seen in found.values())


def test_no_text(tmp_path: Path) -> None:
    (tmp_path / "seen.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read(tmp_path / "seen.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "none.csv")
