"""Parties: groups of operators in every kind of network, asked in a fixed order; what all chose is carried out in the order of slots."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass

import numpy as np
import pytest
from goldens.worlds import WORLDS

import twin.kinds
from twin.actors.operators import Choice, Parties, Party
from twin.actors.society import Society
from twin.build import build
from twin.kernel import Streams
from twin.scenario.model import Spread

A_WORLD_OF_EVERY_KIND = {
    "wireless": "wireless-town", "mobile": "mobile", "sensing": "sensing-score", "energy": "energy", "mapping": "mapping-island", "compute": "compute-grants",
    "storage": "filecoin", "storage, miners": "arweave",
}  # fmt: skip


@dataclass(frozen=True)
class Leaving:
    share: float


@dataclass(frozen=True)
class Spec:
    sells_share: float
    leaving: Leaving = Leaving(0.0)
    limit_usd: Spread = Spread(median=10, p90=20)


class EveryOther:
    """Every other member enters, the others leave."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def review(self, party: Party[Spec]) -> Choice:
        self.asked.append(f"review {party.name}")
        return Choice(leave=party.members[1::2])

    def look(self, party: Party[Spec]) -> Choice:
        self.asked.append(f"look {party.name}")
        return Choice(enter=party.members[::2][::-1])


def three(inside: np.ndarray | None = None) -> Parties[Spec]:
    """Groups 0, 1 and 2 over nine slots, and two slots of no group."""
    specs = {"few": Spec(0.5, Leaving(0.1)), "most": Spec(1.0, Leaving(0.2)), "none": Spec(0.0, Leaving(0.3))}
    return Parties(Society(), specs, np.array([0, 1, 1, 0, 1, 1, 2, 1, 1, 3, 4]), inside=inside)


def test_each_member_has_what_its_group_has() -> None:
    parties = three()
    assert parties.of("leaving.share", np.arange(9)).tolist() == [0.1, 0.2, 0.2, 0.1, 0.2, 0.2, 0.3, 0.2, 0.2]
    assert parties.of("sells_share", others=0.25).tolist() == [0.5, 1, 1, 0.5, 1, 1, 0, 1, 1, 0.25, 0.25]
    assert parties.values("sells_share").tolist() == [0.5, 1.0, 0.0]
    assert parties.by_group(np.array([0, 1, 2, 9, 10])).tolist() == [1, 2, 0]
    with pytest.raises(IndexError):
        parties.of("sells_share")


def test_what_members_differ_in_hangs_on_the_slot_alone() -> None:
    streams = Streams(5)
    parties = three()
    limits = parties.drawn(streams, "limit", "limit_usd")
    alone = Parties(Society(), {"all": Spec(1.0)}, np.zeros(9, int)).drawn(streams, "limit", "limit_usd")
    assert (limits[:9] == alone).all() and (limits[9:] == 0).all() and len(set(limits[:9])) == 9


def test_all_are_asked_in_the_order_of_the_society_and_answer_in_the_order_of_slots() -> None:
    parties, policy = three(), EveryOther()
    parties.decide_by(policy)
    assert [agent.name for agent in parties.each[0].model.agents] == ["few", "most", "none"]
    assert parties.do("look").enter.tolist() == [0, 1, 4, 6, 7]
    assert parties.do("review").leave.tolist() == [2, 3, 5, 8]
    assert policy.asked == ["look few", "look most", "look none", "review few", "review most", "review none"]
    assert parties.do(lambda party: Choice(move=party.members[:1])).move.tolist() == [0, 1, 6]


def test_who_came_went_and_sold_is_counted_where_it_is_reported() -> None:
    parties = three(inside=np.arange(11) != 1)
    parties.count_entered(np.array([0, 1, 2, 9]))
    parties.count_left(np.array([1, 6]))
    assert parties.sell(np.array([0, 1, 2]), np.array([4.0, 2.0, 1.0])) == 5.0  # also what is not reported
    entered, left, sold = parties.take_counts()
    assert entered.tolist() == [1, 1, 0] and left.tolist() == [0, 0, 1] and sold.tolist() == [2.0, 1.0, 0.0]
    assert all(not counts.any() for counts in parties.take_counts())


def test_every_kind_of_network_is_looked_at_here() -> None:
    kinds = {WORLDS[name].scenario().spec.network.kind for name in A_WORLD_OF_EVERY_KIND.values()}
    assert kinds == {module.name for module in pkgutil.iter_modules(twin.kinds.__path__)}


@pytest.mark.parametrize("kind", A_WORLD_OF_EVERY_KIND)
def test_in_every_kind_groups_are_parties_and_they_decide(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One Mesa agent a group, each member in one of them; reviews and looks go through them, in the order of the society."""
    scenario = WORLDS[A_WORLD_OF_EVERY_KIND[kind]].scenario()
    asked: dict[str, list[str]] = {"review": [], "look": []}
    for act in asked:
        own = getattr(Party, act)
        monkeypatch.setattr(Party, act, lambda party, own=own, act=act: (asked[act].append(party.name), own(party))[1])
    world = build(scenario)
    groups = next(section for name in ("operators", "providers", "miners") if (section := getattr(scenario.spec, name, None)))
    parties = list(world.society.agents.select(agent_type=Party))
    assert [party.name for party in parties] == sorted(groups) and all(party.spec == groups[party.name] for party in parties)
    members = np.concatenate([party.members for party in parties])
    assert len(members) == len(np.unique(members)) and all(len(party.members) for party in parties)
    for day in range(30, 1_000, 30):
        world.clock.run(until_day=day)
        if all(asked.values()):
            break
    for names in asked.values():
        assert names and names == sorted(groups) * (len(names) // len(groups))
