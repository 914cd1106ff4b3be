"""The best of many variants: it is the best partly by luck, so its odds are stated on lives that it was not chosen by (VERDICT 7; `twin.odds.restating` lives them)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twin.odds.analysis import Odds
from twin.odds.analysis.intervals import percent
from twin.odds.folder import StudyFolder
from twin.odds.study import Study

FEWEST_VARIANTS = 3
"""Variants from which on one is said to be chosen; two are compared."""
RESTATED = "restated"
"""Folder in a study: the studies that restate its best variant, by the number of points of the study that they go on after."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The variant of which the largest share survives, and what is known of its odds."""

    variant: str
    n_variants: int
    chosen_on: Odds
    """On the lives that it was chosen by: rather too good."""
    restated: Odds | None
    """On fresh ones; None: not lived."""

    def sentence(self) -> str:
        """The choice, then the odds on fresh luck; or that they are those of the luck it was chosen by."""
        alive, n = self.chosen_on.survivors, self.chosen_on.n
        said = f"Of {self.n_variants} variants the largest share survives in {self.variant}: {alive:,} of {n:,} ({percent(alive / n)} %) of the lives that it was chosen by"
        if self.restated is None:
            return f"{said}. Chosen and stated on the same luck these odds are rather too good; --restate N states them on N fresh lives."
        return f"{said}. On fresh luck {self.restated.sentence()}."


def chosen(study: Study) -> Chosen | None:
    """The best of three or more variants; None with fewer, or where none is better than all others together."""
    lived = [name for name in study.manifest.variants if (study.results()["variant"] == name).any()]
    if len(lived) < FEWEST_VARIANTS:
        return None
    try:
        found = {name: study.odds(name) for name in lived}
    except ValueError:  # too few of the scrambled designs have been lived
        return None
    shares = {name: each.survivors / each.n for name, each in found.items()}
    if max(shares.values()) == min(shares.values()):
        return None
    best = max(lived, key=lambda name: shares[name])  # the first of several
    fresh = _restated(study, best)
    return Chosen(best, len(lived), found[best], None if fresh is None else fresh.odds(best))


def home_of(study: Study) -> Path:
    """Where the studies stand that go on after this one's points."""
    return study.path / RESTATED / str(study.manifest.points)


def _restated(study: Study, variant: str) -> Study | None:
    """The study that restates a variant with luck that the study has not used; None where there is none with a finished life."""
    for folder in sorted(home_of(study).glob("*/")):
        if not StudyFolder(folder).manifest.exists():
            continue
        fresh = Study(folder)
        if fresh.manifest.variants == (variant,) and len(fresh.results()):
            return fresh
    return None
