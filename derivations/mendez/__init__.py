"""Andres Mendez-Vazquez, Convolutional Networks, 116 slides."""

from cnnmat.derivations import register
from cnnmat.derivations.mendez.setting import lecture

__all__ = ["lecture"]

register(__name__, __path__)
