"""A file, its parents, variants and options become one typed scenario that knows where each value came from."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from twin import registry
from twin.errors import InputError
from twin.scenario import dump, load, shipped
from twin.scenario.holder import Scenario
from twin.scenario.shipped import scenarios_dir
from twin.scenario.upgrades import UPGRADES, Renamed

BODY = """\
seed: 5
hardware: {generations: {a: {price_usd: 100}, b: {price_usd: 200, power_w: 9}}, every: {power_w: 7}}
operators:
  few: {payback_limit_months: {median: 12, p90: 24}, sells_share: 0.3}
  many: {}
customers:
  meters: {kind: contract, sensors: 1e3, starts: 2022-01-01}
token:
  T: {scale_share_by_date: {2023-01-01: 0.5, 2022-01-01: 0.8}}
uncertain:
  operators.few.sells_share: {low: 0.1, likely: 0.3, high: 0.9}
variants:
  generous: {operators.few.sells_share: 0.1}
  alone: {operators.few: null}
  no_taper: {token.T.scale_share_by_date: {2022-01-01: 1}}
sources:
  hardware.every.power_w: data sheets
  operators.*.sells_share: a survey
  operators.few: a talk
  "*": assumed
"""


def codes(name: str, **options: Any) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        load(name, **options)
    return caught.value.codes


def test_values_are_typed_and_frozen(write: Any) -> None:
    scenario = load(write("a.yaml", BODY))
    assert scenario.spec.customers["meters"].sensors == 1000
    assert scenario.spec.calendar.start == date(2021, 1, 1)
    assert list(scenario.spec.token["T"].scale_share_by_date) == [date(2022, 1, 1), date(2023, 1, 1)]
    assert (scenario.name, scenario.seed, scenario.label) == ("a", 5, "base")
    with pytest.raises(Exception, match="frozen"):
        scenario.spec.seed = 6
    with pytest.raises(Exception, match="cannot assign"):
        scenario.seed = 6  # type: ignore[misc]


def test_each_value_says_where_it_came_from_and_who_says_so(write: Any) -> None:
    write(
        "parent.yaml",
        "schema: 1\nnetwork: {kind: toy}\noperators: {few: {sells_share: 0.9}}\nsources: {operators.few: the parent's talk, '*': parent guess}\n",
    )
    name = write("a.yaml", "extends: parent\n" + BODY)
    scenario = load(name, sets=["operators.many.sells_share=0.6"], variant="generous")
    said = {path: (str(origin), origin.citation) for path, origin in scenario.provenance.items()}
    assert said["network.kind"] == ("a.yaml:4", "assumed")
    assert said["hardware.every.power_w"] == ("a.yaml:7", "data sheets")
    assert said["operators.few.sells_share"] == ("variant generous (a.yaml:18)", "a survey")
    assert said["operators.many.sells_share"] == ("--set operators.many.sells_share=0.6", "a survey")
    assert said["operators.many.payback_limit_months"] == ("default (assumed)", "assumed")
    assert said["operators.few.payback_limit_months.median"] == ("a.yaml:9", "a talk")
    plain = load(write("b.yaml", "extends: parent\noperators: {few: {payback_limit_months: 8}}\n"))
    assert (str(plain.provenance["operators.few.sells_share"]), plain.provenance["operators.few.sells_share"].citation) == (
        "parent parent.yaml:3",
        "the parent's talk",
    )
    assert plain.provenance["operators.few.payback_limit_months"].citation is None  # the parent cannot speak for its child


def test_every_block_is_named_as_the_origin_of_what_it_gives(write: Any) -> None:
    """A spec class may copy `every` into each generation; the loader then finds the value where it was written."""
    scenario = load(write("a.yaml", BODY))
    copied = scenario.spec.hardware.generations["a"].model_copy(update={"power_w": 7.0})
    spec = scenario.spec.model_copy(update={"hardware": scenario.spec.hardware.model_copy(update={"generations": {"a": copied}})})
    moved = Scenario(spec, "a", None, 5, _document=scenario._document, _tree=scenario._tree)
    assert str(moved.provenance["hardware.generations.a.power_w"]) == "a.yaml:6, as hardware.every.power_w"
    assert moved.provenance["hardware.generations.a.power_w"].citation == "data sheets"


def test_several_parents_merge_and_must_agree(write: Any) -> None:
    write("networks/n.yaml", "schema: 1\nnetwork: {kind: toy}\noperators: {few: {sells_share: 0.5}}\n")
    write("places/p.yaml", "schema: 1\ncountry: SE\noperators: {few: {sells_share: 0.6}}\n")
    body = "schema: 1\ntitle: T\nextends: [networks/n, places/p]\ncalendar: {start: 2021-01-01, end: 2022-01-01}\n"
    with pytest.raises(InputError) as caught:
        load(write("a.yaml", body))
    problem = caught.value.problems[0]
    assert (problem.code, problem.path, problem.line) == ("parents_disagree", "operators.few.sells_share", 3)
    assert "networks/n.yaml:3" in problem.message and "places/p.yaml:3" in problem.message
    settled = load(write("a.yaml", body + "operators: {few: {sells_share: 0.7}}\n"))
    assert settled.spec.operators["few"].sells_share == 0.7
    assert settled.spec.country == "SE"


def test_null_removes_an_inherited_entry_and_the_range_that_spoke_of_it(write: Any) -> None:
    write("parent.yaml", BODY)
    scenario = load(write("a.yaml", "extends: parent\noperators: {few: null}\nvariants: {alone: null, generous: null}\n"))
    assert list(scenario.spec.operators) == ["many"]
    assert scenario.spec.uncertain == {}
    assert list(scenario.variants) == ["no_taper"]


def test_a_parent_must_stay_in_the_folder_even_by_a_link(write: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text("schema: 1\n")
    name = write("a.yaml", "extends: link\n")
    Path("link.yaml").symlink_to(outside)
    assert codes(name) == ("unknown_parent",)


def test_a_wide_family_is_read_once(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty generations of two parents each would be a million files if each mention were read."""
    write("g0a.yaml", "schema: 1\n")
    write("g0b.yaml", "schema: 1\n")
    for n in range(1, 20):
        for side in "ab":
            write(f"g{n}{side}.yaml", f"schema: 1\nextends: [g{n - 1}a, g{n - 1}b]\n")
    assert load(write("a.yaml", "extends: [g19a, g19b]\n")).spec.title == "A toy"


