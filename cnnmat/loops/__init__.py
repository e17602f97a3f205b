"""Everything again, index by index: the version that the matrices are held against.

Plain Python that imports nothing: no NumPy, no index arithmetic and no padding
shared with what it checks.  It runs on anything that has ``+``, ``*`` and, where
the formula has them, ``/`` and ``<``: integers, fractions, polynomials, residues,
dual numbers.  Arrays are nested lists; indices count from 0.  Functions that are
not polynomials (an activation, a root, exp, ln) are handed in by the caller.
"""

from cnnmat.loops.batches import build, correlate, correlate_backward, entry, shape_of, taps
from cnnmat.loops.boxes import pool_images, pool_windows, starts, window_counts
from cnnmat.loops.images import (
    convolve,
    convolve_at,
    correlate_at,
    filter_image,
    flip,
    patch,
    pixel,
)
from cnnmat.loops.information import (
    binary_cross_entropy,
    binary_cross_entropy_slope,
    log_softmax,
    log_softmax_backward,
    logistic_loss,
    one_hot,
    softmax,
    softmax_backward,
    surprise,
)
from cnnmat.loops.lookup import drop, embed, embed_backward
from cnnmat.loops.maps import (
    amplify,
    divide_brightness,
    smooth_and_skip,
    subsample,
    subtract_surround,
)
from cnnmat.loops.margins import binary_hinge, binary_hinge_slope, hinge, hinge_slopes
from cnnmat.loops.matrices import dot, product, times, transpose, vec
from cnnmat.loops.network import (
    cross_entropy,
    empirical_risk,
    feature_map,
    network,
    preactivation,
    squared_error,
    squared_norm,
)
from cnnmat.loops.normalizing import (
    neighbours,
    normalize,
    normalize_backward,
    normalize_by,
    normalize_by_backward,
    respond_locally,
    respond_locally_backward,
    running,
    sets_of,
    standardize,
    standardize_backward,
    variance,
)
from cnnmat.loops.pooling import largest, mean, norm, pool
from cnnmat.loops.resizing import adaptive_windows, linear, nearest, resize, resize_backward
from cnnmat.loops.rows import correlate_rows, correlate_rows_backward, padded
from cnnmat.loops.steps import adam_step, rmsprop_step, sgd_step
from cnnmat.loops.transposed import (
    correlate_transpose,
    correlate_transpose_backward,
    transposed_shape,
    written,
)
from cnnmat.loops.units import (
    elu,
    elu_slope,
    gelu,
    gelu_by_tanh,
    gelu_by_tanh_slope,
    gelu_slope,
    leaky,
    leaky_slope,
    scaled_tanh,
    scaled_tanh_slope,
)
from cnnmat.loops.windows import cells, count_windows, place, subvectors, tile, window_lists

__all__ = [
    "adam_step", "adaptive_windows", "amplify", "binary_cross_entropy",
    "binary_cross_entropy_slope", "binary_hinge", "binary_hinge_slope", "build", "cells",
    "convolve", "convolve_at", "correlate", "correlate_at", "correlate_backward", "correlate_rows",
    "correlate_rows_backward", "correlate_transpose", "correlate_transpose_backward",
    "count_windows", "cross_entropy", "divide_brightness", "dot", "drop", "elu", "elu_slope",
    "embed", "embed_backward", "empirical_risk", "entry", "feature_map", "filter_image", "flip",
    "gelu", "gelu_by_tanh", "gelu_by_tanh_slope", "gelu_slope", "hinge", "hinge_slopes", "largest",
    "leaky", "leaky_slope", "linear", "log_softmax", "log_softmax_backward", "logistic_loss",
    "mean", "nearest", "neighbours", "network", "norm", "normalize", "normalize_backward",
    "normalize_by", "normalize_by_backward", "one_hot", "padded", "patch", "pixel", "place", "pool",
    "pool_images", "pool_windows", "preactivation", "product", "resize", "resize_backward",
    "respond_locally", "respond_locally_backward", "rmsprop_step", "running", "scaled_tanh",
    "scaled_tanh_slope", "sets_of", "sgd_step", "shape_of", "smooth_and_skip", "softmax",
    "softmax_backward", "squared_error", "squared_norm", "standardize", "standardize_backward",
    "starts", "subsample", "subtract_surround", "subvectors", "surprise", "taps", "tile", "times",
    "transpose", "transposed_shape", "variance", "vec", "window_counts", "window_lists", "written",
]
