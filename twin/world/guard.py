"""Who cheats and who looks, told apart by name: what checks find reaches the campaigns that learn from it, and the tables say month by month what became of both.

Tables are kept only where a scenario asks for them: where a campaign learns, or a check changes by date, costs or punishes by steps.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.integrity.beliefs import Beliefs
from twin.integrity.campaigns import Campaign, Exploit
from twin.integrity.inspection import Found, Inspection, Tally
from twin.integrity.learning import Learning, Trick
from twin.integrity.sanctions import Imposed, Penalties
from twin.integrity.wronged import Wronged
from twin.kernel import Clock, Lane
from twin.scenario.sections.cheating import LooksSpec
from twin.state import Note

CampaignOf = Callable[[Slots], NDArray[np.integer]]
"""Number of the campaign to which each node belongs, in the order of the scenario's adversaries; -1: of none of them."""
PutOut = list[Callable[[Slots], None]]
"""Who is told which cheats a check puts out today, while it is still known whose they are."""


@dataclass(frozen=True)
class Bill:
    """Who pays for the looks of a check."""

    pays: Callable[[float], float]
    """So many dollars of today, out of the purse that the check names; returns what there was."""
    charges: Callable[[float], None]
    """From now on each node pays so many dollars a day."""
    looks_per_day: float
    """At one node."""
    looks: Callable[[], float] = lambda: 1.0
    """For how many one that is counted stands, today."""


@dataclass
class _Watched:
    """A check and its counts, up to the last evening of a month."""

    inspection: Inspection
    sanctions: Penalties | None
    wronged: Wronged | None
    bill: Bill | None
    looked_at: int = 0
    cost_usd: float = 0.0
    charged_usd_per_day: float = 0.0
    tally: Tally = field(default_factory=Tally)
    imposed: Imposed = field(default_factory=Imposed)

    @property
    def spec(self) -> LooksSpec | None:
        return self.inspection.spec


class Learners(Protocol):
    """Who learns from what checks find, and answers."""

    @property
    def books_of(self) -> Mapping[str, Any]:
        """By name, of those who have begun."""

    def hear(self, check: str, name: str, caught: int) -> None:
        """So many nodes of one of them were caught today."""

    def month(self, caught: Mapping[str, int], taken_usd: Mapping[str, float]) -> list[dict[str, Any]]:
        """A row for each since the last call."""