def test_variants_change_what_they_name(write: Any) -> None:
    scenario = load(write("a.yaml", BODY))
    assert scenario.variant("generous").spec.operators["few"].sells_share == 0.1
    assert scenario.variant("no_taper").spec.token["T"].scale_share_by_date == {date(2022, 1, 1): 1.0}
    alone = scenario.variant("alone")
    assert list(alone.spec.operators) == ["many"] and alone.spec.uncertain == {} and alone.label == "alone"
    assert scenario.spec.operators["few"].sells_share == 0.3
    mine = scenario.variant("half", {"operators.few.sells_share": 0.15, "operators.new": {"sells_share": 0.2}})
    assert mine.spec.operators["new"].sells_share == 0.2
    assert str(mine.provenance["operators.few.sells_share"]) == 'variant "half"'
    for bad in (
        {"operators.fw.sells_share": 1},
        {"operators.few.sells_share": 2},
        {"operators.few": object()},
        {"operators.gone": None},
        {"schema": 2},
    ):
        with pytest.raises(InputError):
            scenario.variant("bad", bad)
    with pytest.raises(InputError, match="generous"):
        scenario.variant("genrous")
    with pytest.raises(InputError, match="already"):
        scenario.variant("alone", {})


def test_set_wins_over_variant_and_later_over_earlier(write: Any) -> None:
    name = write("a.yaml", BODY)
    sets = ["operators.few.sells_share=0.7", "operators.few.sells_share=0.8"]
    assert load(name, sets=sets).spec.operators["few"].sells_share == 0.8
    assert load(name, sets=sets, variant="generous").spec.operators["few"].sells_share == 0.8
    assert load(name, sets=sets).variant("generous").spec.operators["few"].sells_share == 0.8
    assert load(name, sets=["operators.few=null"]).spec.uncertain == {}
    assert load(name, sets=["country=NO"]).spec.country == "NO"
    assert load(name, sets=["token.T.scale_share_by_date={2022-06-01: 0.4}"]).spec.token["T"].scale_share_by_date == {date(2022, 6, 1): 0.4}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("operators.few.sells_share", "bad_set"), ("=1", "bad_set"), ("a..b=1", "bad_set"), ("operators.few.sells_share=", "empty_value"),
        ("seed=012", "ambiguous_scalar"), ("operators.few.sells_shre=1", "unknown_path"), ("operators.few.sells_share=7", "out_of_range"),
        ("operators.few.sells_share=[1", "yaml_syntax"), ("operators.nobody=null", "unknown_path"), ("sources={}", "unknown_path"),
        ("country=UK", "unknown_country"),
    ],
)  # fmt: skip
def test_set_that_cannot_be(write: Any, text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        load(write("a.yaml", BODY), sets=[text])
    problem = caught.value.problems[0]
    assert problem.code == code
    assert f"--set {text}" in problem.render()


def test_the_hash_is_of_what_a_run_depends_on(write: Any) -> None:
    scenario = load(write("a.yaml", BODY))
    assert scenario.hash == load(write("b.yaml", BODY)).hash
    assert scenario.hash == load(write("c.yaml", BODY.replace("a survey", "another survey"))).hash
    changed = {
        load("a.yaml", sets=[text]).hash
        for text in ("operators.few.sells_share=0.31", "hardware.every.power_w=8", "calendar.end=2025-01-02", "seed=6")
    }
    assert len(changed | {scenario.hash}) == 5
    assert scenario.hash != scenario.with_seed(6).hash == load("a.yaml", seed=6).hash
    assert scenario.hash_with({"place": "1"}) not in (scenario.hash, scenario.hash_with({"place": "2"}))
    assert scenario.hash_with({"a": "1", "b": "2"}) == scenario.hash_with({"b": "2", "a": "1"})


def test_a_default_stated_in_words_is_the_same_scenario(write: Any) -> None:
    said = load(write("a.yaml", "hardware: {every: {power_w: 5}}\n"))
    unsaid = load(write("b.yaml", ""))
    assert said == unsaid and said.hash == unsaid.hash and hash(said) == hash(unsaid)


def test_the_seed_of_the_command_line_wins_and_both_are_known(write: Any) -> None:
    scenario = load(write("a.yaml", BODY), seed=77)
    assert (scenario.seed, scenario.stated_seed, scenario.spec.seed) == (77, 5, 77)
    assert str(scenario.provenance["seed"]) == "--seed"
    assert scenario.variant("generous").seed == 77
    for bad in (-1, True):
        with pytest.raises(InputError):
            scenario.with_seed(bad)


def test_a_scenario_travels_between_processes(write: Any) -> None:
    scenario = load(write("a.yaml", BODY), sets=["operators.few.sells_share=0.7"], variant="no_taper", seed=3)
    there = pickle.loads(pickle.dumps(scenario))
    assert there == scenario and there.hash == scenario.hash
    assert there.provenance == scenario.provenance
    assert there.variant("generous") == scenario.variant("generous")


def test_what_is_written_loads_as_the_same_scenario(write: Any) -> None:
    write("parent.yaml", BODY)
    for options in (
        {},
        {"variant": "alone"},
        {"variant": "no_taper", "seed": 9},
        {"sets": ["operators.few.sells_share=0.7", 'title="x: #y"']},
    ):
        scenario = load(write("a.yaml", "extends: parent\noperators: {many: {sells_share: 0.2}}\n"), **options)
        again = load(write("again.yaml", dump(scenario)))
        assert again == scenario
        assert again.hash == scenario.hash
        assert dump(again) == dump(scenario)


@pytest.mark.parametrize("name", shipped.bundled_names())
def test_every_bundled_scenario_loads_and_survives_writing(name: str, write: Any) -> None:
    scenario = load(name)
    again = load(write("again.yaml", dump(scenario)))
    assert again == scenario and again.hash == scenario.hash
    for variant in scenario.variants:
        assert scenario.variant(variant).hash != scenario.hash
        assert load(name, variant=variant) == scenario.variant(variant)


def test_names_that_are_not_there(write: Any) -> None:
    with pytest.raises(InputError, match="helium-iot-goteborg"):
        load("helium-iot-gotebrg")
    with pytest.raises(InputError, match="mine.yaml"):
        write("mine.yaml", "")
        load("mime.yaml")
    assert load("mine").name == "mine"
    for bad in ("", "../../etc/passwd", "networks", "\0"):
        with pytest.raises(InputError):
            load(bad)


def test_an_older_grammar_loads_with_each_change_named(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twin.scenario.upgrades.SCHEMA", 2)
    monkeypatch.setitem(UPGRADES, 1, (Renamed(("boxes",), ("hardware",), "clearer"),))
    moved = load(write("b.yaml", "boxes: {every: {power_w: 3}}\n"))
    assert moved.spec.hardware.every.power_w == 3
    nested = Renamed(("hardware", "all", "watts"), ("hardware", "every", "power_w"), "units stand in the name")
    monkeypatch.setitem(UPGRADES, 1, (nested,))
    with pytest.raises(InputError, match='"all" is not a field'):  # what is left of the old mapping is no field
        load(write("a.yaml", "hardware: {all: {watts: 3, volts: 5}}\n"))
    assert load(write("a.yaml", "hardware: {all: {watts: 3}}\n")).spec.hardware.every.power_w == 3
    assert [note.split(": ")[1].split(" (")[0] for note in moved.notes] == ["boxes is now hardware", "read as grammar 2, written in 1"]


def test_fields_that_said_box_are_read_as_nodes(tmp_path: Path) -> None:
    """In the section itself, inside a variant and at its dotted path; another thing of that name is left alone."""
    text = """
adversaries: {boxes: {exploit: spoofed_locations, boxes: 7, entry_cost_usd_per_box: 9, from: 2021-06-01}}
hardware: {makers: {main: {installation: {crews: 2, boxes_per_crew_per_day: 4}}}}
variants:
  many: {adversaries.boxes.boxes: 9, hardware.makers.main.freight: {slots: 2, boxes_per_consignment: 3}}
"""
    path = tmp_path / "older.yaml"
    path.write_text("schema: 1\ntitle: old words\nextends: helium-iot-goteborg\n" + text, encoding="utf-8")
    plain, many = load(path), load(path, variant="many")
    farm = plain.spec.adversaries["boxes"]
    crew, ship = plain.spec.hardware.makers["main"].installation, many.spec.hardware.makers["main"].freight
    assert (farm.nodes, farm.entry_cost_usd_per_node, crew.nodes_per_crew_per_day) == (7, 9, 4)
    assert (many.spec.adversaries["boxes"].nodes, ship.nodes_per_consignment) == (9, 3)


def test_a_kind_of_network_can_be_chosen_once(write: Any) -> None:
    with pytest.raises(InputError, match='Did you mean "toy"'):
        load(write("a.yaml", "schema: 1\ntitle: T\nnetwork: {kind: toi}\n"))
    entry = registry.network("toy")
    assert registry.register_network("toy", spec=entry.spec, furnish="twin.build:build", node_noun="toy").spec is entry.spec
    with pytest.raises(ValueError, match="already registered"):
        registry.register_network("toy", spec=type(load("helium-iot-goteborg").spec), furnish="x:y", node_noun="toy")
    assert "toy" in registry.network_kinds() and "wireless" in registry.network_kinds()
    with pytest.raises(KeyError):
        registry.network("nowhere")


def test_the_reference_keeps_options_about_judging_and_drops_those_about_what_happens() -> None:
    sets = ["token.HNT.emission.scale_share=0", "verdict.kept_share=0.6", "calendar.end=2028-06-01"]
    reference = load("helium-iot-goteborg", sets=sets).reference
    assert reference.spec.token["HNT"].emission.scale_share == 1.0
    assert reference.spec.verdict.kept_share == 0.6
    assert str(reference.spec.calendar.end) == "2028-06-01"
    assert load("helium-iot-goteborg").variant("no_rewards").reference.spec.token["HNT"].emission.scale_share == 1.0


def test_the_hash_follows_the_content_of_the_tables(tmp_path: Path) -> None:
    text = (scenarios_dir() / "helium-iot-goteborg.yaml").read_text(encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    plain = load(file).hash
    bundled = (scenarios_dir() / "series" / "hnt-usd-monthly.csv").read_text(encoding="utf-8")
    (tmp_path / "hnt-usd-monthly.csv").write_text(bundled, encoding="utf-8")
    assert load(file).hash == plain
    (tmp_path / "hnt-usd-monthly.csv").write_text(bundled + "\n", encoding="utf-8")
    assert load(file).hash != plain
