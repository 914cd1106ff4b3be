"""How sites divide over countries: a prior for the world, written in the scenario or in a CSV beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from twin.errors import InputError, Problem
from twin.geo import countries, user_areas

PATH = "place.sites.country_prior"


def read_country_prior(prior: Mapping[str, float] | str, *, base_dir: Path) -> dict[str, float]:
    """Share of sites by country code; a name is that of a CSV with columns country and share in the scenario's folder.

    Raises InputError: `bad_country_prior`, `unknown_country`, and those of `user_files.admitted`.
    """
    shares = dict(prior) if not isinstance(prior, str) else _from_table(prior, base_dir)
    for code in shares:
        countries.checked(code, path=PATH)
    if sum(shares.values()) > 1 + 1e-9 or any(share < 0 for share in shares.values()):
        raise InputError(
            Problem(
                "bad_country_prior", f"shares must be 0 or more and add up to 1 at most; their sum is {sum(shares.values()):.4g}", path=PATH
            )
        )
    return shares


def _from_table(name: str, base_dir: Path) -> dict[str, float]:
    file = name if name.endswith(".csv") else f"{name}.csv"
    frame = user_areas.table(file, base_dir=base_dir, path=PATH)
    if not {"country", "share"} <= set(frame.columns):
        raise InputError(
            Problem(
                "missing_column", f"{file!r} needs the columns country and share; it has {', '.join(map(str, frame.columns))}", path=PATH
            )
        )
    shares: dict[str, float] = {}
    for row, (code, share) in enumerate(zip(frame.country.str.strip(), frame.share, strict=True)):
        try:
            value = float(share)
        except ValueError:
            raise InputError(
                Problem("bad_country_prior", f"expected a share; found {share!r}", file=file, line=row + 2, path=PATH)
            ) from None
        if code in shares:
            raise InputError(Problem("bad_country_prior", f"{code} stands there twice", file=file, line=row + 2, path=PATH))
        shares[code] = value
    return shares
