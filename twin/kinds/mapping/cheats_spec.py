"""Who claims kilometres that nobody drove, and what looks for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from twin.scenario.model import SpecModel
from twin.scenario.sections.cheating import CheckSpec, DatedCheckSpec, MayLearnSpec
from twin.scenario.sections.wash import WashChecksSpec

MapExploit = Literal["fabricated_passes", "replayed_drives", "self_dealt_usage"]
REPLAYS, DEALS = "replayed_drives", "self_dealt_usage"


class MapCheatsSpec(MayLearnSpec):
    """Accounts that claim passes of streets where nobody was: generated, or a drive of the past sent in once more."""

    size_field: ClassVar[str] = "drivers"
    exploit: MapExploit = Field("fabricated_passes", description="drives that never were, on any street; recordings of real drives, claimed again as fresh, on streets that somebody has driven; or drives that never were, whose data the campaign buys itself for its part of what is minted again")
    drivers: int = Field(ge=1, le=10_000, description="accounts that lie")
    starts: date = Field(alias="from", description="first day of lying")
    km_per_day: float = Field(150.0, gt=0, description="assumed: kilometres each claims a day")
    prefers: Literal["thin_streets", "any_streets"] = Field("thin_streets", description="where few honest drivers could contradict, or anywhere")
    recording_age_days: int = Field(60, ge=1, le=3_650, description="assumed: how old a recording is when it is claimed again. Only of replayed_drives")
    deals_usd_per_km_week: float = Field(0.00375, ge=0, description="paid for each kilometre that it claims, once a week: half a credit (MIP-26) at 0.0075 USD. Only of self_dealt_usage")
    cost_usd_per_month: float = Field(8.0, ge=0, description="assumed: accounts, devices, computing")
    entry_cost_usd_per_driver: float = Field(50.0, ge=0, description="assumed: one more account, with a key as cameras have it. Felt only where it learns")
    returns_after_days: int | None = Field(None, ge=1, description="a banned cheat comes back under another name; left out: never. Not where it learns: there a new account is bought or not")
    may_turn_to: tuple[MapExploit, ...] = Field((), description="what else it does where that promises more. Only with `learns`")

    @model_validator(mode="after")
    def _comes_back_by_its_sum(self) -> MapCheatsSpec:
        if self.learns is not None and self.returns_after_days is not None:
            raise ValueError("returns_after_days goes without learns: a campaign that learns buys another account when that pays")
        return self


class StrikesSpec(SpecModel):
    """When flags cost something."""

    window_days: int = Field(28, ge=7, description="assumed, 7 to 56: honest passes that count, and how long a strike stands")
    n_strikes_to_ban: int = Field(3, ge=1, description="assumed")
    strike_above_flagged_share: float = Field(0.01, ge=0, le=1, description="assumed: a week with more of its passes flagged is a strike; 0: any flag is")


class MapCheckSpec(CheckSpec):
    """What checks of a map have in common."""

    cannot: ClassVar[Mapping[str, str]] = {"slash": "drivers stake nothing; what is withheld is the week's pay"}


class OverlapConsensusSpec(MapCheckSpec):
    """Claimed passes are held against honest drivers on the same street. `sanctions`, where stated, stand in place of strikes and the lost week."""

    detection_probability_per_honest_pass: float = Field(0.3, ge=0, le=1, description="assumed, 0.05 to 0.8")
    scene_change_hazard_per_month: float = Field(
        0.1, ge=0, le=30, description="assumed: how soon a street no longer looks as it was recorded; a replay is found by an honest pass only where it does not"
    )
    false_positive_probability_per_pass: float = Field(1e-4, ge=0, le=1, description="assumed, 0 to 0.01")
    rule: StrikesSpec = StrikesSpec()


class DuplicatesSpec(MapCheckSpec, DatedCheckSpec):
    """Footage of a week is held against all that the network has kept: a drive that was claimed before is found, if it is still there. A match puts a cheat out."""

    match_probability_per_week: float = Field(0.5, ge=0, le=1, description="assumed: that a week of replays is matched; images are cropped and shifted against it")
    archive_days: int = Field(360, ge=1, description="assumed: how long footage is kept; older recordings match nothing")
    false_positive_probability_per_week: float = Field(1e-4, ge=0, le=1, description="assumed: an honest driver's week, who drives the same way to work every day")
    denied_days: int = Field(14, ge=1, description="assumed: days without pay for an honest one that was accused")


class MapWashSpec(WashChecksSpec):
    """Who pays for whose streets."""

    cannot: ClassVar[Mapping[str, str]] = MapCheckSpec.cannot


class PossibleDrivesSpec(SpecModel):
    """Claims that no car could have driven: a day on which an account claims more kilometres than that is refused as a whole."""

    most_km_per_hour: float = Field(90.0, gt=0, le=300, description="assumed: mean speed that nobody keeps up on the area's streets")
    hours_per_day: float = Field(24.0, gt=0, le=24, description="hours of a day at that speed; fewer where one driver has an account")


class MappingVerificationSpec(SpecModel):
    """What the network does about cheats."""

    overlap_consensus: OverlapConsensusSpec | None = None
    duplicates: DuplicatesSpec | None = Field(None, description="this week's footage against the archive")
    wash: MapWashSpec | None = Field(None, description="purchases that come back to the pocket they came from")
    possible: PossibleDrivesSpec | None = Field(None, description="claims that no car could have driven in a day are refused")
