"""The report page and the map page of a run. Reads run folders; never simulates."""

from __future__ import annotations

from twin.report.map_page import map_html, write_map
from twin.report.page import write_report

__all__ = ["map_html", "write_map", "write_report"]
