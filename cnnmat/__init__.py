"""Convolutional networks as matrices, every line proved against plain loops."""

from cnnmat.activations import ACTIVATIONS, Activation, activation
from cnnmat.correlation import correlate_image, weight_matrix, weight_matrix_short
from cnnmat.drawing import Blocks
from cnnmat.layers import (
    convolve,
    convolve_backward,
    correlate,
    correlate_backward,
    correlate_transpose,
    correlate_transpose_backward,
)
from cnnmat.masks import box, edge_map, gaussian, laplacian, prewitt, sharpen, sobel
from cnnmat.network import Network
from cnnmat.operators import CorrelationOperator
from cnnmat.partition import Partition
from cnnmat.pooling import Regions, up, upv, upv_matrix
from cnnmat.risks import RISKS, risk, softmax
from cnnmat.signals import Backward, Forward, Parameters, Stage
from cnnmat.training import train
from cnnmat.vec import flip, kron, reversed_identity, unvec, vec
from cnnmat.window_pooling import pool, pool_backward
from cnnmat.windows import Windows

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
