"""The state of an Arweave-like protocol: data kept for good, height, endowment, the price of storage. Data in GiB, amounts in tokens."""

from __future__ import annotations

from dataclasses import dataclass

from twin.economy.held import Fading, Remembered, beyond_share
from twin.kernel import Clock
from twin.kinds.storage import endowment
from twin.kinds.storage.arweave_spec import ArweaveSpec
from twin.kinds.storage.endowment import GIB_PER_TB, MINUTES_PER_DAY, Pool
from twin.kinds.storage.mining import MeasuredPrice

LONGEST_YEARS = 1000.0


@dataclass(frozen=True, slots=True)
class Income:
    """What miners get of a day, tokens."""

    fee: float
    """Part of the upload fees that is paid at once."""
    inflation: float
    beyond_share: float
    """Part of the inflation that the rules would not mint."""
    taken: float
    """Out of the endowment."""
    debt: float
    """Minted because the endowment was dry."""
    needed: float
    """What storing the data costs at the protocol's price."""

    @property
    def total(self) -> float:
        """All of it."""
        return self.inflation + self.fee + self.taken + self.debt

    @property
    def from_customers(self) -> float:
        """What uploaders paid, today or long ago."""
        return self.fee + self.taken


class Weave:
    """All data that was ever uploaded, and the rules by which keeping it is paid."""

    def __init__(self, clock: Clock, spec: ArweaveSpec, fading: Fading) -> None:
        self.clock, self.spec, self._inflation, self._steered = clock, spec, Remembered(fading), fading.steered
        fading.steered.emits(lambda day: self._inflation_by_rules())
        self.blocks_per_day = endowment.blocks_per_day(spec.blocks.seconds)
        self.height = spec.blocks.opening_blocks_count
        self.gib = spec.opening_weave_tb * GIB_PER_TB
        self.kept_share = 1.0
        """What was not lost so far."""
        self.pool = Pool.opening(spec.endowment)
        self.measured = MeasuredPrice(spec.price, blocks_per_day=self.blocks_per_day)
        self.subsidy_on = True

    def switch_subsidy(self, on: bool) -> None:
        """Block inflation from now on; what is minted when the pool is dry is the protocol's last resort and stays."""
        self.subsidy_on = on

    @property
    def winston_per_gib_minute(self) -> float:
        """Price by which the protocol pays today."""
        rule = self.spec.price
        if rule.rule == "fixed_decline":
            return float(rule.opening_winston_per_gib_minute * (1 - rule.decline_share_per_year) ** (self.clock.day / endowment.DAYS_PER_YEAR))
        return self.measured.winston

    def fee_tokens_per_gib(self) -> float:
        """What an upload costs now."""
        return endowment.upload_fee(self.spec.upload_fee, 1.0, winston_per_gib_minute=self.winston_per_gib_minute, kryder=self.pool.kryder)

    def copies(self, space_tb: float) -> float:
        """Copies of the data on that much space."""
        return space_tb * GIB_PER_TB / self.gib if self.gib > 0 else 0.0

    def service_share(self, space_tb: float) -> float:
        """Copies that are there over those that were promised; data of which less than one copy is left is lost for good."""
        self.kept_share = min(self.kept_share, self.copies(space_tb))
        return self.service_share_of(space_tb)

    def service_share_of(self, space_tb: float) -> float:
        """Copies on that much space over those that were promised, of data that was not lost so far."""
        return min(1.0, self.copies(space_tb) / self.spec.upload_fee.replicas_target) * self.kept_share

    def settle(self, fee_tokens: float, *, uploaded_gib: float) -> Income:
        """A day's fees into the pool and to miners, inflation, and what the pool adds to cover the need; then height and data advance."""
        rules = self.spec.upload_fee
        at_once = fee_tokens * endowment.miner_share_of_fee(rules)
        self.pool.tokens += fee_tokens - at_once
        by_rules = self._inflation_by_rules() * self._steered.on(self.clock.day)
        minted = self._inflation.on(self.clock.day, by_rules)
        inflation = minted if self.subsidy_on else 0.0
        need = endowment.needed_tokens(self.gib, replicas=rules.replicas_target, winston_per_gib_minute=self.winston_per_gib_minute, minutes=MINUTES_PER_DAY)
        taken, debt = self.pool.pay(need, inflation + at_once)
        self.height += self.blocks_per_day
        self.gib += uploaded_gib
        return Income(at_once, inflation, beyond_share(minted, by_rules), taken, debt, need)

    def _inflation_by_rules(self) -> float:
        """Tokens that the blocks of a day mint at this height."""
        return self.blocks_per_day * endowment.inflation_tokens_per_block(self.spec.inflation, self.height)

    def measure(self, income_tokens: float, *, space_tb: float) -> None:
        """The protocol looks at what mined space brought today, for the price of tomorrow."""
        rule, share = self.spec.price, 1.0
        if rule.rule == "transition":
            gone = (self.clock.today - rule.transition_starts).days * self.blocks_per_day
            share = min(max(gone / rule.transition_blocks_count, 0.0), 1.0)
        self.measured.step(income_tokens, mined_gib=space_tb * GIB_PER_TB, transition_share=share)

    def years_left(self, needed_tokens_per_day: float) -> float:
        """How long the pool lasts on paper: today's need, no income, and storage that gets cheaper in tokens by what the protocol counts on and no more."""
        rule = self.spec.price
        decline = rule.decline_share_per_year if rule.rule == "fixed_decline" else self.spec.upload_fee.decline_share_per_year
        lasts = endowment.years_the_pool_lasts(self.pool.tokens, cost_tokens_per_year=needed_tokens_per_day * endowment.DAYS_PER_YEAR, cost_decline_share_per_year=decline)
        return min(lasts, LONGEST_YEARS)
