"""The books of a Filecoin-like chain: what is minted, locked, released and burned, on the ledger; circulating supply is what the ledger says is free."""

from __future__ import annotations

from twin.economy.books import TokenBooks, open_ledger
from twin.economy.desk import KEPT, ON_OFFER
from twin.economy.held import Fading, Remembered, beyond_share
from twin.kernel import Clock
from twin.kinds.storage import collateral, vesting
from twin.kinds.storage.filecoin_spec import FilecoinSpec
from twin.kinds.storage.minting import Minting, days_since_epoch_zero, formula_tokens_per_day
from twin.kinds.storage.sectors import PIB_PER_EIB
from twin.state import Funding, Relation, Today

ALLOCATION, PLEDGE, UNVESTED, OPERATORS, MARKET, SERVICE_FUND = "allocation", "pledge", "unvested", "operators", "market", "service_fund"
FREE = (OPERATORS, MARKET, SERVICE_FUND)
"""Accounts whose tokens circulate."""
FREE_ON_A_MARKET = (*FREE, ON_OFFER, KEPT)
"""The same where the market clears."""
MOST_DEAR_SHARE = 1.25
"""Providers who buy to pledge pay at most this part of the price that they know (assumed)."""
ACCOUNTS = (
    ("customers", Relation.EXTERNAL), (ALLOCATION, Relation.PROJECT), (SERVICE_FUND, Relation.PROJECT), ("treasury", Relation.PROJECT),
    (PLEDGE, Relation.OPERATOR), (UNVESTED, Relation.OPERATOR), (OPERATORS, Relation.OPERATOR), (MARKET, Relation.HOLDER),
)  # fmt: skip


