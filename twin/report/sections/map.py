"""The map through time, drawn in the page."""

from __future__ import annotations

from twin.report.map_payload import MapData
from twin.report.place_people import people_words
from twin.report.section import Section, render
from twin.report.view import View


def map_section(data: MapData | None, view: View) -> Section:
    """The map's frame; its data and code stand at the end of the page."""
    title = "The map through time"
    if data is None:
        return Section("the-map", title, absent="no monthly map was recorded")
    attribution = data.payload["attribution"]
    margin = view.margin_nodes()
    body = render(
        "map", n_cells=data.n_cells, coarsened_to=data.coarsened_to, every_months=data.every_months, attribution=attribution, margin=margin,
        several_months=len(data.months) > 1, nodes=view.nouns.nodes, people=people_words(view),
    )  # fmt: skip
    return Section("the-map", title, "Real cells on real borders, month by month: press play, or move the slider.", body)
