"""Lecture 14, handwritten: convolution, padding, stride, pooling, gradients and homework."""

from cnnmat.derivations import register
from cnnmat.derivations.lec14.setting import lecture

__all__ = ["lecture"]

register(__name__, __path__)
