"""Claims are looked at once a week: held against what other drivers saw, and against all footage that was kept. Who is caught forfeits the week; who is caught often is shut out."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.integrity.inspection import LAST_DAY, Found, Inspection, chance_over, until
from twin.integrity.possible import Bound, most_km_per_day
from twin.integrity.sanctions import Penalties, Sanctions, Verbs
from twin.kernel import Clock, Streams
from twin.kinds.mapping.cheats_spec import DuplicatesSpec, MapCheckSpec, MappingVerificationSpec, OverlapConsensusSpec, PossibleDrivesSpec
from twin.kinds.mapping.consensus import Overlap, detection_probability, flagged_passes
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.lies import Lies
from twin.kinds.mapping.road import Road
from twin.kinds.mapping.strikes import Strikes
from twin.state import Note

Mask = NDArray[np.bool_]
CONSENSUS, DUPLICATES = "overlap consensus", "duplicates"
"""What campaigns and tables call the checks."""


class Check(Protocol):
    """One of the checks of a week."""

    name: str
    inspection: Inspection
    penalties: Penalties
    denied_days: int
    """How long a penalty lasts."""

    def look(self) -> Mask:
        """Slots that are paid nothing for this week."""


class Accounts:
    """Those that claimed anything this week, and what the checks find of them."""

    def __init__(self, drivers: Drivers, road: Road, lies: Lies, cheats: list[str], note: Note) -> None:
        self.drivers, self.road, self.lies, self._cheats, self._note = drivers, road, lies, cheats, note

    def slots(self) -> Slots:
        """Those with a claim."""
        return np.flatnonzero(self.road.week.passes > 0)

    def holders(self) -> NDArray[np.int64]:
        """By slot, one account from the next that a campaign opens there; an honest driver keeps the account with another camera."""
        return np.where(self.are_cheats(np.arange(self.drivers.n)), self.drivers.nodes.life, 0)

    def are_cheats(self, slots: Slots) -> Mask:
        """Which of them lie."""
        return np.asarray(slots >= self.drivers.n_honest)

    def by_campaign(self, slots: Slots) -> list[tuple[int, str, Slots]]:
        """Liars among them: number and name of their campaign."""
        liars = slots[self.are_cheats(slots)]
        number = self.drivers.people.liar_of[liars - self.drivers.n_honest]
        return [(each, name, liars[number == each]) for each, name in enumerate(self._cheats) if (number == each).any()]

    def take_back(self, slots: Slots) -> None:
        """What these claimed this week is no fresher to the network than it is."""
        told = self.lies.told()
        for liar in slots.tolist():
            self.road.take_back(told.get(liar, np.empty(0, np.int64)))

    def note(self, kind: str, **facts: object) -> None:
        """A line of the events."""
        self._note(kind, **facts)

    def verbs(self, clock: Clock) -> Verbs:
        """What the network can do to an account."""

        def ban(slots: Slots, until_day: int) -> None:
            self.drivers.withhold(slots, clock.day + 1)
            self.drivers.ban(slots, None if until_day >= LAST_DAY else until_day)

        return Verbs(withhold=self.drivers.withhold, ban=ban, restore=self.drivers.restore)

    def sanctions(self, clock: Clock, streams: Streams, spec: MapCheckSpec, check: str) -> Sanctions | None:
        """Penalties by steps; None where the file states none."""
        return Sanctions.stated(clock, streams, self.drivers.n, spec, verbs=self.verbs(clock), check=check, luck_of=self.drivers.people.luck)


class OverlapCheck:
    """Passes that other drivers contradict. Penalties go by strikes within the window, or by the steps that the file states."""

    name = CONSENSUS

    def __init__(self, clock: Clock, streams: Streams, spec: OverlapConsensusSpec, accounts: Accounts, overlap: Overlap) -> None:
        self._clock, self._streams, self._spec, self._accounts, self._overlap = clock, streams, spec, accounts, overlap
        self.inspection = Inspection(clock, streams, "flags", spec=spec)
        self.sanctions = accounts.sanctions(clock, streams, spec, CONSENSUS)
        self.strikes = Strikes(accounts.drivers.n, spec.rule)
        self.penalties: Penalties = self.sanctions or self.strikes
        self.denied_days = spec.rule.window_days

    def look(self) -> Mask:
        """Flags of the week, by luck; a share of flagged passes above the rule's limit is a find."""
        accounts, drivers, spec = self._accounts, self._accounts.drivers, self._spec
        passes, told, looks = accounts.road.week.passes, accounts.lies.told(), self.inspection.looks_today()
        if looks == 0:
            return self._punish(Found(np.empty(0, np.int64), np.empty(0, np.int64)))
        expected = (spec.false_positive_probability_per_pass if looks == 1 else chance_over(spec.false_positive_probability_per_pass, looks)) * passes
        probability = [self._probability(number, looks) for number in range(int(drivers.people.liar_of.max(initial=-1)) + 1)]
        for liar, tiles in told.items():
            expected[liar] = float(probability[drivers.campaign_of(liar)][tiles].sum())
        luck = self._streams.uniform("flags", accounts.road.n_week, drivers.people.luck)
        flagged = np.minimum(flagged_passes(luck, expected), passes)
        share = flagged / np.maximum(passes, 1)
        hit, slots = (flagged > 0) & (share > spec.rule.strike_above_flagged_share), accounts.slots()
        found = self.inspection.judge(slots, fake=accounts.are_cheats(slots), hit=hit[slots])
        accounts.take_back(found.cheats)
        self._tell(found, share, probability, told)
        return self._punish(found)

    def _probability(self, number: int, looks: float) -> Floats:
        """That a pass which a campaign claims of each tile is found out."""
        told_apart = self._accounts.lies.contradicted_share(number, scene_change_hazard_per_month=self._spec.scene_change_hazard_per_month)
        once = detection_probability(self._overlap.honest_passes(), per_pass=self._spec.detection_probability_per_honest_pass * told_apart)
        return once if looks == 1 else chance_over(once, looks)

    def _punish(self, found: Found) -> Mask:
        """Who is paid nothing for this week, once the penalties are imposed."""
        drivers, struck = self._accounts.drivers, np.zeros(self._accounts.drivers.n, bool)
        everybody = np.concatenate([found.cheats, found.wronged])
        if self.sanctions is None:
            struck[everybody] = True
            out = self.strikes.count(struck, life=self._accounts.holders(), online=drivers.nodes.online)
            self.strikes.banned(out[self._accounts.are_cheats(out)])
            drivers.ban(out)
        else:
            self.sanctions.impose(found, self._accounts.holders())
            struck[everybody] = drivers.nodes.withheld_until[everybody] > self._clock.day
        return struck

    def _tell(self, found: Found, share: Floats, probability: list[Floats], told: dict[int, NDArray[np.int64]]) -> None:
        """Events say whose lies were found out, how many and where the first was."""
        ground = self._accounts.road.ground
        for number, name, liars in self._accounts.by_campaign(found.cheats):
            mine = [(liar, tiles[np.argmax(probability[number][tiles])]) for liar in liars.tolist() if len(tiles := told.get(liar, np.empty(0, np.int64)))]
            if mine:
                where = f"first on a street at {ground.tile_lat_deg[mine[0][1]]:.4f}, {ground.tile_lng_deg[mine[0][1]]:.4f}"
                value = float(np.mean([float(share[liar]) for liar, _ in mine]))
                self._accounts.note("fabricated_passes_caught", subject=name, count=len(mine), value=value, unit="flagged_share", note=where)
        if len(found.wronged):
            self._accounts.note("honest_drivers_flagged", subject="overlap_consensus", count=len(found.wronged))


