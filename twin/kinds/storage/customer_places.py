"""In which countries those who pay for storage stand, as far as a scenario says so, and what law does to them there: levies, and data that must stay in the country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from twin.actors.law_of_demand import Bound, Levies, bound_by_point
from twin.arrays import Bools, Floats, Slots
from twin.kinds.storage.providers import Providers


class CustomerPlaces:
    """Points of demand: the part of each customer in each of its countries, one customer after the other; the rest of it stands nowhere that law reaches."""

    def __init__(self, shares: Sequence[Mapping[str, float]]) -> None:
        """`shares` by country, of each customer."""
        self.codes = tuple(code for each in shares for code in sorted(each))
        self.share: Floats = np.array([each[code] for each in shares for code in sorted(each)], np.float64)
        self._ends = np.cumsum([0, *(len(each) for each in shares)]).tolist()
        self._buyer = np.repeat(np.arange(len(shares)), [len(each) for each in shares])
        self.levies = Levies(len(self.codes))
        self._bound: Floats = np.zeros(len(self.codes))
        self._allowed: Bools = np.zeros((len(self.codes), 0), bool)
        self.bound_pib: Floats = np.zeros(len(self.codes))
        """Data that must stay and found a place, by point, as it was laid last."""

    def taxed(self, buyer: int) -> tuple[Floats, Floats]:
        """Share of a customer in each of its countries, and the levies of today there."""
        here = slice(self._ends[buyer], self._ends[buyer + 1])
        return self.share[here], self.levies.share[here]

    def collect(self, billed_usd: Floats) -> None:
        """The states' parts of what customers are billed today, USD by customer."""
        if self.levies.any:
            self.levies.collect(billed_usd[self._buyer] * self.share)

    # -- data that must stay ---------------------------------------------------------------------------------------
    def localise(self, rules: Sequence[Bound], n_providers: int) -> None:
        """These rules hold from now on, and no others."""
        self._bound, self._allowed = bound_by_point(rules, n_points=len(self.codes), n_nodes=n_providers)

    @property
    def is_bound(self) -> bool:
        """Whether anybody's data must stay in a place."""
        return bool((self._bound > 0).any())

    def place(self, providers: Providers, paid_pib: Floats) -> Floats:
        """Lays paying data of each customer (PiB) on providers: what is bound first, where it may lie, the rest anywhere. Returns the part of each customer's that found a place."""
        share, providers.paid_pib, self.bound_pib = self._laid(providers, paid_pib)
        return share

    def service_share(self, providers: Providers, wanted_pib: Floats) -> float:
        """Part of all that customers want (PiB, by customer) that providers could keep where it may lie."""
        share, _, _ = self._laid(providers, wanted_pib)
        return float((share * wanted_pib).sum() / wanted_pib.sum()) if wanted_pib.sum() > 0 else 0.0

    def _laid(self, providers: Providers, pib: Floats) -> tuple[Floats, Floats, Floats]:
        """By customer the part of its data that would find a place, what would lie on each provider, and by point what is bound of it."""
        bound_pib = pib[self._buyer] * self.share * self._bound
        groups: dict[bytes, list[int]] = {}
        for point in np.flatnonzero(self._bound > 0).tolist():
            groups.setdefault(self._allowed[point].tobytes(), []).append(point)
        points = list(groups.values())
        free_pib = pib - np.bincount(self._buyer, bound_pib, minlength=len(pib))
        served, served_free, on_each = providers.lay([(float(bound_pib[each].sum()), self._allowed[each[0]]) for each in points], float(free_pib.sum()))
        found = free_pib * served_free
        for each, at_hand in zip(points, served, strict=True):
            bound_pib[each] *= at_hand
            found += np.bincount(self._buyer[each], bound_pib[each], minlength=len(pib))
        share: Floats = np.divide(found, pib, out=np.full(len(pib), served_free), where=pib > 0)
        return share, on_each, bound_pib


class Placing:
    """Providers on whom data may have to stay in a place, as law has it."""

    def __init__(self, places: CustomerPlaces, providers: Providers) -> None:
        self._places, self._n = places, providers.n

    def localise(self, rules: Sequence[Bound]) -> None:
        """These rules hold from now on, and no others."""
        self._places.localise(rules, self._n)

    def served_there(self, points: Slots) -> tuple[float, str]:
        """Their data that lies there."""
        return float(self._places.bound_pib[points].sum()), "PiB of data that must stay lay there"
