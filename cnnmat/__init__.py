"""Convolutional networks as matrices, every line proved against plain loops."""

from cnnmat.activations import ACTIVATIONS, Activation, activation
from cnnmat.correlation import correlate_image, weight_matrix, weight_matrix_short
from cnnmat.drawing import Blocks
from cnnmat.masks import box, edge_map, gaussian, laplacian, prewitt, sharpen, sobel
from cnnmat.network import Backward, Forward, Network, Parameters, Stage
from cnnmat.partition import Partition
from cnnmat.pooling import Regions, up, upv, upv_matrix
from cnnmat.risks import RISKS, risk, softmax
from cnnmat.vec import flip, kron, reversed_identity, unvec, vec
from cnnmat.windows import Windows

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS", "RISKS", "Activation", "Backward", "Blocks", "Forward", "Network", "Parameters",
    "Partition", "Regions", "Stage", "Windows", "activation", "box", "correlate_image",
    "edge_map", "flip", "gaussian", "kron", "laplacian", "prewitt", "reversed_identity",
    "risk", "sharpen", "sobel", "softmax", "unvec", "up", "upv",
    "upv_matrix", "vec", "weight_matrix", "weight_matrix_short",
]
