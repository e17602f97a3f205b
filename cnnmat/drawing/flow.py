"""The layers of a network, one after the other, with their sizes."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from cnnmat.drawing.naming import sizes

__all__ = ["Flow", "Layer"]


@dataclass(frozen=True)
class Layer:
    """What stands at one place of a network, and how one comes there.

    Parameters
    ----------
    name : str
    maps : int
        0 for a layer of units that belong to no map.
    shape : tuple of int
        Of a map, or the number of units.
    steps : tuple of str
        What is done to the layer before.

    Examples
    --------
    >>> Layer("z_1", 2, (3, 4)).size, Layer("y_2", 0, (5,)).size
    ('2 maps of 3 × 4', '5 units')
    """

    name: str
    maps: int
    shape: tuple[int, ...]
    steps: tuple[str, ...] = ()

    @property
    def units(self) -> int:
        """How many numbers stand here."""
        return max(self.maps, 1) * prod(self.shape)

    @property
    def size(self) -> str:
        """The size in words."""
        if not self.maps:
            return f"{self.units} unit{'s' * (self.units > 1)}"
        of = sizes(self.shape) + " entries" * (len(self.shape) == 1)
        return f"{self.maps} map{'s' * (self.maps > 1)} of {of}"


@dataclass(frozen=True)
class Flow:
    """A network as its layers, from the input on."""

    layers: tuple[Layer, ...]
