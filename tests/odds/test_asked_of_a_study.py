"""A study is asked for a variant or a column that it does not have: an error of ours that names what there is, from Python and on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small import SHORT, VILLAGE, village
from test_page import DIES, LIVES, told
from typer.testing import CliRunner

from twin.cli import app
from twin.errors import InputError
from twin.odds.designs import replicates
from twin.odds.engines.forked import Forked
from twin.odds.living import live_plan
from twin.odds.rows import Plan
from twin.odds.study import Study

SETS = [part for one in SHORT for part in ("--set", one)]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return live_plan(Plan(village(), replicates(1), ("base", "points"), "cells"), out=tmp_path_factory.mktemp("asked"), engine=Forked(1))


@pytest.mark.parametrize(
    "ask",
    [
        lambda study: study.odds("point"),
        lambda study: study.look("point"),
        lambda study: study.survival("point"),
        lambda study: study.compare("base", "point"),
        lambda study: study.compare("point", "base"),
        lambda study: study.fan("nodes_online", "point"),
        lambda study: study.low_return("point"),
        lambda study: study.cell_difference("base", "point"),
        lambda study: study.series("nodes_online", variant="point"),
        lambda study: study.daily(variant="point"),
    ],
)
def test_a_variant_that_is_not_there_is_told_with_those_that_are(lived: Study, ask: Callable[[Study], object]) -> None:
    with pytest.raises(InputError) as refused:
        ask(lived)
    problem = refused.value.problems[0]
    assert problem.code == "unknown_variant" and "It has: base, points." in problem.message and problem.suggestion == "Did you mean points?"


@pytest.mark.parametrize("ask", [lambda study: study.fan("node_online"), lambda study: study.series("node_online"), lambda study: study.daily(["price_usd", "node_online"])])
def test_a_column_that_is_not_there_is_told_with_those_that_are(lived: Study, ask: Callable[[Study], object]) -> None:
    with pytest.raises(InputError) as refused:
        ask(lived)
    problem = refused.value.problems[0]
    assert problem.code == "unknown_column" and "price_usd" in problem.message and problem.suggestion == "Did you mean nodes_online?"


def test_a_variant_without_an_ended_life_says_so(tmp_path: Path) -> None:
    study = told(tmp_path, village(), replicates(3), [LIVES], variants=("base", "points"))
    for ask in (study.odds, study.survival, study.low_return, study.look):
        with pytest.raises(InputError, match="no life of points has ended yet"):
            ask("points")
    with pytest.raises(InputError, match="no life of points has ended yet"):
        study.compare("base", "points")


def test_a_variant_is_compared_with_itself(tmp_path: Path) -> None:
    study = told(tmp_path, village(), replicates(20), [LIVES, DIES] * 20, variants=("base", "points"))
    assert study.compare("base", "base").both == 20


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        (("base",), f"found base alone. The file has: base, fixed, points, attack, controlled, demand_shock, flat_price, stable_pay. twin compare {VILLAGE} base fixed"),
        (("points",), f"twin compare {VILLAGE} points base"),
        (("base", "base"), "found base alone."),
        (("point",), '"point" is no variant of the file. It has: base, fixed, points, attack, controlled, demand_shock, flat_price, stable_pay. Did you mean points?'),
        (("base", "points", "points"), "a variant is named twice: base, points, points. The file has: base, fixed, points, attack, controlled, demand_shock, flat_price, stable_pay."),
    ],
)
def test_one_variant_alone_is_told_which_others_there_are(variants: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["compare", str(VILLAGE), *variants, *SETS, "--out", str(tmp_path)])
    assert done.exit_code == 2 and said in " ".join(done.output.split()), done.output
    assert not list(tmp_path.iterdir())
