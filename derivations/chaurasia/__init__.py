"""S. N. Chaurasia, N8104 Artificial Neural Networks, the slides on convolutional networks."""

from importlib import import_module

from cnnmat.derivations.chaurasia.setting import lecture

__all__ = ["lecture"]

# in the order of the slides, which is the order of the report
for part in ("entropy", "loss", "softmax", "counts", "properties", "filters", "windows",
             "pooling", "layer", "backward", "pipeline"):
    import_module(f"{__name__}.{part}")
