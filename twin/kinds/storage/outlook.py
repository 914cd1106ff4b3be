"""What providers see once a month: what each way of filling sectors would bring and bind, what running on costs. USD by raw TiB and year."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.kernel import Clock
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.economics import (
    HOLLOW,
    STRATEGIES,
    Offer,
    Prospects,
    disk_usd_per_tib,
    electricity_usd_per_tib_per_year,
    prospects,
)
from twin.kinds.storage.minds import Minds
from twin.kinds.storage.provider_spec import LEAST_TIB
from twin.kinds.storage.providers import Providers
from twin.kinds.storage.sectors import CAPACITY, TENFOLD, TIB_PER_PIB
from twin.kinds.storage.solstice import Solstice
from twin.scenario.model import value_on
from twin.units import DAYS_PER_YEAR, MONTHS_PER_YEAR


class Outlook:
    """The numbers of the last review."""

    prospects: Prospects

    def __init__(self, clock: Clock, chain: ChainBooks, providers: Providers, solstice: Solstice, *, household_usd_per_kwh: Floats) -> None:
        """`household_usd_per_kwh`: by country, in the order of `providers.countries`."""
        self.clock, self.chain, self.providers, self.solstice, self.spec = clock, chain, providers, solstice, providers.spec
        self._audits = self.spec.audits
        self.minds: Minds | None = None
        """Of groups that learn; None: nobody does."""
        self._electricity = electricity_usd_per_tib_per_year(self.spec.running_costs, household_usd_per_kwh)

    def switch_slashing(self, on: bool) -> None:
        """Whether providers reckon with a part of the pledge that audits take."""
        if self.minds is not None:
            self.minds.takes_pledge = on
        self._audits = self.spec.audits if on else self.spec.audits.model_copy(update={"slash_share_of_pledge": 0.0, "sanctions": None})

    def pay_usd_per_month(self) -> float:
        """Block reward of a TiB that counts once, at today's power and price."""
        return self._reward_usd_per_tib_per_year(float(self.providers.quality_pib().sum())) / MONTHS_PER_YEAR

    def _reward_usd_per_tib_per_year(self, quality_pib: float) -> float:
        consensus, _ = self.solstice.split(self.clock.today, 0.0)
        return self.chain.reward_tokens * consensus * DAYS_PER_YEAR * self.chain.today.price_usd / max(quality_pib * TIB_PER_PIB, 1e-9)

    def see(self, bill_usd: float, *, certain_share: Floats, ordered_pib: float) -> None:
        """Looks at today's numbers; `bill_usd` is what customers pay a day for all data that was placed.

        `certain_share`: what each counts on of pay that moves; `ordered_pib`: quality-adjusted power that waits for its pledge and will share the reward.
        """
        spec, chain, providers, protocol = self.spec, self.chain, self.providers, self.providers.protocol
        terms, weight, n = protocol.terms, providers.verified_weight, providers.n
        placed = float(providers.paid_pib.sum()) * TIB_PER_PIB
        bill = bill_usd * DAYS_PER_YEAR / placed if placed > 0 else 0.0
        network = max(float(providers.quality_pib().sum()), 1e-6)
        price, reward = chain.today.price_usd, self._reward_usd_per_tib_per_year(network + ordered_pib)
        pledge = chain.pledge_per_pib(network_quality_pib=network) / TIB_PER_PIB
        room = providers.serving_pib()
        load = np.divide(providers.paid_pib, room, out=np.zeros(n), where=room > 0)
        quality = np.array([weight if self.solstice.is_on(self.clock.today) else 1.0, weight, weight, weight, 1.0])
        raw = providers.raw_pib()
        self._size: Floats = np.maximum(raw, providers.disks_pib)
        offer = Offer(
            reward, pledge * price, quality, disk_usd_per_tib(spec.running_costs, self.clock.day) * (1 + providers.law_price_share), load * bill * providers.serves,
            bill_usd_per_tib_per_year=self._bills_usd_per_year() / np.maximum(self._size * TIB_PER_PIB, LEAST_TIB), certain_share=certain_share,
        )  # fmt: skip
        seen = prospects(
            spec.running_costs, spec.decisions, self._audits, offer,
            cost_multiple=providers.cost_multiple, electricity=self._electricity[providers.country],
            needs_disks=raw * (1 - providers.fake_share) >= providers.disks_pib * 0.999,
            term_years=self._term_years(), are_audits_on=self.clock.today >= spec.audits.starts, denies=self._real_share(),
            looks=value_on(spec.audits.detection_multiple, self.clock.today, 1.0), fears=self.minds.fear if self.minds is not None else None,
        )  # fmt: skip
        self.prospects = seen
        if self.minds is not None:
            self.minds.choose(seen)
        self._most: Floats = np.maximum(terms.seal_share_per_day * self._size, terms.least_seal_pib_per_day)
        if (bound := spec.audits.most_seal_share_of_disks_per_day) is not None:
            self._most = np.minimum(self._most, np.maximum(bound * providers.disks_pib, terms.least_seal_pib_per_day))
        # what is renewed must carry the bills of all that stands, and running cost where that is counted
        ignored = np.where(providers.counts_running_cost, 0.0, seen.running_usd_per_tib_per_year)
        renewed = seen.profit_usd_per_tib_per_year + ignored - self._bills_usd_per_year() / np.maximum(raw * TIB_PER_PIB, LEAST_TIB)
        self._margins = np.stack(self._by_class(renewed / np.maximum(seen.running_usd_per_tib_per_year, 1e-9)))
        self._kept_usd_per_tib_per_year = np.stack(self._of_standing(seen.cash_usd_per_tib_per_year + ignored))

    # -- what they decide by ---------------------------------------------------------------------------------------
    @property
    def may(self) -> NDArray[np.bool_]:
        """What each may put into new sectors, by strategy (rows)."""
        return self.providers.may if self.minds is None else self.minds.may(self.providers.may)

    @property
    def online(self) -> NDArray[np.bool_]:
        """Who holds anything."""
        return self.providers.online

    def is_barred(self) -> NDArray[np.bool_]:
        """Who may add nothing for now."""
        return np.asarray(self.providers.barred_until > self.clock.day)

    def return_per_year(self) -> Floats:
        """Profit of new sectors over what they bind, by strategy (rows)."""
        return self.prospects.return_per_year

    def margin_usd_per_month(self) -> Floats:
        """What new sectors would leave over running cost and bills, by strategy (rows)."""
        return self.prospects.margin_usd_per_tib_per_year / MONTHS_PER_YEAR

    def spent_usd(self) -> Floats:
        """On their disks and sealing, by strategy (rows)."""
        return self.prospects.spent_usd_per_tib

    def locked_usd(self) -> Floats:
        """Their pledge, by strategy (rows)."""
        return self.prospects.pledge_usd_per_tib

    def locked_months(self) -> Floats:
        """Until it is back, by strategy."""
        return np.asarray(self._term_years() * MONTHS_PER_YEAR)

    @property
    def rate_per_year(self) -> float:
        """Return that providers ask of what they bind."""
        return self.spec.decisions.discount_rate_per_year

    @property
    def life_months(self) -> float:
        """Of disks."""
        return self.spec.running_costs.life_years * MONTHS_PER_YEAR

    def margin_share(self) -> Floats:
        """Profit of renewing, duties of law in force and announced taken off, over running cost, by class of sectors (rows)."""
        return self._margins

    def size_pib(self) -> Floats:
        """What each could run on the disks it has."""
        return self._size

    def most_pib_per_day(self) -> Floats:
        """What each can seal a day."""
        return self._most

    def loss_to_end_of_term_usd(self) -> Floats:
        """What each would lose if it ran all that it holds to the end of the term, half of which is gone."""
        providers, terms = self.providers, self.providers.protocol.terms
        left = np.array([terms.capacity_days, terms.verified_days])[:, None] / DAYS_PER_YEAR / 2
        bills = self._bills_usd_per_year() * float(left.max())
        return np.asarray(bills - (providers.sectors.raw_pib * TIB_PER_PIB * self._kept_usd_per_tib_per_year * left).sum(axis=0))

    def running_usd_per_year(self) -> Floats:
        """Avoidable cost of all that stands, by provider, without pledge."""
        raw, (once, tenfold) = self.providers.sectors.raw_pib * TIB_PER_PIB, self._of_standing(self.prospects.running_usd_per_tib_per_year)
        return np.asarray(raw[CAPACITY] * once + raw[TENFOLD] * tenfold)

    def _bills_usd_per_year(self) -> Floats:
        """Duties of law by provider, those that are only announced among them: a renewal lasts longer than the notice."""
        return np.asarray((self.providers.duty_usd_per_day + self.providers.announced_duty_usd_per_day) * DAYS_PER_YEAR)

    def _term_years(self) -> Floats:
        """Of new sectors, by strategy."""
        terms = self.providers.protocol.terms
        return np.array([terms.capacity_days, terms.verified_days, terms.verified_days, terms.verified_days, terms.capacity_days]) / DAYS_PER_YEAR

    def _real_share(self) -> Floats:
        """Part of what each claims for which it pays disks and running cost; by strategy (rows) where some turn from one to another."""
        real, claims = 1 - self.providers.fake_share, self.providers.claims
        if claims is None:
            return np.asarray(real)
        by_strategy = np.tile(np.where(claims.learns, 1.0, real), (len(STRATEGIES), 1))
        by_strategy[HOLLOW] = np.where(claims.learns, 1 - claims.fakes_share, real)
        return by_strategy

    def _by_class(self, by_strategy: Floats) -> tuple[Floats, Floats]:
        """Of what each puts into sectors that it renews, by class."""
        providers, who = self.providers, np.arange(self.providers.n)
        once = by_strategy[0] if providers.claims is None else by_strategy[providers.claims.capacity_with, who]
        return once, by_strategy[providers.tenfold_with, who]

    def _of_standing(self, by_strategy: Floats) -> tuple[Floats, Floats]:
        """Of what stands, by class."""
        claims, who = self.providers.claims, self.providers.learns
        if claims is None:
            return self._by_class(by_strategy)
        once, tenfold = claims.mean_of_standing(by_strategy)  # capacity of who does not learn has one cost, whatever it fakes
        return once, np.where(who, tenfold, by_strategy[self.providers.tenfold_with, claims.everybody])
