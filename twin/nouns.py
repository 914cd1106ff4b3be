"""What people call the things of a network: its nodes, what they offer, who uses it. Stands in the manifest of a run, so that pages can say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Nouns:
    """Words of one network; the defaults are those of a run that states none. Only pages, tables' meanings and sentences read them."""

    node: str = "node"
    nodes: str = "nodes"
    owners: str = "hosts"
    """Who own nodes, and pay for them."""
    service: str = "service"
    """What the nodes offer together."""
    capacity: str = "demand that could be served"
    """What the share S counts."""
    covered: str = "share of the cell that is served"
    """What the map's column `coverage_share` says of a cell."""
    users: str = "users"
    """What the map's column `users` counts."""

    @classmethod
    def stated_in(cls, manifest: Mapping[str, Any]) -> Self:
        """The words that a run's manifest states; the default where it states none."""
        stated = manifest.get("nouns")
        known = {field.name for field in fields(cls)}
        words = stated.items() if isinstance(stated, Mapping) else ()
        return cls(**{name: word for name, word in words if name in known and isinstance(word, str) and word})

    def stated(self) -> dict[str, str]:
        """All words by name, as the manifest holds them."""
        return asdict(self)


PLAIN = Nouns()
"""The words of a run that states none."""


def capital(words: str) -> str:
    """The words with a capital letter in front; the others stay as they are."""
    return words[:1].upper() + words[1:]


def listed(words: Sequence[str]) -> str:
    """Words in a row: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def said_once(said: Iterable[tuple[str, str]]) -> list[str]:
    """Each sentence behind whom it is of: "base: …"; one that holds for several stands once, "base and a: …". Empty sentences are left out."""
    of: dict[str, list[str]] = {}
    for name, sentence in said:
        if sentence:
            of.setdefault(sentence, []).append(name)
    return [f"{listed(names)}: {sentence}" for sentence, names in of.items()]
