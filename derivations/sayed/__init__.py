"""Ali H. Sayed's section 47.25, equations (47.1124) to (47.1276)."""

from cnnmat.derivations import register
from cnnmat.derivations.sayed.setting import lecture

__all__ = ["lecture"]

register(__name__, __path__)
