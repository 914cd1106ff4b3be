"""Nodes are called by the kind's own noun wherever a person reads; "box" is nobody's word (a bounding box is one)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from imports import PACKAGE, ROOT
from pydantic import BaseModel

from twin import registry
from twin.scenario.shape import below, fields, models

A_BOX = re.compile(r"\bbox(es)?\b", re.IGNORECASE)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def boxes_in(text: str) -> list[str]:
    return [text[max(found.start() - 30, 0) : found.end() + 10] for found in A_BOX.finditer(text.replace("bounding box", ""))]


def descriptions(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[tuple[str, str]]:
    """(where, text) of everything that `twin explain` says of a model and of the models in it."""
    if model in seen:
        return
    seen.add(model)
    yield model.__name__, model.__doc__ or ""
    for name, field in model.model_fields.items():
        yield f"{model.__name__}.{name}", field.description or ""
    queue = list(fields(model).values())
    while queue:
        slot = queue.pop()
        inner = models(slot.annotation)
        for each in inner:
            yield from descriptions(each, seen)
        queue += [] if inner else [lower for segment in ("0", "x", "2020-01-01") for lower in below(slot, segment)]


@pytest.mark.parametrize("kind", registry.network_kinds())
def test_no_field_of_a_scenario_speaks_of_boxes(kind: str) -> None:
    said = dict(descriptions(registry.network(kind).spec, set()))
    assert len(said) > 100
    assert {where: found for where, text in said.items() if (found := boxes_in(text))} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_page_speaks_of_boxes(page) -> None:
    assert boxes_in(CODE.sub("", page.read_text(encoding="utf-8"))) == []


def test_no_report_speaks_of_boxes() -> None:
    """Text of the templates, outside of tags, styles and expressions; strings of the sections."""
    wrong = {}
    for path in (PACKAGE / "report").rglob("*.j2"):
        text = re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]*>|\{[{%#].*?[}%#]\}|\{[^}]*\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        wrong |= {path.name: found} if (found := boxes_in(text)) else {}
    for path in (PACKAGE / "report" / "sections").glob("*.py"):
        wrong |= {path.name: found} if (found := boxes_in(path.read_text(encoding="utf-8"))) else {}
    assert wrong == {}
