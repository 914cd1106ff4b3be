"""Whom a rule of law reaches, by jurisdiction or by polygon, and how a scenario's rules come into a world of any kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.actors.law import Effect, Law, Reach
from twin.actors.law_hazard import dated
from twin.actors.law_of_nodes import OfNodes
from twin.actors.law_of_tokens import Classification
from twin.arrays import Bools, Floats, Slots
from twin.economy.clearing import ClearingMarket
from twin.errors import InputError, Problem
from twin.geo import area as areas
from twin.geo import spots
from twin.geo.area import StudyArea
from twin.geo.grid import CellGrid
from twin.geo.jurisdictions import Jurisdiction
from twin.scenario.sections.law_by_kind import NOBODY_MOVES
from twin.state import USD, Relation
from twin.world.world import World


class Placed(Protocol):
    """Whatever stands somewhere."""

    @property
    def lat_deg(self) -> Floats:
        """Of each, in degrees."""

    @property
    def lng_deg(self) -> Floats:
        """Of each, in degrees."""


Places = tuple[Floats, Floats]
"""Latitude and longitude of nodes or of points of demand, in degrees."""
NOBODY = np.empty(0, np.int64)
OF_THE_TOKEN = "token_classification"
WITH_MONEY = ("usage_levy", "investment_subsidy", "interconnection")
"""Rules of which the table `state_monthly` tells: what the state takes or gives beside fines and duties, and who waits for it."""
WITH_THE_TABLE = ("privacy_duty", "import_tariff", "curtailment", "data_localisation", OF_THE_TOKEN, *WITH_MONEY)
STATE = "state"
"""The account of all states together."""
NOWHERE: Places = (np.empty(0), np.empty(0))


@dataclass(frozen=True, eq=False)
class DemandPlaces:
    """Where customers stand who do not stand at the ground's points, and whose law holds there; in no place: NaN."""

    lat_deg: Floats
    lng_deg: Floats
    jurisdiction: NDArray[np.int16]
    """Number in `jurisdictions` of each."""
    jurisdictions: tuple[Jurisdiction, ...]

    @classmethod
    def on_cells(cls, row: NDArray[np.integer], cells: CellGrid) -> DemandPlaces:
        """In the middle of the cells of a map, by row; -1: outside it, under no law."""
        known, at = row >= 0, np.maximum(row, 0)
        law = np.where(known, cells.jurisdiction[at], len(cells.jurisdictions)).astype(np.int16)
        lat, lng = (np.where(known, where[at], np.nan) for where in (cells.lat_deg, cells.lng_deg))
        return cls(lat, lng, law, (*cells.jurisdictions, Jurisdiction("")))

    @classmethod
    def in_countries(cls, codes: Sequence[str]) -> DemandPlaces:
        """In the largest place of each country (ISO 3166-1 alpha-2). Raises InputError `no_place` for a country without one."""
        where, found = spots.table(), np.empty(len(codes), np.int64)
        towns = np.flatnonzero(~where.has_cloud)
        for number, code in enumerate(codes):
            here = towns[where.country[towns] == code]
            if not len(here):
                raise InputError(Problem("no_place", f"no place of at least 1,000 people is known in {code!r}", path="country_share", suggestion="a code of ISO 3166-1 alpha-2"))
            found[number] = here[np.argmax(where.weight[here])]
        return cls(where.lat_deg[found], where.lng_deg[found], np.arange(len(codes), dtype=np.int16), tuple(Jurisdiction(code) for code in codes))


def places_of(placed: Placed) -> Places:
    """Where sites or points stand."""
    return placed.lat_deg, placed.lng_deg


