"""What a reader's browser does with the pages: draws, reacts to keys and pointer, asks nobody."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from browser import Browser, find_chromium

from twin.record import RunFolder
from twin.report import map_html, write_map, write_report

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
MAP_READY = "document.getElementById('map').dataset.ready"


def open_page(page: Path, tmp_path: Path, **size: int) -> Browser:
    browser = Browser(str(CHROMIUM), tmp_path / "profile", **size)
    browser.open(page)
    return browser


def test_report_draws_offline_and_asks_nobody(synthetic_run: RunFolder, tmp_path: Path) -> None:
    page = write_report(synthetic_run.path, out=tmp_path / "report.html")
    with open_page(page, tmp_path) as browser:
        browser.wait_for(MAP_READY)
        assert browser.requests == [page.resolve().as_uri()] and browser.complaints == []
        assert browser.run("document.querySelector('.hero .class').innerText").startswith("Coasting")
        drawn = browser.run("document.querySelectorAll('figure.chart svg').length")
        assert drawn > 15
        assert browser.run("typeof alert_was_called") == "undefined"
        overflow = browser.run("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, "the page does not scroll sideways"


def test_no_sideways_scroll_on_a_phone(synthetic_run: RunFolder, tmp_path: Path) -> None:
    page = write_report(synthetic_run.path, out=tmp_path / "report.html")
    with open_page(page, tmp_path, width=500, height=900) as browser:
        browser.wait_for(MAP_READY)
        assert browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_a_policy_that_blocks_is_not_just_claimed(synthetic_run: RunFolder, tmp_path: Path) -> None:
    """A script that we did not write does not run, and a picture from elsewhere is not asked for."""
    page = write_report(synthetic_run.path, out=tmp_path / "report.html")
    page.write_text(
        page.read_text().replace("</footer>", "</footer><script>window.intruder = 1</script><img src='https://example.org/x.png'>")
    )
    with open_page(page, tmp_path) as browser:
        browser.wait_for(MAP_READY)
        assert browser.run("window.intruder") is None
        assert [url for url in browser.requests if url.startswith("http")] == []
        assert sum("Content Security Policy" in text for text in browser.complaints) == 2


def test_map_by_keyboard(synthetic_run: RunFolder, tmp_path: Path) -> None:
    page = write_map(synthetic_run.path, out=tmp_path / "map.html")
    status = "document.querySelector('.map-status').innerText"
    with open_page(page, tmp_path) as browser:
        browser.wait_for(MAP_READY)
        assert browser.run(status).startswith("June 2028: hotspots online in ")
        browser.run("document.querySelector('.map-time input').focus()")
        browser.key("Home")
        assert browser.wait_for(f"{status}.startsWith('January 2021')")
        browser.run("document.querySelector('[role=radio][aria-checked=true]').focus()")
        browser.key("ArrowRight")
        assert browser.wait_for(f"{status}.startsWith('January 2021: coverage in ')")
        assert browser.run("document.activeElement.innerText") == "Coverage"
        assert "0%–100%" not in browser.run("document.querySelector('.map-legend').innerText")
        browser.run("document.querySelector('canvas').focus()")
        browser.key("Enter")
        assert "Coverage" in browser.wait_for("!document.querySelector('.map-tip').hidden && document.querySelector('.map-tip').innerText")
        browser.key(".")
        assert browser.wait_for(f"{status}.startsWith('February 2021')")


def test_map_shows_the_numbers_of_the_table(synthetic_run: RunFolder, tmp_path: Path) -> None:
    page = write_map(synthetic_run.path, out=tmp_path / "map.html")
    cells, months = synthetic_run.table("cells"), synthetic_run.table("cells_monthly")
    inside = cells.cell[cells.inside]
    month = months[(months.month == pd.Timestamp("2022-08-01")) & months.cell.isin(inside)]
    assert month.online.sum() > 100
    with open_page(page, tmp_path) as browser:
        browser.wait_for(MAP_READY)
        browser.run("{const s=document.querySelector('.map-time input'); s.value=19; s.oninput(); 1}")
        text = browser.wait_for(
            "document.querySelector('.map-status').innerText.startsWith('August 2022') && document.querySelector('.map-status').innerText"
        )
        assert text == f"August 2022: hotspots online in {(month.online > 0).sum()} of {len(inside)} cells · {month.online.sum()} in all"
        browser.run("[...document.querySelectorAll('[role=radio]')].find(b => b.innerText === 'Fakes').click()")
        assert browser.wait_for("document.querySelector('.map-status').innerText.includes('fakes')")
        assert browser.run("document.querySelector('.map-status').innerText").endswith(f"· {month.fake.sum()} in all")


def test_reading_line_on_a_chart(synthetic_run: RunFolder, tmp_path: Path) -> None:
    page = write_report(synthetic_run.path, out=tmp_path / "report.html")
    with open_page(page, tmp_path) as browser:
        browser.wait_for(MAP_READY)
        where = browser.run(
            "{const s=document.querySelector('#money svg'); s.scrollIntoView({block:'center',behavior:'instant'}); const r=s.getBoundingClientRect(); [r.left+r.width/2, r.top+r.height/2]}"
        )
        browser.move(*where)
        text = browser.wait_for("!document.getElementById('reading').hidden && document.getElementById('reading').innerText")
        assert text.startswith("2024-0") and "F: paid by customers" in text and "V: subsidy" in text and "USD a day" in text
        browser.run("document.querySelector('#money svg').focus({preventScroll:true})")
        browser.key("ArrowLeft")
        assert browser.run("document.getElementById('reading').innerText") != text


def test_assumptions_can_be_filtered(synthetic_run: RunFolder, tmp_path: Path) -> None:
    page = write_report(synthetic_run.path, out=tmp_path / "report.html")
    with open_page(page, tmp_path) as browser:
        browser.run("{const f=document.getElementById('filter'); f.value='power_w'; f.dispatchEvent(new Event('input')); 1}")
        shown = browser.run("[...document.querySelectorAll('.assumptions tbody tr')].filter(r => r.offsetParent).map(r => r.innerText)")
        assert len(shown) == 1 and "hardware.every.power_w" in shown[0] and "maker data sheets" in shown[0]


def test_map_inside_a_notebook(synthetic_run: RunFolder, tmp_path: Path) -> None:
    cell = map_html(synthetic_run, height_px=500)
    page = tmp_path / "notebook.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{cell}</body>", encoding="utf-8")
    with open_page(page, tmp_path) as browser:
        browser.wait_for("document.querySelector('iframe').contentDocument?.getElementById('map')?.dataset.ready")
        assert [url for url in browser.requests if url.startswith("http")] == []
