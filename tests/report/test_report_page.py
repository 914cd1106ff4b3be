"""The page says what the tables say, copes with what is missing, and escapes what is not ours."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from synthetic_run import JUDGED, write_synthetic_run

from twin.record import RunFolder, RunStore, open_run
from twin.report import write_report
from twin.report.page import report_page
from twin.report.sections.assumptions import flatten, source_of
from twin.report.sections.beside import beside_rows
from twin.report.view import View

ORDER = [
    "verdict",
    "the-map",
    "money",
    "network",
    "operators",
    "funding",
    "integrity",
    "concentration",
    "events",
    "questions",
    "flows",
    "assumptions",
    "reproduce",
]


@pytest.fixture(scope="module")
def page(synthetic_run: RunFolder) -> str:
    return report_page(synthetic_run)


def text_of(page: str, section: str) -> str:
    body = re.search(rf'<section id="{section}".*?</section>', page, re.S).group(0)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_sections_in_order_and_one_file_under_six_megabytes(page: str) -> None:
    assert re.findall(r'<section id="([^"]+)"', page) == [*ORDER, "left-out"]
    assert len(page.encode()) < 6e6
    assert not re.search(r'(src|href)="(?!#)', page) and "default-src &#39;none&#39;" in page and "unsafe-inline&#39;;" in page
    assert "Comparison of builders" in text_of(page, "left-out")


def test_verdict_numbers(page: str) -> None:
    text = text_of(page, "verdict")
    for words in (
        "Coasting",
        "near the line",
        "71%",
        "43%",
        "17%",
        "2023-08-01",
        "2026-08-01",
        f"{JUDGED[0]} to 2028-01-27",
        "407 days before",
        "seed 7; odds need an ensemble",
        "66% of the paid usage stayed, which disagrees",
    ):
        assert words in text, words


def test_a_customer_is_named_in_words(synthetic_run: RunFolder) -> None:
    pays = {"largest_customer": "water_meters", "largest_customer_share": 0.97}
    assert beside_rows(View(synthetic_run), pays) == ["It rests on one customer (water meters), with 97% of what all paid in the best subsidised year."]
    many = RunFolder(synthetic_run.path, {**synthetic_run.manifest, "groups_of_customers": ["water_meters"]})
    assert beside_rows(View(many), pays) == ["It rests on one group of customers (water meters), with 97% of what all paid in the best subsidised year."]


def test_what_the_taper_did_is_said_of_this_one_life(synthetic_run: RunFolder) -> None:
    for because, words in ((True, "in this one life the taper did it."), (False, "in this one life the taper did not decide it.")):
        told = beside_rows(View(synthetic_run), {"without_taper_outcome": "niche", "because_of_taper": because})
        assert len(told) == 1 and words in told[0] and "one fork" in told[0]


def test_money_table_adds_up(page: str, synthetic_run: RunFolder) -> None:
    daily = synthetic_run.table("network_daily")
    year = daily[daily.date.dt.year == 2024]
    text = text_of(page, "money")
    assert f"2024 {year.operator_fee_funded_usd.sum():,.0f}" in text
    pay = (daily.operator_emission_usd + daily.operator_customer_usd + daily.operator_grant_usd).sum()
    assert f"USD {pay:,.0f}: {daily.operator_fee_funded_usd.sum() / pay * 100:.1f}% of it funded by customers" in text


def test_who_earns_and_concentration(page: str, synthetic_run: RunFolder) -> None:
    operators = synthetic_run.table("operators_monthly")
    fleet = operators[operators.group == "fleet"]
    assert f"{fleet.earned_usd.sum():,.0f}" in text_of(page, "operators") and "Survivorship, told twice" in page
    cells = synthetic_run.table("cells_monthly")
    lookup = synthetic_run.table("cells")
    month = cells[(cells.month == cells.month.max()) & (cells.online > 0)]
    last = month[month.cell.isin(lookup.cell[lookup.inside])].online
    assert 0 < last.sum() < month.online.sum(), "some stand in the margin"
    assert f"{month.online.sum() - last.sum()} of the {month.online.sum()} hotspots online in the last month" in text_of(page, "the-map")
    assert "the dollars that operators took in and the money flows hold them too" in text_of(page, "the-map")
    assert f"2028-06 end {last.sum():,} {len(last)} {last.mean():.2f} {last.var(ddof=0) / last.mean():.2f}" in text_of(
        page, "concentration"
    )


def test_where_maps_are_yearly_crowding_is_told_of_the_nearest_recorded_month(synthetic_run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most hotspots stand in August 2022 and the taper begins in August 2023; the end is the last map. With monthly maps nothing is said of nearness."""
    daily = synthetic_run.table("network_daily")
    peak = daily.date.iloc[int(daily.nodes_online.argmax())]
    assert "nearest" not in text_of(report_page(synthetic_run), "concentration")
    monkeypatch.setattr(RunFolder, "months", lambda _: [date(year, 1, 1) for year in range(2021, 2029)])
    text = text_of(report_page(synthetic_run), "concentration")
    assert f"In 2023-01, the recorded month nearest to that of most hotspots ({peak:%Y-%m}), inside the study area" in text
    for words in (f"2023-01 most hotspots ({peak:%Y-%m}), nearest recorded", "2024-01 taper begins (2023-08), nearest recorded", "2028-01 end"):
        assert words in text, words


