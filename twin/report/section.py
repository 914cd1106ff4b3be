"""One section of the report: a heading, what it answers, and its body, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from twin.report.templating import environment, trusted


@dataclass(frozen=True)
class Section:
    """A section with something to show, or with `absent` saying why it is left out."""

    id: str
    title: str
    lead: str = ""
    body: Markup = Markup("")
    absent: str = ""


def render(template: str, **values: Any) -> Markup:
    """The filled template `sections/<template>.html.j2`."""
    return trusted(environment().get_template(f"sections/{template}.html.j2").render(**values))
