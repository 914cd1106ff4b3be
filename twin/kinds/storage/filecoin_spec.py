"""What the protocol of a Filecoin-like network lays down: minting, unlocks, collateral, fees, faults, terms."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from twin.scenario.model import Dated, SpecModel

GIB_PER_EIB = 2.0**30


class MintingSpec(SpecModel):
    """Two exponential clocks: one runs on time, the other on storage that keeps up with a growing baseline."""

    epoch_zero: date = Field(date(2020, 8, 24), description="day of epoch 0 (22:00 UTC); both clocks run from it (lotus upgrade heights)")
    epoch_zero_hours: float = Field(22.0, ge=0, lt=24, description="hours of UTC at which epoch 0 began (lotus upgrade heights)")
    simple_tokens: float = Field(330e6, ge=0, description="30 % of the storage-mining allocation (builtin-actors)")
    baseline_tokens: float = Field(770e6, ge=0, description="70 % of the storage-mining allocation (builtin-actors)")
    half_life_days: float = Field(2190.0, gt=0, description="6 x 365 days (builtin-actors)")
    baseline_start_eib: float = Field(2.88888888e18 / 2**60, gt=0, description="baseline at epoch 0: 2.88888888e18 bytes (builtin-actors)")
    baseline_doubles_every_days: float = Field(365.0, gt=0, description="growth 100 % a year (builtin-actors)")
    efficiency: float = Field(0.975, ge=0, le=1, description="tokens really awarded over the formula: winners below 5, null rounds (computed from chain series 2020 to 2022)")
    scale_share: float = Field(1.0, ge=0, description="multiplies every day's mint; 0 turns the subsidy off, 1 is the protocol")


class RewardVestingSpec(SpecModel):
    """How much of a reward is held back, and for how long."""

    locked_share: float = Field(0.75, ge=0, le=1, description="FIP-0004: the rest is liquid at once")
    days: int = Field(180, ge=1, le=3650, description="linear, in daily steps (builtin-actors)")


class UnlockSpec(SpecModel):
    """One tranche of the genesis allocation."""

    tokens: float = Field(ge=0, description="size of the tranche")
    days: int = Field(ge=0, description="released in equal parts over these days; 0: at once")


class GenesisUnlocksSpec(SpecModel):
    """Allocation that is released by the calendar; it is no emission and goes to holders."""

    starts: date = Field(date(2020, 10, 15), description="Liftoff (lotus supply.go)")
    starts_hours: float = Field(14.733333333333333, ge=0, lt=24, description="Liftoff, epoch 148,888: 14:44 UTC")
    tranches: dict[str, UnlockSpec] = Field({}, description="schedule in force since epoch 265,200 (lotus supply.go)")


class PledgeSpec(SpecModel):
    """Collateral that a sector puts down when it is committed."""

    lock_target_share: float = Field(0.3, ge=0, le=1, description="share of circulating supply that consensus pledge aims at (builtin-actors)")
    storage_days: float = Field(20.0, ge=0, description="days of expected reward (builtin-actors)")
    gamma_share: Dated[Annotated[float, Field(ge=0, le=1)]] = Field(
        {}, description="FIP-0081: weight of the baseline in the divisor; points, linear in between, 1 without any"
    )
    most_tokens_per_gib: float = Field(1 / 32, gt=0, description="cap: 1 FIL per 32 GiB of quality-adjusted size (builtin-actors)")


class TerminationSpec(SpecModel):
    """What leaving before the end of the term costs."""

    pledge_share: float = Field(0.085, ge=0, le=1, description="FIP-0098, reached linearly over `age_cap_days`")
    least_pledge_share: float = Field(0.02, ge=0, le=1, description="FIP-0098")
    fault_fee_multiple: float = Field(1.05, ge=0, description="FIP-0098")
    age_cap_days: float = Field(140.0, gt=0, description="FIP-0098; the same cap held before it")
    reward_now_days: float = Field(3.5, ge=0, description="before FIP-0098: at least these days of today's reward (specs-actors)")
    activation_reward_days: float = Field(20.0, ge=0, description="before FIP-0098: days of the reward at activation (specs-actors)")
    reward_share_per_day_of_age: float = Field(0.5, ge=0, description="before FIP-0098: and this share of a day's reward per day of age (specs-actors)")
    pledge_rule_from: date = Field(date(2025, 4, 14), description="network version 25 (lotus changelog)")


class FeesSpec(SpecModel):
    """What is burned beside the pledge."""

    daily_share_per_byte: float = Field(1.61817e-25, ge=0, description="FIP-0100: daily fee of a byte of quality-adjusted power, as a share of circulating supply")
    daily_from: date = Field(date(2025, 4, 14), description="network version 25 (lotus changelog)")
    daily_cap_share: float = Field(0.5, ge=0, le=1, description="FIP-0100: at most this share of the expected reward")
    gas_tokens_per_day: Dated[Annotated[float, Field(ge=0)]] = Field(
        {date(2020, 10, 15): 1500.0}, description="burn by base fee, exogenous; assumed, range 500 to 20,000"
    )
    full_gas_eib: float = Field(1.0, gt=0, description="below this raw power the burn by base fee falls in proportion; assumed")
    termination: TerminationSpec = TerminationSpec()


class FaultsSpec(SpecModel):
    """How often sectors fail their proof, how long that lasts and what it costs."""

    hazard_per_month: float = Field(0.002, ge=0, le=1, description="share of sectors that turn faulty in a month; assumed")
    repair_mean_days: float = Field(2.0, gt=0, le=400, description="mean time to recovery; assumed")
    free_days: float = Field(1.0, ge=0, description="FIP-0002: the first missed proof costs no fee")
    fee_days: float = Field(3.51, ge=0, description="days of expected reward per day of continued fault (FIP-0002)")
    most_days: int = Field(42, ge=1, description="FIP-0026: then the sector is terminated")


class TermsSpec(SpecModel):
    """How long sectors are committed."""

    first_stock_days: int = Field(210, gt=0, le=2000, description="power of the first day runs off evenly over these days (computed from flows of 2022 to 2024)")
    capacity_days: int = Field(180, gt=0, le=2000, description="committed capacity, new and renewed (computed from the same flows)")
    verified_days: int = Field(540, gt=0, le=2000, description="verified data; protocol maximum until 2023-12-12")
    least_days: int = Field(180, gt=0, description="protocol minimum (builtin-actors)")
    seal_share_per_day: float = Field(0.01, gt=0, le=1, description="most a provider can add in a day, share of its own capacity; assumed, range 0.001 to 0.05")
    least_seal_pib_per_day: float = Field(0.01, ge=0, description="... and at least this; assumed")

    def problems(self) -> list[tuple[str, str, str, str]]:
        """Terms below the protocol's minimum."""
        return [
            (name, "term_too_short", f"a term of {getattr(self, name)} days is below the protocol's minimum of {self.least_days}", f"at least {self.least_days}")
            for name in ("capacity_days", "verified_days")
            if getattr(self, name) < self.least_days
        ]