def test_flows_table_sums_the_ledger(page: str, synthetic_run: RunFolder) -> None:
    ledger = synthetic_run.table("ledger_monthly")
    minted = ledger[(ledger.reason == "proof of coverage") & (ledger.month.dt.year == 2022)].amount_usd.sum()
    text = text_of(page, "flows")
    assert "HNT: operators and customers of this run" in text and "HNT: everybody else" in text and "USD: everybody else" not in text
    assert f"{minted / 1000:.3g}k" in text and "desk farm" in text_of(page, "events")


def test_what_a_scenario_says_is_escaped(page: str) -> None:
    assert "<script>alert(" not in page and "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
    inline = re.findall(r"<script>(.*?)</script>", page, re.S)
    assert len(inline) == 4, "charts, h3-js, the map, its data"
    assert json.loads(re.search(r"const MAP=(\{.*\});twinMap", inline[3]).group(1))["n"] > 100


def test_assumptions_name_their_source(page: str) -> None:
    text = text_of(page, "assumptions")
    assert "hardware.every.power_w 5 networks/helium-iot.yaml:41 maker data sheets" in text
    assert "customers.water_meters.credits_per_sensor_per_day 33.75 default HIP-146" in text
    sources = {"a.*.c": "star", "a.b": "part", "a.b.c": "whole", "*": "assumed"}
    assert [source_of(path, sources) for path in ("a.b.c", "a.x.c", "a.b.d", "z")] == ["whole", "star", "part", "assumed"] and source_of(
        "z", {}
    ) == ""
    dated = {f"20{y}-01-01": y for y in range(10, 30)}
    assert list(flatten({"s": dated, "t": None, "u": [1, 2], "v": {}})) == [
        ("s", "20 dated values: 10 from 2010-01-01 … 29 from 2029-01-01"),
        ("t", "–"),
        ("u", "[1, 2]"),
        ("v", "{}"),
    ]


def test_reproduce_has_command_seed_and_hashes(page: str, synthetic_run: RunFolder) -> None:
    text = text_of(page, "reproduce")
    assert (
        "twin run helium-iot-goteborg" in text
        and synthetic_run.manifest["tables"]["cells_monthly"]["content_hash"] in text
        and "ODbL" in page
    )


