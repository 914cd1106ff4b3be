"""What a map can show, in which colours, and in how many steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.nouns import Nouns, capital
from twin.report.numbers import short
from twin.report.scales import nice_breaks

N_CLASSES = 7
SHARE_LIMITS = (1e-9, 0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class MapColumn:
    """A column of `cells_monthly` on the map. Colours run from few to many, for light and for dark pages."""

    name: str
    label: str
    unit: str
    kind: str
    """`whole` (counts), `share` (0 to 1) or `number`."""
    light: tuple[str, ...]
    dark: tuple[str, ...]


BLUE = ("#b3d4ec", "#84badf", "#559fd0", "#3183bd", "#1a67a3", "#0c4a85", "#082c60")
BLUE_DARK = ("#1d5785", "#236fa6", "#2f88c4", "#4aa3dc", "#75bdea", "#a6d7f5", "#e0f2fd")
GREEN = ("#c3e4b2", "#98d093", "#66b878", "#3c9c5c", "#1f7f46", "#0b6036", "#003f1a")
GREEN_DARK = ("#1c6340", "#237d50", "#319863", "#4db17c", "#7ac99b", "#aadfbd", "#e0f6e4")
AMBER = ("#fbd58f", "#f6b95c", "#ee9a32", "#d97a17", "#b75a0c", "#8c3f07", "#5e2803")
AMBER_DARK = ("#764410", "#975610", "#b96c14", "#d9862a", "#efa650", "#f8c983", "#feeac6")
VIOLET = ("#d0c4e4", "#b3a2d5", "#957fc4", "#795cb0", "#614297", "#4a2b7a", "#33135c")
VIOLET_DARK = ("#4c3a80", "#624b9c", "#7a60b6", "#947bcd", "#b09bdf", "#cdbeee", "#ece4fb")
RED = ("#f6b8aa", "#ee8d7e", "#e0625a", "#cb3f40", "#ab222d", "#850d20", "#5a0013")
RED_DARK = ("#7d1f2b", "#9f2a33", "#c13d40", "#dc5a56", "#ec8379", "#f5b0a5", "#fcdcd4")


def columns_of(nouns: Nouns) -> tuple[MapColumn, ...]:
    """What a map can show, in the words of its network."""
    return (
        MapColumn("online", f"{capital(nouns.nodes)} online", f"{nouns.nodes} per cell", "whole", BLUE, BLUE_DARK),
        MapColumn("coverage_share", capital(nouns.service), nouns.covered, "share", GREEN, GREEN_DARK),
        MapColumn("pay_usd", "Pay", f"USD per online {nouns.node} and month", "number", AMBER, AMBER_DARK),
        MapColumn("users", capital(nouns.users), f"{nouns.users} per cell", "number", VIOLET, VIOLET_DARK),
        MapColumn("fake", "Fakes", f"{nouns.nodes} per cell that claim to be here and are not", "whole", RED, RED_DARK),
    )



@dataclass(frozen=True)
class Levels:
    """How values become bytes and colours: `values[code]` is what a byte stands for, `classes[code]` its colour (0: none)."""

    values: np.ndarray
    classes: np.ndarray
    labels: tuple[str, ...]

    def encode(self, values: np.ndarray) -> np.ndarray:
        """The nearest code of each value; anything above zero stays above zero."""
        middle = ((self.values[1:] + self.values[:-1]) / 2).astype(np.float32)
        codes = np.zeros(values.shape, np.uint8)
        positive = values > 0
        codes[positive] = np.maximum(np.searchsorted(middle, values[positive], side="right"), min(1, len(self.values) - 1))
        return codes


def levels_of(column: MapColumn, positive: np.ndarray, *, most: int = 255) -> Levels:
    """Levels for the positive values of a column over all months: exact for counts below `most`, else closer together for small values."""
    top = float(positive.max()) if len(positive) else 1.0
    if column.kind == "share":
        n_steps = 20 * ((most - 1) // 20)
        values, limits = np.arange(n_steps + 1) / n_steps, list(SHARE_LIMITS)
    else:
        whole = column.kind == "whole"
        values = np.arange(int(top) + 1, dtype=float) if whole and top < most else top * (np.arange(most) / (most - 1)) ** 2
        if whole and top >= most:
            values = np.unique(np.ceil(values))
        limits = nice_breaks(positive, n_classes=N_CLASSES, whole=whole)
        if limits and not whole:
            limits = [values[1] / 2, *[limit for limit in limits[1:] if limit > values[1]]]
    classes = np.searchsorted(np.array(limits) * (1 - 1e-9), values, side="right").astype(np.uint8)
    classes[0] = 0
    return Levels(values, classes, _labels(column.kind, limits, top))


def _labels(kind: str, limits: list[float], top: float) -> tuple[str, ...]:
    labels = []
    for i, low in enumerate(limits):
        high = limits[i + 1] if i + 1 < len(limits) else None
        if kind == "whole":
            last = int(high) - 1 if high is not None else int(top)
            labels.append(f"{int(low)}" if last <= low else f"{int(low)}–{last}" if high is not None else f"{int(low)} and more")
        elif kind == "share":
            labels.append(f"{'above 0' if i == 0 else f'{low:.0%}'[:-1]}–{high or 1:.0%}")
        else:
            labels.append(
                f"below {short(high)}"
                if i == 0 and high
                else f"{short(low)}–{short(high)}"
                if high
                else f"{short(low)} and more"
                if i
                else "above 0"
            )
    return tuple(labels)


def colours_of(column: MapColumn, n_classes: int, *, dark: bool) -> tuple[str, ...]:
    """As many colours as there are classes, spread over the whole ramp."""
    ramp = column.dark if dark else column.light
    return tuple(ramp[round(i * (len(ramp) - 1) / max(n_classes - 1, 1))] if n_classes > 1 else ramp[4] for i in range(n_classes))
