"""Sections of a compute scenario that say who claims what is not there, and what looks for it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from twin.scenario.model import Dated
from twin.scenario.sections.cheating import CheckSpec, MayLearnSpec
from twin.scenario.sections.wash import WashChecksSpec

GpuExploit = Literal["fake_gpus", "forged_class", "idle_claims", "hollow_jobs", "self_dealt"]
EXPLOITS: tuple[str, ...] = get_args(GpuExploit)


class FakeGpusSpec(MayLearnSpec):
    """Accounts that claim GPUs which they do not have. What that pays hangs on the network's rule of rewards (docs/networks/compute.md, *Fakes*)."""

    size_field = "n_nodes"
    exploit: GpuExploit = Field(
        "fake_gpus",
        description="fake_gpus: claims alone; forged_class: cards of a cheaper class claim to be of this one; idle_claims: and forges what tests of idle cards look at; hollow_jobs: and takes customers' jobs, which come to nothing; self_dealt: and rents itself to itself",
    )
    starts: date = Field(alias="from", description="first day")
    spread_days: float = Field(3.0, ge=0, description="they come one after another over this time. Not where it learns")
    n_nodes: int = Field(ge=1, description="accounts")
    n_claimed_gpus: int = Field(ge=1, description="GPUs that each claims")
    gpu: str = Field(description="class they claim")
    has_gpu: str | None = Field(None, description="class of the cards that they really have, as many as they claim; of forged_class, which needs it")
    stakes: bool = Field(True, description="false: they come without a stake, and count only where none is asked")
    returns: bool = Field(False, description="caught ones come back with a new account after the cooldown. Not where it learns: it comes again when that pays")
    may_turn_to: tuple[GpuExploit, ...] = Field((), description="what else it does where that promises more. Only with `learns`")
    setup_usd_per_node: float = Field(25.0, ge=0, description="assumed: an account with keys, an address of its own and a forged client. Only with `learns`")
    running_usd_per_node_per_month: float = Field(10.0, ge=0, description="assumed: a rented server that answers. Only with `learns`")
    undercut_share: float = Field(0.1, ge=0, lt=1, description="assumed: in an auction it asks so much less than the mean of honest hosts of the class that it claims")
    notice_hours: float = Field(6.0, gt=0, description="assumed: mean hours until a tenant sees that nothing runs; of hollow_jobs")
    passes_share: float = Field(0.2, ge=0, le=1, description="assumed: copied results of short jobs that customers take for work; of hollow_jobs")
    dealt_share: float = Field(0.5, gt=0, le=1, description="assumed: part of the hours of the cards it claims that it rents itself; more than all hours nobody can; of self_dealt")
    lands_share: float = Field(1.0, gt=0, le=1, description="of what it rents from itself, the part that comes to its own accounts: 1 where a tenant chooses its host, less where the network assigns work; of self_dealt")


class CheckingSpec(CheckSpec):
    """Spot checks and what follows."""

    checks_per_hour: Dated[Annotated[float, Field(ge=0)]] = Field({}, description="mean checks of a node an hour, by date; io.net: 1")
    catch_probability: Dated[Annotated[float, Field(ge=0, le=1)]] = Field({}, description="probability that one check finds a fake, by date; assumed 0.95 for proof of work")
    checks_per_failed_job: float = Field(0.0, ge=0, le=100, description="checks that a customer's complaint of a job that came to nothing brings about; assumed 0.01 on Akash (dossier 7.2), 1 on Render, whose artists approve each frame")
    hired_catch_share: Annotated[float, Field(ge=0, le=1)] = Field(1.0, description="of the same probability, what is left at a node that is hired: io.net runs no puzzles there, the time lock alone (dossier 3.4)")
    forged_class_catch_share: Annotated[float, Field(ge=0, le=1)] = Field(0.3, description="of the same probability, what is left where cards of a cheaper class answer: puzzles are sized to the class that is claimed (dossier 3.4), and a smaller card is late now and then; assumed")
    false_alarm_probability_per_check: float = Field(0.005, ge=0, le=1, description="assumed: honest device fails a check (timeouts)")
    n_alarms_to_slash: int = Field(3, ge=1, description="assumed: failed checks in a row before an honest node is accused; its hours without passing are unpaid all the same")
    slash_share: float = Field(0.5, ge=0, le=1, description="assumed: of the stake; io.net says a portion. Not where steps are stated")
    appeal_months: float = Field(1.0, ge=0, description="io.net: one month to appeal, then burned")
    appeal_success_probability: float = Field(0.9, ge=0, le=1, description="assumed: of accused honest nodes. Not where steps are stated")
    cooldown_days: int = Field(14, ge=0, description="io.net: stake is locked this long after leaving")
    wash: WashChecksSpec | None = Field(None, description="who pays whom: looks for hosts that rent themselves")

    @property
    def most_slashed_share(self) -> float:
        """Part of a stake that the hardest penalty takes."""
        return self.slash_share if self.sanctions is None else self.hardest_slash_share
