"""Every value of the scenario with where it was set and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from twin.report.section import Section, render
from twin.report.view import View

MOST_ITEMS = 8


def assumptions_section(view: View) -> Section:
    """A filterable table by part of the scenario: path, value, set by, source. What has no source says so."""
    title = "Assumptions and sources"
    spec = view.run.spec
    if not spec:
        return Section("assumptions", title, absent="the manifest does not hold the resolved scenario")
    provenance, sources = view.run.manifest.get("provenance") or {}, view.run.manifest.get("sources") or {}
    parts: dict[str, list[dict[str, Any]]] = {}
    for path, value in flatten(spec):
        if path.split(".")[0] == "sources":
            continue
        source = source_of(path, sources)
        row = {
            "path": path,
            "value": value,
            "origin": _origin(path, provenance),
            "source": source or "none stated",
            "assumed": "assumed" in source.lower(),
            "unsourced": not source,
        }
        parts.setdefault(path.split(".")[0] if "." in path else "the scenario itself", []).append(row)
    rows = [row for part in parts.values() for row in part]
    n_assumed, n_none = sum(row["assumed"] for row in rows), sum(row["unsourced"] for row in rows)
    lead = f"{len(rows)} values; {n_assumed} of them are assumed" + (
        f", {n_none} have no source stated." if n_none else ", the others name their source."
    )
    return Section(
        "assumptions",
        title,
        lead,
        render("assumptions", parts=[{"name": name, "rows": part} for name, part in parts.items()], n_rows=len(rows)),
    )


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Leaves of a nested mapping as dotted paths and texts; long lists and long dated mappings become one line."""
    if isinstance(value, Mapping) and value:
        keys = list(value)
        dated = all(len(str(key)) == len("2021-01-01") and str(key)[4:5] == "-" for key in keys)
        if dated and len(keys) > MOST_ITEMS and not any(isinstance(item, Mapping | list) for item in value.values()):
            yield path, f"{len(keys)} dated values: {value[keys[0]]} from {keys[0]} … {value[keys[-1]]} from {keys[-1]}"
            return
        for key in keys:
            yield from flatten(value[key], f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        plain = ", ".join(str(item) for item in value[:MOST_ITEMS])
        yield path, f"[{plain}{f', … {len(value)} in all' if len(value) > MOST_ITEMS else ''}]"
    else:
        yield path, "–" if value is None else ("yes" if value else "no") if isinstance(value, bool) else str(value)


def source_of(path: str, sources: Mapping[str, str]) -> str:
    """Text of the source whose pattern fits the path or a part of it from the left; the longest pattern wins, empty if none fits."""
    parts = path.split(".")
    fits = []
    for pattern, text in sources.items():
        wanted = pattern.split(".")
        if len(wanted) <= len(parts) and all(fnmatchcase(part, want) for part, want in zip(parts, wanted, strict=False)):
            fits.append((len(wanted), sum(want != "*" for want in wanted), text))
    return max(fits)[2] if fits else ""


def _origin(path: str, provenance: Mapping[str, str]) -> str:
    """Where a value was set: the entry of the path itself or of the nearest part above it."""
    parts = path.split(".")
    for n in range(len(parts), 0, -1):
        found = provenance.get(".".join(parts[:n]))
        if found is not None:
            return str(found)
    return "default"