def test_interrupted_run_gets_a_report(tmp_path: Path) -> None:
    run = write_synthetic_run(tmp_path, until=date(2022, 3, 10), interrupted=True, rings=8)
    page = write_report(run.path).read_text("utf-8")
    assert "The run was interrupted before it could be judged. It reached 2022-03-09" in text_of(page, "verdict")
    assert "incomplete: interrupted" in page and 'id="money"' in page and 'id="the-map"' in page
    assert "What carries it : the run was not judged" in text_of(
        page, "left-out"
    ) and "The four investor questions : the run has no scorecard" in text_of(page, "left-out")


def test_a_folder_with_nothing_in_it_still_has_a_page(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError),
        RunStore.create(tmp_path, name="dead", run_hash="00000000", about={"title": "Dead on arrival"}) as store,
    ):
        raise RuntimeError("no map of Atlantis")
    page = write_report(store.folder).read_text("utf-8")
    assert "The run failed: RuntimeError: no map of Atlantis" in text_of(page, "verdict")
    assert re.findall(r'<section id="([^"]+)"', page) == ["verdict", "reproduce", "left-out"]


@pytest.mark.parametrize(
    "missing", ["funding", "scorecard", "outcome_map", "T0", "T1", "judged_from", "usage_carried_full", "sentence", "seed"]
)
def test_missing_optional_values(synthetic_run: RunFolder, missing: str) -> None:
    view = View(RunFolder(synthetic_run.path, {key: value for key, value in synthetic_run.manifest.items() if key != missing}))
    view.verdict[missing] = None
    from twin.report.sections.funding import funding_section
    from twin.report.sections.money import money_section
    from twin.report.sections.operators import operators_section
    from twin.report.sections.questions import questions_section
    from twin.report.sections.verdict import verdict_section

    sections = [make(view) for make in (verdict_section, money_section, operators_section, funding_section, questions_section)]
    assert all(section.body or section.absent for section in sections) and "None" not in "".join(section.body for section in sections)


def test_dates_say_where_they_come_from(synthetic_run: RunFolder) -> None:
    from twin.report.sections.verdict import verdict_section

    def dates(origin: str) -> str:
        view = View(RunFolder(synthetic_run.path, {**synthetic_run.manifest, "taper": {"origin": origin}}))
        return words_of(verdict_section(view).body)

    assert "below 75% of its peak for good: the taper begins" in dates("rules") and "180 days after the taper is done" in dates("rules")
    assert "the taper begins, as the scenario states" in dates("stated") and "below 75%" not in dates("stated")


def test_columns_are_spelt_as_people_spell_them() -> None:
    from twin.report.sections.network import _title

    assert [_title(name) for name in ("usd_per_gpu_hour", "gpus_online", "raw_power_eib", "proof_pay_usd")] == ["USD per GPU hour", "GPUs online", "Raw power EiB", "Proof pay"]


def test_collapse_is_told(synthetic_run: RunFolder) -> None:
    from twin.report.sections.funding import funding_section

    view = View(synthetic_run)
    spell = {"side": "demand", "begins": "2025-02-01", "ends": "2027-03-01", "days": 758, "fate": "collapsed", "lowest_share": 0.03}
    view.verdict.update(
        outcome="collapsed", collapse_side="demand", collapse_date=date(2025, 2, 1), collapse_before_taper=False, spells=json.dumps([spell])
    )
    section = funding_section(view)
    assert section.title == "What gave way" and section.lead.startswith(
        "Paid usage gave way first on 2025-02-01, after the taper had begun."
    )
    assert "758" in section.body and "3.0%" in section.body
    view.verdict.update(outcome="coasting", spells=json.dumps([{**spell, "side": "supply", "fate": "censored"}]))
    body = words_of(funding_section(view).body)
    assert "censored" not in body and "supply" not in body and "service 2025-02-01 2027-03-01" in body and "not known: the run ends too soon to tell" in body


