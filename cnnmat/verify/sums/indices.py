"""Indices over symbolic sizes: variables, and their images under maps."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

__all__ = ["AnyIndex", "Image", "Index", "Map", "fresh", "image", "put", "size_of"]


class Index(NamedTuple):
    """An index that runs from 0 up to a size, which is a letter."""

    name: str
    size: str


class Map(NamedTuple):
    """A function of indices whose value is an index.

    A bijection comes with its inverse, which is the same map with `inverted` set.
    """

    name: str
    domain: tuple[str, ...]
    codomain: str
    injective: bool = False
    bijective: bool = False
    inverted: bool = False

    @property
    def one_to_one(self) -> bool:
        """Whether equal images come from equal indices."""
        return self.injective or self.bijective

    @property
    def inverse(self) -> Map:
        """The map back, of a bijection of one index."""
        return self._replace(domain=(self.codomain,), codomain=self.domain[0],
                             inverted=not self.inverted)


class Image(NamedTuple):
    """The index map(at)."""

    map: Map
    at: tuple[AnyIndex, ...]


AnyIndex: TypeAlias = Index | Image


_count = itertools.count()


def fresh(size: str) -> Index:
    """A new index below `size`."""
    return Index(f"i{next(_count)}", size)


def size_of(index: AnyIndex) -> str:
    """The letter below which `index` runs."""
    return index.size if isinstance(index, Index) else index.map.codomain


def image(map: Map, *at: AnyIndex) -> AnyIndex:
    """map(at); a bijection behind its inverse cancels."""
    if map.bijective and isinstance(at[0], Image) and at[0].map == map.inverse:
        return at[0].at[0]
    return Image(map, at)


def put(x: AnyIndex, places: Mapping[Index, AnyIndex]) -> AnyIndex:
    """The index with other indices in the place of its variables."""
    if isinstance(x, Index):
        return places.get(x, x)
    return image(x.map, *(put(one, places) for one in x.at))
