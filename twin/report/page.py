"""The report of a run: one HTML file that needs nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twin.record import RunFolder, open_run
from twin.record.manifest import Status
from twin.report.map_page import map_scripts
from twin.report.map_payload import map_data
from twin.report.numbers import count
from twin.report.section import Section
from twin.report.sections.assumptions import assumptions_section
from twin.report.sections.concentration import concentration_section
from twin.report.sections.events import events_section
from twin.report.sections.flows import flows_section
from twin.report.sections.funding import funding_section
from twin.report.sections.history import history_section
from twin.report.sections.holders import holders_section
from twin.report.sections.integrity import integrity_section
from twin.report.sections.law import law_section
from twin.report.sections.map import map_section
from twin.report.sections.money import money_section
from twin.report.sections.network import network_section
from twin.report.sections.operators import operators_section
from twin.report.sections.policies import policies_section
from twin.report.sections.questions import questions_section
from twin.report.sections.reproduce import reproduce_section
from twin.report.sections.response import response_section
from twin.report.sections.verdict import verdict_section
from twin.report.templating import environment, policy_for, source, trusted
from twin.report.view import View

BUILDERS = Section(
    "builders",
    "Comparison of builders",
    absent="it takes further runs on the same demand (a carrier, a hyperscaler, a hybrid), and this folder holds one run of the crowd",
)


def report_page(run: RunFolder) -> str:
    """The whole page as text. A section with nothing to show is listed at the end with the reason."""
    view = View(run)
    the_map = map_data(run)
    sections = [
        verdict_section(view),
        map_section(the_map, view),
        money_section(view),
        holders_section(view),
        policies_section(view),
        network_section(view),
        history_section(view),
        operators_section(view),
        funding_section(view),
        integrity_section(view),
        law_section(view),
        concentration_section(view),
        events_section(view),
        BUILDERS,
        response_section(view),
        questions_section(view),
        flows_section(view),
        assumptions_section(view),
        reproduce_section(view),
    ]
    scripts = [source("charts.js"), *(map_scripts(the_map, full=False) if the_map is not None else [])]
    manifest = run.manifest
    stated = [str(text) for text in manifest.get("attributions") or []]
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            title=run.title,
            css=trusted(source("page.css") + source("map.css")),
            chips=_chips(run, view),
            sections=[section for section in sections if not section.absent],
            absent=[section for section in sections if section.absent],
            attributions=list(dict.fromkeys([*stated, *(the_map.attributions if the_map else ()), "H3 (Apache-2.0)"])),
            licence=manifest.get("licence"),
            version=(manifest.get("versions") or {}).get("depin-twin", ""),
            scripts=[trusted(script) for script in scripts],
            policy=policy_for(scripts),
        )
    )


def write_report(folder: str | Path, *, out: str | Path | None = None) -> Path:
    """Writes `report.html` into the run folder (or to `out`) and returns its path. Also for a run that was cut short."""
    run = open_run(folder)
    path = Path(out) if out is not None else run.path / "report.html"
    path.write_text(report_page(run), encoding="utf-8")
    return path


def _chips(run: RunFolder, view: View) -> list[str]:
    manifest: dict[str, Any] = run.manifest
    chips = []
    if len(view.daily):
        chips.append(f"{view.start:%Y-%m-%d} to {view.daily['date'].iloc[-1]:%Y-%m-%d}")
        chips.append(f"{count(len(view.daily))} days")
    if view.has("nodes_online") and view.column("nodes_online").max() > 0:
        chips.append(f"up to {count(view.column('nodes_online').max())} {view.nouns.nodes}")
    chips += [f"{name} {manifest[key]}" for name, key in (("seed", "seed"), ("variant", "variant")) if manifest.get(key) is not None]
    if manifest.get("untested"):
        chips.append("cheats untested")
    if run.status is not Status.COMPLETE:
        chips.append(f"incomplete: {run.status.value}")
    return chips
