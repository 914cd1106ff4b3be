"""What copies that are one do to Arweave: the part of miners' income that they take, copies kept and seen, and the service, in the bundled scenario and its variants about them; one life each.

    python -m benchmarks.shared_copies [variant ...]
"""

from __future__ import annotations

import sys
from datetime import timedelta

import numpy as np

from twin.life import life
from twin.scenario import load

SCENARIO = "arweave-world"
VARIANTS = ("", "learning_cheats", "under_attack", "attack_met")
YEARS = (2026, 2027, 2028, 2029, 2030, 2032, 2034, 2036, 2038, 2040, 2045, 2049)
COLUMNS = ("fake_share_of_proof", "fake_online", "copies", "copies_as_seen", "service_share", "service_share_as_seen", "nodes_online")


def by_year(variant: str) -> list[str]:
    """A line for each column: means of some years."""
    scenario = load(SCENARIO, variant=variant or None)
    found, start = life(scenario), scenario.spec.calendar.start
    days, years = found.daily, np.array([(start + timedelta(days=day)).year for day in range(len(found.daily))])
    lines = [f"{variant or 'as it is'}: {found.verdict.outcome.value}"]
    for column in (each for each in COLUMNS if each in days):
        values = days[column].to_numpy()
        lines.append(f"  {column:22}" + " ".join(f"{values[years == year].mean():7.2f}" for year in YEARS))
    return lines


def main() -> None:
    """Prints some lines for each variant."""
    print(f"  {'':22}" + " ".join(f"{year:7}" for year in YEARS))
    for variant in sys.argv[1:] or VARIANTS:
        print("\n".join(by_year(variant)), flush=True)


if __name__ == "__main__":
    main()
