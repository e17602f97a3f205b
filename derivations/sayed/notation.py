"""The notations of sayed, in the order of its sections, and what makes values for each."""

from cnnmat.derivations.sayed import (
    notation_images,
    notation_network,
    notation_numbers,
    notation_pooling,
)
from cnnmat.derivations.sayed.symbols import NetworkSymbols
from cnnmat.verify import Notation

__all__ = ["read_into"]


def read_into(lecture, network, networks, example):
    """Have the lecture run the formulas that the notations name.

    Parameters
    ----------
    lecture : Lecture
    network : callable
        ``network(entries, **case)`` builds the setting of a case.
    networks : sequence of dict
        Cases for formulas of claims that have no network of their own.
    example : tuple
        The lists of the example of six entries.
    """
    def of_a_network(e, mu=None, **case):
        return NetworkSymbols(network(e, **case))

    for text, symbols in ((notation_images.IMAGES, notation_images.image_symbols),
                          (notation_images.MAPS, notation_images.map_symbols),
                          (notation_pooling.PATCHES, notation_pooling.patch_symbols),
                          (notation_pooling.REGIONS, notation_pooling.region_symbols),
                          (notation_numbers.COUNTS, notation_numbers.count_symbols)):
        lecture.read(Notation(text, symbols))
    lecture.read(Notation(notation_numbers.EXAMPLE, notation_numbers.example_symbols,
                          cases=({"lists": example},)))
    lecture.read(Notation(notation_network.NETWORK, of_a_network, cases=networks, key="depth"))