class ChainBooks(TokenBooks):
    """State of the protocol, by day; every amount in tokens is a posting."""

    def __init__(self, clock: Clock, spec: FilecoinSpec, token_name: str, today: Today, *, backing_days: int, fading: Fading) -> None:
        ledger = open_ledger(clock.start, token_name, supply_tokens=0.0, accounts=ACCOUNTS)
        super().__init__(clock, ledger, token_name, today, backing_settlements=backing_days)
        self.spec, self.unlocks_on, self._rewards, self._steered = spec, True, Remembered(fading), fading.steered
        opening = spec.opening
        hours = opening.at_hours / 24
        self.minting = Minting(spec.minting, days_since_epoch_zero(spec.minting, clock.start) + hours, opening.realised_eib_days)
        self._unlock_days = vesting.days_since_start(spec.unlocks, clock.start) + hours
        self.vested_tokens = vested = vesting.unlocked_tokens(spec.unlocks, self._unlock_days)
        """Genesis allocation released so far."""
        self.queue = vesting.RewardQueue(spec.reward_vesting, unvested_tokens=opening.unvested_tokens)
        total = sum(tranche.tokens for tranche in spec.unlocks.tranches.values())
        free = vested + opening.minted_tokens + opening.disbursed_reserve_tokens - opening.burnt_tokens - opening.pledged_tokens - opening.unvested_tokens
        for account, tokens in (
            (ALLOCATION, total - vested), (PLEDGE, opening.pledged_tokens), (UNVESTED, opening.unvested_tokens), (MARKET, max(free, 0.0)),
        ):  # fmt: skip
            self.move("genesis", account, tokens, "held before the first day", usd=0.0)
        simple, base = formula_tokens_per_day(
            spec.minting, days=self.minting.days, realised_eib_days=opening.realised_eib_days, raw_eib=opening.raw_eib
        )
        self.reward_tokens = (simple + base) * spec.minting.efficiency * spec.minting.scale_share
        """Minted over the last day; before the first, the rate of the opening state."""
        self._full_tokens = self.reward_tokens
        fading.steered.emits(lambda day: self._full_tokens)

    # -- reading -------------------------------------------------------------------------------------------------
    def circulating_tokens(self) -> float:
        """Tokens on the ledger that are neither pledged nor unvested nor unreleased."""
        return max(0.0, sum(self.balance(account) for account in (FREE if self.desk is None else FREE_ON_A_MARKET)))

    @property
    def pledged_tokens(self) -> float:
        """Collateral locked."""
        return self.balance(PLEDGE)

    @property
    def unvested_tokens(self) -> float:
        """Rewards locked."""
        return self.balance(UNVESTED)

    @property
    def minted_tokens(self) -> float:
        """All rewards ever minted."""
        return self.spec.opening.minted_tokens + self.ledger.minted(self.token_name)

    @property
    def burnt_tokens(self) -> float:
        """All tokens ever burned."""
        return self.spec.opening.burnt_tokens + self.ledger.burned(self.token_name)

    def pledge_per_pib(self, *, network_quality_pib: float) -> float:
        """Initial pledge of a PiB that counts once, today, tokens."""
        today = self.clock.today
        return float(
            collateral.initial_pledge(
                self.spec.pledge, 1 / PIB_PER_EIB, reward_per_day=self.reward_tokens, circulating=self.circulating_tokens(),
                quality_eib=network_quality_pib / PIB_PER_EIB, baseline_eib=self.minting.baseline_eib, gamma=collateral.gamma_on(self.spec.pledge, today),
            )
        )  # fmt: skip

    # -- a day ---------------------------------------------------------------------------------------------------
    def switch_unlocks(self, on: bool) -> None:
        """The release of the genesis allocation, from now on; switched on again it goes on from where it stopped."""
        self.unlocks_on = on

    def unlock(self) -> None:
        """Releases a day of the genesis allocation to the market."""
        if not self.unlocks_on:
            return
        before = self.vested_tokens
        self._unlock_days += 1.0
        self.vested_tokens = vesting.unlocked_tokens(self.spec.unlocks, self._unlock_days)
        tokens = self.vested_tokens - before
        if self.desk is not None:
            self.sell(min(tokens, self.balance(ALLOCATION)), seller=ALLOCATION)
            return
        self.move(ALLOCATION, MARKET, min(tokens, self.balance(ALLOCATION)), "unlock")

    def mint(self, raw_eib: float, *, provider_share: float = 1.0, service_share: float = 0.0) -> float:
        """Mints the day's reward, pays providers (a part at once, the rest into the queue) and burns what is left over; tokens that providers got."""
        self._full_tokens = self.minting.step(raw_eib)
        by_rules = self._full_tokens * self._steered.on(self.clock.day)
        minted = self._rewards.on(self.clock.day, by_rules)
        self.counterfactual_share = beyond_share(minted, by_rules)
        self.reward_tokens = minted if self.subsidy_on else 0.0
        paid = self.reward_tokens * provider_share
        locked = paid * self.spec.reward_vesting.locked_share
        self.reward(OPERATORS, paid - locked, "block reward")
        self.reward(UNVESTED, locked, "block reward")
        self.move("mint", SERVICE_FUND, self.reward_tokens * service_share, "service reward")
        self.move("mint", "burn", self.reward_tokens * max(0.0, 1.0 - provider_share - service_share), "reward burned")
        self.move(UNVESTED, OPERATORS, min(self.queue.step(paid), self.unvested_tokens), "vesting")
        return paid

    def pay_service(self) -> float:
        """Hands what the service fund holds to providers; returns the tokens."""
        held = max(self.balance(SERVICE_FUND), 0.0)
        self.move(SERVICE_FUND, OPERATORS, held, "service reward", funding=Funding.EMISSION)
        return held

    def pledge_share(self, tokens: float) -> float:
        """Part of a pledge that can be put down today; where the market clears, what providers lack they order for tomorrow, up to a price, and wait."""
        if self.desk is None or tokens <= 0:
            return 1.0
        held = max(self.balance(OPERATORS), 0.0)
        self.desk.order(OPERATORS, max(tokens - held, 0.0), "bought to pledge", limit_usd_per_token=self.today.price_usd * MOST_DEAR_SHARE)
        return min(held / tokens, 1.0)

    def lock(self, tokens: float) -> None:
        """Providers put collateral down; what they lack they buy."""
        self._have(tokens, "bought to pledge")
        self.move(OPERATORS, PLEDGE, tokens, "pledge")

    def release(self, tokens: float) -> None:
        """Collateral returns."""
        self.move(PLEDGE, OPERATORS, min(tokens, self.pledged_tokens), "pledge released")

    def burn_pledge(self, tokens: float, reason: str) -> None:
        """A penalty out of collateral."""
        self.move(PLEDGE, "burn", min(tokens, self.pledged_tokens), reason)

    def burn_fees(self, tokens: float, reason: str, *, from_locked: bool = False) -> None:
        """Burns a fee, out of locked rewards first where the rules say so (FIP-0100), else out of what providers hold or buy."""
        taken = self.queue.take(tokens) if from_locked else 0.0
        self.move(UNVESTED, "burn", min(taken, self.unvested_tokens), reason)
        rest = tokens - taken
        if self.desk is not None:  # what they do not hold they pay in dollars: the market finds the tokens tomorrow, and they burn
            held = min(rest, max(self.balance(OPERATORS), 0.0))
            self.desk.spend(OPERATORS, (rest - held) * self.today.price_usd, "bought to pay fees", day=self.clock.day)
            rest = held
        self._have(rest, "bought to pay fees")
        self.move(OPERATORS, "burn", rest, reason)

    def _have(self, tokens: float, reason: str) -> None:
        missing = tokens - self.balance(OPERATORS)
        if missing > 0 and self.desk is None:
            usd = missing * self.today.price_usd
            self.move(MARKET, OPERATORS, missing, reason, usd=usd)
            self.pay(OPERATORS, MARKET, usd, reason)
