"""Penalties by steps, appeals, and honest nodes that were driven out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from twin.integrity.inspection import LAST_DAY, Found, chance_over
from twin.integrity.sanctions import Sanctions, Verbs
from twin.integrity.wronged import DRIVEN_OUT_WITHIN_DAYS, Wronged
from twin.kernel import Clock, Streams
from twin.scenario.sections.cheating import AppealSpec, CheckSpec, DeviceChecksSpec, SanctionsSpec

NOBODY = np.empty(0, np.int64)
START = date(2024, 1, 1)
STEPS = [{"n_strikes": 1, "what": "warning"}, {"n_strikes": 2, "what": "withhold", "days": 30}, {"n_strikes": 3, "what": "ban"}]
LIFE = np.zeros(10_000, np.int64)


class Kept:
    """What a network was told to do."""

    def __init__(self) -> None:
        self.said: list[tuple[str, list[int], Any]] = []
        self.verbs = Verbs(withhold=self._note("withhold"), ban=self._note("ban"), restore=lambda slots: self._note("restore")(slots, None), slash=self._slash)

    def _note(self, what: str) -> Any:
        return lambda slots, more: self.said.append((what, slots.tolist(), more))

    def _slash(self, slots: np.ndarray, share: float) -> float:
        self.said.append(("slash", slots.tolist(), share))
        return 10.0 * share * len(slots)


class Years:
    """Sanctions on a clock that a test moves."""

    def __init__(self, steps: list[dict[str, Any]] = STEPS, *, memory_days: int = 360, appeal: AppealSpec | None = None, n: int = 10_000) -> None:
        self.clock, self.kept = Clock(START, START + timedelta(days=30_000)), Kept()
        spec = SanctionsSpec(memory_days=memory_days, steps=steps)  # type: ignore[arg-type]
        self.sanctions = Sanctions(self.clock, Streams(3), n, spec, appeal, verbs=self.kept.verbs, check="check")

    def at(self, day: int) -> Sanctions:
        self.clock.run(until_day=day)
        return self.sanctions


def found(*slots: int, honest: tuple[int, ...] = ()) -> Found:
    return Found(np.array(slots, np.int64), np.array(honest, np.int64))


def test_each_strike_has_the_next_penalty_and_the_last_one_stays() -> None:
    years = Years()
    for month in range(1, 5):
        years.at(30 * month).impose(found(7, honest=(8,)), LIFE)
    assert years.kept.said == [("withhold", [7, 8], 90), ("ban", [7, 8], LAST_DAY), ("ban", [7, 8], LAST_DAY)]
    assert (years.sanctions.ever.warned, years.sanctions.ever.withheld, years.sanctions.ever.banned) == (2, 2, 4)


def test_what_is_old_is_forgotten_and_another_life_has_no_strikes() -> None:
    years = Years(memory_days=29)
    for month in range(1, 30):  # a look a month never reaches the second step
        years.at(30 * month).impose(found(7), LIFE)
    assert years.kept.said == [] and years.sanctions.strikes[7] == 1
    years = Years()
    years.at(1).impose(found(7), LIFE)
    years.at(2).impose(found(7), LIFE + 1)
    assert years.kept.said == [] and years.sanctions.newcomers(LIFE).sum() == 1


def test_the_third_strike_comes_after_three_times_as_long_as_the_first() -> None:
    """Monthly looks at p = .05: the third find after 60 months on average; sd of it is sqrt(3 x .95) / .05 = 33.8 months."""
    years, n = Years(memory_days=3_650, n=2_000), 2_000
    rng, third = np.random.default_rng(5), np.full(n, -1)
    for month in range(1, 500):
        hit = np.flatnonzero((rng.random(n) < 0.05) & (third < 0))
        years.at(month).impose(Found(hit, NOBODY), LIFE[:n])  # a look a day stands for one a month: nothing is forgotten meanwhile
        third[hit[years.sanctions.strikes[hit] == 3]] = month
    assert (third > 0).all() and third.mean() == pytest.approx(60, abs=4 * 33.8 / np.sqrt(n))


def test_who_wins_an_appeal_is_paid_again_and_has_a_strike_less() -> None:
    years = Years([{"n_strikes": 1, "what": "withhold", "days": 60}], appeal=AppealSpec(success_probability=1.0))
    years.at(10).impose(found(7, honest=(8, 9)), LIFE)
    years.at(30).impose(found(honest=(9,)), LIFE)
    years.at(40).end_appeals()
    assert years.kept.said[-1] == ("restore", [8], None)  # 9 was accused again meanwhile
    assert years.sanctions.strikes[[7, 8, 9]].tolist() == [1, 0, 1] and years.sanctions.ever.cleared == 2 and years.sanctions.ever.appeals == 4


def test_a_stake_is_taken_at_once_or_once_the_appeal_is_lost() -> None:
    slash = [{"n_strikes": 1, "what": "slash", "share": 0.5}]
    at_once = Years(slash)
    at_once.at(10).impose(found(7, 8), LIFE)
    assert at_once.kept.said == [("slash", [7, 8], 0.5)] and at_once.sanctions.ever.slashed_tokens == 10.0
    later = Years(slash, appeal=AppealSpec(success_probability=1.0, months=2))
    later.at(10).impose(found(7, honest=(8,)), LIFE)
    assert later.kept.said == []
    later.at(70).end_appeals()
    assert later.kept.said == [("slash", [7], 0.5)]


def test_a_cheat_that_is_put_out_before_its_appeal_ends_loses_what_it_staked() -> None:
    """Each accusation is taken once: that of the first day when it is put out, none when the appeal would have ended; an honest one keeps its stake till then."""
    steps = [{"n_strikes": 1, "what": "slash", "share": 0.5}, {"n_strikes": 2, "what": "ban", "days": 30}]
    years = Years(steps, appeal=AppealSpec(success_probability=0.0, cheats_success_probability=0.0, months=1))
    years.at(10).impose(found(7, 8, honest=(9,)), LIFE)
    years.at(20).impose(found(7, honest=(9,)), LIFE)
    assert years.kept.said == [("slash", [7], 0.5), ("ban", [7, 9], 50)]
    years.at(40).end_appeals()
    assert years.kept.said[2:] == [("slash", [8, 9], 0.5)]
    lucky = Years(steps, appeal=AppealSpec(cheats_success_probability=1.0, months=1))
    lucky.at(10).impose(found(7), LIFE)
    lucky.at(20).impose(found(7), LIFE)
    lucky.at(40).end_appeals()
    assert [what for what, _, _ in lucky.kept.said] == ["ban"] and lucky.sanctions.ever.cleared == 1


def test_of_those_wrongly_accused_one_in_ten_stays_punished() -> None:
    """1,000 honest nodes at .001 a month: 11.93 are accused in a year (1,000 x (1 - .999^12)), and 1.19 lose their appeal."""
    assert 1_000 * chance_over(0.001, 12) == pytest.approx(11.93, abs=0.005)
    years, n = Years([{"n_strikes": 1, "what": "withhold", "days": 60}], appeal=AppealSpec()), 10_000
    years.at(10).impose(Found(NOBODY, np.arange(n)), LIFE)
    years.at(40).end_appeals()
    assert 1 - years.sanctions.ever.cleared / n == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / n))


def test_who_was_accused_and_left_soon_was_driven_out_once() -> None:
    gone, life = np.zeros(5, bool), np.zeros(5, np.int16)
    wronged = Wronged(5, life=life, gone=lambda slots: gone[slots], denied_days=30)
    wronged.accuse(np.array([0, 1, 2]), 100)
    assert wronged.take_driven_out(130) == 0
    gone[0], life[1] = True, 7  # one is away, where the other stood stands another
    assert wronged.take_driven_out(160) == 2 and wronged.take_driven_out(161) == 0
    gone[2] = True
    assert wronged.take_driven_out(101 + 30 + DRIVEN_OUT_WITHIN_DAYS) == 0


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"sanctions": {"steps": [{"n_strikes": 2, "what": "warning"}]}}, "from 1"),
        ({"sanctions": {"steps": [{"n_strikes": 1, "what": "withhold"}]}}, "days goes with withhold"),
        ({"sanctions": {"steps": [{"n_strikes": 1, "what": "warning", "days": 3}]}}, "days goes with withhold"),
        ({"sanctions": {"steps": [{"n_strikes": 1, "what": "slash"}]}}, "share goes with slash"),
        ({"appeal": {}}, "appeal goes with sanctions"),
    ],
)
def test_what_has_no_effect_or_no_sense_is_refused(stated: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        CheckSpec(**stated)


def test_a_penalty_that_a_kind_cannot_carry_out_is_refused_with_the_reason() -> None:
    spec = DeviceChecksSpec(sanctions=SanctionsSpec(steps=[{"n_strikes": 1, "what": "slash", "share": 1.0}]))  # type: ignore[arg-type]
    ((path, code, message, _),) = spec.problems()
    assert path == ("sanctions", "steps", "0", "what") and code == "no_such_penalty" and "stations have no stake to slash" in message


def test_an_appeal_that_is_won_takes_no_strike_that_was_forgotten_before_it_ended() -> None:
    """The network forgets after ten days, an appeal lasts a month: the later strike still counts when the appeal against the earlier one is won, and none ever counts below nothing."""
    years = Years([{"n_strikes": 1, "what": "withhold", "days": 5}, {"n_strikes": 2, "what": "ban"}], memory_days=10, appeal=AppealSpec(success_probability=1.0))
    years.at(0).impose(found(honest=(7,)), LIFE)
    years.at(20).impose(found(honest=(7,)), LIFE)
    years.at(30).end_appeals()
    assert years.sanctions.strikes[7] == 1
    years.at(50).end_appeals()
    assert years.sanctions.strikes[7] == 0


def test_who_comes_after_an_accused_one_has_left_pays_nothing_for_it() -> None:
    """An appeal is lost a month after the accusation: the stake of whoever stands there by then is its own."""
    years, life = Years([{"n_strikes": 1, "what": "slash", "share": 0.5}], appeal=AppealSpec(success_probability=0.0)), np.zeros(10_000, np.int64)
    years.at(0).impose(found(5, 7), life)
    life[7] += 1
    years.at(30).end_appeals()
    assert years.kept.said == [("slash", [5], 0.5)]