class DuplicateCheck:
    """Footage that was sent in before: a match puts a cheat out, and an honest driver is paid nothing for a while; or the steps that the file states."""

    name = DUPLICATES

    def __init__(self, clock: Clock, streams: Streams, spec: DuplicatesSpec, accounts: Accounts) -> None:
        self._clock, self._spec, self._accounts = clock, spec, accounts
        self.inspection = Inspection(clock, streams, DUPLICATES, starts=spec.starts, spec=spec, luck_of=accounts.drivers.people.luck)
        self.sanctions = accounts.sanctions(clock, streams, spec, DUPLICATES)
        self.penalties: Penalties = self.sanctions or Penalties()
        self.denied_days = spec.denied_days

    def look(self) -> Mask:
        """The week's footage against the archive."""
        accounts, drivers, unpaid = self._accounts, self._accounts.drivers, np.zeros(self._accounts.drivers.n, bool)
        if not self.inspection.has_begun:
            return unpaid
        slots = accounts.slots()
        slots = slots[~accounts.are_cheats(slots) | self._replays(slots)]  # drives that are made up were never sent in before
        fake, chance = accounts.are_cheats(slots), np.full(len(slots), self._spec.false_positive_probability_per_week)
        chance[fake] = self._match_probability(slots[fake])
        found = self.inspection.look(slots, fake=fake, chance=chance)
        accounts.take_back(found.cheats)
        for _, name, liars in accounts.by_campaign(found.cheats):
            accounts.note("cheat_caught", subject=name, count=len(liars))
        if len(found.wronged):
            accounts.note("honest_drivers_flagged", subject=DUPLICATES, count=len(found.wronged))
        everybody = np.concatenate([found.cheats, found.wronged])
        if self.sanctions is not None:
            self.sanctions.impose(found, accounts.holders())
        else:
            self.penalties.ever.banned += len(found.cheats)
            self.penalties.ever.withheld += len(found.wronged)
            self.penalties.banned(found.cheats)
            drivers.withhold(everybody, until(self._clock.day, self._spec.denied_days))
            drivers.ban(found.cheats)
        unpaid[everybody] = drivers.nodes.withheld_until[everybody] > self._clock.day
        return unpaid

    def _replays(self, slots: Slots) -> Mask:
        """Which of them claim old recordings."""
        found = np.zeros(len(slots), bool)
        for number, _, liars in self._accounts.by_campaign(slots):
            found |= np.isin(slots, liars) & self._accounts.lies.replays(number)
        return found

    def _match_probability(self, liars: Slots) -> Floats:
        """That a look finds each: only what is still in the archive."""
        lies, chance = self._accounts.lies, np.zeros(len(liars))
        for number, _, mine in self._accounts.by_campaign(liars):
            if lies.recording_age_days(number) <= self._spec.archive_days:
                chance[np.isin(liars, mine)] = self._spec.match_probability_per_week
        return chance


