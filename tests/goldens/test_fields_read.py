"""Every field of a scenario is read by somebody: each is asked for in one of the golden worlds of its kind, or excused here with a reason.

Reading is counted while a world is built and lived, not while the file is loaded, checked or hashed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from worlds import WORLDS

from twin.build import build
from twin.cutoff import live_and_try
from twin.scenario.model import SpecModel

ABOUT_THE_FILE = {"schema_version", "title", "description", "sources", "variants", "uncertain", "seed"}
"""Read where a scenario is loaded, drawn and described."""

AFTER_THE_RUN = {"VerdictSpec", "TaperSpec"}
"""Read where the run is judged, after it was lived (tests/outcomes hold each threshold)."""

NOT_IN_THESE_WORLDS: dict[str, str] = {
    "AreaSpec.buffer_km": "a width around a place; the small worlds have none (tests/geo)",
    "AreaSpec.layer": "of users' own files (tests/geo)",
    "AreaSpec.state": "tells towns of one name apart (tests/geo)",
    "AudienceSpec.potential_usd_per_1000_people_per_year": "not stated for an audience: it follows from footfall",
    "AudienceSpec.potential_usd_per_year": "the same",
    "ConstantPriceSpec.then": "a price frozen from a day on, before which another kind runs (tests/economy)",
    "ConstantPriceSpec.until": "the same",
    "CreditEngineSpec.deposit_days": "credits begin after the calendar of compute-grants (tests/compute)",
    "CreditEngineSpec.seed_usd": "the same",
    "GatewayHardwareSpec.cancellation": "households do not queue for gateways: common section of all hardware",
    "GatewayHardwareSpec.most_street_premium_share": "nor bought on the street in place of a queue",
    "GatewayHardwareSpec.street_premium_share_per_month_of_wait": "the same",
    "GatewayHardwareSpec.used_price_share": "gateways are not sold on: common section of all hardware",
    "JobSpec.largest_buyer_share": "read for the investor questions, after the run",
    "PathLossSpec.log_distance_set": "another path loss than the worlds' (tests/radio)",
    "InterestFieldSpec.half_at_share": "no field of interest in these worlds (tests/actors)",
    "InterestFieldSpec.km": "the same",
    "PopulationSpec.density_factor": "of densities by city; these worlds have one density (tests/geo)",
    "MakerSpec.enlarges_after_months": "no queue of these worlds is long enough to be answered by a further line (tests/supply)",
    "QualitySpec.n_satellites_at_best": "of networks paid by satellites seen (tests/sensing)",
    "QualitySpec.n_satellites_at_worst": "the same",
}
"""`Class.field` -> why no golden world reads it."""

WHERE_OPERATORS_ARE_PAID_IN_DOLLARS = {"pay_out_reserve_usd", "pay_out_mean_days"}
"""Fields of every token; all golden worlds pay in tokens (tests/market)."""

WHERE_PENALTIES_GO_BY_STEPS = {"appeal"}
"""Field of every check, read where it states `sanctions`; not every check of these worlds does (tests/pressure)."""

OF_A_SWITCHED_OFF_PART = {"SolsticeSpec": "a proposal, off unless a variant enables it (tests/storage)", "PertSpec": "read when a scenario is drawn"}


def is_excused(name: str, discriminators: set[str]) -> bool:
    """Whether a field that no world reads has its reason here."""
    owner, field = name.split(".")
    return (
        field in ABOUT_THE_FILE or field in WHERE_OPERATORS_ARE_PAID_IN_DOLLARS or field in WHERE_PENALTIES_GO_BY_STEPS or field == "reference_price_usd" or owner in AFTER_THE_RUN or owner in OF_A_SWITCHED_OFF_PART
        or name in discriminators or name in NOT_IN_THESE_WORLDS
    )  # fmt: skip


def is_word(spec: type[SpecModel], name: str) -> bool:
    """A field that can hold one word alone: it tells the members of a union apart, and is read by the loader."""
    return str(spec.model_fields[name].annotation).startswith("typing.Literal")


@contextmanager
def counted_reads() -> Iterator[set[str]]:
    """`Class.field` of every attribute of a spec that is asked for inside."""
    read: set[str] = set()
    plain = BaseModel.__getattribute__ if "__getattribute__" in vars(BaseModel) else object.__getattribute__

    def watching(self: SpecModel, name: str) -> Any:
        if not name.startswith("_"):
            read.add(f"{type(self).__name__}.{name}")
        return plain(self, name)

    SpecModel.__getattribute__ = watching  # type: ignore[method-assign,assignment]
    try:
        yield read
    finally:
        del SpecModel.__getattribute__


def fields_under(value: Any, found: dict[str, bool]) -> dict[str, bool]:
    """`Class.field` of every field of every section that a scenario has, and whether it only tells members of a union apart."""
    if isinstance(value, SpecModel):
        for name in type(value).model_fields:
            found[f"{type(value).__name__}.{name}"] = is_word(type(value), name)
            fields_under(getattr(value, name), found)
    elif isinstance(value, dict):
        for each in value.values():
            fields_under(each, found)
    elif isinstance(value, list | tuple):
        for each in value:
            fields_under(each, found)
    return found


@pytest.mark.slow
def test_every_field_is_read_or_excused(tmp_path: Path) -> None:
    there: dict[str, bool] = {}
    read: set[str] = set()
    for world in WORLDS.values():
        scenario = world.scenario()
        fields_under(scenario.spec, there)
        assert scenario.reference and scenario.hash  # the reference variant is read from the file once, and not counted
        with counted_reads() as now:
            made = build(scenario, cache=tmp_path)  # a kept map would be read in place of the fields it was made from
            made.addressable_usd_per_day()
            live_and_try(made, scenario)
        read |= now
    unread = set(there) - read
    words = {name for name, is_a_word in there.items() if is_a_word}
    assert sorted(name for name in unread if not is_excused(name, words)) == []
    assert sorted(set(NOT_IN_THESE_WORLDS) & read) == [], "excused, and read after all"
