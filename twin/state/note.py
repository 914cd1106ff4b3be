"""How a part says that something happened."""

from __future__ import annotations

from typing import Any, Protocol


class Note(Protocol):
    """Writes one line of the events table, on today's date (`Chronicle.note`)."""

    def __call__(self, kind: str, **facts: Any) -> None:
        """`kind` is one of those that `twin/world/events.py` declares; `slots` say where it happened, the other facts fill the columns subject, count, value, unit and note."""