def enact(
    world: World, effects: Mapping[str, Effect], *, reach: Reach, nodes: Places | Callable[[], Places], points: Places = NOWHERE, made_up: Callable[[], Bools] | None = None
) -> None:
    """Puts the scenario's rules into the world, each with a switch; whatever luck decides about their days is decided here.

    `reach` says who lies under a jurisdiction. `nodes` and `points` are where nodes and demand stand, for rules that hold in a polygon: a node that is not in
    any place has NaN there; where nodes move, `nodes` and `reach` are asked again. `made_up` says which nodes are only claimed, so that tables tell them apart. Raises InputError where a rule touches nothing, or names a place that is not known.
    """
    rules: dict[str, Any] = {}
    under: dict[str, tuple[Slots, Slots]] = {}
    """Nodes and points of demand under each rule."""
    outlines: dict[str, StudyArea | None] = {}
    """Its polygon; None: a jurisdiction."""
    stand: Callable[[], Places] = nodes if callable(nodes) else lambda: nodes
    market, problems = world.chronicle.market, list[Problem]()
    if isinstance(market, ClearingMarket):
        effects = {**effects, OF_THE_TOKEN: Classification(market, world.clock.start)}
    for effect in effects.values():
        if isinstance(effect, OfNodes):
            effect.made_up = made_up
    destinations = frozenset(code for rule in world.spec.regulation.values() if rule.enabled and _lets_move(rule) for code in rule.answers.move.to_share_by_country)
    for name, rule in world.spec.regulation.items():
        if not rule.enabled:
            continue
        try:
            if rule.kind not in effects:
                said = f"the token's class is news to those who hold it, and this price clears nothing: nobody's purchase moves it ({world.token.price.kind})"
                raise InputError(Problem("no_effect_of_law", said, path=f"regulation.{name}", suggestion="Give the token a price of kind cleared, or leave the rule out."))
            if _lets_move(rule) and getattr(effects[rule.kind], "border", None) is None:
                why = NOBODY_MOVES.get(world.spec.network.kind, "nobody here can be taken elsewhere")
                raise InputError(Problem("nobody_moves", why, path=f"regulation.{name}.answers.move", suggestion="Leave it out: owners comply, hide or leave."))
            within = None if rule.area is None else area_of(name, rule, base_dir=world.base_dir)
            rule = rule if within is None else rule.model_copy(update={"jurisdiction": within.name})
            outlines[name] = within
            under[name] = _under(name, rule, within, effects[rule.kind], reach=reach, nodes=stand(), points=points, destinations=destinations)
        except InputError as error:
            problems += [replace(each, path=f"regulation.{name}.jurisdiction") if each.path == "regulation" else each for each in error.problems]
            continue
        rules[name] = dated(name, rule, world.streams)
    if problems:
        raise InputError(problems)

    def holds_for(name: str, rule: Any) -> tuple[Slots, Slots]:
        """Who stands under it today; those of the first day are known."""
        if name in under:
            return under.pop(name)
        try:
            return _under(name, rule, outlines[name], effects[rule.kind], reach=reach, nodes=stand(), points=points)
        except InputError:
            return NOBODY, NOBODY  # all have left

    world.law = Law(world.clock, world.society, rules, reach=holds_for, effects=effects, note=world.chronicle.note, offer=world.mechanisms.offer, pay=partial(_pay, world))
    if any(_is_told_of(rule) for rule in rules.values()):
        world.chronicle.month_ended.append(world.law.month_ended)
        world.pressure_tables["law_monthly"] = world.law.rows
    if any(rule.kind in WITH_MONEY or _lets_move(rule) for rule in rules.values()):
        world.pressure_tables["state_monthly"] = world.law.state_rows


def nodes_moved(world: World) -> None:
    """Nodes stand in other countries from today: rules of law hold for who stands under them now."""
    if world.law is not None:
        world.law.nodes_moved()


def _lets_move(rule: Any) -> bool:
    """Whether owners may answer to it by moving across the border."""
    return getattr(rule, "answers", None) is not None and rule.answers.move is not None


def _under(name: str, rule: Any, within: StudyArea | None, effect: Effect, *, reach: Reach, nodes: Places, points: Places, destinations: frozenset[str] = frozenset()) -> tuple[Slots, Slots]:
    """Nodes and points of demand under a rule, in its polygon or its jurisdiction. Raises InputError where that is nobody, but in countries to which owners may move."""
    if rule.kind == OF_THE_TOKEN:
        return NOBODY, NOBODY
    if within is None and rule.jurisdiction.partition("/")[0] in destinations:
        reach = partial(_whoever, reach)
    slots, spots = reach(rule.jurisdiction) if within is None else _within(name, within, nodes=nodes, points=points)
    if getattr(effect, "of_demand", False) and not len(spots):
        raise InputError(Problem("nobody_under", f"no customer of this network stands in {rule.jurisdiction}", path=f"regulation.{name}", suggestion="Move the rule, or leave it out."))
    return slots, spots


def _whoever(reach: Reach, jurisdiction: str) -> tuple[Slots, Slots]:
    """Who lies under it, if anybody does."""
    try:
        return reach(jurisdiction)
    except InputError:
        return NOBODY, NOBODY


def _is_told_of(rule: Any) -> bool:
    """Whether the run keeps a table of its rules: where one holds in a polygon, by hazard or with answers, or is of a kind that came with that table."""
    return rule.area is not None or rule.hazard is not None or getattr(rule, "answers", None) is not None or rule.kind in WITH_THE_TABLE


def _pay(world: World, source: str, target: str, usd: float, reason: str) -> None:
    """On the books of the kind; the state has an account from its first dollar on."""
    if not world.ledger.is_open(STATE):
        world.ledger.open(STATE, Relation.TECHNICAL, overdraft=False)
    world.ledger.post(USD, source, target, usd, reason=reason, day=world.clock.day)


def area_of(name: str, rule: Any, *, base_dir: Path | None) -> StudyArea:
    """The polygon of a rule. Raises InputError as `areas.study_area` does, with the rule's own path."""
    try:
        return areas.study_area(rule.area, base_dir=base_dir or Path.cwd())
    except InputError as error:
        here = f"regulation.{name}.area"
        raise InputError([replace(each, path=(each.path or areas.PATH).replace(areas.PATH, here)) for each in error.problems]) from error


def _within(name: str, area: StudyArea, *, nodes: Places, points: Places) -> tuple[Slots, Slots]:
    """Numbers of the nodes and of the points inside a polygon. Raises InputError `empty_area` where it holds neither."""
    shapely.prepare(area.geometry)
    slots, spots = (np.flatnonzero(shapely.contains_xy(area.geometry, lng, lat)) for lat, lng in (nodes, points))
    if not len(slots) and not len(spots):
        raise InputError(Problem("empty_area", f"nothing of this network stands in {area.name}", path=f"regulation.{name}.area", suggestion="Move the area, or leave the rule out."))
    return slots, spots
