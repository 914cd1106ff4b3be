"""What the page of a study is handed: plain tables, numbers and sentences. Who makes them stands in `twin.odds.page_data`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import pandas as pd

from twin.report.map_payload import MapData


class Ranged(NamedTuple):
    """One row of a figure of intervals: a value between two ends, any of them NaN where it is not known."""

    label: str
    value: float
    low: float
    high: float
    note: str = ""


@dataclass(frozen=True)
class SurvivalPart:
    """How long the lives of one variant last after the taper began."""

    sentence: str
    curve: pd.DataFrame
    """`days`, `alive`, `low`, `high`; shares of the lives that live when the taper begins."""
    causes: pd.DataFrame
    """By days, one column a side: share that collapsed of it until then."""


@dataclass(frozen=True)
class DecidingPart:
    """Which drawn parameter decides in the lives of one variant."""

    sentence: str
    """The largest, or why none is named."""
    rows: tuple[Ranged, ...] = ()
    """One a parameter, as shares."""
    title: str = ""
    """Of the figure of the rows."""
    unit: str = ""
    region: str = ""
    """The region of failure in words; empty where the points were not drawn from the priors."""
    lead: str = ""
    """How the parameters were moved, and what is not seen so."""


@dataclass(frozen=True)
class VariantPart:
    """What the lives of one variant say together."""

    name: str
    odds: str
    """The odds in a sentence."""
    because_of_taper: str
    """How many died because of the taper, in a sentence; empty where no life was tried without it."""
    range: str
    """Between which shares they lie, as "69 to 90 %"; empty where there are too few lives."""
    counts: Mapping[str, int]
    """Class -> lives, in the order of the tests; failed ones too."""
    survival: SurvivalPart | None
    no_survival: str
    """Why there is no curve."""
    low_return: str
    """How early a collapse can be told, in a sentence; or why that is not known."""
    fans: Mapping[str, pd.DataFrame]
    """Column of `network_daily` -> quantiles by date."""
    thirds: str
    """Odds by thirds of the price, in a sentence; or why there are none."""
    third_rows: tuple[Ranged, ...] = ()
    deciding: DecidingPart | None = None
    """What decides; None where nothing was drawn."""


@dataclass(frozen=True)
class PairPart:
    """How two variants differ on the same luck."""

    sentence: str
    row: Ranged
    """Points of a hundred lives, as shares from -1 to 1."""


@dataclass(frozen=True)
class MapPart:
    """Where two variants differ, cell by cell."""

    data: MapData | None
    sentences: tuple[str, ...]
    """A line for each pair of variants."""
    why_not: str
    """Why there is no map."""


@dataclass(frozen=True)
class StudyPart:
    """One study: how its lives went, and how to live them again."""

    name: str
    running: tuple[tuple[str, str], ...]
    failures: pd.DataFrame
    """`stage`, `lives`, `such as`, `message`."""
    reproduce: tuple[tuple[str, str], ...]
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyPage:
    """Everything on the page."""

    title: str
    chips: tuple[str, ...]
    nodes: str
    """What the nodes are called."""
    class_words: Mapping[str, str]
    """Class -> what it means, in a few words."""
    variants: tuple[VariantPart, ...]
    pairs: tuple[PairPart, ...]
    """Differences of variants of one study, each on the same luck."""
    chosen: tuple[str, ...]
    """Of each study with three or more variants: the best one, and its odds on luck that it was not chosen by."""
    map: MapPart
    flat_price: tuple[str, ...]
    """Odds with a price that is constant from T0, of each study; or how to get them."""
    unpaired: str
    """What is to be said where variants are of several studies."""
    fan_columns: Mapping[str, tuple[str, str]]
    """Column -> (title, unit)."""
    taper: date | None
    """The day on which the subsidy begins to fade, where it is the same in all lives."""
    no_fans: str
    """Why there are no fans."""
    studies: tuple[StudyPart, ...]
