"""How trees become one."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from twin.scenario.merge import conflicts, join, overlay, set_at, without_removed
from twin.scenario.nodes import Node, Source, Spot, plain, planted, same

SPOT = Spot(Source("x", "file"))


def tree(value: Any) -> Node:
    return planted(value, SPOT)


scalars = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"])
documents = st.recursive(scalars, lambda inner: st.dictionaries(st.sampled_from("pqrs"), inner, max_size=3), max_leaves=8).filter(
    lambda value: isinstance(value, dict)
)


def shaped(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """Documents that agree on what is a mapping (capital letters) and remove nothing: there merging is associative."""
    inner = st.dictionaries(st.sampled_from("xyz"), st.integers(0, 9), max_size=3)
    if depth == 0:
        return inner
    return st.tuples(inner, st.dictionaries(st.sampled_from("PQ"), shaped(depth - 1), max_size=2)).map(lambda both: both[0] | both[1])


@given(shaped(2), shaped(2), shaped(2))
def test_laying_over_is_associative(a: Any, b: Any, c: Any) -> None:
    assert same(overlay(overlay(tree(a), tree(b)), tree(c)), overlay(tree(a), overlay(tree(b), tree(c))))


@given(documents)
def test_laying_over_itself_changes_nothing(a: Any) -> None:
    assert same(overlay(tree(a), tree(a)), tree(a))


@given(documents, documents)
def test_parents_join_in_any_order(a: Any, b: Any) -> None:
    one, other = join(tree(a), tree(b)), join(tree(b), tree(a))
    where = {path for path, _ in conflicts(one)}
    assert where == {path for path, _ in conflicts(other)}
    if not where:
        assert same(one, other)
        assert same(one, overlay(tree(a), tree(b)))


@given(documents, documents)
def test_a_child_settles_every_conflict_it_speaks_of(a: Any, b: Any) -> None:
    joined = join(tree(a), tree(b))
    assert not list(conflicts(overlay(joined, overlay(tree(a), tree(b))))) or any(
        isinstance(node.nodes[0].value, dict) for _, node in conflicts(joined)
    )


def test_another_kind_replaces_the_whole_mapping() -> None:
    base = tree({"price": {"kind": "walk", "volatility": 1.1}})
    assert plain(overlay(base, tree({"price": {"kind": "constant", "usd": 2}}))) == {"price": {"kind": "constant", "usd": 2}}
    assert plain(overlay(base, tree({"price": {"kind": "walk", "drift": 0}}))) == {"price": {"kind": "walk", "volatility": 1.1, "drift": 0}}


def test_null_removes_and_can_be_filled_again() -> None:
    base, without, again = tree({"a": {"x": 1}, "b": 2}), tree({"a": None}), tree({"a": {"y": 3}})
    assert plain(without_removed(overlay(base, without))) == {"b": 2}
    assert plain(without_removed(overlay(overlay(base, without), again))) == {"a": {"y": 3}, "b": 2}


def test_a_path_merges_mappings_and_replaces_tables_by_date() -> None:
    from datetime import date

    base = tree({"price": {"series": "hnt", "until": 1}, "scale": {date(2026, 1, 1): 0.5, date(2027, 1, 1): 0.2}})
    assert plain(set_at(base, ("price",), tree({"kind": "constant"})))["price"] == {"series": "hnt", "until": 1, "kind": "constant"}
    assert plain(set_at(base, ("scale",), tree({date(2026, 1, 1): 1.0})))["scale"] == {date(2026, 1, 1): 1.0}
    assert plain(set_at(base, ("scale", "2027-01-01"), tree(0.9)))["scale"] == {date(2026, 1, 1): 0.5, date(2027, 1, 1): 0.9}


def test_numbers_are_equal_by_value_but_never_to_truth() -> None:
    assert same(tree(1), tree(1.0))
    assert not same(tree(1), tree(True))
