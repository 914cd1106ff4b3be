"""A life that is dead while the real network lived is flagged, on the command line's last lines and on the report's first screen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from twin.outcomes.reality import outlived_words
from twin.run import run
from twin.scenario import load
from twin.world.reality import alive_on

HAMLET = Path(__file__).parents[1] / "energy" / "hamlet.yaml"
PRICES = "# unit: usd\n# between: linear\ndate,value,source\n2024-01-01,0.01,a paper\n{last},0.01,another paper\n2031-01-01,0.01,assumed: as before\n"


def test_the_last_row_that_nobody_assumed_counts() -> None:
    assert alive_on(load("helium-iot-goteborg")) == {"alive_on": date(2026, 6, 20), "by": "price", "is_part": True}
    assert alive_on(load("helium-iot-world"))["is_part"] is False
    assert alive_on(load("weatherxm-switzerland"))["by"] == "number of nodes"
    assert alive_on(load("energy-coquimbo")) == {}


def test_only_a_life_that_died_before_is_told() -> None:
    reality = {"alive_on": "2024-08-30", "by": "price"}
    assert outlived_words(reality, None) == outlived_words({}, date(2024, 1, 1)) == outlived_words(reality, date(2024, 8, 30)) == ""
    assert outlived_words(reality, date(2024, 8, 29)) == (
        "The real network was still alive on 2024-08-30 (by its dated price); this life was not: it collapsed on 2024-08-29. "
        "So what is assumed here about customers, costs or the market is harsher than what happened."
    )
    assert outlived_words({**reality, "is_part": True}, date(2024, 8, 29)) == (
        "The real network was still alive on 2024-08-30 (by its dated price); the part of it that is lived here was not: it collapsed on 2024-08-29. "
        "Either this place fared worse than the rest, or what is assumed here about customers and costs is harsher than what happened."
    )


def test_a_hamlet_that_dies_while_its_token_has_a_price_says_so_first(tmp_path: Path) -> None:
    """It collapses in March 2027; one token is quoted until 2028, the other until 2026."""
    for last, is_told in (("2028-03-01", True), ("2026-03-01", False)):
        folder = tmp_path / last
        folder.mkdir()
        (folder / "quoted.csv").write_text(PRICES.format(last=last), "utf-8")
        (folder / "hamlet.yaml").write_text(HAMLET.read_text("utf-8").replace("{kind: random_walk, volatility_per_year: 0.0, start_usd: 0.01}", "{series: quoted}"), "utf-8")
        finished = run(load(folder / "hamlet.yaml"), out=folder / "runs")
        assert finished.verdict.collapse is not None
        assert finished.outlived.startswith("The real network was still alive on 2028-03-01 (by its dated price)") == is_told
        assert ("The real network was still alive on" in finished.report.read_text("utf-8").split('class="two"')[0]) == is_told
