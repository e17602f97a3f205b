"""Martínez-Ramón, Ajith and Kurup: 4.1, elements of the convolutional neural network."""

from importlib import import_module

from cnnmat.derivations.martinez.setting import lecture

__all__ = ["lecture"]

# in the order of the text, which is the order of the report
for part in ("review", "sizes", "formulation", "connectivity", "backpropagation"):
    import_module(f"{__name__}.{part}")
