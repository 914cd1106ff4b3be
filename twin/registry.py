"""The kinds of network that this installation knows: the only global table."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from twin.errors import InputError, Problem, TwinError
from twin.nouns import PLAIN, Nouns

if TYPE_CHECKING:
    from twin.scenario.model import SpecModel

ENTRY_POINTS = "depin_twin.networks"
"""Entry-point group by which other packages bring kinds of network: `kind = "package.module"`, whose import registers it."""

Rows = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Network:
    """One kind of network and what the rest of the package may ask of it."""

    kind: str
    spec: type[SpecModel]
    node_noun: str
    summary: str
    _furnish: Callable[..., Any] | str
    checks: Callable[[Any], Iterable[Problem]] | None = None
    explanations: Callable[[Any], Iterable[tuple[str, Rows]]] | None = None
    _schedule: str | None = None
    _nouns: Nouns | Callable[[Any], Nouns] | None = None

    def nouns(self, spec: Any) -> Nouns:
        """What people call the things of a network with this spec."""
        if callable(self._nouns):
            return self._nouns(spec)
        return self._nouns or Nouns(node=self.node_noun, nodes=f"{self.node_noun}s")

    @property
    def furnish(self) -> Callable[..., Any]:
        """The function that puts this kind's parts into a `twin.world.World`; imported when first asked for."""
        if not isinstance(self._furnish, str):
            return self._furnish
        module, _, name = self._furnish.partition(":")
        furnish: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return furnish

    def schedule(self, spec: SpecModel) -> Any:
        """The subsidy that the rules of `spec` schedule (`twin.outcomes.Schedule`); None where emission depends on the network's state, or a policy of `spec` makes it."""
        if self._schedule is None:
            return None
        module, _, name = self._schedule.partition(":")
        from twin.scenario.sections.policies import under_policies  # late: it imports this module

        return under_policies(getattr(importlib.import_module(module), name)(spec), spec)


_NETWORKS: dict[str, Network] = {}
_IMPORTED: set[str] = set()


def register_network(
    kind: str,
    *,
    spec: type[SpecModel],
    furnish: Callable[..., Any] | str,
    node_noun: str = "",
    nouns: Nouns | Callable[[Any], Nouns] | None = None,
    summary: str = "",
    checks: Callable[[Any], Iterable[Problem]] | None = None,
    explanations: Callable[[Any], Iterable[tuple[str, Rows]]] | None = None,
    schedule: str | None = None,
) -> Network:
    """Make a kind of network known, and return its entry.

    `spec` is the root class of its scenarios; `furnish(world)` puts the parts of the kind into a world, given as a function or as "module:function" (imported late);
    `schedule` is "module:function" that tells the subsidy scheduled by a spec, if the rules alone tell it; `nouns` is what nodes, service and users are called, or tells it of a spec (where it is left out, `node_noun` is what one node is called); `checks` gives warnings for `twin check`; `explanations` gives further tables for `twin explain`.
    Registering the same kind with the same class again is harmless; with another class it is an error.
    """
    if not kind.isidentifier() or kind != kind.lower():
        raise ValueError(f"a kind of network is a lower-case word, not {kind!r}")
    known = _NETWORKS.get(kind)
    if known is not None and (known.spec.__module__, known.spec.__qualname__) != (spec.__module__, spec.__qualname__):
        raise ValueError(f"network kind {kind!r} is already registered by {known.spec.__module__}")
    node = node_noun or (nouns.node if isinstance(nouns, Nouns) else PLAIN.node)
    entry = Network(kind, spec, node, summary, furnish, checks, explanations, schedule, nouns)
    _NETWORKS[kind] = entry
    return entry


def network(kind: str) -> Network:
    """The registered network of a kind. Raises KeyError if no module brings it."""
    if kind not in _NETWORKS:
        _import_one(f"twin.kinds.{kind}" if kind.isidentifier() and _is_bundled(kind) else None)
    if kind not in _NETWORKS:
        _import_entry_points(kind)
    return _NETWORKS[kind]


def network_kinds() -> tuple[str, ...]:
    """All kinds of network, bundled ones and those of other packages, in alphabetical order."""
    import twin.kinds

    for module in pkgutil.iter_modules(twin.kinds.__path__):
        _import_one(f"twin.kinds.{module.name}")
    _import_entry_points(None)
    return tuple(sorted(_NETWORKS))


def _is_bundled(kind: str) -> bool:
    import twin.kinds

    return any(module.name == kind for module in pkgutil.iter_modules(twin.kinds.__path__))


def _import_one(module: str | None) -> None:
    if module is not None and module not in _IMPORTED:
        importlib.import_module(module)
        _IMPORTED.add(module)


def _import_entry_points(kind: str | None) -> None:
    for point in entry_points(group=ENTRY_POINTS):
        if (kind is not None and point.name != kind) or point.value in _IMPORTED:
            continue
        try:
            point.load()
        except TwinError:
            raise
        except Exception as error:  # another package's import: whatever it raises, the user must learn which package it was
            owner = point.dist.name if point.dist is not None else point.value
            raise InputError(
                Problem("broken_plugin", f'the package {owner} brings network "{point.name}" and fails to import: {error}')
            ) from error
        _IMPORTED.add(point.value)
