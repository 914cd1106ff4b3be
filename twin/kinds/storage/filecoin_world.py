"""A Filecoin-like network put together: chain, providers, customers, audits and law on one clock.

`scheduled_subsidy_tokens` is what this run minted, as emission depends on raw power; the taper's dates are stated in the scenario.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from twin.economy.market import Market, MarketFlows
from twin.judging import taper_of
from twin.kernel import DAYS_PER_YEAR, Clock, Lane, Streams
from twin.kinds.storage.books import NodeBooks, is_month_end, write_month
from twin.kinds.storage.chain import Chain
from twin.kinds.storage.collateral import daily_fee, fault_fee
from twin.kinds.storage.collateral_question import collateral_of
from twin.kinds.storage.customers import TIB_PER_PIB, StorageCustomers
from twin.kinds.storage.electricity import prices_of_electricity
from twin.kinds.storage.policing import Audits, Leaving, Notices
from twin.kinds.storage.providers import LEAST_PIB, PIB_PER_EIB, Prices, Providers
from twin.kinds.storage.rows import filecoin_row
from twin.kinds.storage.sectors import CAPACITY, CLASSES, TENFOLD
from twin.kinds.storage.solstice import Solstice
from twin.kinds.storage.spec import StorageScenario
from twin.kinds.storage.tables import FILECOIN_FIELDS
from twin.outcomes import Evidence, NodeYear, Verdict, evidence_window
from twin.outcomes.indicators import replacement_usd_per_year
from twin.record import Recorder
from twin.scenario import Scenario
from twin.scenario.model import value_on
from twin.scenario.series import load_series
from twin.state import USD, Funding, Today

GIB_PER_SECTOR_EIB = 32 / 2**30


class FilecoinTwin:
    """Everything of one run; satisfies `twin.build.Twin`."""

    daily_fields = FILECOIN_FIELDS
    licence: str | None = None
    schedule = None

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.spec = scenario, scenario.spec
        spec: StorageScenario = scenario.spec
        assert spec.filecoin is not None
        self.protocol = spec.filecoin
        self.clock = clock = Clock(spec.calendar.start, spec.calendar.end)
        self.streams = Streams(scenario.seed, 0)
        self.base_dir = scenario.path.parent if scenario.path else None
        self.token_name, token = next(iter(spec.token.items()))
        self.taper = taper_of(scenario)
        self.today = Today()
        self.chain = Chain(self.protocol, start=clock.start, token=self.token_name)
        weight = self._weight()
        self.providers = Providers(spec, self.protocol, self.streams, verified_weight=weight)
        household, self.guessed_electricity = prices_of_electricity(self.providers.countries, section="providers", strict=spec.network.strict)
        self.providers.set_electricity(household)
        self.customers = [StorageCustomers(name, each, start=clock.start) for name, each in spec.customers.items()]
        self.solstice = Solstice(self.protocol.solstice)
        self.market = Market(
            token.price, start=clock.start, end=clock.end, series=lambda name: load_series(name, base_dir=self.base_dir), taper_begin=self.taper.begins
        )
        self.flows = self._observed()
        self.leaving = Leaving(self.chain, self.providers)
        self.recorder: Recorder | None = None
        self.usage_constant_usd = np.zeros(clock.n_days)
        self.paid_by_customer = {each.name: np.zeros(clock.n_days) for each in self.customers}
        self.books = NodeBooks(clock, self.providers.n, self.providers.group, self.providers.groups, self.taper, spec.verdict)
        self.figures: dict[str, float] = {}
        self._fee_tokens = 0.0
        self._faulty = self.protocol.faults.hazard_per_month / (DAYS_PER_YEAR / 12) * self.protocol.faults.repair_mean_days
        self._sold_usd = self._unlock_usd = 0.0
        self._bill_usd = 0.0
        clock.every_day(self._morning, lane=Lane.SHOCK, sub=0, name="price of the day")
        self.notices = Notices(clock, self.streams, spec.regulation, self.providers, self.leaving, self._leaving_fee, self._note)
        clock.every_day(self._customers, lane=Lane.SERVE, sub=0, name="customers come, go and pay")
        clock.every_day(self._sectors, lane=Lane.PROVE, sub=0, name="sectors end, are renewed and added; pledge")
        self.audits = Audits(clock, self.streams, spec.audits, self.chain, self.providers, self.leaving, self._leaving_fee, self._note)
        clock.every_day(self._settle, lane=Lane.SETTLE, sub=0, name="mint, vesting, pay, fees, balance check")
        clock.every_month(self._review, lane=Lane.DECIDE, sub=0, name="providers review what to add, renew and end")
        clock.every_day(self._evening, lane=Lane.OBSERVE, sub=0, name="tables")
        self.today.price_usd = self.market.price_usd
        self._look()

    # -- what a run asks -----------------------------------------------------------------------------------------
    @property
    def run_hash(self) -> str:
        """Hash of everything that decides the run: resolved values, seed, checksums of the series."""
        return self.scenario.hash_with({})

    def about(self) -> dict[str, object]:
        """What the manifest says beside the scenario."""
        return {
            "variant": self.scenario.label,
            "replicate": 0,
            "assumed_electricity": list(self.guessed_electricity),
            "providers": self.providers.n,
            "plan": [(str(row.lane.name if row.lane else ""), row.sub, row.name, row.cadence) for row in self.clock.plan()],
            "taper": {"begins": self.taper.begins, "done": self.taper.done, "origin": self.taper.origin, "reason": self.taper.reason},
        }

    def record_with(self, recorder: Recorder | None) -> None:
        """Where to write from now on; None: nowhere."""
        self.recorder = recorder

    def end_subsidies(self) -> None:
        """No more block rewards, and customers pay their bills in full."""
        self.chain.minting.spec = self.chain.minting.spec.model_copy(update={"scale_share": 0.0})
        for each in self.customers:
            each.has_rebate = False

    def node_year(self) -> NodeYear | None:
        """What each provider did over the judged year."""
        return self.books.node_year()

    def addressable_usd_per_day(self) -> float:
        """Data that external customers could bring, at the reference price."""
        potential = sum(each.spec.potential_pib for each in self.customers if not each.spec.affiliate)
        return float(potential * TIB_PER_PIB * self.spec.network.reference_price_usd_per_tib_per_year / 365)

    def cells(self) -> None:
        """No map: providers are known by country alone."""

    def evidence(self, daily: pd.DataFrame, verdict: Verdict) -> Evidence:
        """What the four investor questions rest on."""
        rows = evidence_window(daily, verdict).rows(self.clock.start)
        before = slice(max(rows.start - 365, 0), rows.start)
        external = {each.name for each in self.customers if not each.spec.affiliate}
        paid = self.paid_by_customer
        return Evidence(
            daily,
            pd.DataFrame(self.chain.ledger.flow_rows()),
            {name: float(paid[name][rows].sum()) for name in external},
            customers_year_before_usd={name: float(paid[name][before].sum()) for name in external} if rows.start >= 365 else None,
            affiliates_usd=sum(float(usd[rows].sum()) for name, usd in paid.items() if name not in external),
            collateral=collateral_of(self, daily, rows),
        )

    # -- a day ---------------------------------------------------------------------------------------------------
    def _weight(self) -> float:
        return value_on(self.protocol.verified_weight, self.clock.today, 10.0)

    def _observed(self) -> dict[str, np.ndarray]:
        flows = self.spec.flows
        if flows is None:
            return {}
        names = {"onboarding": flows.onboarding_pib_per_day, "renewal": flows.renewal_share, "verified": flows.verified_share}
        return {
            key: load_series(name, base_dir=self.base_dir).daily(self.clock.start, self.clock.n_days, until=flows.until, then="hold") for key, name in names.items()
        }

    def _follows_flows(self) -> bool:
        flows = self.spec.flows
        return flows is not None and (self.clock.today <= flows.until or flows.after == "hold")

    def _note(self, kind: str, **facts: Any) -> None:
        lane = {"rule_effective": "SHOCK", "rule_repealed": "SHOCK", "shut_down_by_law": "SHOCK", "providers_quit": "DECIDE"}.get(kind, "PROVE")
        if self.recorder is not None:
            self.recorder.event(self.clock.day, lane=lane, kind=kind, **facts)

    def _morning(self) -> None:
        luck = float(self.streams.uniform("price", self.clock.day, np.zeros(1, np.int64))[0])
        flows = MarketFlows(operator_sales_usd=self._sold_usd, unlock_sales_usd=self._unlock_usd)
        self.today.price_usd = self.market.advance(self.clock.today, uniform=luck, flows=flows, circulating_tokens=self.chain.circulating_tokens)
        self.chain.ledger.set_price(self.token_name, self.today.price_usd)
        self.today.new_hardware_usd = 0.0

    def _customers(self) -> None:
        today, day = self.today, self.clock.day
        served = self.providers.place_paid(sum(each.paid_pib for each in self.customers))
        reference = self.spec.network.reference_price_usd_per_tib_per_year / 365 * TIB_PER_PIB
        used = paid = seen = self._bill_usd = 0.0
        for each in self.customers:
            each.step(self.clock.today, served)
            bill = each.bill_usd(self.clock.today) * served
            usage = each.paid_pib * reference * served
            self._bill_usd += bill * each.paid_share
            self.paid_by_customer[each.name][day] = bill * each.paid_share
            seen += usage
            if not each.spec.affiliate:
                used += usage * each.paid_share
                paid += bill * each.paid_share
        fakes = self.providers.sectors.raw_pib[TENFOLD][self.providers.deals_with_itself()].sum()
        today.usage_constant_usd, today.usage_constant_usd_as_seen = used, seen + float(fakes) * reference
        today.revenue_usd, today.revenue_token_usd = paid, 0.0
        self.usage_constant_usd[day] = used
        potential = sum(each.potential_pib(self.clock.today) for each in self.customers)
        room, claimed = float(self.providers.serving_pib().sum()), float(self.providers.sectors.raw_pib[TENFOLD].sum())
        today.service_share = min(1.0, room / potential) if potential else 0.0
        today.service_share_as_seen = min(1.0, claimed / potential) if potential else 0.0
        self.chain.ledger.post(USD, "world", "customers", self._bill_usd, reason="customers' money", day=day)
        self.chain.ledger.post(USD, "customers", "operators", self._bill_usd, reason="storage paid", funding=Funding.CUSTOMER, day=day)

    def _sectors(self) -> None:
        providers, chain, day = self.providers, self.chain, self.clock.day
        sectors, terms, weight = providers.sectors, self.protocol.terms, self._weight()
        quality_before = max(float(providers.quality_pib(weight).sum()), 1e-9)
        raw, pledge = sectors.expire(day)
        observed = self._follows_flows()
        share = np.minimum(np.full((2, providers.n), self.flows["renewal"][day]) if observed else providers.renews, 1.0) * providers.renewal_factor
        for kind in CLASSES:
            term = terms.capacity_days if kind == CAPACITY else terms.verified_days
            sectors.commit(kind, raw[kind] * share[kind], pledge[kind] * share[kind], day=day, term_days=term)
        chain.release(float((pledge * (1 - share)).sum()), day=day)
        added = self._added(observed, float(self.flows["onboarding"][day]) if observed else 0.0, float(self.flows["verified"][day]) if observed else 0.0)
        quality = added * np.array([[1.0], [weight]])
        power = max(float(providers.quality_pib(weight).sum()), 1e-6) / PIB_PER_EIB
        per_pib = chain.pledge_for(1 / PIB_PER_EIB, total_quality_eib=power, today=self.clock.today)
        for kind in CLASSES:
            term = terms.capacity_days if kind == CAPACITY else terms.verified_days
            sectors.commit(kind, added[kind], quality[kind] * per_pib, day=day, term_days=term)
        chain.lock(float(quality.sum()) * per_pib, day=day, price_usd=self.today.price_usd)
        self._buy_disks()
        fees, gone = self.protocol.fees, float((raw * np.array([[1.0], [weight]])).sum())
        self._fee_tokens *= max(1 - gone / quality_before, 0.0)
        if self.clock.today >= fees.daily_from:
            again = float((raw * share * np.array([[1.0], [weight]])).sum())
            self._fee_tokens += float(daily_fee(fees, (float(quality.sum()) + again) / PIB_PER_EIB, circulating=chain.circulating_tokens))
        self.figures |= {
            "onboarded_pib_per_day": float(added.sum()), "expired_pib_per_day": float(raw.sum()), "renewed_pib_per_day": float((raw * share).sum()),
            "pledge_tokens_per_32_gib": per_pib * PIB_PER_EIB * GIB_PER_SECTOR_EIB,
        }  # fmt: skip

    def _added(self, observed: bool, onboarded_pib: float, verified_share: float) -> np.ndarray:
        """New raw power by class and provider."""
        providers = self.providers
        tenfold_new = self.solstice.is_on(self.clock.today)
        added = np.zeros((2, providers.n))
        if observed:
            size = np.maximum(providers.raw_pib(), LEAST_PIB)
            for kind, amount, can in (
                (CAPACITY, onboarded_pib * (1 - verified_share), providers.may[0]), (TENFOLD, onboarded_pib * verified_share, providers.may[1:].any(axis=0)),
            ):  # fmt: skip
                weight = size * can
                added[kind] = amount * weight / weight.sum() if weight.sum() > 0 else 0.0
        else:
            tenfold = (providers.fills_with > 0) | tenfold_new
            added[TENFOLD] = np.where(tenfold, providers.grows_pib_per_day, 0.0)
            added[CAPACITY] = np.where(tenfold, 0.0, providers.grows_pib_per_day)
            chosen = providers.fills_with > 0
            providers.tenfold_with[chosen] = providers.fills_with[chosen]
        return added * providers.new_factor

    def _buy_disks(self) -> None:
        providers = self.providers
        need = np.maximum(providers.raw_pib() * (1 - providers.fake_share) - providers.disks_pib, 0.0)
        providers.disks_pib += need
        self.today.new_hardware_usd += float(need.sum()) * TIB_PER_PIB * self._capex()
        self.chain.ledger.post(USD, "operators", "world", self.today.new_hardware_usd, reason="disks", day=self.clock.day)

    def _capex(self) -> float:
        costs = self.spec.running_costs
        return float(costs.capex_usd_per_tib * (1 - costs.capex_decline_share_per_year) ** (self.clock.day / 365))

    def _settle(self) -> None:
        providers, chain, today, day = self.providers, self.chain, self.today, self.clock.day
        price, weight, faults = today.price_usd, self._weight(), self.protocol.faults
        raw, quality = float(providers.raw_pib().sum()), providers.quality_pib(weight)
        hazard = faults.hazard_per_month / (DAYS_PER_YEAR / 12)
        self._faulty += hazard * (1 - self._faulty) - self._faulty / faults.repair_mean_days
        proven = 1 - self._faulty
        consensus, service = self.solstice.split(self.clock.today, today.revenue_usd)
        earned = chain.mint(raw / PIB_PER_EIB * proven, day=day, provider_share=consensus, service_share=service)
        total = float(quality.sum())
        share = quality / total if total > 0 else np.zeros(providers.n)
        serving = providers.paid_pib.sum()
        for_service = chain.pay_service(day=day)
        tokens = earned * share + for_service * (providers.paid_pib / serving if serving > 0 else share)
        gas = value_on(self.protocol.fees.gas_tokens_per_day, self.clock.today, 0.0) * min(1.0, raw / PIB_PER_EIB / self.protocol.fees.full_gas_eib)
        charged = min(self._fee_tokens, self.protocol.fees.daily_cap_share * chain.reward_tokens)
        charged_faults = fault_fee(faults, chain.reward_tokens * self._faulty * math.exp(-faults.free_days / faults.repair_mean_days))
        for amount, reason, locked in ((gas, "gas", False), (charged, "daily fee", True), (charged_faults, "fault fee", True)):
            chain.burn_fees(amount, day=day, price_usd=price, reason=reason, from_locked=locked)
        unlocked = chain.unlock(day)
        self._account(tokens, share, burned=gas + charged + charged_faults)
        self._sell(unlocked)
        chain.ledger.check(day)
        today.minted_tokens = chain.reward_tokens
        today.burned_tokens = gas + charged + charged_faults + chain.reward_tokens * max(0.0, 1 - consensus - service)
        today.supply_tokens = chain.circulating_tokens
        today.emission_usd = chain.reward_tokens * price
        today.operator_emission_usd = float(tokens.sum()) * price
        today.backed_share = 0.0  # customers pay in dollars that are passed on; nothing is burned for them
        false = providers.false_quality_pib(weight)
        self.figures |= {
            "gas_and_fees_tokens": gas + charged + charged_faults, "faulty_share": self._faulty,
            "fake_share_of_proof": float(false.sum()) / total if total > 0 else 0.0,
            "reward_usd_per_tib_per_year": chain.reward_tokens * 365 * price * weight / max(total * TIB_PER_PIB, 1e-9),
        }  # fmt: skip

    def _account(self, tokens: np.ndarray, share: np.ndarray, *, burned: float) -> None:
        """What the day brought and cost each provider, USD."""
        providers, today, verdict = self.providers, self.today, self.spec.verdict
        price = today.price_usd
        placed = float(providers.paid_pib.sum())
        by_paid = providers.paid_pib / placed if placed > 0 else np.zeros(providers.n)
        customer = self._bill_usd * by_paid
        running = providers.running_usd_per_year() / DAYS_PER_YEAR
        stake = providers.sectors.pledge_tokens.sum(axis=0) * price * verdict.hurdle_rate_per_year / DAYS_PER_YEAR
        cost = running + stake + burned * share * price
        disks = np.minimum(providers.raw_pib() * (1 - providers.fake_share), providers.disks_pib) * TIB_PER_PIB
        yearly = replacement_usd_per_year(self._capex(), life_years=self.spec.running_costs.life_years, hurdle_rate_per_year=verdict.hurdle_rate_per_year)
        replacement = disks * float(yearly) / DAYS_PER_YEAR
        emission = tokens * price
        self.books.add(
            live=self.live(), fee_funded_usd=customer, cost_usd=cost, replacement_usd=replacement,
            usage_usd=today.usage_constant_usd * by_paid, earned_usd=emission + customer, earned_tokens=tokens,
        )  # fmt: skip
        today.operator_customer_usd = float(customer.sum())
        today.operator_cost_usd, today.operator_replacement_usd = float(cost.sum()), float(replacement.sum())
        self.chain.ledger.post(USD, "operators", "world", float(running.sum()), reason="running cost", day=self.clock.day)
        raw = float(providers.raw_pib().sum()) * TIB_PER_PIB
        self.figures["running_cost_usd_per_tib_per_year"] = float(running.sum()) * DAYS_PER_YEAR / raw if raw > 0 else 0.0

    def _sell(self, unlocked_tokens: float) -> None:
        """Providers sell a part of the liquid reward; what is unlocked is market flow."""
        chain, price, day = self.chain, self.today.price_usd, self.clock.day
        quality = self.providers.quality_pib(self._weight())
        total = float(quality.sum())
        mean = float((self.providers.sells * quality).sum()) / total if total > 0 else 0.0
        tokens = min(chain.reward_tokens * mean, max(chain.ledger.balance(self.token_name, "operators"), 0.0))
        chain.ledger.post(self.token_name, "operators", "market", tokens, reason="sale", day=day)
        chain.ledger.post(USD, "market", "operators", tokens * price, reason="sale", day=day)
        self.books.sold(tokens * quality / total if total > 0 else np.zeros(self.providers.n))
        self._sold_usd, self._unlock_usd = tokens * price, unlocked_tokens * price

    # -- a month -------------------------------------------------------------------------------------------------
    def _prices(self) -> Prices:
        providers, weight = self.providers, self._weight()
        total = max(float(providers.quality_pib(weight).sum()), 1e-6)
        consensus, _ = self.solstice.split(self.clock.today, 0.0)
        per_tib = self.chain.pledge_for(1 / PIB_PER_EIB, total_quality_eib=total / PIB_PER_EIB, today=self.clock.today) / TIB_PER_PIB
        return Prices(
            self.today.price_usd, self.chain.reward_tokens * consensus, total, per_tib, weight, self.solstice.is_on(self.clock.today), self._capex()
        )

    def _look(self) -> None:
        placed = float(self.providers.paid_pib.sum()) * TIB_PER_PIB
        bill = self._bill_usd * 365 / placed if placed > 0 else 0.0
        self.providers.review(self._prices(), day=self.clock.day, today=self.clock.today, bill_usd_per_tib_per_year=bill)

    def _review(self) -> None:
        self._look()
        self.leaving.end_lasting_faults(self.clock.day, fee=self._leaving_fee())
        if self._follows_flows():
            return
        luck = self.streams.uniform("provider quits", self.clock.day, np.arange(self.providers.n))
        fee = self._leaving_fee()
        who = self.providers.who_quits(luck, fee_usd=fee * self.today.price_usd)
        if len(who):
            gone = self.leaving.end(who, fee, day=self.clock.day, reason="termination fee")
            self.figures["ended_early_pib_per_day"] = gone
            self._note("providers_quit", subject="providers", count=len(who), value=gone, unit="PiB ended before term")

    def _leaving_fee(self) -> np.ndarray:
        weight = self._weight()
        total = max(float(self.providers.quality_pib(weight).sum()), 1e-9)
        return self.leaving.fee_tokens(self.clock.day, today=self.clock.today, reward_per_quality_pib=self.chain.reward_tokens / total, weight=weight)

    def live(self) -> np.ndarray:
        """Providers that hold more than the least power."""
        return self.providers.raw_pib() > LEAST_PIB

    def _evening(self) -> None:
        if self.recorder is not None:
            self.recorder.daily(self.clock.day, filecoin_row(self))
            if is_month_end(self.clock):
                groups = self.books.month_rows(self.live()) if self.spec.record.operators != "none" else None
                write_month(self.recorder, self.clock.today, ledger=self.chain.ledger, groups=groups)
        self.figures["ended_early_pib_per_day"] = 0.0