class Guard:
    """Checks and campaigns of one life."""

    def __init__(self, clock: Clock, adversaries: Mapping[str, Any], tables: dict[str, dict[str, list[Any]]]) -> None:
        """`tables` is where months are written, columns by name."""
        self._tables = tables
        self.clock, self.names = clock, list(adversaries)
        self.exploit_of = {name: str(getattr(spec, "exploit", "")) for name, spec in adversaries.items()}
        """What each adversary does today."""
        learners = {name: spec for name, spec in adversaries.items() if getattr(spec, "learns", None) is not None}
        self.beliefs = Beliefs(learners, (), exploit_of=self.exploit_of)
        self.someone_learns = bool(learners)
        self.learning: Learners | None = None
        """What campaigns that learn do; None: nobody learns."""
        self._looks: dict[str, Inspection] = {}
        """Every check of the life, by name."""
        self._ran: set[str] = set()
        self._stayed_away: set[str] = set()
        self._checks: dict[str, _Watched] = {}
        self._caught: Counter[str] = Counter()
        self._taken_usd: dict[str, float] = defaultdict(float)

    # -- for the kind that furnishes a world -----------------------------------------------------------------------
    def learn(
        self, tricks: Mapping[str, Trick], *, otherwise: Exploit[Campaign], note: Note, pays: Callable[[float], None], before_checks: bool = False
    ) -> Learning:
        """Campaigns that learn do so by these exploits; an adversary that names none has the kind's only one. `pays` and `before_checks` as in `Learning`."""
        for name, exploit in self.exploit_of.items():
            self.exploit_of[name] = exploit or next(iter(tricks))
        learning = Learning(self.clock, self.beliefs, tricks, otherwise=otherwise, note=note, before_checks=before_checks, pays=pays)
        self.learning = learning
        return learning

    def listen(
        self, inspection: Inspection, name: str, campaign_of: CampaignOf, *, sanctions: Penalties | None, wronged: Wronged | None, bill: Bill | None, put_out: PutOut | None = None
    ) -> None:
        """This check is counted and paid for, and campaigns hear what it finds of them: all finds, or where penalties go by steps those that put a node out.

        Where some time lies between a find and its consequence, campaigns hear by `put_out`.
        """
        if not (self.someone_learns or (inspection.spec is not None and inspection.spec.is_counted)):
            return
        self._checks[name] = watched = _Watched(inspection, sanctions, wronged, bill)

        def hear(cheats: Slots) -> None:
            numbers = campaign_of(cheats)
            for number, caught in zip(*np.unique(numbers[numbers >= 0], return_counts=True), strict=True):
                self._caught[self.names[number]] += int(caught)
                if self.learning is not None:
                    self.learning.hear(name, self.names[number], int(caught))

        def tell(found: Found, looked_at: int) -> None:
            self._count(watched, found, looked_at)
            if sanctions is None and put_out is None:
                hear(found.cheats)

        inspection.listeners.append(tell)
        if put_out is not None:
            put_out.append(hear)
        if sanctions is not None:
            if put_out is None:
                sanctions.on_ban.append(hear)
            if sanctions.appeal is not None:
                self.clock.every_day(sanctions.end_appeals, lane=Lane.PROVE, sub=7, name=f"appeals against {name}")

    def knows(self, inspection: Inspection, name: str) -> None:
        """There is this check, whether anybody asks for its counts or not."""
        self._looks[name or inspection.purpose] = inspection

    def told(self, kind: str, subject: str) -> None:
        """An event of the life: whether a campaign that keeps to its calendar came on its day."""
        if kind == "cheat_stays_away":
            self._stayed_away.add(subject)
        elif kind == "cheat_enters":
            self._ran.add(subject)

    def untested(self) -> list[dict[str, str]]:
        """Checks that never met a cheat, and campaigns of which no check can have told anything; each with the reason."""
        found = []
        for name, inspection in sorted(self._looks.items()):
            if not inspection.ever.cheats_looked_at:
                found.append({"check": name, "why": "no cheat was ever looked at" if self.names else "nobody cheats here"})
        for name in self.names:
            if not self._looks:
                found.append({"campaign": name, "why": "nothing looks for cheats"})
            elif self.learning is not None and name in self.learning.books_of and name not in self._ran:
                found.append({"campaign": name, "why": "no node of it ever ran"})
            elif name in self._stayed_away - self._ran:
                found.append({"campaign": name, "why": "it stayed away, as it would not have been paid back"})
        return found

    def take(self, numbers: NDArray[np.integer], pay_usd: Floats) -> float:
        """What nodes of campaigns are paid today; returns the sum."""
        for number, usd in enumerate(np.bincount(numbers, pay_usd, minlength=len(self.names))):
            self._taken_usd[self.names[number]] += float(usd)
        return float(pay_usd.sum())

    def _count(self, watched: _Watched, found: Found, looked_at: int) -> None:
        watched.looked_at += looked_at
        if watched.wronged is not None:
            watched.wronged.accuse(found.wronged, self.clock.day)
        spec, bill = watched.spec, watched.bill
        if spec is None or bill is None or not spec.cost_usd_per_look:
            return
        usd = looked_at * watched.inspection.looks_today() * bill.looks() * spec.cost_usd_per_look
        watched.cost_usd += usd if spec.paid_by == "nodes" else bill.pays(usd)

    # -- at the end of a month -------------------------------------------------------------------------------------
    def month_ended(self, today: date) -> None:
        """A row for each check and each campaign that learns; what nodes pay for looks follows how often they are looked at."""
        month = today.replace(day=1)
        for name, watched in self._checks.items():
            self._write("checks_monthly", {"month": month, "check": name, **self._counts(watched)})
            self._charge(watched)
        if self.learning is not None:
            for row in self.learning.month(self._caught, self._taken_usd):
                self._ran |= {row["campaign"]} if row["nodes"] or row["caught"] or row["taken_usd"] else set()
                self._write("campaigns_monthly", {"month": month, **row})
        self._caught.clear()
        self._taken_usd.clear()

    def _write(self, table: str, row: dict[str, Any]) -> None:
        columns = self._tables.setdefault(table, {name: [] for name in row})
        for name, value in row.items():
            columns[name].append(value)

    def _counts(self, watched: _Watched) -> dict[str, Any]:
        now, before = watched.inspection.ever, watched.tally
        imposed = watched.sanctions.ever if watched.sanctions is not None else Imposed()
        since = {key: value - getattr(watched.imposed, key) for key, value in asdict(imposed).items()}
        row = {
            "looked_at": watched.looked_at,
            "cheats_looked_at": now.cheats_looked_at - before.cheats_looked_at,
            "caught": now.caught - before.caught,
            "wronged": now.false_positives - before.false_positives,
            **since,
            "slashed_tokens": since["slashed_tokens"] + now.taken_tokens - before.taken_tokens,
            "driven_out": watched.wronged.take_driven_out(self.clock.day) if watched.wronged is not None else 0,
            "cost_usd": watched.cost_usd,
        }
        watched.tally, watched.imposed, watched.looked_at, watched.cost_usd = replace(now), replace(imposed), 0, 0.0
        return row

    def _charge(self, watched: _Watched) -> None:
        spec, bill = watched.spec, watched.bill
        if spec is None or bill is None or spec.paid_by != "nodes":
            return
        looks = watched.inspection.looks_today() * bill.looks() if watched.inspection.has_begun else 0.0
        usd_per_day = spec.cost_usd_per_look * bill.looks_per_day * looks
        if usd_per_day != watched.charged_usd_per_day:
            bill.charges(usd_per_day)
            watched.charged_usd_per_day = usd_per_day