def test_what_is_left_over_from_rounding_is_nothing(synthetic_run: RunFolder) -> None:
    from twin.report.sections.funding import funding_section

    view = View(synthetic_run)
    for subsidy, is_told in ((40.0 + 3e-12, False), (41.0, True)):
        view.verdict.update(funding=json.dumps({**json.loads(str(view.verdict["funding"])), "subsidy_usd": subsidy, "grant_usd": 40.0}))
        assert ("V: newly issued tokens" in funding_section(view).body) == is_told


def words_of(page: str) -> str:
    """What a person reads of a page: no code, no style, tips and titles included."""
    return re.sub(r"\s+", " ", re.sub(r"<(?!title)[^>]*?(?:title=\"([^\"]*)\")?[^>]*>", r" \1 ", re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.S)))


def test_nodes_are_called_by_their_noun(page: str, synthetic_run: RunFolder) -> None:
    assert re.findall(r"\b[Bb]ox(?:es)?\b", words_of(page)) == []
    said = words_of(page)
    for words in ("up to", "Hotspots and usage", "K: replacement of hotspots", "a new hotspot when the old one dies", "cells with one hotspot", "Service offered, S: coverage"):
        assert words in said, words
    columns = json.loads(re.search(r"const MAP=(\{.*\});twinMap", page).group(1))["columns"]
    assert [(c["label"], c["unit"]) for c in columns if c["name"] in ("online", "users")] == [("Hotspots online", "hotspots per cell"), ("Sensors", "sensors per cell")]

    older = RunFolder(synthetic_run.path, {key: value for key, value in synthetic_run.manifest.items() if key != "nouns"})
    plain = words_of(report_page(older))
    assert "Nodes and usage" in plain and "a new node when the old one dies" in plain and not re.search(r"[Hh]otspot", plain.split("Rules and events")[0])


def test_columns_that_a_network_leaves_out_leave_no_gap(synthetic_run: RunFolder) -> None:
    from twin.report.sections.integrity import integrity_section
    from twin.report.sections.money import money_section
    from twin.report.sections.network import network_section
    from twin.report.sections.operators import operators_section

    whole, thin = View(synthetic_run), View(synthetic_run)
    vars(thin)["daily"] = thin.daily.drop(columns=["nodes_in_drawer", "nodes_denied", "operator_grant_usd", "nodes_ordered"])
    vars(thin)["operators"] = thin.operators.drop(columns=["nodes_in_drawer", "nodes_ordered"])
    for make, words in ((network_section, "in a drawer"), (network_section, "not yet online"), (integrity_section, "denied pay or a place"), (operators_section, "in drawers")):
        assert words in make(whole).body and words not in make(thin).body
    assert "V: subsidy" in money_section(thin).body


def test_what_stands_for_words_is_no_number_on_the_page(synthetic_run: RunFolder) -> None:
    """A pool that lasts for ever has 1000 years in its column: a gap in the chart, and the words."""
    from twin.report.sections.network import network_section

    view = View(synthetic_run)
    years = np.linspace(20.0, 60.0, len(view.daily))
    years[-30:] = 1000.0
    vars(view)["daily"] = view.daily.assign(endowment_years_left=years)
    body = str(network_section(view).body)
    chart = body[body.index("Endowment years left") :]
    assert "last a thousand years, or for ever" in chart and "1000" not in chart[: chart.index("</figure>")]


def test_a_network_of_equations_alone_shows_its_series(synthetic_run: RunFolder) -> None:
    from twin.report.sections.network import network_section

    view = View(synthetic_run)
    vars(view)["daily"] = view.daily.drop(columns=["usage_constant_usd", "service_share", "nodes_online_as_seen", "operator_fee_funded_usd"])
    section = network_section(view)
    assert "No hotspots and no customers are simulated" in section.lead and "Token price" in section.body and "People covered" in section.body


def test_same_run_same_page(synthetic_run: RunFolder, page: str) -> None:
    assert report_page(open_run(synthetic_run.path)) == page
