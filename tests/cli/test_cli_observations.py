"""`twin observations`: what is known of a network, what a scenario answers, and a table of one's own."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import twin

from twin.history.observations import read, shipped, shipped_networks


def test_every_network_stands_in_the_list() -> None:
    done = twin("observations")
    assert done.exit_code == 0
    assert all(network in done.output for network in shipped_networks())


def test_one_network_by_its_name_and_by_a_scenario() -> None:
    by_name, by_scenario = twin("observations", "filecoin"), twin("observations", "filecoin-world")
    assert by_name.exit_code == by_scenario.exit_code == 0
    assert "raw_power_eib" in by_name.output and "sectors proven for the first time" in by_name.output
    assert "and nothing known: revenue_usd_per_day, minted_tokens_per_day, supply_tokens\n" in by_scenario.output.replace("nodes_online, ", "")
    place = twin("observations", "helium-iot-goteborg")
    assert place.exit_code == 0 and "price_usd" in place.output and "hotspots_active" not in place.output
    nothing = twin("observations", "energy-us")
    assert nothing.exit_code == 0 and "Nothing is known of energy that this scenario's tables answer." in nothing.output


def test_rows_go_out_in_the_form_that_is_read(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    assert twin("observations", "helium-iot", "--csv", out).exit_code == 0
    again, before = read(out), shipped("helium-iot")
    assert list(again) == list(before)
    for name, seen in before.items():
        assert (again[name].values == seen.values).all() and again[name].bounds == seen.bounds and again[name].sources == seen.sources
        assert (again[name].starts == seen.starts).all() and (again[name].dates == seen.dates).all()


def test_json_holds_metrics_and_rows() -> None:
    found = json.loads(twin("observations", "geodnet-world", "--json").stdout)
    assert found["network"] == "geodnet"
    assert {"metric": "stations_active", "unit": "stations"}.items() <= found["observed"][0].items()
    assert found["observed"][0]["rows"][0]["value"] == 3000
    assert "outside_stations" in next(one for one in found["metrics"] if one["name"] == "stations_active")["columns"]
    assert set(json.loads(twin("observations", "--json").stdout)) == set(shipped_networks())


def test_a_table_of_ones_own_of_a_network_that_we_do_not_ship(tmp_path: Path) -> None:
    scenario, table = tmp_path / "my-net.yaml", tmp_path / "seen.csv"
    scenario.write_text("schema: 1\nextends: geodnet-world\ntitle: mine\n", encoding="utf-8")
    table.write_text("network,metric,date,value,unit,source\nmy-net,nodes_online,2024-01-01,1.2,thousand nodes,my own count\n", encoding="utf-8")
    done = twin("observations", scenario, "--observations", table)
    assert done.exit_code == 0 and done.output.startswith("my-net") and "1,200" in done.output
    alone = twin("observations", "--observations", table)
    assert alone.exit_code == 0 and "1,200" in alone.output


def test_bad_input_exits_with_two(tmp_path: Path) -> None:
    table = tmp_path / "seen.csv"
    table.write_text("network,metric,date,value,unit,source\nn,gpus_online,2024-01-01,1,GPUs,a page\nn,nodes_online,2024-13-01,1,nodes,a page\n", encoding="utf-8")
    done = twin("observations", "geodnet-world", "--observations", table)
    assert done.exit_code == 2
    assert f"{table}:2" in done.output and "has no metric 'gpus_online'" in done.output and f"{table}:3" in done.output and "2 problems" in done.output
    unknown = twin("observations", "filecon")
    assert unknown.exit_code == 2 and "weatherxm" in unknown.output
