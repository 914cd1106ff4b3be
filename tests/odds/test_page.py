"""The page of a study: it says the odds, asks nobody for anything, trusts no title, and copes with what a study does not have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report.browser import Browser, find_chromium
from small import SHORT, VILLAGE, uncertain_village, village
from typer.testing import CliRunner

from twin.cli import app
from twin.errors import InputError
from twin.odds.answers import Answer, Left, Stage
from twin.odds.designs import Design, draws, factorial, latin_hypercube, morris, replicates, saltelli
from twin.odds.engines.forked import Forked
from twin.odds.folder import StudyFolder
from twin.odds.lives import drawn_values
from twin.odds.living import live_plan
from twin.odds.manifest import write_manifest
from twin.odds.page_data import page_of, write_study_page
from twin.odds.rows import Plan
from twin.odds.study import Study
from twin.scenario import Scenario, load

CHROMIUM = find_chromium()
TITLE = "A village <script>alert(1)</script> & co"
TITLED = f"title={TITLE}"
LIVES = {"outcome": "niche", "T0": "2024-03-01"}
DIES = {"outcome": "collapsed", "T0": "2024-03-01", "collapse_date": "2024-05-01", "collapse_side": "demand"}
DEAD = {"outcome": "collapsed", "T0": "2024-03-01", "collapse_date": "2024-02-01", "collapse_side": "supply"}
POTENTIAL = "customers.buyers.potential_usd_per_year"


def told(out: Path, scenario: Scenario, design: Design, ends: Sequence[Mapping[str, Any] | None], *, variants: tuple[str, ...] = ("base",)) -> Study:
    """A study with such ends, point by point and variant by variant (None: failed), whose lives nobody lived; what is missing at the end is not lived yet."""
    plan = Plan(scenario, design, variants, "verdict")
    folder = StudyFolder(out / plan.digest[:8])
    write_manifest(folder, plan)
    for row, end in zip(plan.rows(), ends, strict=False):
        if end is None:
            folder.write_failure(row, Answer(row.key, Stage.LIFE, "ValueError: <b>no</b> more"), "")
            continue
        drawn = drawn_values(plan.scenario_of(row))
        folder.write_marker(Left(row.variant, row.draw, row.replicate, row.key, dict(end), drawn, {"price_luck": 1.0 + row.replicate / 10}, 2.0, 1000, 100.0))
    return Study(folder.path)


def page_of_studies(tmp_path: Path, *studies: Study) -> str:
    text = write_study_page(tmp_path / "page.html", studies).read_text(encoding="utf-8")
    assert "<script>alert" not in text and not re.search(r'(src|href)="(?!#)', text) and "default-src &#39;none&#39;" in text
    said = re.sub(r"<style>.*?</style>|<script>.*?</script>", "", text, flags=re.DOTALL)
    assert "http" not in said.replace("http-equiv", "") and not re.search(r"\bnan\b", said, re.IGNORECASE)
    return text


def words_of(page: str, section: str) -> str:
    found = re.search(rf'<section id="{section}".*?</section>', page, re.DOTALL)
    return "" if found is None else re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group(0)))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Study:
    plan = Plan(uncertain_village(TITLED), draws(2), variants=("base", "points"))
    return live_plan(plan, out=tmp_path_factory.mktemp("lived"), engine=Forked(1))


def test_lives_that_were_lived(lived: Study, tmp_path: Path) -> None:
    page = page_of_studies(tmp_path, lived)
    assert "A village &lt;script&gt;" in page
    for variant in ("base", "points"):
        assert f"{lived.odds(variant).sentence()}" in words_of(page, "odds")
    assert page.count('class="chart" data-chart') == 3 and "Stations online" in page
    assert "twin ensemble scenario.yaml --draws 2 --variant base --variant points" in page and str(lived.manifest.said["scenario_hash"]) in page


def test_fans_are_of_one_variant(lived: Study) -> None:
    fan = lived.fan("nodes_online", "points")
    lives = pd.concat(list(lived.series("nodes_online", variant="points")), axis=1)
    assert len(lives.columns) == 2
    np.testing.assert_allclose(fan.table[0.5], lives.mean(axis=1), atol=1e-3)
    smooth = lived.fan("price_usd", every_days=7, mean_days=28).table
    assert len(smooth) == pytest.approx(len(fan.table) / 7, abs=1)
    with pytest.raises(InputError, match="no column"):
        lived.fan("cheese")


def test_luck_alone(tmp_path: Path) -> None:
    study = told(tmp_path, village(), replicates(50), [LIVES] * 41 + [DIES] * 6 + [DEAD] * 3)
    page = page_of_studies(tmp_path, study)
    odds = words_of(page, "odds")
    assert "69 to 90 % of lives survive" in odds and "41 of 50 lives survive: 69 to 90 % (parameters fixed)" in odds
    assert "niche 41" in odds and "collapsed 9" in odds
    assert "3 had collapsed when the taper began; of the other 47" in words_of(page, "survival")
    assert "demand: paid usage gave way first" in page
    assert "of 17 in the lowest third" in words_of(page, "price") and "nothing was drawn" in words_of(page, "left-out")
    assert "record: verdict" in words_of(page, "left-out")
    assert "median 2.0 s" in words_of(page, "running") and "twin ensemble scenario.yaml --lives 50 --record verdict" in page


def test_draws_say_what_decides(tmp_path: Path) -> None:
    scenario = uncertain_village()
    low = [float(scenario.drawn(at).value(POTENTIAL)) < 15_000 for at in range(200)]
    page = page_of_studies(tmp_path, told(tmp_path, scenario, draws(200), [DIES if dies else LIVES for dies in low]))
    deciding = words_of(page, "deciding")
    assert f"{POTENTIAL} alone makes" in deciding and "The network does not survive in" in deciding and "potential (customers.buyers) is below 1" in deciding


def dies_where_demand_is_low(scenario: Scenario, design: Design) -> list[Mapping[str, Any]]:
    at = design.paths.index(POTENTIAL)
    assert design.u is not None
    return [LIVES if u > 0.5 else DIES for u in design.u[:, at]]


def test_a_screening_is_told_on_the_page_and_by_the_command(tmp_path: Path) -> None:
    scenario = uncertain_village()
    design = morris(sorted(scenario.unknowns), 10, seed=1)
    study = told(tmp_path, scenario, design, dies_where_demand_is_low(scenario, design))
    page = page_of_studies(tmp_path, study)
    sentence = f"{POTENTIAL} (mu* 2, 2 to 2; survival rises with it) matters for survival; no step of operators.people.owners_share moves it"
    assert sentence in words_of(page, "deciding") and "Share of steps that change whether it survives" in page and "Where it does not survive" not in page
    said = " ".join(CliRunner().invoke(app, ["odds", str(study.path)]).output.split())
    assert sentence in said and "morris points: laid out" in said and "% (" not in said.partition("matters")[0]  # points that are laid out have no odds
    some = told(tmp_path / "some", scenario, design, dies_where_demand_is_low(scenario, design)[:-3])
    assert "30 lives have not ended" in words_of(page_of_studies(tmp_path, some), "deciding")


def test_sobol_points_are_told_by_their_indices(tmp_path: Path) -> None:
    scenario = uncertain_village()
    design = saltelli(sorted(scenario.unknowns), 64, seed=1)
    page = page_of_studies(tmp_path, told(tmp_path, scenario, design, dies_where_demand_is_low(scenario, design)))
    assert f"{POTENTIAL} has a part in 100 % of the variance of survival" in words_of(page, "deciding") and "total Sobol index" in page


def test_what_holds_for_several_variants_is_said_once(tmp_path: Path) -> None:
    """Two of three variants end alike: one line for both, in each section."""
    ends = [end for at in range(30) for end in (LIVES if at < 20 else DIES, DIES, DIES)]
    study = told(tmp_path, village(), replicates(30), ends, variants=("base", "fixed", "points"))
    page = page_of_studies(tmp_path, study)
    survival = words_of(page, "survival")
    assert "fixed and points: Of 30 lives" in survival and survival.count("Of 30 lives") == 2
    assert "base, fixed and points: The point of low return is read from daily series" in survival
    assert "fixed and points: By the price outside: 0 %" in words_of(page, "price")
    dead = page_of_studies(tmp_path, told(tmp_path / "dead", village(), replicates(4), [DEAD] * 12, variants=("base", "fixed", "points")))
    assert "base, fixed and points: No life lives when the taper begins" in words_of(dead, "left-out")


def test_variants_differ_on_paired_luck(tmp_path: Path) -> None:
    ends = [end for at in range(40) for end in (LIVES if at < 30 else DIES, LIVES if at < 10 else DIES)]
    study = told(tmp_path, village(), replicates(40), ends, variants=("base", "points"))
    words = words_of(page_of_studies(tmp_path, study), "variants")
    assert study.compare("base", "points").sentence() in words and "base less points" in words


def test_two_studies_on_one_page(tmp_path: Path) -> None:
    first = told(tmp_path / "a", village(TITLED), replicates(25), [LIVES] * 20 + [DIES] * 5)
    other = told(tmp_path / "b", village("seed=9"), replicates(30), [DIES] * 30)
    page = page_of_studies(tmp_path, first, other)
    names = [variant.name for variant in page_of([first, other]).variants]
    assert len(set(names)) == 2 and all(name in words_of(page, "odds") for name in names)
    assert "20 of 25 lives survive" in page and "0 of 30 lives survive" in page and "not paired" in page
    assert page_of([first, first]).studies[0].name != page_of([first, first]).studies[1].name


@pytest.mark.parametrize("n", [1, 5])
def test_few_lives_make_no_odds(n: int, tmp_path: Path) -> None:
    page = page_of_studies(tmp_path, told(tmp_path, village(), replicates(n), [LIVES] * n))
    assert f"{n} of {n} lives survive (parameters fixed; fewer than 20 lives make no odds)" in words_of(page, "odds")
    assert "% of lives survive" not in page


def test_a_curve_goes_on_to_the_horizon_when_all_have_died(tmp_path: Path) -> None:
    variant = page_of([told(tmp_path, village(), replicates(20), [DIES] * 20)]).variants[0]
    assert variant.survival is not None
    assert variant.survival.curve["days"].iloc[-1] == variant.survival.causes.index[-1] == 153  # 1 March to 1 August
    assert variant.survival.curve["alive"].iloc[-1] == 0 and variant.survival.causes["demand"].iloc[-1] == 1


def test_points_in_all_combinations_are_no_odds(tmp_path: Path) -> None:
    scenario = uncertain_village()
    study = told(tmp_path, scenario, factorial({path: 5 for path in scenario.unknowns}), [LIVES] * 20 + [DIES] * 5)
    page = page_of_studies(tmp_path, study)
    assert "20 of 25 lives survive (factorial points: laid out" in words_of(page, "odds") and "% of lives survive" not in page
    assert "design=Study(&#39;.&#39;).design" in page


def test_failures_alone(tmp_path: Path) -> None:
    page = page_of_studies(tmp_path, told(tmp_path, village(), replicates(3), [None] * 3))
    assert "0 of 3 lives survive, 3 failed" in words_of(page, "odds")
    failures = words_of(page, "failures")
    assert "life 3" in failures and "ValueError: &lt;b&gt;no&lt;/b&gt; more" in failures


def test_a_study_under_way(tmp_path: Path) -> None:
    page = page_of_studies(tmp_path, told(tmp_path, village(), replicates(9), []))
    assert "No life has ended yet" in page
    page = page_of_studies(tmp_path, told(tmp_path, village(), replicates(9), [LIVES] * 4))
    assert "5 of 9 planned lives have not been lived" in words_of(page, "odds") and "4 finished of 9" in words_of(page, "running")


def test_too_few_designs_of_a_hypercube(tmp_path: Path) -> None:
    scenario = uncertain_village()
    design = latin_hypercube(sorted(scenario.unknowns), 16, seed=1)
    page = page_of_studies(tmp_path, told(tmp_path, scenario, design, [LIVES, DIES, LIVES, None]))
    assert "2 of 4 lives survive" in words_of(page, "odds") and "--design latin_hypercube" in page


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    first = told(tmp_path / "a", village(), replicates(3), [LIVES] * 3)
    other = told(tmp_path / "b", village("seed=9"), replicates(3), [DIES] * 3)
    done = CliRunner().invoke(app, ["odds", str(first.path)])
    assert done.exit_code == 0 and str(first.path / "study.html") in done.output.replace("\n", "") and (first.path / "study.html").is_file()
    done = CliRunner().invoke(app, ["odds", str(first.path), str(other.path), "--page", str(tmp_path / "both.html")])
    assert done.exit_code == 0 and "0 of 3 lives survive" in (tmp_path / "both.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("more", "is_written"), [((), True), (("--no-page",), False), (("--quiet",), False)])
def test_an_ensemble_ends_with_its_page(more: tuple[str, ...], is_written: bool, tmp_path: Path) -> None:
    sets = [part for one in SHORT for part in ("--set", one)]
    done = CliRunner().invoke(app, ["ensemble", str(VILLAGE), *sets, "--lives", "1", "-j", "1", "--out", str(tmp_path), *more])
    assert done.exit_code == 0, done.output
    assert len(list(tmp_path.glob("*/study.html"))) == is_written


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [1300, 500])
def test_a_browser_draws_it_and_asks_nobody(lived: Study, width: int, tmp_path: Path) -> None:
    other = told(tmp_path / "b", village("seed=9"), replicates(30), [LIVES] * 12 + [DIES] * 16 + [None] * 2)
    page = write_study_page(tmp_path / "page.html", [lived, other])
    with Browser(str(CHROMIUM), tmp_path / "profile", width=width) as browser:
        browser.open(page)
        assert browser.run("document.querySelectorAll('figure.ranges .value').length") >= 3
        assert browser.requests == [page.resolve().as_uri()] and browser.complaints == []
        assert browser.run("document.querySelectorAll('figure.chart svg, figure.ranges').length") >= 6
        assert browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        browser.run("document.querySelector('#fans svg').focus()")
        browser.key("ArrowLeft")
        assert "median" in browser.run("document.getElementById('reading').innerText")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_long_paths_stay_on_the_page_of_a_telephone(tmp_path: Path) -> None:
    """Paths as long as those of bundled scenarios, in sentences, figures and tables; of one study and of two."""
    scenario = load("helium-iot-goteborg")
    assert max(map(len, scenario.unknowns)) > 50
    drawn = told(tmp_path / "a", scenario, draws(30), [LIVES, DIES] * 15)
    screened = told(tmp_path / "b", scenario, morris(sorted(scenario.unknowns), 2, seed=1), [LIVES, DIES] * (len(scenario.unknowns) + 1))
    with Browser(str(CHROMIUM), tmp_path / "profile", width=600) as browser:
        for studies in ([drawn], [screened], [drawn, screened]):
            page = write_study_page(tmp_path / "page.html", studies)
            for width in (390, 1280):
                browser.resize(width, 900)
                browser.open(page)
                assert browser.run("document.querySelectorAll('#deciding .ranges .what').length") > 0
                out = f"[...document.querySelectorAll('main *')].filter(one => !one.closest('.scroll') && (one.getBoundingClientRect().right > {width} || one.getBoundingClientRect().left < 0)).length"
                assert (browser.run("document.documentElement.scrollWidth"), browser.run(out)) == (width, 0)
