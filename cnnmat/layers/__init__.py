"""Layers of real use, with PyTorch's conventions: by V and one product, and by faster paths."""

from cnnmat.layers.correlation import (
    convolve,
    convolve_backward,
    correlate,
    correlate_backward,
    correlate_transpose,
    correlate_transpose_backward,
    path_name,
)
from cnnmat.layers.operators import CorrelationOperator
from cnnmat.layers.pooling import pool, pool_backward

__all__ = [
    "CorrelationOperator", "convolve", "convolve_backward", "correlate", "correlate_backward",
    "correlate_transpose", "correlate_transpose_backward", "path_name", "pool", "pool_backward",
]
