"""Convolutional networks as matrices, every line proved against plain loops."""

import ast
import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

# for type checkers, and for `_homes`: what is imported here is loaded when it is asked for
if TYPE_CHECKING:
    from cnnmat.drawing import Blocks, show
    from cnnmat.layers.correlation import (
        convolve,
        convolve_backward,
        correlate,
        correlate_backward,
        correlate_transpose,
        correlate_transpose_backward,
    )
    from cnnmat.layers.operators import CorrelationOperator
    from cnnmat.layers.pooling import pool, pool_backward
    from cnnmat.textbook.activations import ACTIVATIONS, Activation, activation
    from cnnmat.textbook.correlation import weight_matrix, weight_matrix_short
    from cnnmat.textbook.images import correlate_image
    from cnnmat.textbook.masks import box, edge_map, gaussian, laplacian, prewitt, sharpen, sobel
    from cnnmat.textbook.network import Network
    from cnnmat.textbook.partition import Partition
    from cnnmat.textbook.pooling import up, upv, upv_matrix
    from cnnmat.textbook.regions import Regions
    from cnnmat.textbook.risks import RISKS, risk, softmax
    from cnnmat.textbook.signals import Backward, Forward, Parameters, Stage
    from cnnmat.textbook.training import train
    from cnnmat.textbook.vec import flip, kron, reversed_identity, unvec, vec
    from cnnmat.textbook.windows import Windows

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS",
    "RISKS",
    "Activation",
    "Backward",
    "Blocks",
    "CorrelationOperator",
    "Forward",
    "Network",
    "Parameters",
    "Partition",
    "Regions",
    "Stage",
    "Windows",
    "activation",
    "box",
    "convolve",
    "convolve_backward",
    "correlate",
    "correlate_backward",
    "correlate_image",
    "correlate_transpose",
    "correlate_transpose_backward",
    "edge_map",
    "flip",
    "gaussian",
    "kron",
    "laplacian",
    "pool",
    "pool_backward",
    "prewitt",
    "reversed_identity",
    "risk",
    "sharpen",
    "show",
    "sobel",
    "softmax",
    "train",
    "unvec",
    "up",
    "upv",
    "upv_matrix",
    "vec",
    "weight_matrix",
    "weight_matrix_short",
]


@cache
def _homes():
    """{public name: the module where it lives}, as the imports above have it."""
    tree = ast.parse(pkgutil.get_data("cnnmat", "__init__.py"))
    return {alias.name: node.module for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) for alias in node.names if alias.name in __all__}


def __getattr__(name: str) -> Any:
    """A public name, or a wing: the command has begun, and can be interrupted, before NumPy is."""
    if name in ("layers", "textbook"):
        for home in _homes().values():
            import_module(home)
        return import_module(f"cnnmat.{name}")
    if name in __all__:
        return getattr(import_module(_homes()[name]), name)
    raise AttributeError(f"module 'cnnmat' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