class OpeningSpec(SpecModel):
    """State of the chain on the first day of the run."""

    at_hours: float = Field(0.0, ge=0, lt=24, description="hours of UTC of the first day at which the state was read")
    raw_eib: float = Field(gt=0, description="raw-byte power")
    quality_eib: float = Field(gt=0, description="quality-adjusted power")
    minted_tokens: float = Field(ge=0, description="rewards minted up to then")
    realised_eib_days: float = Field(ge=0, description="integral of min(raw power, baseline), in EiB days")
    pledged_tokens: float = Field(ge=0, description="initial pledge and pre-commit deposits")
    unvested_tokens: float = Field(ge=0, description="rewards still locked")
    burnt_tokens: float = Field(ge=0, description="burned up to then")
    disbursed_reserve_tokens: float = Field(17_066_618.9617734, ge=0, description="mining reserve in circulation (mechafil-jax; FIP-0100)")

    def problems(self) -> list[tuple[str, str, str, str]]:
        """Quality-adjusted power is between one and ten times raw power."""
        if self.quality_eib < self.raw_eib or self.quality_eib > 10 * self.raw_eib:
            return [("quality_eib", "power_impossible", f"{self.quality_eib:g} EiB of quality-adjusted power cannot stand on {self.raw_eib:g} EiB of raw power", "between 1 and 10 times raw_eib")]
        return []


class SolsticeSpec(SpecModel):
    """FIP-0118 (draft of 2026-07-14): every new sector counts tenfold, and the reward is split by what customers pay."""

    enabled: bool = Field(False, description="the draft is not active")
    starts: date = Field(date(2027, 1, 1), description="assumed: the draft names no date")
    consensus_first_share: float = Field(0.95, ge=0, le=1, description="FIP-0118")
    consensus_last_share: float = Field(0.5, ge=0, le=1, description="FIP-0118, reached linearly")
    fall_months: int = Field(27, ge=3, description="nine quarters over which the consensus share falls (FIP-0118)")
    service_first_share: float = Field(0.05, ge=0, le=1, description="FIP-0118")
    service_step_share: float = Field(0.05, ge=0, le=1, description="each quarter whose gate is met (FIP-0118)")
    gates_usd_per_quarter: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (3_500.0, 9_400.0, 25_500.0, 68_900.0, 186_000.0, 502_000.0, 1.36e6, 3.66e6), description="payment volume of a quarter that opens each step (FIP-0118)"
    )


class FilecoinSpec(SpecModel):
    """The protocol of a Filecoin-like network and the state it starts from."""

    minting: MintingSpec = MintingSpec()
    reward_vesting: RewardVestingSpec = RewardVestingSpec()
    unlocks: GenesisUnlocksSpec = GenesisUnlocksSpec()
    pledge: PledgeSpec = PledgeSpec()
    fees: FeesSpec = FeesSpec()
    faults: FaultsSpec = FaultsSpec()
    terms: TermsSpec = TermsSpec()
    verified_weight: Dated[Annotated[float, Field(ge=1, le=100)]] = Field(
        {date(2020, 8, 24): 10.0}, description="quality of verified data by date; capacity counts once (builtin-actors)"
    )
    opening: OpeningSpec
    solstice: SolsticeSpec = SolsticeSpec()

    @property
    def exists_before_tokens(self) -> float:
        """Tokens on the ledger of the first day: what was minted and disbursed and not burned, and the whole genesis allocation."""
        opening, allocation = self.opening, sum(tranche.tokens for tranche in self.unlocks.tranches.values())
        return allocation + opening.minted_tokens + opening.disbursed_reserve_tokens - opening.burnt_tokens
