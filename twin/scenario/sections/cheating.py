"""Who cheats, how, and what looks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from twin.scenario.model import Dated, SpecModel


class LearnsSpec(SpecModel):
    """What a campaign believes of checks, and how boldly it answers: it counts what is caught of it and of its like, and does its sum anew at each look."""

    first_guess_catch_probability_per_month: float = Field(0.05, ge=0, lt=1, description="assumed: before it has seen anything, by node and by all checks together")
    first_guess_node_months: float = Field(12.0, gt=0, le=1_200, description="assumed: node-months of its own that weigh as much as the guess")
    memory_half_life_months: float = Field(6.0, gt=0, le=120, description="assumed: what it saw so long ago counts half")
    hears_share: float = Field(0.5, ge=0, le=1, description="assumed: how much counts what other campaigns that learn see of the same exploit")
    looks_every_days: int = Field(30, ge=1, le=366, description="assumed: days between two looks at its sum")
    planning_months: float = Field(12.0, gt=0, le=120, description="assumed: pay of so many months must bring back the outlay, detection included")
    grows_share_per_look: float = Field(0.25, ge=0, le=4, description="assumed: nodes that it adds at a look while one more pays, at least one")
    shrinks_share_per_look: float = Field(0.5, ge=0, le=1, description="assumed: nodes that it takes off at a look while they stand to lose more than they bring")
    probe_nodes: int = Field(1, ge=0, description="assumed: kept running while it does not pay, so that it is noticed when nobody looks any more")


class MayLearnSpec(SpecModel):
    """What an adversary may state beside its exploit where campaigns of the kind can learn."""

    size_field: ClassVar[str] = "nodes"
    """The kind's word for the size of a campaign."""
    learns: LearnsSpec | None = Field(None, description="left out, it acts by its calendar alone; stated, it comes, grows and leaves as its sum says from its first day on")
    most_nodes: int | None = Field(None, ge=1, description="nodes up to which it grows; default: its stated size. Only with `learns`")
    budget_usd: float | None = Field(None, ge=0, description="outlays and lost stakes are drawn from it, and pay is not added; default: it has no end. Only with `learns`")

    @property
    def at_most(self) -> int:
        """Nodes up to which it grows."""
        size: int = getattr(self, self.size_field)
        return self.most_nodes if self.most_nodes is not None else size

    @model_validator(mode="after")
    def _has_a_sum_to_do(self) -> MayLearnSpec:
        stated = [name for name in ("most_nodes", "budget_usd", "may_turn_to") if getattr(self, name, None) not in (None, ())]
        if self.learns is None:
            if stated:
                raise ValueError(f"{stated[0]} goes with learns: a campaign that keeps to its calendar does not count")
            return self
        size: int = getattr(self, self.size_field)
        if self.at_most < size:
            raise ValueError(f"most_nodes is below {self.size_field}")
        if self.learns.probe_nodes > size:
            raise ValueError(f"probe_nodes is above {self.size_field}")
        if getattr(self, "exploit", "") in getattr(self, "may_turn_to", ()):
            raise ValueError("may_turn_to names what it does already")
        return self


class ComesOneByOne(MayLearnSpec):
    """A campaign whose nodes come one after another, each if it would pay back."""

    starts: date = Field(alias="from", description="day the first comes, or is ordered")
    spread_months: float = Field(6.0, ge=0, description="they come one after another over this time; assumed. Not where it learns")
    payback_limit_months: float = Field(12.0, gt=0, description="assumed: one that would not pay back sooner, at the pay of the day, stays away. Not where it learns")


class SanctionStepSpec(SpecModel):
    """What follows from so many strikes."""

    n_strikes: int = Field(ge=1, le=100, description="strikes from which it holds")
    what: Literal["warning", "withhold", "slash", "ban"] = Field(description="warning: nothing yet; withhold: no pay for so many days; slash: a share of the stake; ban: out, and what cheats have there is taken away")
    days: int | None = Field(None, ge=1, description="of withhold; of ban, for good where left out")
    share: float | None = Field(None, gt=0, le=1, description="of slash: part of the stake")

    @model_validator(mode="after")
    def _has_its_size(self) -> SanctionStepSpec:
        if self.what == "withhold" if self.days is None else self.what not in ("withhold", "ban"):
            raise ValueError("days goes with withhold, which needs it, and with ban")
        if (self.share is None) == (self.what == "slash"):
            raise ValueError("share goes with slash, which needs it")
        return self


