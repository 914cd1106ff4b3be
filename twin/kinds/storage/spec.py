"""A whole storage scenario: the common sections, one of two protocols (or the peers' aggregate equations), and its parties."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field, model_validator

from twin.kinds.storage.arweave_spec import ArweaveSpec
from twin.kinds.storage.copies_spec import ArweaveVerificationSpec, SharedCopySpec
from twin.kinds.storage.filecoin_spec import FilecoinSpec, GenesisUnlocksSpec, MintingSpec
from twin.kinds.storage.mechafil_spec import MechafilSpec
from twin.kinds.storage.provider_spec import (
    MOST_OPERATORS,
    AuditSpec,
    DecisionsSpec,
    FlowsSpec,
    MinerSpec,
    ProviderBanSpec,
    ProviderSpec,
    RunningCostsSpec,
    StorageCustomersSpec,
    StorageRuleSpec,
    UploadersSpec,
)
from twin.scenario.sections.allocations import HeldTokenSpec
from twin.scenario.sections.cleared import ClearedPriceSpec
from twin.scenario.sections.law_by_kind import REFUSED_BY_PROTOCOL
from twin.scenario.sections.price import ConstantPriceSpec, PriceSpec, SeriesPriceSpec
from twin.scenario.sections.regulation import ON_EVERY_KIND, DutySpec
from twin.scenario.sections.root import CommonSpec, NetworkSpec


class StorageNetworkSpec(NetworkSpec):
    """A network that is paid for storing."""

    kind: Literal["storage"] = "storage"
    protocol: Literal["filecoin", "arweave"] = Field(description="collateral and terms, or one payment for ever")
    compat: Literal["none", "mechafil"] = Field("none", description="mechafil: the aggregate equations of the public models instead of providers")
    reference_price_usd_per_tib_per_year: float = Field(30.0, gt=0, description="constant price of a stored TiB by which usage is counted: USD 2.50 a month (Filecoin Onchain Cloud, 2026)")
    strict: bool = Field(False, description="true: a country without an electricity price is an error; false: it takes its continent's mean and is named in the assumptions")


class StorageTokenSpec(HeldTokenSpec):
    """The token that pays for storage; what mints it stands in the protocol's section."""

    reference_price_usd: float = Field(gt=0, description="only to add up several tokens; no behaviour reads it")
    price: PriceSpec

    @model_validator(mode="after")
    def _price_starts_somewhere(self) -> StorageTokenSpec:
        moving = self.price.moving if isinstance(self.price, ConstantPriceSpec) else self.price
        if isinstance(moving, SeriesPriceSpec):
            if getattr(moving.then, "start_usd", None) is not None:
                raise ValueError("the price after a series starts at its last price; leave `start_usd` out")
        elif moving is not None and not isinstance(moving, ClearedPriceSpec) and moving.start_usd is None:
            raise ValueError("a price that does not follow a series needs `start_usd`")
        return self


class MechafilModeSpec(MechafilSpec):
    """Inputs of the compatible mode, with the constants that it shares with the protocol."""

    minting: MintingSpec = MintingSpec()
    unlocks: GenesisUnlocksSpec = GenesisUnlocksSpec()
    disbursed_reserve_tokens: float = Field(17_066_618.9617734, ge=0, description="mining reserve in circulation (mechafil-jax; FIP-0100)")


