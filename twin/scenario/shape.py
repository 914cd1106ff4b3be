"""What a spec class allows at a path: fields, their words and bounds. Reads classes, never values."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from twin.scenario.nodes import Node, Path_, key_of_text, key_text


@dataclass(frozen=True, slots=True)
class Slot:
    """One place where a value may stand: its type, its name, the field that declares it (None inside dicts and lists), its bounds."""

    annotation: Any
    name: str = ""
    field: FieldInfo | None = None
    bounds: tuple[Any, ...] = ()

    @property
    def description(self) -> str | None:
        """What the field says about itself, source of the default included."""
        return self.field.description if self.field is not None else None


def root_slot(spec: type[BaseModel]) -> Slot:
    """The slot of a whole document."""
    return Slot(spec)


def key_of(name: str, field: FieldInfo) -> str:
    """The key by which a field is written in YAML: its alias if it has one."""
    alias = field.validation_alias if isinstance(field.validation_alias, str) else field.alias
    return alias or name


def fields(model: type[BaseModel]) -> dict[str, Slot]:
    """Key -> slot of every field of a model."""
    slots = {}
    for name, field in model.model_fields.items():
        key = key_of(name, field)
        slots[key] = Slot(field.annotation, key, field, tuple(field.metadata))
    return slots


def arms(annotation: Any, bounds: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The alternatives of a type, unwrapped of unions and annotations, each with the bounds that hold for it."""
    if isinstance(annotation, TypeAliasType):
        yield from arms(annotation.__value__, bounds)
        return
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        gathered = bounds
        for piece in metadata:
            gathered += tuple(piece.metadata) if isinstance(piece, FieldInfo) else (piece,)
        yield from arms(inner, gathered)
    elif origin is Union or origin is types.UnionType:
        for arm in get_args(annotation):
            yield from arms(arm, bounds)
    else:
        yield annotation, bounds


def models(annotation: Any) -> list[type[BaseModel]]:
    """The models among the alternatives of a type."""
    return [arm for arm, _ in arms(annotation) if isinstance(arm, type) and issubclass(arm, BaseModel)]


def tag_values(model: type[BaseModel], key: str) -> frozenset[str]:
    """The texts that a `Literal` field of a model accepts; empty if it has none under that key."""
    slot = fields(model).get(key)
    if slot is None:
        return frozenset()
    return frozenset(str(choice) for choice in choices(slot.annotation))


def choices(annotation: Any) -> list[Any]:
    """All values that the `Literal` and enum alternatives of a type accept."""
    found: list[Any] = []
    for arm, _ in arms(annotation):
        if get_origin(arm) is Literal:
            found += get_args(arm)
        elif isinstance(arm, type) and issubclass(arm, Enum):
            found += [member.value for member in arm]
    return list(dict.fromkeys(found))


def fitting(candidates: list[type[BaseModel]], node: Node | None) -> list[type[BaseModel]]:
    """The models whose tags (`kind` and the like) agree with what a node says; all of them if none does."""
    if node is None or len(candidates) < 2:
        return candidates
    agreed = []
    for model in candidates:
        fits = True
        for key, below in node.entries.items():
            tags = tag_values(model, str(key))
            if tags and isinstance(below.value, str) and below.value not in tags:
                fits = False
        agreed += [model] if fits else []
    return agreed or candidates


def below(slot: Slot, segment: str, node: Node | None = None) -> list[Slot]:
    """The slots one segment further; several where a union allows several, none where the segment is not a field."""
    found: list[Slot] = []
    for model in fitting(models(slot.annotation), node):
        inner = fields(model).get(segment)
        if inner is not None:
            found.append(inner)
    for arm, _ in arms(slot.annotation):
        origin, inside = get_origin(arm), get_args(arm)
        if _is_dict(arm) and _may_be_key(segment, inside[0]) and not found:
            found.append(_inside(inside[1], slot))
        elif origin in (list, tuple, set, frozenset) and inside and segment.isdigit():
            found.append(_inside(inside[0], slot))
    return found


def _is_dict(arm: Any) -> bool:
    origin = get_origin(arm)
    return isinstance(origin, type) and issubclass(origin, dict) and len(get_args(arm)) == 2


def _may_be_key(segment: str, kind: Any) -> bool:
    if kind is date:
        return isinstance(key_of_text(segment), date)
    return segment.lstrip("-").isdigit() if kind is int else True


def _inside(annotation: Any, slot: Slot) -> Slot:
    metadata: tuple[Any, ...] = ()
    if get_origin(annotation) is Annotated:
        metadata = tuple(piece for _, bounds in arms(annotation) for piece in bounds)
    return Slot(annotation, slot.name, slot.field, metadata)


def slots_at(spec: type[BaseModel], path: Path_, tree: Node | None = None) -> list[Slot]:
    """All slots at a path of a document; `tree` narrows unions by the tags that it states."""
    current = [root_slot(spec)]
    node = tree
    for segment in path:
        current = [inner for slot in current for inner in below(slot, segment, node)]
        node = node.child(segment) if node is not None else None
    return current


def models_at(spec: type[BaseModel], path: Path_, tree: Node | None = None) -> list[type[BaseModel]]:
    """The models that may stand at a path, narrowed by the tags that `tree` states there."""
    node = tree
    for segment in path:
        node = node.child(segment) if node is not None else None
    found: list[type[BaseModel]] = []
    for slot in slots_at(spec, path, tree):
        found += [model for model in models(slot.annotation) if model not in found]
    return fitting(found, node)


def takes_names(slots: Iterable[Slot]) -> bool:
    """Entries of free name may stand here: operators, customers."""
    return any(_is_dict(arm) and get_args(arm)[0] is str for slot in slots for arm, _ in arms(slot.annotation))


def takes_dates_as_keys(slot: Slot) -> bool:
    """A table by date may stand here."""
    return any(_is_dict(arm) and get_args(arm)[0] is date for arm, _ in arms(slot.annotation))


def known_paths(spec: type[BaseModel], tree: Node | None = None) -> list[Path_]:
    """Every path that may be written in a document of this class, with the free names that `tree` uses; shallow first."""
    found: list[Path_] = []
    queue: list[tuple[Path_, Slot, Node | None, tuple[type[BaseModel], ...]]] = [((), root_slot(spec), tree, ())]
    while queue:
        path, slot, node, parents = queue.pop(0)
        for model in fitting(models(slot.annotation), node):
            if model in parents:  # a model that contains itself
                continue
            for key, inner in fields(model).items():
                found.append((*path, key))
                queue.append(((*path, key), inner, node.child(key) if node is not None else None, (*parents, model)))
        if node is not None and any(_is_dict(arm) for arm, _ in arms(slot.annotation)):
            for name in node.entries:
                text = key_text(name)
                found.append((*path, text))
                queue += [((*path, text), inner, node.child(text), parents) for inner in below(slot, text, node)]
    return list(dict.fromkeys(found))