class Checks:
    """All checks of a map. Without any, all weeks are clean."""

    def __init__(self, accounts: Accounts, clock: Clock, each: list[Check]) -> None:
        self._accounts, self._clock, self.each = accounts, clock, each

    @property
    def looks(self) -> bool:
        """Whether anybody is checked."""
        return bool(self.each)

    def hold(self) -> Mask:
        """Slots that are paid nothing for this week: their work is forfeited, and what they claimed is taken off the seen map; who has too many strikes is banned."""
        drivers, struck = self._accounts.drivers, np.zeros(self._accounts.drivers.n, bool)
        for check in self.each:
            struck |= check.look()
        drivers.mark(np.flatnonzero(struck), np.flatnonzero(drivers.nodes.online & ~struck))
        struck |= drivers.nodes.withheld_until > self._clock.day
        self._accounts.road.week.forfeit(struck)
        return struck


def checks_of(spec: MappingVerificationSpec, clock: Clock, streams: Streams, accounts: Accounts, overlap: Overlap) -> list[Check]:
    """Those that the file states."""
    found: list[Check] = []
    if spec.overlap_consensus is not None:
        found.append(OverlapCheck(clock, streams, spec.overlap_consensus, accounts, overlap))
    if spec.duplicates is not None:
        found.append(DuplicateCheck(clock, streams, spec.duplicates, accounts))
    return found


def bound_of(spec: PossibleDrivesSpec | None, clock: Clock, streams: Streams) -> Bound | None:
    """On the kilometres that anybody may claim in a day; None: as many as they like."""
    return None if spec is None else Bound(clock, streams, most_km_per_day(speed_kmh=spec.most_km_per_hour, hours=spec.hours_per_day))