class StorageScenario(CommonSpec):
    """Which sections are needed depends on the protocol."""

    network: StorageNetworkSpec
    token: dict[str, StorageTokenSpec] = Field(min_length=1, max_length=1)  # type: ignore[assignment]
    filecoin: FilecoinSpec | None = Field(None, description="protocol and state of a Filecoin-like network")
    arweave: ArweaveSpec | None = Field(None, description="protocol and state of an Arweave-like network")
    mechafil: MechafilModeSpec | None = Field(None, description="inputs of `compat: mechafil`")
    running_costs: RunningCostsSpec = RunningCostsSpec()
    providers: dict[str, ProviderSpec] = {}
    decisions: DecisionsSpec = DecisionsSpec()
    flows: FlowsSpec | None = Field(None, description="observed flows in place of decisions, up to a day")
    customers: dict[str, StorageCustomersSpec] = {}
    audits: AuditSpec = AuditSpec()
    regulation: dict[str, StorageRuleSpec] = {}
    miners: dict[str, MinerSpec] = {}
    uploaders: dict[str, UploadersSpec] = {}
    adversaries: dict[str, SharedCopySpec] = Field({}, description="of an Arweave-like network; on Filecoin those who cheat are groups of providers")
    verification: ArweaveVerificationSpec = Field(ArweaveVerificationSpec(), description="of an Arweave-like network; on Filecoin `audits`")

    @property
    def exists_before_tokens(self) -> float | None:
        """Tokens that exist before the first day, all unreleased ones among them; None in the compatible mode, whose price answers to nobody."""
        if self.arweave is not None:
            return self.arweave.opening_supply_tokens + self.arweave.endowment.opening_tokens
        return None if self.filecoin is None else self.filecoin.exists_before_tokens

    @property
    def campaigns(self) -> dict[str, Any]:
        """Who cheats and is told apart by name: adversaries, or on Filecoin the groups of providers that state `learns`."""
        return dict(self.adversaries) or {name: group for name, group in self.providers.items() if group.learns is not None}

    @property
    def is_policed(self) -> bool:
        """Whether anybody shares copies here, or looks for that."""
        return bool(self.adversaries) or self.verification.copies is not None

    def attacked(self, multiple: float) -> dict[str, Any]:
        """Dotted path -> value where groups of providers that cheat are so many times as large beside the others; nothing where none does."""
        weight = {name: group.power_share * (multiple if group.cheats else 1.0) for name, group in self.providers.items()}
        if not any(group.cheats for group in self.providers.values()):
            return {}
        found: dict[str, Any] = {f"providers.{name}.power_share": each / sum(weight.values()) for name, each in weight.items()}
        for name, group in self.providers.items():
            if group.cheats:
                found[f"providers.{name}.operators_count"] = min(round(group.operators_count * multiple), MOST_OPERATORS)
        return found

    @property
    def notices(self) -> dict[str, ProviderBanSpec]:
        """The rules against providers by name, whether they are enabled or not."""
        return {name: rule for name, rule in self.regulation.items() if isinstance(rule, ProviderBanSpec)}

    @property
    def why_emission_is_not_steered(self) -> str:
        """The compatible mode is computed before its first day."""
        return "`compat: mechafil` is a forecast made before its first day" if self.network.compat == "mechafil" else ""

    @property
    def abroad(self) -> tuple[str, ...]:
        """Countries to which rules of law let owners move, sorted."""
        notices = {code for rule in self.notices.values() if rule.enabled for code in rule.moving_to_share_by_country}
        answers = [rule.answers for rule in self.regulation.values() if isinstance(rule, DutySpec) and rule.enabled]
        moves = [each.move for each in answers if each is not None and each.move is not None]
        return tuple(sorted(notices | {code for each in moves for code in each.to_share_by_country}))

    def problems(self) -> Iterable[tuple[Any, str, str, str]]:
        """Sections that the protocol needs and does not find, and shares that do not add up."""
        if self.network.compat == "mechafil":
            needed = {"mechafil": self.mechafil is not None}
        elif self.network.protocol == "filecoin":
            needed = {"filecoin": self.filecoin is not None, "providers": bool(self.providers)}
        else:
            needed = {"arweave": self.arweave is not None, "miners": bool(self.miners)}
        for name, is_there in needed.items():
            if not is_there:
                yield name, "missing_section", f"a {self.network.protocol} scenario (compat: {self.network.compat}) needs the section `{name}`", f"extends: networks/{self.network.protocol}"
        if self.mechafil is not None:
            for field, code, message, suggestion in self.mechafil.without_a_first_value(self.calendar.start):
                yield ("mechafil", field), code, message, suggestion
        for name, token in self.token.items():
            if self.filecoin is not None and token.allocations:
                yield (
                    ("token", name, "allocations"), "unlocks_twice", "tranches of the genesis of this chain come free by `filecoin.unlocks`, which sells them the same day",
                    "state tranches once, there",
                )  # fmt: skip
        yield from self._law()
        if self.network.protocol != "arweave" or self.network.compat != "none":
            if self.adversaries:
                yield "adversaries", "nobody_of_that_sort", "copies that are one are a thing of an Arweave-like network.", "on Filecoin state `learns` of a group of providers, or its fills_with"
            if self.verification.copies is not None:
                yield ("verification", "copies"), "nothing_to_look_at", "this looks for copies that are one, which an Arweave-like network alone has.", "state `audits`"
        for section, field in (("providers", "power_share"), ("miners", "space_share")):
            total = sum(getattr(group, field) for group in getattr(self, section).values())
            if getattr(self, section) and abs(total - 1) > 1e-6:
                yield section, "shares_do_not_add_up", f"`{field}` of all {section} add up to {total:g} instead of 1", ""

    def _law(self) -> Iterable[tuple[Any, str, str, str]]:
        """Rules that do nothing to this protocol, and rules on customers of a place where no customer has one."""
        refused, mechafil = REFUSED_BY_PROTOCOL[self.network.protocol], self.network.compat == "mechafil"
        known = () if mechafil else tuple(each for each in (*ON_EVERY_KIND, "usage_levy", "data_localisation", "provider_ban") if each not in refused)
        section = "customers" if self.network.protocol == "filecoin" else "uploaders"
        buyers: dict[str, Any] = getattr(self, section)
        for name, rule in self.regulation.items():
            if rule.kind not in known:
                why = f": {refused[rule.kind]}" if rule.kind in refused else ""
                yield (
                    ("regulation", name), "no_effect_of_law", f"a rule of kind {rule.kind} does nothing to a {self.network.protocol} network (compat: {self.network.compat}){why}",
                    f"it knows {', '.join(known) or 'no law at all'}",
                )  # fmt: skip
            elif rule.kind in ("usage_levy", "data_localisation") and rule.enabled and not any(each.country_share for each in buyers.values()):
                yield (
                    ("regulation", name), "customers_have_no_place", f"a rule of kind {rule.kind} holds for customers of a place, and no customer here has one",
                    f"state {section}.*.country_share: {{US: 0.4, …}}",
                )  # fmt: skip
