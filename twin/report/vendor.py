"""The one piece of foreign JavaScript inside our pages: h3-js, which turns cell ids into outlines."""

from __future__ import annotations

from functools import cache

from twin.errors import InputError, Problem
from twin.geo import shipped

PATH = "vendor/h3-js.umd.js"


@cache
def h3_js() -> str:
    """The library's source, safe inside a script element. Raises `InputError` (`geodata_missing`) if it is not there."""
    place = shipped.folder() / PATH
    if not place.is_file():
        raise InputError(
            Problem("geodata_missing", f"{PATH} is not among the shipped files", file=place, suggestion="reinstall the package")
        )
    return place.read_text("utf-8").replace("</script", "<\\/script").replace("//# sourceMappingURL=h3-js.umd.js.map", "")