class SanctionsSpec(SpecModel):
    """Penalties that grow with the number of times that one was accused."""

    memory_days: int = Field(360, ge=1, le=3_650, description="assumed: strikes older than this are forgotten, all of them at once")
    steps: tuple[SanctionStepSpec, ...] = Field(min_length=1, max_length=6, description="by strikes, the first from one on")

    @model_validator(mode="after")
    def _rises_from_the_first(self) -> SanctionsSpec:
        strikes = [step.n_strikes for step in self.steps]
        if strikes != sorted(set(strikes)) or strikes[0] != 1:
            raise ValueError("steps must rise by n_strikes, from 1")
        return self


class AppealSpec(SpecModel):
    """A second look, at which everybody who was accused asks: the penalty runs meanwhile and is lifted for who wins; a stake is taken from who loses."""

    success_probability: float = Field(0.9, ge=0, le=1, description="assumed: of honest ones")
    cheats_success_probability: float = Field(0.0, ge=0, le=1, description="assumed: of cheats")
    months: float = Field(1.0, ge=0, le=24, description="assumed: until it ends, a day at least")


class LooksSpec(SpecModel):
    """How often somebody looks, and what that costs whom."""

    detection_multiple: Dated[Annotated[float, Field(ge=0, le=100)]] = Field(
        {}, description="looks in place of one, by date, at cheats and at honest ones alike: 1 - (1 - p)^m; 0: nobody is looked at. Before the first date, and left out, one"
    )
    cost_usd_per_look: float = Field(0.0, ge=0, description="assumed: of one look at one node")
    paid_by: Literal["project", "treasury", "nodes"] = Field("project", description="project: out of its own pocket; treasury: as far as it has dollars; nodes: those that are looked at, a month later")

    @property
    def is_counted(self) -> bool:
        """Whether anything is stated that asks for a table of its own."""
        return bool(self.detection_multiple) or self.cost_usd_per_look > 0


class CheckSpec(LooksSpec):
    """What may be stated of a check: how often it looks, what that costs whom, and what follows."""

    cannot: ClassVar[Mapping[str, str]] = {}
    """Penalties that the network cannot carry out, and why."""
    sanctions: SanctionsSpec | None = Field(None, description="penalties by steps; left out, one penalty for all, as the check states it")
    appeal: AppealSpec | None = Field(None, description="against any of the steps; left out, there is none")

    @property
    def is_counted(self) -> bool:
        """The same, or penalties by steps."""
        return super().is_counted or self.sanctions is not None

    @property
    def hardest_slash_share(self) -> float:
        """Part of a stake that the hardest step takes; 0 where none takes any."""
        return max((step.share or 0.0 for step in self.sanctions.steps), default=0.0) if self.sanctions is not None else 0.0

    @model_validator(mode="after")
    def _appeals_against_a_step(self) -> CheckSpec:
        if self.appeal is not None and self.sanctions is None:
            raise ValueError("appeal goes with sanctions: it is against one of their steps")
        return self

    def problems(self) -> Iterable[tuple[Any, str, str, str]]:
        """Penalties that the network cannot carry out."""
        for row, step in enumerate(self.sanctions.steps if self.sanctions is not None else ()):
            if (why := self.cannot.get(step.what)) is not None:
                yield ("sanctions", "steps", str(row), "what"), "no_such_penalty", f"a check of this kind cannot {step.what}: {why}.", "use one of the other penalties"


class RingLearnsSpec(LearnsSpec):
    """The same of a ring, whose hotspots are worth something to each other alone."""

    probe_nodes: int = Field(5, ge=2, description="assumed: five hear each other, and each earns the maximum (dossier 5); a lone one is heard by nobody. Kept running while it does not pay")


FarmExploit = Literal["spoofed_locations", "split_antenna"]


