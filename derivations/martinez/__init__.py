"""Martínez-Ramón, Ajith and Kurup: 4.1, elements of the convolutional neural network."""

from cnnmat.derivations import register
from cnnmat.derivations.martinez.setting import lecture

__all__ = ["lecture"]

register(__name__, __path__)
