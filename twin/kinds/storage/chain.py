"""The books of a Filecoin-like chain: what is minted, locked, released and burned, on the ledger; circulating supply is what the ledger says is free."""

from __future__ import annotations

from datetime import date

from twin.kinds.storage import collateral, vesting
from twin.kinds.storage.filecoin_spec import FilecoinSpec
from twin.kinds.storage.minting import Minting, days_since_epoch_zero, formula_tokens_per_day
from twin.state import USD, Funding, Ledger, Relation

ALLOCATION, PLEDGE, UNVESTED, OPERATORS, MARKET, SERVICE_FUND = "allocation", "pledge", "unvested", "operators", "market", "service_fund"
FREE = (OPERATORS, MARKET, SERVICE_FUND)
"""Accounts whose tokens circulate."""


class Chain:
    """State of the protocol, by day; every amount in tokens is a posting."""

    def __init__(self, spec: FilecoinSpec, *, start: date, token: str) -> None:
        self.spec, self.start, self.token = spec, start, token
        opening = spec.opening
        hours = opening.at_hours / 24
        self.minting = Minting(spec.minting, days_since_epoch_zero(spec.minting, start) + hours, opening.realised_eib_days)
        self._unlock_days = vesting.days_since_start(spec.unlocks, start) + hours
        vested = float(vesting.unlocked_tokens(spec.unlocks, self._unlock_days))
        self.queue = vesting.RewardQueue(spec.reward_vesting, unvested_tokens=opening.unvested_tokens)
        self._opening_minted, self._opening_vested, self._opening_burnt = opening.minted_tokens, vested, opening.burnt_tokens
        self.ledger = _open_books(start, token)
        total = sum(tranche.tokens for tranche in spec.unlocks.tranches.values())
        free = vested + opening.minted_tokens + opening.disbursed_reserve_tokens - opening.burnt_tokens - opening.pledged_tokens - opening.unvested_tokens
        for account, tokens in (
            (ALLOCATION, total - vested), (PLEDGE, opening.pledged_tokens), (UNVESTED, opening.unvested_tokens), (MARKET, max(free, 0.0)),
        ):  # fmt: skip
            self.ledger.post(token, "genesis", account, tokens, reason="held before the first day", day=0, usd=0.0)
        simple, base = formula_tokens_per_day(
            spec.minting, days=self.minting.days, realised_eib_days=opening.realised_eib_days, raw_eib=opening.raw_eib
        )
        self.reward_tokens = (simple + base) * spec.minting.efficiency * spec.minting.scale_share
        """Minted over the last day; before the first, the rate of the opening state."""

    # -- reading -------------------------------------------------------------------------------------------------
    @property
    def circulating_tokens(self) -> float:
        """Tokens on the ledger that are neither pledged nor unvested nor unreleased."""
        return max(0.0, sum(self.ledger.balance(self.token, account) for account in FREE))

    @property
    def pledged_tokens(self) -> float:
        """Collateral locked."""
        return self.ledger.balance(self.token, PLEDGE)

    @property
    def unvested_tokens(self) -> float:
        """Rewards locked."""
        return self.ledger.balance(self.token, UNVESTED)

    @property
    def locked_tokens(self) -> float:
        """Pledge and unvested rewards."""
        return self.pledged_tokens + self.unvested_tokens

    @property
    def minted_tokens(self) -> float:
        """All rewards ever minted."""
        return self._opening_minted + self.ledger.minted(self.token)

    @property
    def burnt_tokens(self) -> float:
        """All tokens ever burned."""
        return self._opening_burnt + self.ledger.burned(self.token)

    @property
    def vested_tokens(self) -> float:
        """Genesis allocation released so far."""
        return float(vesting.unlocked_tokens(self.spec.unlocks, self._unlock_days))

    def by_identity(self) -> float:
        """Circulating supply by the protocol's formula; equals what the ledger says, up to rounding."""
        reserve = self.spec.opening.disbursed_reserve_tokens
        return collateral.circulating_supply(
            vested=self.vested_tokens, minted=self.minted_tokens, reserve=reserve, burnt=self.burnt_tokens, locked=self.locked_tokens
        )

    # -- a day ---------------------------------------------------------------------------------------------------
    def unlock(self, day: int) -> float:
        """Releases a day of the genesis allocation; returns the tokens."""
        before = self.vested_tokens
        self._unlock_days += 1.0
        tokens = self.vested_tokens - before
        self.ledger.post(self.token, ALLOCATION, MARKET, min(tokens, self.ledger.balance(self.token, ALLOCATION)), reason="unlock", day=day)
        return tokens

    def mint(self, raw_eib: float, *, day: int, provider_share: float = 1.0, service_share: float = 0.0) -> float:
        """Mints the day's reward, pays providers (a part at once, the rest into the queue) and burns what is left over; returns what providers got."""
        self.reward_tokens = self.minting.step(raw_eib)
        paid = self.reward_tokens * provider_share
        locked = paid * self.spec.reward_vesting.locked_share
        post = self.ledger.post
        post(self.token, "mint", OPERATORS, paid - locked, reason="block reward", funding=Funding.EMISSION, day=day)
        post(self.token, "mint", UNVESTED, locked, reason="block reward", funding=Funding.EMISSION, day=day)
        post(self.token, "mint", SERVICE_FUND, self.reward_tokens * service_share, reason="service reward", day=day)
        rest = max(0.0, 1.0 - provider_share - service_share)
        post(self.token, "mint", "burn", self.reward_tokens * rest, reason="reward burned", day=day)
        post(self.token, UNVESTED, OPERATORS, min(self.queue.step(paid), self.unvested_tokens), reason="vesting", day=day)
        return paid

    def pay_service(self, *, day: int) -> float:
        """Hands what the service fund holds to providers; returns the tokens."""
        held = max(self.ledger.balance(self.token, SERVICE_FUND), 0.0)
        self.ledger.post(self.token, SERVICE_FUND, OPERATORS, held, reason="service reward", funding=Funding.EMISSION, day=day)
        return held

    def pledge_for(self, quality_eib: float, *, total_quality_eib: float, today: date) -> float:
        """Initial pledge of that much quality-adjusted power, today."""
        return float(
            collateral.initial_pledge(
                self.spec.pledge, quality_eib, reward_per_day=self.reward_tokens, circulating=self.circulating_tokens,
                quality_eib=total_quality_eib, baseline_eib=self.minting.baseline_eib, gamma=collateral.gamma_on(self.spec.pledge, today),
            )
        )  # fmt: skip

    def lock(self, tokens: float, *, day: int, price_usd: float) -> None:
        """Providers put collateral down; what they lack they buy."""
        self._have(tokens, day=day, price_usd=price_usd, reason="bought to pledge")
        self.ledger.post(self.token, OPERATORS, PLEDGE, tokens, reason="pledge", day=day)

    def release(self, tokens: float, *, day: int) -> None:
        """Collateral returns."""
        self.ledger.post(self.token, PLEDGE, OPERATORS, min(tokens, self.pledged_tokens), reason="pledge released", day=day)

    def burn_pledge(self, tokens: float, *, day: int, reason: str) -> None:
        """A penalty out of collateral."""
        self.ledger.post(self.token, PLEDGE, "burn", min(tokens, self.pledged_tokens), reason=reason, day=day)

    def burn_fees(self, tokens: float, *, day: int, price_usd: float, reason: str, from_locked: bool = False) -> None:
        """Burns a fee, out of locked rewards first where the rules say so (FIP-0100), else out of what providers hold or buy."""
        taken = self.queue.take(tokens) if from_locked else 0.0
        self.ledger.post(self.token, UNVESTED, "burn", min(taken, self.unvested_tokens), reason=reason, day=day)
        rest = tokens - taken
        self._have(rest, day=day, price_usd=price_usd, reason="bought to pay fees")
        self.ledger.post(self.token, OPERATORS, "burn", rest, reason=reason, day=day)

    def _have(self, tokens: float, *, day: int, price_usd: float, reason: str) -> None:
        missing = tokens - self.ledger.balance(self.token, OPERATORS)
        if missing > 0:
            self.ledger.post(self.token, MARKET, OPERATORS, missing, reason=reason, day=day, usd=missing * price_usd)
            self.ledger.post(USD, OPERATORS, MARKET, missing * price_usd, reason=reason, day=day)


def _open_books(start: date, token: str) -> Ledger:
    ledger = Ledger(start)
    ledger.add_asset(token)
    ledger.open("customers", Relation.EXTERNAL)
    ledger.open(ALLOCATION, Relation.PROJECT)
    ledger.open(SERVICE_FUND, Relation.PROJECT)
    ledger.open("treasury", Relation.PROJECT, overdraft=True)
    for account in (PLEDGE, UNVESTED):
        ledger.open(account, Relation.OPERATOR)
    ledger.open(OPERATORS, Relation.OPERATOR, overdraft=True)  # in dollars: below zero is out of the hosts' pocket
    ledger.open(MARKET, Relation.HOLDER, overdraft=True)
    ledger.set_price(token, 0.0)
    return ledger
