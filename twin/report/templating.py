"""Templates that escape everything, and the policy that forbids a page to ask anybody for anything."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from twin.report import numbers


@cache
def environment() -> Environment:
    """Jinja with escaping always on and our number formats as filters; a name that is not given is an error."""
    made = Environment(
        loader=PackageLoader("twin.report", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    for name in ("usd", "percent", "count", "amount", "short", "day", "with_unit"):
        made.filters[name] = getattr(numbers, name)
    return made


def source(name: str) -> str:
    """Text of a file beside the templates."""
    return files("twin.report").joinpath("templates", name).read_text("utf-8")


def trusted(text: str) -> Markup:
    """Marks our own text as HTML, style or script that must not be escaped. Never for anything that a scenario says."""
    return Markup(text)


def policy_for(scripts: Iterable[str]) -> str:
    """A Content-Security-Policy under which only these very scripts run and nothing is fetched."""
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
