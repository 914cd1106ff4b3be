"""What becomes of scenarios and of their variants: a row each, in the words of docs/networks.

    python -m benchmarks.verdicts akash-world render-world     these, each variant too
    python -m benchmarks.verdicts --plain                      every bundled scenario, without variants
    python -m benchmarks.verdicts                              all of them: some 120 lives, about half an hour of one core

One life each, on the seed of the file; a life is lived for its verdict alone, without second lives, tables and report. Which of two close rows is better only
an ensemble can say.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from twin.errors import TwinError
from twin.life import life
from twin.scenario import load
from twin.scenario.shipped import bundled_names

HEAD = ("| scenario, variant | class | kept | carried in full | in words |", "|---|---|---|---|---|")


def row_of(name: str, variant: str | None) -> str:
    """A line of the table; where a life does not come to its end, with the reason."""
    what = f"`{name}`" if variant is None else f"`{name}`, `{variant}`"
    try:
        verdict = life(load(name, variant=variant, sets=("record.cells=none", "record.operators=none"))).verdict
    except TwinError as error:
        return f"| {what} | failed | | | {str(error).splitlines()[0]} |"
    return f"| {what} | {verdict.outcome.value.replace('_', ' ')} | {_share(verdict.paid_usage_kept)} | {_share(verdict.usage_carried_full)} | {verdict.sentence()} |"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.2f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table, row by row."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__.splitlines()[0])
    parser.add_argument("scenarios", nargs="*", help="names or files; all that ship where none is given")
    parser.add_argument("--plain", action="store_true", help="without variants")
    asked = parser.parse_args(arguments)
    print("\n".join(HEAD), flush=True)
    for name in asked.scenarios or bundled_names():
        for variant in (None, *(() if asked.plain else load(name).variants)):
            print(row_of(name, variant), flush=True)


if __name__ == "__main__":
    main()
