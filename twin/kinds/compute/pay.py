"""What a rule of rewards owes its network: what customers' money and emission become for each node, day by day. The rules are in files of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from twin.arrays import Floats
from twin.economy.held import Fading
from twin.integrity.wash import WashTerms
from twin.kernel import Clock, in_turn
from twin.kinds.compute.deeds import Deeds
from twin.kinds.compute.places import Sites
from twin.kinds.compute.spec import ComputeScenario
from twin.kinds.compute.yard import Day
from twin.state import Columns, Funding, Today


class Purse(Protocol):
    """The books, as a rule of rewards uses them: it moves money and never keeps it."""

    subsidy_on: bool
    counterfactual_share: float
    """Part of what is emitted next that the rules would not pay."""

    def pay(self, source: str, target: str, usd: float, reason: str, *, funding: Funding | None = None) -> None:
        """Dollars from one account to another, today."""

    def move(self, source: str, target: str, tokens: float, reason: str, *, funding: Funding | None = None) -> None:
        """Tokens from one account to another, today."""

    def finds_usd(self, usd: float) -> float:
        """How many of so many dollars find tokens for sale today."""

    def burn(self, usd: float, reason: str, *, source: str = "customers") -> float:
        """Somebody's dollars buy tokens that are burned; returns the tokens."""

    def emit(self, tokens: Floats, reason: str) -> None:
        """Newly minted tokens to nodes."""

    def buy_for(self, account: str, usd: float, tokens: float, reason: str) -> None:
        """Customers' dollars buy tokens for an account: so many now, or what the market finds tomorrow."""

    def sell(self, tokens: float, *, seller: str = "operators") -> None:
        """Tokens to the market, dollars to the seller: now, or for what the market brings tomorrow."""

    def take_seed(self, account: str, tokens: float, reason: str) -> None:
        """Tokens for an account from those who hold them and do not trade."""

    @property
    def waits_for_the_market(self) -> bool:
        """Whether what is bought today is found tomorrow."""

    def balance(self, account: str) -> float:
        """Tokens of an account."""

    def holds_usd(self, account: str) -> float:
        """Dollars of an account."""

    def supply_tokens(self) -> float:
        """All tokens in existence."""


@dataclass(frozen=True)
class Pay:
    """Pay of a day by node: dollars from customers, tokens from emission, dollars of grants."""

    customer_usd: Floats
    emission_tokens: Floats
    grant_usd: Floats


@dataclass(frozen=True, eq=False)
class Payroll:
    """Who is paid, by which clock, out of which purse."""

    clock: Clock
    spec: ComputeScenario
    sites: Sites
    nodes: Columns
    purse: Purse
    today: Today
    fading: Fading
    """Whether subsidies fade by their rules."""
    deeds: Deeds
    """What those who cheat do today."""


class RewardRule:
    """What every rule has. A rule says in `pay` what becomes of a day; the rest are answers of a rule that has nothing to say."""

    minted_to_burned = collateral_ratio = credits_usd = sustainability_ratio = 0.0
    """Columns of the day that one rule or another has."""
    unpaid_because: ClassVar[str] = ""
    """Why a node that only claims cards is paid nothing by this rule, as the end of a sentence; empty where it is paid until somebody finds it."""
    pays_for: ClassVar[frozenset[str]] = frozenset()
    """Exploits that this rule pays until somebody finds them."""
    pays_failed_jobs = True
    """Whether what is billed for a job until somebody sees that it comes to nothing is paid."""
    takes_to: ClassVar[str] = "treasury"
    """Account of the protocol's part of a bill."""
    absent_fields: ClassVar[frozenset[str]]
    """Columns of `network_daily` that this rule knows nothing of."""

    def __init__(self, payroll: Payroll) -> None:
        self.clock, self.spec, self.sites = payroll.clock, payroll.spec, payroll.sites
        self.nodes, self.purse, self.today, self.deeds = payroll.nodes, payroll.purse, payroll.today, payroll.deeds

    @property
    def no_fake_is_paid_because(self) -> str:
        """Why nobody in this scenario who cheats could be paid; empty where somebody could."""
        return "" if self.deeds.possible & self.pays_for else self.unpaid_because

    def pay(self, done: Day) -> Pay:
        """Moves the day's money and returns what each node is paid."""
        raise NotImplementedError

    def shared_with_fakes(self) -> tuple[str, ...]:
        """Columns of `network_daily` whose money goes to whoever claims cards, real or not, today."""
        return ()

    # -- for those who cheat ---------------------------------------------------------------------------------------
    def presence_usd_per_day(self, site: int, exploit: str) -> float:
        """What one more account on this site would be paid a day for being there, if it did this."""
        return 0.0

    def usage_usd_per_usd(self, site: int, more_usd: float) -> float:
        """Rewards for each dollar of usage, to one more account on this site that brings so many dollars a day."""
        return 0.0

    def paid_per_billed_usd(self, site: int, more_usd: float) -> float:
        """Of a dollar that customers pay for work at one more account, what it gets."""
        return 1 - self.take_share()

    def wash_terms(self) -> WashTerms:
        """What a dollar of self-dealt usage loses today."""
        return WashTerms(take_share=self.take_share())

    def book_self_dealt(self, usd: float) -> float:
        """Accounts rent themselves for so many dollars: what that loses leaves their pocket; no customer paid it. Returns tokens burned."""
        terms, purse = self.wash_terms(), self.purse
        burned = purse.finds_usd(usd * terms.burned_share)
        tokens = purse.burn(burned, "self-dealt usage", source="adversaries")
        purse.pay("adversaries", self.takes_to, usd * (terms.take_share + terms.burned_share) - burned, "self-dealt usage")
        return tokens

    def pay_hosts_usd(self, source: str, total_usd: float, usd: Floats, reason: str) -> None:
        """Customers' dollars to hosts, `usd` by node, those without cards apart."""
        to_fakes = in_turn(usd[self.sites.is_fake]) if "hollow_jobs" in self.deeds.possible else 0.0
        self.purse.pay(source, "operators", total_usd - to_fakes, reason, funding=Funding.CUSTOMER)
        if to_fakes:
            self.purse.pay(source, "adversaries", to_fakes, reason, funding=Funding.CUSTOMER)

    def fake_part(self, usd: Floats) -> float:
        """Share of some pay that goes to accounts without cards."""
        total = in_turn(usd) if "hollow_jobs" in self.deeds.possible else 0.0
        return in_turn(usd[self.sites.is_fake]) / total if total > 0 else 0.0

    # -- for all ---------------------------------------------------------------------------------------------------
    def take_share(self) -> float:
        """Part of a bill that does not reach the host, a share."""
        return 0.0

    def open_share(self) -> float:
        """Share of new jobs that the network can take today (0 while its credits cannot be bought)."""
        return 1.0

    def usd_per_index_hour(self, tier: int) -> float:
        """Price of an OctaneBench-hour where prices are by tier, USD."""
        return 1.0
