"""A whole compute scenario, and what one section alone cannot tell of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field

from twin.kinds.compute.cheats_spec import CheckingSpec, FakeGpusSpec
from twin.kinds.compute.demand_spec import JobSpec, UsersSpec
from twin.kinds.compute.rewards_spec import BlockRewardsSpec, RewardsSpec
from twin.kinds.compute.supply_spec import ConstructionSpec, GpuSpec, ProviderSpec, ShockSpec
from twin.scenario.model import SpecModel
from twin.scenario.sections.place import AreaSpec
from twin.scenario.sections.regulation import CurtailmentSpec, DataLocalisationSpec, OnEveryKind, UsageLevySpec
from twin.scenario.sections.root import CommonSpec, NetworkSpec
from twin.scenario.sections.token import TradedTokenSpec


class ComputeNetworkSpec(NetworkSpec):
    """A market for hours of GPUs."""

    kind: Literal["compute"] = "compute"
    clearing: Literal["reverse_auction", "tiered", "cluster"] = Field(description="who gets which job: Akash, Render, io.net")
    reputation_weight: float = Field(1.0, ge=0, description="assumed, 0 to 3: how much a bad name makes an ask dearer (auction)")
    posted_price_gain_share: float = Field(0.005, ge=0, description="assumed: an hour's move of the posted price per distance of use from 0.7 (cluster)")
    strict_electricity: bool = Field(False, description="true: a country without an electricity price of its own is an error, not its continent's mean")


class ComputeTokenSpec(TradedTokenSpec):
    """The token: what existed on the first day, and its price."""

    supply_tokens: float = Field(gt=0, description="in existence on the first day")

    @property
    def exists_before_tokens(self) -> float:
        """Tokens that exist before the first day."""
        return self.supply_tokens


class ComputePlaceSpec(SpecModel):
    """Where nodes may stand."""

    area: AreaSpec = AreaSpec(world=True)


ComputeRuleSpec = Annotated[OnEveryKind | UsageLevySpec | CurtailmentSpec | DataLocalisationSpec, Field(discriminator="kind")]


class ComputeScenario(CommonSpec):
    """A whole compute scenario."""

    network: ComputeNetworkSpec
    place: ComputePlaceSpec = ComputePlaceSpec()
    hardware: dict[str, GpuSpec] = Field(min_length=1, description="classes of GPU by name")
    construction: ConstructionSpec = ConstructionSpec()
    operators: dict[str, ProviderSpec] = Field(min_length=1)
    users: UsersSpec = UsersSpec()
    customers: dict[str, JobSpec] = Field(min_length=1, description="classes of jobs by name")
    adversaries: dict[str, FakeGpusSpec] = {}
    verification: CheckingSpec = CheckingSpec()
    regulation: dict[str, ComputeRuleSpec] = {}
    shocks: dict[str, ShockSpec] = {}
    rewards: RewardsSpec
    token: dict[str, ComputeTokenSpec] = Field(min_length=1, max_length=1)  # type: ignore[assignment]

    @property
    def operators_earn_tokens(self) -> bool:
        """Whether rewards are paid in the token; where credits are, customers and grants pay dollars."""
        return self.rewards.kind != "credits"

    @property
    def why_emission_is_not_steered(self) -> str:
        """Grants and an engine that pays by target have no schedule."""
        if self.rewards.kind == "credits":
            return "hosts are paid by customers and by grants in dollars: nothing is emitted to them"
        if isinstance(self.rewards, BlockRewardsSpec) and self.rewards.engine is not None:
            return "an incentive engine pays hosts by a target of its own (`rewards.engine`), and two controllers would steer one flow"
        return ""

    def problems(self) -> Iterable[tuple[Any, str, str, str]]:
        """Names that nothing stands behind, more nodes than sites, stakes that do not count, memory that nobody has."""
        known = set(self.hardware)
        for name, group in self.operators.items():
            for gpu in sorted(set(group.mix_share) - known):
                yield ("operators", name, "mix_share"), "unknown_gpu", f"{gpu} is not among the classes of hardware.", f"one of {', '.join(sorted(known))}"
            if group.n_at_start > group.n_sites:
                yield ("operators", name, "n_at_start"), "too_few_sites", f"{group.n_at_start} nodes at {group.n_sites} sites.", "raise n_sites"
            if isinstance(self.rewards, BlockRewardsSpec) and group.stake_tokens_per_gpu is not None:
                least = max((self.rewards.stake_tokens_per_gpu * max(1.0, self.hardware[gpu].reward_multiple) for gpu in group.mix_share if gpu in known), default=0.0)
                if group.stake_tokens_per_gpu < least:
                    yield (
                        ("operators", name, "stake_tokens_per_gpu"), "stake_below_minimum",
                        f"{group.stake_tokens_per_gpu:g} tokens a GPU are below the {least:g} from which a device counts.", f"at least {least:g}, or leave it out",
                    )  # fmt: skip
        for name, cheat in self.adversaries.items():
            if cheat.gpu not in known:
                yield ("adversaries", name, "gpu"), "unknown_gpu", f"{cheat.gpu} is not among the classes of hardware.", f"one of {', '.join(sorted(known))}"
            may_do = (cheat.exploit, *cheat.may_turn_to)
            for exploit, why in self._unknown_exploits():
                if exploit in may_do:
                    yield ("adversaries", name, "exploit" if exploit == cheat.exploit else "may_turn_to"), "no_such_exploit", why, "fake_gpus"
            if cheat.has_gpu is not None and cheat.has_gpu not in known:
                yield ("adversaries", name, "has_gpu"), "unknown_gpu", f"{cheat.has_gpu} is not among the classes of hardware.", f"one of {', '.join(sorted(known))}"
            if (cheat.has_gpu is None) == ("forged_class" in may_do):
                yield ("adversaries", name, "has_gpu"), "has_gpu_and_class", "cards that claim another class, and what they really are, go together.", "exploit: forged_class with has_gpu"
        for path, check in ((("verification",), self.verification), (("verification", "wash"), self.verification.wash)):
            if self.rewards.kind != "block_rewards" and check is not None and check.hardest_slash_share > 0:
                yield (*path, "sanctions"), "no_such_penalty", "nobody stakes anything here, so that nothing can be slashed.", "withhold or ban"
        largest = max(gpu.memory_gb for gpu in self.hardware.values())
        for name, job in self.customers.items():
            if job.min_memory_gb > largest:
                yield ("customers", name, "min_memory_gb"), "no_such_memory", f"no GPU here has {job.min_memory_gb:g} GB; the largest has {largest:g}.", "lower it"
        if (self.network.clearing == "tiered") != (self.rewards.kind == "weekly_pools"):
            yield ("network", "clearing"), "clearing_and_rewards", "prices by tier and weekly pools go together.", "clearing: tiered with rewards.kind: weekly_pools"

    def _unknown_exploits(self) -> tuple[tuple[str, str], ...]:
        """Exploits that these rules leave nothing to, and why."""
        if self.rewards.kind == "block_rewards":
            return (("idle_claims", "block rewards pay whoever claims cards and passes the puzzles: there is nothing else to forge."),)
        return (("forged_class", "nobody is paid here by the class of its card alone."),)
