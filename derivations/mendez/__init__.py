"""Andres Mendez-Vazquez, Convolutional Networks, 116 slides."""

from importlib import import_module

from cnnmat.derivations.mendez.setting import lecture

__all__ = ["lecture"]

# in the order of the slides, which is the order of the report
for part in ("recognition", "connections", "averages", "convolution", "layer", "position",
             "sigmoid", "rectification", "contrast", "skipping", "pooling", "output",
             "example", "chain", "kernel", "rest"):
    import_module(f"{__name__}.{part}")
