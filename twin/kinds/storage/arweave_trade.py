"""What an Arweave-like network tells its world: uploads and what they cost, the columns of the day, groups of miners.

Usage is the data kept, at a constant price.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.actors.customers.customer import Customer
from twin.actors.customers.sale import Terms
from twin.kinds.storage.copies_check import CopiesCheck
from twin.kinds.storage.customer_places import CustomerPlaces
from twin.kinds.storage.customers import Uploads
from twin.kinds.storage.endowment import GIB_PER_TB
from twin.kinds.storage.groups import PayPerDay
from twin.kinds.storage.keeping import Keeping
from twin.kinds.storage.provider_spec import UploadersSpec
from twin.kinds.storage.shared_copies import SharedCopies, made_up_usd_per_tb_per_year, speed_that_pays
from twin.kinds.storage.spec import StorageScenario
from twin.kinds.storage.tables import ARWEAVE_ABSENT, ARWEAVE_FIELDS, ARWEAVE_WITHOUT_CHEATS_ABSENT
from twin.outcomes import Collateral, reward_share
from twin.units import DAYS_PER_YEAR, MONTHS_PER_YEAR
from twin.world import World
from twin.world.node_sums import DailySums, group_row
from twin.world.spot_ground import SpotGround
from twin.world.trade import Plain, Row

TIB_PER_TB = 1e12 / 2**40


class ArweaveTrade(Plain):
    """Miners at work, as the chronicle and the verdict ask them; the protocol asks them for no collateral."""

    daily_fields = ARWEAVE_FIELDS
    treasury_accounts: tuple[str, ...] = ("treasury", "endowment")

    def __init__(self, world: World, keeping: Keeping, sums: DailySums, ground: SpotGround, *, shared: SharedCopies | None, check: CopiesCheck | None) -> None:
        self.spec: StorageScenario = world.spec
        self.shared, self.check, self._guard = shared, check, world.guard
        self.absent_fields = ARWEAVE_ABSENT if shared is not None else ARWEAVE_WITHOUT_CHEATS_ABSENT
        if check is not None and check.held_share > 0:
            self.slashes_from = max(check.spec.starts or world.clock.start, world.clock.start)
        self.clock, self.today, self.keeping = world.clock, world.today, keeping
        self.books, self.weave, self.miners, self.ground, self._pay = keeping.books, keeping.weave, keeping.miners, ground, PayPerDay(world.clock, sums)
        self.places = CustomerPlaces([each.country_share for each in self.spec.uploaders.values()])
        self.customers, self.uploads = world.customers, [self._customer(world, number, name, each) for number, (name, each) in enumerate(self.spec.uploaders.items())]
        self.uploaded_tb = self.fee_tokens = 0.0
        """Today's."""
        self._first_fee_usd: float | None = None

    def _customer(self, world: World, number: int, name: str, spec: UploadersSpec) -> tuple[Customer, Uploads]:
        uploads = Uploads(spec, start=self.clock.start, fee_usd_per_gib=self._fees_usd, taxed=lambda: self.places.taxed(number))
        return world.customers.add(name, uploads, Terms(ends=spec.ends, affiliate=spec.affiliate)), uploads

    def _fees_usd(self) -> tuple[float, float]:
        """What a GiB costs today, and what it cost on the first day, USD."""
        fee_usd = self.weave.fee_tokens_per_gib() * self.today.price_usd
        if self._first_fee_usd is None:
            self._first_fee_usd = fee_usd
        return fee_usd, self._first_fee_usd

    def morning(self) -> None:
        """The token has a price."""
        self.books.ledger.set_price(self.books.token_name, self.today.price_usd)

    # -- customers -------------------------------------------------------------------------------------------------
    def sales(self) -> None:
        """Uploads and their fees; usage is the data kept at a constant price."""
        today, weave, books, date = self.today, self.weave, self.books, self.clock.today
        self.uploaded_tb = sum(uploads.tb_on(date) if customer.buys_on(date) else 0.0 for customer, uploads in self.uploads)
        self.fee_tokens = weave.fee_tokens_per_gib() * self.uploaded_tb * GIB_PER_TB
        self.customers.sell()
        self.places.collect(np.array([sale.paid_usd for sale in self.customers.bought]))
        fees_usd = self.fee_tokens * today.price_usd
        books.pay("world", "customers", fees_usd, "customers' money")
        if books.desk is None:
            books.pay("customers", "market", fees_usd, "tokens bought to upload")
            books.move("market", "customers", self.fee_tokens, "tokens bought to upload")
        else:  # today's uploads are paid with the tokens that the market finds tomorrow
            self.fee_tokens = max(books.balance("customers"), 0.0)
            books.desk.spend("customers", fees_usd, "tokens bought to upload", day=self.clock.day, target="customers", by_customers=True)
        if self.shared is None:
            today.service_share = today.service_share_as_seen = weave.service_share(float(self.miners.mined_tb.sum()))
        else:
            today.service_share, today.service_share_as_seen = weave.service_share(self._kept_tb()), weave.service_share_of(self._seen_tb())
        today.usage_constant_usd = today.usage_constant_usd_as_seen = self._usd_per_day(weave.gib / GIB_PER_TB) * weave.kept_share
        today.revenue_token_usd = 0.0

    def _kept_tb(self) -> float:
        """Space on which copies are, of honest miners and of the others."""
        return float(self.miners.mined_tb.sum()) + (self.shared.kept_tb if self.shared is not None else 0.0)

    def _seen_tb(self) -> float:
        """Space for which challenges are answered."""
        return float(self.miners.mined_tb.sum()) + (self.shared.seen_tb if self.shared is not None else 0.0)

    def addressable_usd_per_day(self) -> float:
        """Data stored on the first day and all that external uploaders would add over the run at the first day's price, or did where it was cheaper, at the reference price."""
        brought = sum(max(uploads.wanted_tb(self.clock.end), uploads.uploaded_tb) for _, uploads in self.uploads if not uploads.spec.affiliate)
        return self._usd_per_day(self.weave.spec.opening_weave_tb + brought)

    def _usd_per_day(self, tb: float) -> float:
        return float(tb * TIB_PER_TB * self.spec.network.reference_price_usd_per_tib_per_year / DAYS_PER_YEAR)

    def service_if(self, on: NDArray[np.bool_]) -> float:
        """Copies over those promised if only these miners were there."""
        weave = self.weave
        copies = weave.copies(float(self.miners.space_tb[on].sum()))
        return min(1.0, copies / weave.spec.upload_fee.replicas_target) * min(weave.kept_share, copies)

    # -- tables ----------------------------------------------------------------------------------------------------
    def facts(self) -> Mapping[str, object]:
        """For the manifest."""
        return {"miners": len(self.miners.space_tb)}

    def row(self, counts: Mapping[str, int]) -> Row:
        """Miners, their space and its cost, the endowment, prices."""
        keeping, weave, miners, income, pool = self.keeping, self.weave, self.miners, self.keeping.income, self.weave.pool
        online, space, total = int(miners.online.sum()), miners.mined_tb, float(miners.mined_tb.sum())
        full = miners.running_usd_per_tb_per_year + miners.disk_usd_per_tb_per_year
        fakes = int(self.shared.here.sum()) if self.shared is not None else 0
        return {
            "nodes_online": online,
            "nodes_online_as_seen": online + fakes,
            "capacity": self._kept_tb() / 1000,
            "capacity_as_seen": self._seen_tb() / 1000,
            "weave_tb": weave.gib / GIB_PER_TB,
            "uploaded_tb_per_day": self.uploaded_tb,
            "endowment_tokens": pool.tokens,
            "endowment_years_left": weave.years_left(income.needed),
            "upload_fee_tokens_per_gib": keeping.fee_tokens_per_gib,
            "upload_fee_usd_per_gib": keeping.fee_tokens_per_gib * self.today.price_usd,
            "price_winston_per_gib_minute": weave.winston_per_gib_minute,
            "needed_tokens_per_day": income.needed,
            "inflation_tokens_per_day": income.inflation,
            "taken_tokens_per_day": income.taken,
            "debt_tokens": pool.debt_tokens,
            "kryder_multiple": pool.kryder,
            "copies": round(weave.copies(self._kept_tb()), 3),
            "mined_space_pb": total / 1000,
            "miner_cost_usd_per_tb_per_year": float((full * space).sum()) / total if total > 0 else 0.0,
            "miner_income_usd_per_tb_per_year": keeping.income_usd_per_tb_per_year,
            "held_reward_tokens": self.books.balance("held"),
            **(self._cheats(self.shared, fakes) if self.shared is not None else {}),
        }

    def _cheats(self, shared: SharedCopies, fakes: int) -> Row:
        """Pretended miners, what they take, and what a check made of them and of honest ones."""
        found, claimed = self.check.inspection if self.check is not None else None, shared.claimed_tb()
        paid_usd, total = self.keeping.fakes_tokens * self.today.price_usd, float(claimed.sum())
        return {
            "copies_as_seen": round(self.weave.copies(self._seen_tb()), 3),
            "fake_online": fakes,
            "fake_share_of_proof": self.keeping.fakes_tokens / self.keeping.income.total if self.keeping.income.total > 0 else 0.0,
            "fakes_paid_usd": self._guard.take(shared.campaign, claimed * (paid_usd / total)) if total > 0 else 0.0,
            "nodes_denied": int((self.miners.denied & self.miners.online).sum()) + int((shared.here & ~shared.paid()).sum()),
            "cheats_caught": found.caught if found else 0,
            "honest_accused": found.false_positives if found else 0,
            "slashed_tokens": self.check.slashed_tokens if self.check is not None else 0.0,
        }

    def collateral(self, daily: pd.DataFrame, days: slice) -> Collateral:
        """Nobody stakes; a terabyte that is made up when it is asked for brings what a kept one does, and costs far more or less."""
        if self.shared is None:
            return Collateral(gain_usd_per_year=None, unpaid_because="mined space is proved block by block")
        packing, kept = self.shared.packing, float(np.median(self.miners.running_usd_per_tb_per_year)) + self.miners.disk_usd_per_tb_per_year
        speed = max((each.speed_multiple for each in self.spec.adversaries.values()), default=1.0)
        gain = kept - made_up_usd_per_tb_per_year(packing, speed_multiple=speed) * self.miners.decline
        if gain <= 0:
            times = speed_that_pays(packing, kept_usd_per_tb_per_year=kept / self.miners.decline) / speed
            return Collateral(gain_usd_per_year=None, unpaid_because=f"making chunks up on demand costs {times:.0f} times as much as keeping them")
        check, tb = self.check, float(np.mean([each.tb_per_node for each in self.spec.adversaries.values()])) if self.spec.adversaries else 0.0
        looks = check is not None and check.inspection.has_begun
        return Collateral(
            gain_usd_per_year=gain * tb, of="a pretended miner", looks_per_year=MONTHS_PER_YEAR * check.inspection.looks_today() if looks and check is not None else 0.0,
            catch_probability_per_look=check.spec.detection_probability_per_month if looks and check is not None else None,
            stake_usd=self.keeping.income_usd_per_tb_per_year * tb * self.weave.spec.held_reward_days / DAYS_PER_YEAR if check is not None else 0.0,
            slash_share=check.held_share if check is not None else 0.0, cheats_reward_share=reward_share(daily["fakes_paid_usd"], daily),
        )  # fmt: skip

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight; users are TB of space that keeps copies."""
        miners = self.miners
        nobody = np.zeros(len(miners.space_tb), bool)
        return self.ground.cells_row(online=miners.online, fake=nobody, pay_usd_per_day=self._pay.take(), users=miners.mined_tb)

    def groups_row(self) -> dict[str, Any]:
        """Who earns and who loses, by group of miners."""
        return group_row(**self.keeping.groups.month(self.miners.online))
