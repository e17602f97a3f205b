"""Lecture 14, handwritten: convolution, padding, stride, pooling, gradients and homework."""

from importlib import import_module

from cnnmat.derivations.lec14.setting import lecture

__all__ = ["lecture"]

# in the order of the text, which is the order of the report
for part in ("filters", "sizes", "learning", "homework"):
    import_module(f"{__name__}.{part}")
