"""The page of columns is what the code declares."""

from __future__ import annotations

from twin.world.document import TARGET, page


def test_the_page_of_added_columns_is_current() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(), "run: python -m twin.world.document"
