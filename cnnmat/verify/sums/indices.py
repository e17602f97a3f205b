"""Indices over symbolic sizes: variables, their images under maps, and their affine sums."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from cnnmat.verify.sums.polynomials import Frozen, Polynomial, frozen, plus
from cnnmat.verify.sums.polynomials import times as product
from cnnmat.verify.sums.sizes import expanded

__all__ = ["Affine", "AnyIndex", "Form", "Image", "Index", "Map", "affine", "constant", "form",
           "fresh", "image", "put", "reverse", "size_of"]


class Index(NamedTuple):
    """An index that runs from 0 up to a size, which is a letter."""

    name: str
    size: str


class Map(NamedTuple):
    """A function of indices whose value is an index.

    A bijection comes with its inverse, which is the same map with `inverted` set, or, of a
    reversal n - 1 - i, the map itself.
    """

    name: str
    domain: tuple[str, ...]
    codomain: str
    injective: bool = False
    bijective: bool = False
    inverted: bool = False
    reversal: bool = False

    @property
    def one_to_one(self) -> bool:
        """Whether equal images come from equal indices."""
        return self.injective or self.bijective

    @property
    def inverse(self) -> Map:
        """The map back, of a bijection of one index."""
        if self.reversal:
            return self
        return self._replace(domain=(self.codomain,), codomain=self.domain[0],
                             inverted=not self.inverted)


class Image(NamedTuple):
    """The index map(at)."""

    map: Map
    at: tuple[AnyIndex, ...]


class Form(NamedTuple):
    """The whole number constant + Σ coefficient · index; its parts are polynomials in sizes."""

    constant: Frozen
    terms: tuple[tuple[AnyIndex, Frozen], ...]


class Affine(NamedTuple):
    """The index that is a form, which lies below `size` wherever it counts."""

    size: str
    form: Form


AnyIndex: TypeAlias = Index | Image | Affine


_count = itertools.count()


def fresh(size: str) -> Index:
    """A new index below `size`."""
    return Index(f"i{next(_count)}", size)


def size_of(index: AnyIndex) -> str:
    """The letter below which `index` runs."""
    return index.map.codomain if isinstance(index, Image) else index.size


def reverse(i: AnyIndex) -> AnyIndex:
    """n - 1 - i for an index below n."""
    letter = size_of(i)
    return image(Map(f"reverse{letter}", (letter,), letter, bijective=True, reversal=True), i)


def constant(k: str, size: str) -> AnyIndex:
    """The index that is a number, as text, or "last"."""
    return Image(Map(k, (), size), ())


def form(constant: Frozen, terms: Iterable[tuple[AnyIndex, Frozen]]) -> Form:
    """A form, what is affine in it written out, like terms gathered."""
    total: Polynomial = dict(constant)
    found: dict[AnyIndex, Frozen] = {}
    left = list(terms)
    while left:
        i, c = left.pop()
        if isinstance(i, Affine):
            total = plus(total, product(dict(i.form.constant), dict(c)))
            left += [(j, frozen(product(dict(d), dict(c)))) for j, d in i.form.terms]
        elif isinstance(i, Image) and not i.at:
            number: Polynomial = {(): 0 if i.map.name == "last" else int(i.map.name)}
            if i.map.name == "last":
                number = expanded({(i.map.codomain,): 1, (): -1})
            total = plus(total, product(number, dict(c)))
        elif isinstance(i, Image) and i.map.reversal:
            last = {(i.map.codomain,): 1, (): -1}
            total = plus(total, product(expanded(last), dict(c)))
            left.append((i.at[0], frozen({m: -k for m, k in c})))
        else:
            found[i] = frozen(plus(dict(found.get(i, ())), dict(c)))
    kept = sorted(((i, c) for i, c in found.items() if c), key=repr)
    return Form(frozen(total), tuple(kept))


def affine(size: str, one: Form) -> AnyIndex:
    """A form as an index below `size`: a variable if it is one."""
    if not one.constant and len(one.terms) == 1:
        [(i, c)] = one.terms
        if c == (((), 1),) and size_of(i) == size:
            return i
    return Affine(size, one)



def image(map: Map, *at: AnyIndex) -> AnyIndex:
    """map(at); a bijection behind its inverse cancels."""
    if map.bijective and isinstance(at[0], Image) and at[0].map == map.inverse:
        return at[0].at[0]
    return Image(map, at)


def put(x: AnyIndex, places: Mapping[Index, AnyIndex]) -> AnyIndex:
    """The index with other indices in the place of its variables."""
    if isinstance(x, Index):
        return places.get(x, x)
    if isinstance(x, Affine):
        return affine(x.size, form(x.form.constant, ((put(i, places), c) for i, c in x.form.terms)))
    return image(x.map, *(put(one, places) for one in x.at))
