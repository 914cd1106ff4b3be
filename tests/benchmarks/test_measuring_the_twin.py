"""The benchmark of the full twin: what it tells the scenario, and that timing changes nothing of what happens."""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks import full, twin
from twin.kernel import Clock, Lane
from twin.scenario import load


def test_a_smaller_world_keeps_its_proportions():
    whole, small = load(twin.WORLD).spec, load(twin.WORLD, sets=tuple(twin.settings(14_000))).spec
    share = 14_000 / whole.place.sites.count
    assert small.place.sites.count == 14_000 and small.network.hearing == "kernel"
    assert small.place.probes.count == twin.FEWEST_PROBES  # its share would be fewer
    for name, maker in whole.hardware.makers.items():
        ours = small.hardware.makers[name].units_per_month
        if isinstance(maker.units_per_month, dict):
            assert ours == {since: pytest.approx(amount * share) for since, amount in maker.units_per_month.items()}
        else:
            assert ours == pytest.approx(maker.units_per_month * share)
    for name, exploit in whole.adversaries.items():
        assert small.adversaries[name].farms == max(round(exploit.farms * share), 1)


def _two_months() -> list[tuple[int, str]]:
    heard: list[tuple[int, str]] = []
    clock = Clock(date(2020, 1, 1), date(2020, 3, 1))

    def sleeper():
        for _ in range(2):
            woken = yield clock.at(clock.day + 3, Lane.ARRIVE, value="value")
            heard.append((clock.day, woken))

    clock.every_day(lambda: None, lane=Lane.SERVE, name="daily")
    clock.every_month(lambda: heard.append((clock.day, "month")), lane=Lane.SERVE, name="monthly")
    clock.on(date(2020, 1, 10), lambda: heard.append((clock.day, "once")), lane=Lane.SHOCK, name="once")
    clock.process(sleeper(), "farm 12")
    clock.run()
    return heard


def test_timed_processes_and_acts_do_what_they_did(monkeypatch):
    untimed = _two_months()
    assert untimed == [(0, "month"), (3, "value"), (6, "value"), (9, "once"), (31, "month")]
    for verb in ("every", "every_month", "on", "process"):
        monkeypatch.setattr(Clock, verb, getattr(Clock, verb))  # put back at the end
    watch = full.Stopwatch()
    watch.attach()
    assert _two_months() == untimed
    assert set(watch.seconds) == {"daily", "monthly", "once", "processes: farm"}
    assert all(seconds > 0 for seconds in watch.seconds.values())


def test_an_error_thrown_into_a_timed_process_reaches_it():
    def careful():
        try:
            yield "first"
        except ValueError as error:
            yield f"caught {error}"

    timed = full.Stopwatch().timed_process(careful(), "careful")
    assert next(timed) == "first"
    assert timed.throw(ValueError("this")) == "caught this"
    with pytest.raises(StopIteration):
        next(timed)


@pytest.mark.slow
def test_a_small_world_is_measured_to_its_end():
    row = twin.measure(twin.WORLD, twin.settings(3_000), profile=True)
    assert row["sites"] == 3_000 and row["days"] == 3_653
    assert 0 < row["most_online"] <= 3_000 and row["online_node_days"] < 3_000 * 3_653
    assert 0.5 * row["run_s"] < sum(row["acts_s"].values()) < row["run_s"]
    assert 0 < row["run_cpu_s"] < 2 * row["run_s"]
    assert 0 < row["peak_after_build_mb"] <= row["peak_mb"]
    assert any(name.startswith("twin/") for name in row["profile"]["packages"]) and len(row["profile"]["functions"]) == full.TOP
    assert twin.line(row).split()[:3] == [twin.WORLD, "3,000", "3,653"]
    assert twin.parts(row)[-1].endswith("everything else")