class SpoofedLocationsSpec(MayLearnSpec):
    """A clustered farm: nodes in one room, asserted over distant free cells, hearing each other by wire; or many on one antenna, asserted over the free sites beside it (dossier 5)."""

    exploit: FarmExploit = Field("spoofed_locations", description="split_antenna: all hear and are heard like honest ones beside the antenna; what the one antenna covers is left out. Only with `learns`")
    may_turn_to: tuple[FarmExploit, ...] = Field((), description="what else it does where that promises more. Only with `learns`")
    learns: RingLearnsSpec | None = Field(None, description="left out, each farm acts by its calendar; stated, one ring comes, grows, gives up and returns as its sum says from its first day on")
    nodes: int = Field(15, ge=2, description="nodes of one farm; from five on each earns the maximum (dossier 5)")
    farms: int = Field(1, ge=1, description="how many such farms come. One where it learns")
    starts: date = Field(alias="from", description="day the first farm orders")
    spread_months: float = Field(0.0, ge=0, description="the farms come one after another over this time. Not where it learns")
    entry_cost_usd_per_node: float = Field(50.0, ge=0, description="onboarding, assert and cabling beside the node itself; onboarding from the chain")
    payback_limit_months: float = Field(12.0, gt=0, description="assumed: a farm that would not pay back sooner, detection included, stays away. Not where it learns")
    returns_after_denial: bool = Field(True, description="denied nodes are asserted anew elsewhere when that pays (assumed). Where it learns they always may be")

    @model_validator(mode="after")
    def _one_ring_that_learns(self) -> SpoofedLocationsSpec:
        if self.learns is not None and self.farms > 1:
            raise ValueError("farms is one where it learns: state another adversary for another ring, so that one may hear of the other")
        if self.learns is None and self.exploit != "spoofed_locations":
            raise ValueError("split_antenna goes with learns: by the calendar come farms on a desk alone")
        return self


class TimingSpec(SpecModel):
    """The calendar of a denylist."""

    release_every_days: int = Field(7, ge=1, description="helium/denylist: weekly")
    delay_days: int = Field(30, ge=0, description="assumed: from evidence to listing")
    denied_days: int = Field(180, ge=1, description="helium/denylist: six months")


class DenylistSpec(CheckSpec):
    """Neighbour evidence and the free-space check, published as a list; listed nodes earn no proof, data pay stays."""

    cannot: ClassVar[Mapping[str, str]] = {"slash": "hotspots have no stake; who is listed loses proof to come"}
    detection_probability_per_month: float = Field(0.20, ge=0, le=1, description="assumed, range .05 to .5, where many honest neighbours should have heard")
    evidence_neighbours: int = Field(3, ge=1, description="assumed: honest neighbours that should hear the asserted place for full evidence")
    blind_detection_share: float = Field(0.2, ge=0, le=1, description="assumed: share of the probability left where nobody is near to miss the signal")
    free_space_catch_share: float = Field(
        0.05, ge=0, le=1, description="assumed: careless nodes whose reported signal beats free space, caught at the first release"
    )
    split_antenna_probability_per_month: float = Field(
        0.15, ge=0, le=1, description="assumed, with full evidence: signals that are too strong a kilometre away, or alike at all neighbours. The list's class of such fell from 21,332 to 2,431 in 28 months (dossier 5), 7.5 % a month, while new ones came"
    )
    false_positive_probability_per_month: float = Field(0.001, ge=0, le=1, description="assumed (dossier 10.3 H)")
    evidence: Literal["neighbours", "hull"] = Field("neighbours", description="hull: honest neighbours tell something of a claim only where it lies inside their convex hull (arXiv 2503.07558); elsewhere what is left without any counts")
    observers_within_km: float = Field(12.0, gt=0, description="honest nodes nearer than this are observers of a claim; 95 in 100 witnesses are (Pittsburgh, August 2021: docs/helium-iot.md). Read with evidence: hull, and for the table `rings`")
    starts: date | None = Field(None, description="first release; default: the date of the network's rules, or the first day")
    cost_usd_per_node_per_month: float = Field(0.0, ge=0, description="assumed: borne by the project")
    timing: TimingSpec = TimingSpec()


