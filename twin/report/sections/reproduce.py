"""How to get the very same run again, and how to check that it is the same."""

from __future__ import annotations

import shlex
from typing import Any

from twin.report.section import Section, render
from twin.report.view import View


def reproduce_section(view: View) -> Section:
    """Command, seed, versions, checksums of the maps, and the content hash of every table."""
    manifest = view.run.manifest
    facts = [
        ("command", _command(manifest)), ("scenario", manifest.get("scenario_file") or manifest.get("name")), ("seed", manifest.get("seed")), ("variant", manifest.get("variant")),
        ("scenario hash", manifest.get("scenario_hash")), ("run hash", manifest.get("run_hash")), ("format of the folder", manifest.get("format")), ("licence of the tables", manifest.get("licence")),
        ("started", manifest.get("started")), ("ended", manifest.get("ended")),
    ]  # fmt: skip
    timings = manifest.get("timings_s") or {}
    tables = [{"name": name, **about} for name, about in (manifest.get("tables") or {}).items()]
    lead = (
        "The same scenario, seed and locked versions give the same content hash of every table, on any machine with the same CPU features."
    )
    body = render(
        "reproduce", facts=[(name, str(value)) for name, value in facts if value not in (None, "")], versions=manifest.get("versions") or {}, geodata=_geodata(manifest),
        timings={name: f"{value:.1f} s" if isinstance(value, int | float) else str(value) for name, value in timings.items()}, tables=tables,
    )  # fmt: skip
    return Section("reproduce", "How to reproduce", lead, body)


def _command(manifest: dict[str, Any]) -> str | None:
    stated = manifest.get("command")
    if isinstance(stated, list):
        return shlex.join(str(word) for word in stated)
    return str(stated) if stated else f"twin run {manifest['name']} --seed {manifest.get('seed')}" if manifest.get("name") else None


def _geodata(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    stated = manifest.get("geodata") or {}
    items = stated.items() if isinstance(stated, dict) else enumerate(stated)
    return [
        (str(name), str(value.get("sha256_content") or value.get("sha256_file") or "") if isinstance(value, dict) else str(value))
        for name, value in items
    ]
