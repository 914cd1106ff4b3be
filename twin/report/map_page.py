"""The map of a run as one file that opens anywhere, or inside a notebook."""

from __future__ import annotations

import html
import json
from functools import cache
from pathlib import Path

from twin.errors import InputError, Problem
from twin.record import RunFolder, open_run
from twin.report.map_payload import MapData, map_data
from twin.report.templating import environment, policy_for, source, trusted
from twin.report.vendor import h3_js


def map_scripts(data: MapData, *, full: bool) -> list[str]:
    """The scripts that draw the map into the element `map`, in order: h3-js, ours, the data."""
    payload = (
        json.dumps({**data.payload, "full": full}, separators=(",", ":"), ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
    start = f'const MAP={payload};twinMap(document.getElementById("map"),MAP).catch(e=>{{document.getElementById("map").textContent="The map could not be drawn: "+e}});'
    return [h3_js(), map_script(), start]


@cache
def map_script() -> str:
    """Our own drawing code."""
    return source("map.js")


def map_page(run: RunFolder) -> str:
    """The page with the map through time, as text. Raises `InputError` (`no_map`) for a run without monthly cells."""
    data = map_data(run)
    if data is None:
        if run.spec and "place" not in run.spec:
            raise InputError(Problem("no_map", "is a run of a network that is not laid out on a map", file=run.path))
        message = "has no monthly maps: cells or cells_monthly was not written"
        fix = "Set `record: {cells: monthly}` in the scenario, or let the run reach its first month's end."
        raise InputError(Problem("no_map", message, file=run.path, suggestion=fix))
    scripts = map_scripts(data, full=True)
    return (
        environment()
        .get_template("map.html.j2")
        .render(
            title=data.payload["title"],
            css=trusted(source("map.css")),
            attribution=data.payload["attribution"] + " · cells: H3",
            scripts=[trusted(script) for script in scripts],
            policy=policy_for(scripts),
        )
    )


def write_map(folder: str | Path, *, out: str | Path | None = None) -> Path:
    """Writes `map.html` into the run folder (or to `out`) and returns its path."""
    run = open_run(folder)
    path = Path(out) if out is not None else run.path / "map.html"
    path.write_text(map_page(run), encoding="utf-8")
    return path


def map_html(run: RunFolder | str | Path, *, height_px: int = 620) -> str:
    """The map as an iframe with its page inside, for `IPython.display.HTML`; works without a network."""
    opened = run if isinstance(run, RunFolder) else open_run(run)
    page = html.escape(map_page(opened), quote=True)
    return f'<iframe title="map of {html.escape(opened.title, quote=True)}" style="width:100%;height:{height_px}px;border:0" srcdoc="{page}"></iframe>'