class RingsSpec(LooksSpec):
    """Rings sought in the graph of who vouches for whom; who is taken for one goes on the denylist, whose penalties hold."""

    detection_multiple: Dated[Annotated[float, Field(ge=0, le=1)]] = Field({}, description="0: nobody looks from that date on. The same graph shows the same, however often it is looked at")
    looks_every_days: int = Field(180, ge=1, le=366, description="assumed: days between two looks at the graph")
    flagged_from_share: float = Field(0.5, gt=0, le=1, description="assumed; what it finds and whom it wrongs by measurement: `python -m benchmarks.rings`. A community is a ring from this share of vouches inside, times the share of outsiders near it that it does not hear and that do not hear it")
    fewest_nodes: int = Field(4, ge=2, description="assumed: fewer are no ring; from five on each earns the maximum (dossier 5)")
    most_share: float = Field(0.2, gt=0, le=1, description="assumed: more of all nodes are no ring, but the network")
    should_hear_km: float = Field(1.5, gt=0, description="assumed: outsiders nearer than this to an asserted place should be heard there")
    receipts_per_node: int = Field(16, ge=1, le=64, description="assumed: so many receipts of each are looked at for communities; their score counts all")
    starts: date | None = Field(None, description="first look; default: the first day")

    @property
    def is_counted(self) -> bool:
        """Always: the check has no other table."""
        return True


class VerificationSpec(SpecModel):
    """What the network does about cheats."""

    denylist: DenylistSpec | None = None
    rings: RingsSpec | None = Field(None, description="rings sought in the graph of who vouches for whom. Only where neighbours hear each other one by one, and beside a denylist")

    @model_validator(mode="after")
    def _rings_are_listed(self) -> VerificationSpec:
        if self.rings is not None and self.denylist is None:
            raise ValueError("rings goes with denylist, on which they are put")
        return self


DeviceExploit = Literal["spoofed_coordinates", "indoor", "colocated", "copied_data"]


class FakeDevicesSpec(ComesOneByOne):
    """Nodes that claim more than they do."""

    exploit: DeviceExploit = Field(description="coordinates made up; a station that stands in a room; many on one roof; a neighbour's readings sent in again from made-up coordinates")
    nodes: int = Field(ge=1, description="stations of the campaign")
    entry_cost_usd_per_node: float = Field(ge=0, description="beside the station itself; assumed")
    buys_nodes: bool = Field(True, description="false: made-up stations that cost no hardware")
    may_turn_to: tuple[DeviceExploit, ...] = Field((), description="what else it does where that promises more. Only with `learns`")


class DatedCheckSpec(CheckSpec):
    """A check that may begin later than the calendar."""

    starts: date | None = Field(None, description="first day of checks; default: the first day of the calendar")


class DeviceChecksSpec(DatedCheckSpec):
    """What looks for cheats: neighbours' data, the sun in the readings, and how it errs."""

    cannot: ClassVar[Mapping[str, str]] = {"slash": "stations have no stake to slash"}
    detection_probability_per_month: float = Field(0.2, ge=0, le=1, description="assumed: per honest neighbour within `neighbour_km`, for made-up coordinates")
    neighbour_km: float = Field(60.0, gt=0, description="neighbours nearer than this have data to compare with (dossier 6)")
    blind_probability_per_month: float = Field(0.02, ge=0, le=1, description="assumed: found without any neighbour")
    copied_detection_probability_per_month: float = Field(0.1, ge=0, le=1, description="assumed: that readings copied from a neighbour are seen to be the neighbour's, noise and all; against neighbours they hold")
    indoor_probability_per_week: float = Field(0.8, ge=0, le=1, description="assumed: indoor detector from theoretical solar radiation (dossier 6)")
    false_positive_probability_per_month: float = Field(0.0005, ge=0, le=1, description="assumed")
    denied_days: int = Field(90, ge=1, description="assumed: days without pay after being caught")


class DeviceVerificationSpec(SpecModel):
    """What the network does about cheats."""

    checks: DeviceChecksSpec | None = None
