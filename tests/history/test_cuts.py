"""What a forecast may be told: every dated input is classified, and nothing of behaviour passes a cut."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel

from twin import registry
from twin.errors import InputError
from twin.history.cuts import beyond, cut, ends_too_early, known_by, last_known
from twin.history.inputs import After, What, declared, inputs_of
from twin.history.living import lived_until
from twin.history.metrics import all_metrics
from twin.scenario import load
from twin.scenario.model import SeriesRef
from twin.scenario.series import Between, Series
from twin.scenario.shape import key_of
from twin.scenario.shipped import scenarios_dir
from twin.scenario.values import NOT_VALUES

BUNDLED = sorted(path.stem for path in scenarios_dir().glob("*.yaml"))
KINDS = ("wireless", "mobile", "mapping", "sensing", "storage", "compute", "energy")


def dated_fields(kind: object, path: tuple[str, ...] = (), above: frozenset[type] = frozenset()) -> Iterator[tuple[str, ...]]:
    """Paths of a spec's fields, by their types, that may hold a table or values by date."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        yield from dated_fields(inside[0], path, above)
    elif origin in (typing.Union, types.UnionType, tuple, list):
        for one in inside:
            yield from dated_fields(one, path, above)
    elif origin is dict:
        if inside[0] is date:
            yield path
        else:
            yield from dated_fields(inside[1], (*path, "*"), above)
    elif isinstance(kind, type) and issubclass(kind, SeriesRef):
        yield path
    elif isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in above:
        for name, field in kind.model_fields.items():
            if not path and name in NOT_VALUES:
                continue
            if field.annotation is str and ("name of the table" in (field.description or "") or (field.description or "").startswith("series:")):
                yield (*path, key_of(name, field))
            yield from dated_fields(field.annotation, (*path, key_of(name, field)), above | {kind})


def fields_of_every_kind() -> set[tuple[str, ...]]:
    load("filecoin-world")
    return {path for kind in KINDS for path in dated_fields(registry.network(kind).spec)}


def test_every_dated_field_of_every_kind_is_classified() -> None:
    fields = fields_of_every_kind()
    assert len(fields) > 80
    assert sorted(".".join(path) for path in fields if not any(row.holds_for(path) for row in declared())) == []


def test_every_row_of_the_table_is_of_a_field_that_there_is() -> None:
    fields = fields_of_every_kind() | {("place", "sites", "country_prior")}
    assert [".".join(row.path) for row in declared() if not any(row.holds_for(path) for path in fields)] == []


@pytest.mark.parametrize("name", BUNDLED)
def test_every_dated_input_of_every_bundled_scenario_and_variant_is_classified(name: str) -> None:
    scenario = load(name)
    for variant in (None, *scenario.variants):
        inputs_of(scenario if variant is None else scenario.variant(variant))


def test_what_an_input_feeds_is_a_metric() -> None:
    assert {metric for row in declared() for metric in row.feeds} <= set(all_metrics())


def test_behaviour_is_decided_or_held_and_everything_else_runs_on() -> None:
    for row in declared():
        assert row.why
        assert (row.after is After.RUNS_ON) == (row.what in (What.OUTSIDE, What.PROTOCOL)), row


def series(between: Between, *, before: float | None = None) -> Series:
    dates = np.array(["2023-01-01", "2023-02-01", "2023-03-01"], dtype="datetime64[D]")
    return Series("s", "usd", between, dates, np.array([1.0, 2.0, 3.0]), ("", "", ""), before, Path("s.csv"), "")


@pytest.mark.parametrize(
    ("on", "between", "after_window", "expected"),
    [
        (date(2022, 12, 31), Between.LOG, False, None),
        (date(2023, 2, 15), Between.LOG, False, date(2023, 2, 1)),      # 15 February lies on a line to a row of March
        (date(2023, 2, 15), Between.STEP, False, date(2023, 2, 1)),
        (date(2023, 2, 15), Between.STEP, True, date(2023, 1, 31)),     # February's mean is not known before its end
        (date(2023, 2, 28), Between.STEP, True, date(2023, 2, 28)),
        (date(2023, 1, 15), Between.STEP, True, None),
        (date(2023, 6, 1), Between.LINEAR, False, date(2023, 3, 1)),
    ],
)  # fmt: skip
def test_no_row_after_a_cut_is_told_and_no_value_on_the_way_to_one(on: date, between: Between, after_window: bool, expected: date | None) -> None:
    assert last_known(series(between), on, after_window=after_window) == expected


def test_values_by_date_end_with_the_cut_and_means_with_their_window() -> None:
    values = {date(2023, 1, 1): 5.0, date(2023, 7, 1): 6.0, date(2024, 1, 1): 7.0}
    assert known_by(values, date(2023, 8, 31), after_window=False) == {date(2023, 1, 1): 5.0, date(2023, 7, 1): 6.0}
    assert known_by(values, date(2023, 8, 31), after_window=True) == {date(2023, 1, 1): 5.0}
    assert known_by(values, date(2023, 12, 31), after_window=True) == {date(2023, 1, 1): 5.0, date(2023, 7, 1): 6.0}
    assert known_by(values, date(2023, 2, 1), after_window=True) == {date(2023, 1, 1): 5.0}
    assert known_by(values, date(2022, 2, 1), after_window=False) == {}


