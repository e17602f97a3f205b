"""S. N. Chaurasia, N8104 Artificial Neural Networks, the slides on convolutional networks."""

from cnnmat.derivations import register
from cnnmat.derivations.chaurasia.setting import lecture

__all__ = ["lecture"]

register(__name__, __path__)
