"""A dated table of a scenario that is not there, cannot be read or ends too early is told by `twin check` and before anything is lived."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.command_line import twin
from measured_town import write_town

from twin.scenario import load
from twin.scenario.dated_tables import wrong_tables
from twin.scenario.shipped import bundled_names

SEEN = "network,metric,date,value,unit,source\nmeasured-town,nodes_online,2024-12-31,9,nodes,me\nmeasured-town,nodes_online,2025-01-31,9,nodes,me\n"
GOOD = "# title: what the shop takes\n# unit: usd\n# between: step\ndate,value,source\n2024-01-01,60,me\n2024-12-31,50,me\n"
COMMANDS = [("beside",), ("backtest", "--cut", "2024-12-31", "--horizon-months", "1"), ("forecast", "--from", "2024-12-31", "--months", "1"), ("calibrate", "--fit-until", "2024-12-31")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_town(tmp_path)
    (tmp_path / "seen.csv").write_text(SEEN)
    (tmp_path / "mine.yaml").write_text("schema: 1\ntitle: Own shop\nextends: measured-town.yaml\nhardware: {generations: {station: {price_usd: {series: shop}}}}\n")
    return tmp_path


def asked(folder: Path, words: tuple[str, ...]):
    own = () if words[0] == "check" else ("--observations", folder / "seen.csv")
    return twin(words[0], folder / "mine.yaml", *words[1:], *own)


@pytest.mark.parametrize("words", [("check",), *COMMANDS])
def test_a_table_that_is_not_there_or_cannot_be_read_is_told(words: tuple[str, ...], folder: Path) -> None:
    missing = asked(folder, words)
    assert missing.exit_code == 2 and "no table 'shop'" in missing.stderr and "price_usd.series" in missing.stderr
    (folder / "shop.csv").write_text(GOOD.replace(",60,", ",x,").replace("2024-12-31", "2024-13-31"))
    wrong = asked(folder, words)
    assert wrong.exit_code == 2 and "shop.csv:5" in wrong.stderr and "shop.csv:6" in wrong.stderr and "2 problems" in wrong.stderr
    (folder / "shop.csv").write_bytes(b"\x00\xff\x01")
    assert asked(folder, words).exit_code == 2


@pytest.mark.parametrize("words", [("check",), *COMMANDS[:3]])
def test_a_price_that_ends_too_early_is_told(words: tuple[str, ...], folder: Path) -> None:
    (folder / "shop.csv").write_text(GOOD)
    done = asked(folder, words)
    assert done.exit_code == 2 and "shop ends on 2024-12-31" in done.stderr and "hold" in done.stderr
    (folder / "mine.yaml").write_text((folder / "mine.yaml").read_text().replace("series: shop", "series: shop, then: hold"))
    assert asked(folder, ("check",)).exit_code == 0


def test_all_that_ship_can_be_read() -> None:
    assert not [each for name in bundled_names() for each in wrong_tables(load(name))]