def test_filecoins_providers_decide_from_the_cut_on_and_its_price_is_the_models_own() -> None:
    on = date(2023, 8, 31)
    done = cut(load("filecoin-world"), on)
    assert done.scenario.spec.flows.until == on
    assert done.scenario.spec.token["FIL"].price.history.until == date(2023, 8, 15)
    assert max(done.scenario.spec.filecoin.fees.gas_tokens_per_day) == date(2023, 1, 1)
    assert "burned_tokens_per_day" in done.held_metrics and not done.given_metrics
    said = {each.path: each.said for each in done.inputs}
    assert said["flows.onboarding_pib_per_day"] == "to 2023-08-31, then the model decides"
    assert said["filecoin.verified_weight"] == "runs on"


def test_with_prices_known_the_true_path_is_fed_and_said_to_be() -> None:
    scenario = load("filecoin-world")
    known = cut(scenario, date(2023, 8, 31), prices="known")
    assert known.scenario.spec.token == scenario.spec.token
    assert known.given_metrics == {"price_usd"}
    assert known.scenario.spec.flows.until == date(2023, 8, 31)


def test_subscribers_and_carriers_are_held_at_what_was_known_and_are_no_forecast() -> None:
    done = cut(load("helium-mobile-us"), date(2024, 9, 30))
    own, carriers = (done.scenario.spec.customers[name] for name in ("own_subscribers", "carriers"))
    assert own.subscribers.until <= date(2024, 9, 30) and own.subscribers.then == "hold"
    assert carriers.gb_per_day.until <= date(2024, 9, 30) and carriers.gb_per_day.then == "hold"
    assert done.held_metrics == {"subscribers", "subscribers_reported"}


def test_a_series_whose_last_known_row_lies_before_the_first_day_is_held_as_a_number() -> None:
    own = cut(load("helium-mobile-us"), date(2023, 10, 31)).scenario.spec.customers["own_subscribers"].subscribers
    assert (own.until, own.then) == (date(2023, 9, 1), pytest.approx(1891))


def test_an_input_of_which_nothing_was_known_yet_is_named() -> None:
    with pytest.raises(InputError) as error:
        cut(load("helium-iot-world"), date(2020, 5, 1))
    assert error.value.codes == ("nothing_known_at_cut",)
    assert error.value.problems[0].path == "token.HNT.price.history.series"


def test_an_input_that_nobody_classified_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = tuple(row for row in declared() if row.path[0] not in ("customers", "offload"))
    monkeypatch.setattr("twin.history.inputs.declared", lambda: rows)
    with pytest.raises(InputError) as error:
        inputs_of(load("helium-mobile-us"))
    assert set(error.value.codes) == {"unclassified_input"}
    assert {"customers.carriers.gb_per_day", "customers.own_subscribers.subscribers", "offload.usd_per_gb"} <= {problem.path for problem in error.value.problems}


def test_a_series_from_outside_that_ends_before_the_horizon_is_named_unless_the_scenario_says_what_comes() -> None:
    scenario = load("akash-world")
    horizon = date(2027, 1, 1)
    (price,) = ends_too_early(scenario, horizon, prices="known")
    assert price.path == "token.AKT.price.history.series" and "2026-05-28" in price.message
    assert not ends_too_early(scenario, horizon)
    assert any(said.startswith("hardware.H100.cloud_usd_per_hour") for said in beyond(scenario, date(2028, 1, 1)))


def changed_after(folder: Path, on: date) -> None:
    """The tables that Filecoin's scenario names beside it, with nonsense in the rows that were not known on a day."""
    for name in ("filecoin-onboarding-pib", "filecoin-renewal-share", "filecoin-verified-share", "filecoin-usd-monthly", "filecoin-sold"):
        lines = (scenarios_dir() / "series" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        late = [i for i, line in enumerate(lines) if line[:4].isdigit() and date.fromisoformat(line[:10]) > on]
        for i in late:
            day, _, rest = lines[i].split(",", 2)
            lines[i] = f"{day},0.5,{rest}"
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_what_came_after_the_cut_decides_nothing_of_the_life(tmp_path: Path) -> None:
    on = date(2023, 1, 31)
    other = tmp_path / "other.yaml"
    other.write_text((scenarios_dir() / "filecoin-world.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    changed_after(tmp_path, on)
    lived = []
    for scenario in (load("filecoin-world"), load(other)):
        lived.append(lived_until(cut(scenario, on).scenario, on + timedelta(days=120)))
    for column in ("raw_power_eib", "onboarded_pib_per_day", "price_usd", "minted_tokens"):
        np.testing.assert_array_equal(lived[0][column], lived[1][column], err_msg=column)
