"""The part of Filecoin's block rewards that false claims take, year by year, in the bundled scenario and its variants about cheats: one life each.

    python -m benchmarks.false_claims [variant ...]

Without names also the calendar's cheats, who reckon with the true chance of being caught, under the audits of `sharp_audits`.
"""

from __future__ import annotations

import sys
from datetime import timedelta

import numpy as np

from twin.life import life
from twin.scenario import load

SCENARIO = "filecoin-world"
VARIANTS = ("", "strict_audits", "learning_cheats", "sharp_audits", "under_attack")


def by_year(variant: str, *, sets: tuple[str, ...] = (), label: str = "") -> str:
    """A line: the mean of each year, percent."""
    scenario = load(SCENARIO, variant=variant or None, sets=sets)
    days, start = life(scenario).daily, scenario.spec.calendar.start
    years = np.array([(start + timedelta(days=day)).year for day in range(len(days))])
    share = days["fake_share_of_proof"].to_numpy()
    return f"{label or variant or 'as it is':22}" + " ".join(f"{100 * share[years == year].mean():5.1f}" for year in np.unique(years))


def main() -> None:
    """Prints a line for each variant."""
    years = load(SCENARIO).spec.calendar
    print(f"{'':22}" + " ".join(f"{year:5}" for year in range(years.start.year, years.end.year)))
    for variant in sys.argv[1:] or VARIANTS:
        print(by_year(variant), flush=True)
    if not sys.argv[1:]:
        looks = load(SCENARIO, variant="sharp_audits").spec.audits.detection_multiple
        dated = ", ".join(f"{day}: {each:g}" for day, each in looks.items())
        print(by_year("", sets=(f"audits.detection_multiple={{{dated}}}",), label="as it is, sharp audits"), flush=True)


if __name__ == "__main__":
    main()
