"""The package's own layers of real use, as matrices: the claims behind the fast paths."""

from cnnmat.derivations import register
from cnnmat.derivations.layers.setting import lecture

__all__ = ["lecture"]

register(__name__, __path__)
