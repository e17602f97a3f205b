"""Bad input: every message names the argument, what it must be, and what it was."""

import re

import numpy as np
import pytest

from cnnmat import (
    Network,
    Parameters,
    Partition,
    Regions,
    Stage,
    Windows,
    activation,
    box,
    correlate_image,
    edge_map,
    flip,
    gaussian,
    loops,
    reversed_identity,
    risk,
    softmax,
    unvec,
    up,
    upv,
    upv_matrix,
    vec,
    weight_matrix,
    weight_matrix_short,
)
from cnnmat.textbook import correlation, feedforward
from cnnmat.textbook.pooling import Correlation, Lp, Max, Mean, Subsample, pooling
from cnnmat.textbook.risks import entropy, normalize, one_hot, squared_norm
from cnnmat.textbook.vec import apply, hadamard
from cnnmat.verify import duals
from cnnmat.verify.comparing import freeze
from cnnmat.verify.symbols import Symbols
from cnnmat.verify.witness import witness

NAN, INF = float("nan"), float("inf")
V = Partition([[0, 1], [1, 2]], size=3)
OMEGA = Regions([[0, 2], [1]], size=3)
STAGE = Stage(V, depth=2, activation="relu")
NET = Network(1, [STAGE], [2], activations="identity")
P = NET.initial(seed=0)
H, GAMMA = np.ones((2, 1, 3)), np.ones((2, 2))
FORWARD = NET.forward(P, H)
OTHER = Network(1, [Stage(V, depth=1)], [2])


def with_part(**parts):
    return Parameters(**(vars(P) | parts))


def zero():
    symbols = Symbols(1)
    return symbols, symbols.symbol("a") * 0


def exact_entries(a):
    return np.array(a.tolist(), dtype=object)


WINDOWS = [
    # shape
    (lambda: Windows((), 2), ValueError, "shape must have at least one axis, got ()"),
    (lambda: Windows("ab", 2), TypeError, "shape must be an integer, got 'ab'"),
    (lambda: Windows(4.0, 2), TypeError, "shape must be an integer, got 4.0"),
    (lambda: Windows((4, 0), 2), ValueError, "shape[1] must be at least 1, got 0"),
    (lambda: Windows((4, True), 2), TypeError, "shape[1] must be an integer, got True"),
    (lambda: Windows(np.array([4, -1]), 2), ValueError, "shape[1] must be at least 1, got -1"),
    # kernel
    (lambda: Windows(4, 0), ValueError, "kernel must be at least 1, got 0"),
    (lambda: Windows(4, 2.0), TypeError, "kernel must be an integer, got 2.0"),
    (lambda: Windows((4, 4), (2, 2, 2)), ValueError,
     "kernel must be an integer or a tuple of 2, got (2, 2, 2)"),
    (lambda: Windows((4, 3), (2, 4)), ValueError,
     "kernel must fit into the padded image: along axis 1 it spans 4 of 0+3+0"),
    (lambda: Windows(4, 3, padding=((0, 1),), dilation=3), ValueError,
     "kernel must fit into the padded image: along axis 0 it spans 7 of 0+4+1"),
    # stride
    (lambda: Windows(4, 2, 0), ValueError, "stride must be at least 1, got 0"),
    (lambda: Windows(4, 2, -1), ValueError, "stride must be at least 1, got -1"),
    (lambda: Windows(4, 2, 1.5), TypeError, "stride must be an integer, got 1.5"),
    (lambda: Windows(4, 2, "2"), TypeError, "stride must be an integer, got '2'"),
    (lambda: Windows(4, 2, None), TypeError, "stride must be an integer, got None"),
    (lambda: Windows(4, 2, True), TypeError, "stride must be an integer, got True"),
    (lambda: Windows(4, 2, np.array(2)), TypeError, "stride must be an integer, got array(2)"),
    (lambda: Windows((4, 4), 2, (1, 2, 3)), ValueError,
     "stride must be an integer or a tuple of 2, got (1, 2, 3)"),
    (lambda: Windows((4, 4), 2, (1, 0)), ValueError, "stride[1] must be at least 1, got 0"),
    # dilation
    (lambda: Windows(4, 2, dilation=0), ValueError, "dilation must be at least 1, got 0"),
    (lambda: Windows(4, 2, dilation=(1, 1)), ValueError,
     "dilation must be an integer or a tuple of 1, got (1, 1)"),
    # padding
    (lambda: Windows(4, 2, padding=-1), ValueError, "padding must be at least 0, got -1"),
    (lambda: Windows(4, 2, padding=0.5), TypeError, "padding must be an integer, got 0.5"),
    (lambda: Windows(4, 2, padding="full"), ValueError,
     "padding must be one of 'valid', 'same', got 'full'"),
    (lambda: Windows(4, 2, padding=()), ValueError,
     "padding must be an integer or a tuple of 1, got ()"),
    (lambda: Windows((4, 4), 2, padding=(1, -1)), ValueError,
     "padding[1] must be at least 0, got -1"),
    (lambda: Windows((4, 4), 2, padding=((1, 2),)), ValueError,
     "padding must be 2 pairs (before, after), got 1 of them"),
    (lambda: Windows((4, 4), 2, padding=((1, 2), (3,))), ValueError,
     "padding[1] must be an integer or a tuple of 2, got (3,)"),
    (lambda: Windows((4, 4), 2, padding=((1, 2), 3)), TypeError,
     "padding[0] must be an integer, got (1, 2)"),
    (lambda: Windows((4, 4), 2, padding=((1, 2), (3, -4))), ValueError,
     "padding[1][1] must be at least 0, got -4"),
]

PARTITIONS = [
    (lambda: Partition([[0, 1]]), TypeError, "size must be given with index lists, got None"),
    (lambda: Partition([[0, 1]], 0), ValueError, "size must be at least 1, got 0"),
    (lambda: Partition([[0, 1]], 2.0), TypeError, "size must be an integer, got 2.0"),
    (lambda: Partition(Windows(4, 2), 5), ValueError,
     "size must be the 4 entries of the image, got 5"),
    (lambda: Partition([], 3), ValueError, "lists must hold at least one index list, got none"),
    (lambda: Partition(5, 3), TypeError, "lists must be a list of index lists, got 5"),
    (lambda: Partition([0, 1], 3), ValueError,
     "lists[0] must be a non-empty list of indices, got shape ()"),
    (lambda: Partition([[0], []], 3), ValueError,
     "lists[1] must be a non-empty list of indices, got shape (0,)"),
    (lambda: Partition([[[0, 1]]], 3), ValueError,
     "lists[0] must be a non-empty list of indices, got shape (1, 2)"),
    (lambda: Partition([[0, [1, 2]]], 3), ValueError,
     "lists[0] must be an array, got rows of unequal lengths"),
    (lambda: Partition([[0, 1], [2]], 3), ValueError,
     "lists must all have one length S, got lengths 1 to 2"),
    (lambda: Partition([[0, 1], [1, 3]], 3), ValueError,
     "lists[1] must hold indices from -1 to 2, got 1 to 3"),
    (lambda: Partition([[0, -2]], 3), ValueError,
     "lists[0] must hold indices from -1 to 2, got -2 to 0"),
    (lambda: Partition([[0.0, 1.0]], 3), TypeError,
     "lists[0] must hold integers, got dtype float64"),
    (lambda: Partition([[True, False]], 3), TypeError,
     "lists[0] must hold integers, got dtype bool"),
    (lambda: V.columns([1, 2]), ValueError, "h must have shape (..., 3), got (2,)"),
    (lambda: V.columns(5), ValueError, "h must have shape (..., 3), got ()"),
    (lambda: V.columns([]), ValueError, "h must not be empty, got shape (0,)"),
    (lambda: V.columns(["a", "b", "c"]), TypeError, "h must hold real numbers, got dtype <U1"),
    (lambda: V.columns([1j, 2, 3]), TypeError, "h must hold real numbers, got dtype complex128"),
    (lambda: V.columns([1, NAN, INF]), ValueError,
     "h must be finite, got 2 entries that are NaN or infinite"),
    (lambda: V.columns([[1, 2], [3]]), ValueError,
     "h must be an array, got rows of unequal lengths"),
    (lambda: V.columns([None, 1, 2]), TypeError, "an entry of h must be a number, got None"),
    (lambda: V.columns(np.array([1, "x", 2], dtype=object)), TypeError,
     "an entry of h must be a number, got 'x'"),
    (lambda: V.columns(np.array([1, NAN, 2], dtype=object)), ValueError,
     "an entry of h must be finite, got nan"),
    (lambda: V.scatter([[1, 2, 3], [4, 5, 6]]), ValueError,
     "H must have shape (..., 2, 2), got (2, 3)"),
]

POOLING = [
    (lambda: Regions([[0, 2], [1]]), TypeError, "size must be given with index lists, got None"),
    (lambda: Regions([[0]], 0), ValueError, "size must be at least 1, got 0"),
    (lambda: Regions(Windows(4, 2), 5), ValueError, "size must be the 4 entries of the map, got 5"),
    (lambda: Regions([[0, 2], [2, 1]], 3), ValueError,
     "lists must not overlap: index 2 lies in 2 places"),
    (lambda: Regions([[1, 1], [0]], 2), ValueError,
     "lists must not overlap: index 1 lies in 2 places"),
    (lambda: Regions([[0, 2]], 3), ValueError,
     "lists must cover all 3 indices: 1 is left out (cover=False allows that)"),
    (lambda: Regions([[0, 3], [1, 2]], 3), ValueError,
     "lists[0] must hold indices from 0 to 2, got 0 to 3"),
    (lambda: Regions([[0, 1], [2, -1]], 3), ValueError,
     "lists[1] must hold indices from 0 to 2, got -1 to 2"),
    (lambda: Regions([[0, 2], []], 3), ValueError,
     "lists[1] must be a non-empty list of indices, got shape (0,)"),
    (lambda: Regions([], 3), ValueError, "lists must hold at least one index list, got none"),
    (lambda: Regions([[0, 2.0], [1]], 3), TypeError,
     "lists[0] must hold integers, got dtype float64"),
    (lambda: Regions(Windows(4, 2)), ValueError,
     "lists must not overlap: index 1 lies in 2 places"),
    (lambda: Regions(Windows(5, 2, 2)), ValueError,
     "lists must cover all 5 indices: 4 is left out (cover=False allows that)"),
    (lambda: Regions(Windows(4, 2, 2, padding=2)), ValueError,
     "lists[0] must be a non-empty list of indices, got shape (0,)"),
    (lambda: Regions.singletons(0), ValueError, "size must be at least 1, got 0"),
    (lambda: OMEGA.permute([1, 2]), ValueError, "y must have shape (..., 3), got (2,)"),
    (lambda: OMEGA.permute([1, NAN, 2]), ValueError,
     "y must be finite, got 1 entries that are NaN or infinite"),
    (lambda: OMEGA.permute_sharp([1, 2]), ValueError, "y_o must have shape (..., 3), got (2,)"),
    (lambda: Mean()([1, 2], OMEGA), ValueError, "y must have shape (..., 3), got (2,)"),
    (lambda: Mean().gradient_vectors([1, 2], OMEGA), ValueError,
     "y must have shape (..., 3), got (2,)"),
    (lambda: Max()(["a", "b", "c"], OMEGA), TypeError, "y must hold real numbers, got dtype <U1"),
    (lambda: Lp(0.5), ValueError, "p must be at least 1, got 0.5"),
    (lambda: Lp("2"), TypeError, "p must be a number, got '2'"),
    (lambda: Lp(True), TypeError, "p must be a number, got True"),
    (lambda: Lp([2]), TypeError, "p must be a number, got [2]"),
    (lambda: Lp(INF), ValueError, "p must be finite, got inf"),
    (lambda: Subsample(1)([1, 2, 3], OMEGA), ValueError,
     "keep must be a place within each region: region 1 has 1 entries, got 1"),
    (lambda: Subsample(-1)([1, 2, 3], OMEGA), ValueError, "keep must be at least 0, got -1"),
    (lambda: Subsample((0, 0, 0))([1, 2, 3], OMEGA), ValueError,
     "keep must be an integer or a tuple of 2, got (0, 0, 0)"),
    (lambda: Correlation([1, 2])([1, 2, 3], OMEGA), ValueError,
     "mask must have shape (..., 3), got (2,)"),
    # two regions and a mask of two, as many weights as there are entries, but no mask of a region
    (lambda: Correlation([1, 2])([1, 2, 3, 4], Regions([[0], [1, 2, 3]], 4)), ValueError,
     "mask must have shape (..., 4), got (2,)"),
    (lambda: Correlation([1, NAN, 2])([1, 2, 3], OMEGA), ValueError,
     "mask must be finite, got 1 entries that are NaN or infinite"),
    (lambda: pooling("median"), ValueError,
     "pooling must be one of 'mean', 'sum', 'max', 'subsample', 'l2', got 'median'"),
    (lambda: pooling(Max), ValueError, "got <class 'cnnmat.textbook.pooling.Max'>"),
    (lambda: up([1, 2], [1, 2]), TypeError, "alpha must be a number, got [1, 2]"),
    (lambda: up(1j, [1, 2]), TypeError, "alpha must be a number, got 1j"),
    (lambda: up({}, [1, 2]), TypeError, "alpha must be a number, got {}"),
    (lambda: up(1, []), ValueError, "g must not be empty, got shape (0,)"),
    (lambda: upv([1, 2, 3], [1, 2, 3], OMEGA), ValueError,
     "v must have shape (..., 2), got (3,)"),
    (lambda: upv([1, 2], [1, 2], OMEGA), ValueError, "g must have shape (..., 3), got (2,)"),
    (lambda: upv_matrix([[1, 2, 3]], OMEGA), ValueError, "g must have shape (3,), got (1, 3)"),
]

ARRAYS = [
    (lambda: vec([[1, 2], [3, 4]], 3), ValueError, "ndim must be at most the 2 axes of a, got 3"),
    (lambda: vec([[1, 2], [3, 4]], 0), ValueError, "ndim must be at least 1, got 0"),
    (lambda: vec([[1, 2], [3]]), ValueError, "a must be an array, got rows of unequal lengths"),
    (lambda: unvec([1, 2, 3], (2, 2)), ValueError,
     "a must end in an axis of length 4 to take shape (2, 2), got shape (3,)"),
    (lambda: unvec(5, (1,)), ValueError,
     "a must end in an axis of length 1 to take shape (1,), got shape ()"),
    (lambda: unvec([1, 2, 3, 4], (-2, -2)), ValueError, "shape[0] must be at least 1, got -2"),
    (lambda: unvec([1, 2, 3, 4], (2.0, 2)), TypeError, "shape[0] must be an integer, got 2.0"),
    (lambda: reversed_identity(0), ValueError, "n must be at least 1, got 0"),
    (lambda: reversed_identity(True), TypeError, "n must be an integer, got True"),
    (lambda: flip([1, 2, 3]), ValueError, "mask must have shape (..., A, B), got (3,)"),
    (lambda: flip([[]]), ValueError, "mask must not be empty, got shape (1, 0)"),
    (lambda: apply(reversed_identity(3), [1, 2]), ValueError,
     "x must end in an axis of length 3, got shape (2,)"),
    (lambda: apply(reversed_identity(3), 5), ValueError,
     "x must end in an axis of length 3, got shape ()"),
    (lambda: hadamard(np.ones((2, 2)), np.ones((2, 3))), ValueError,
     "a and b must have one shape, got (2, 2) and (2, 3)"),
    (lambda: gaussian(-1, 1), ValueError, "K must be at least 0, got -1"),
    (lambda: gaussian(1.5, 1), TypeError, "K must be an integer, got 1.5"),
    (lambda: gaussian(1, 0), ValueError, "sigma must be positive, got 0"),
    (lambda: gaussian(1, NAN), ValueError, "sigma must be finite, got nan"),
    (lambda: gaussian(1, None), TypeError, "sigma must be a number, got None"),
    (lambda: box((2, 2, 2)), ValueError, "shape must be an integer or a tuple of 2, got (2, 2, 2)"),
    (lambda: box(0), ValueError, "shape must be at least 1, got 0"),
    (lambda: edge_map([1, 2], [1, 2, 3]), ValueError, "fy must have shape (2,), got (3,)"),
    (lambda: edge_map([1j], [1]), TypeError, "fx must hold real numbers, got dtype complex128"),
    (lambda: softmax(5), ValueError, "z must have shape (..., Q), got ()"),
    (lambda: softmax([]), ValueError, "z must not be empty, got shape (0,)"),
    (lambda: normalize([[1, 1], [1, -1]]), ValueError, "y must not sum to 0 on its last axis"),
    (lambda: one_hot([0.5], 3), TypeError, "labels must hold integers, got dtype float64"),
    (lambda: one_hot([0, 3], 3), ValueError, "labels must be from 0 to 2, got 0 to 3"),
    (lambda: entropy([0.5, 1.5]), ValueError, "p must lie between 0 and 1, got 0.5 to 1.5"),
    (lambda: entropy([0.5, 0.5], base=1), ValueError, "base must not be 1, got 1"),
    (lambda: squared_norm("a"), TypeError, "W must hold real numbers, got dtype <U1"),
]

LAYERS = [
    (lambda: weight_matrix(V, [1, 2, 3]), ValueError, "w must have shape (2,), got (3,)"),
    (lambda: weight_matrix(V, [1, NAN]), ValueError, "w must be finite"),
    (lambda: weight_matrix(V, [1, 2], max_bytes=10), ValueError,
     "max_bytes must be at least 192 for the literal product of shape (3, 4), got 10; "
     "weight_matrix_short needs only the entries that are not zero"),
    (lambda: weight_matrix(Partition(Windows((224, 224), 7)), np.ones(49)), ValueError,
     "max_bytes must be at least 1869498351616 for the literal product of shape"),
    (lambda: weight_matrix(V, [1, 2], max_bytes="a"), TypeError,
     "max_bytes must be a number, got 'a'"),
    (lambda: weight_matrix_short(V, [[1, 2]]), ValueError, "w must have shape (2,), got (1, 2)"),
    (lambda: correlate_image([[1, 2]], [1, 2]), ValueError,
     "mask must have shape (any, any), got (2,)"),
    (lambda: correlate_image(5, 5), ValueError, "image must have shape (..., M), got ()"),
    (lambda: correlate_image([[1, 2], [3, 4]], np.ones((3, 3)), padding=0), ValueError,
     "mask must fit into the padded image: along axis 0 it spans 3 of 0+2+0"),
    (lambda: correlation.feature_map([[1, 2]], [1, 2], 0), ValueError,
     "H must have shape (..., 2, P), got (1, 2)"),
    (lambda: correlation.feature_map([[1, 2]], [1], [0]), TypeError,
     "theta must be a number, got [0]"),
    (lambda: correlation.stack_maps(V, [1, 2, 3]), ValueError,
     "t must have shape (..., D, 3), got (3,)"),
    (lambda: correlation.preactivation([[1, 2]], [[1], [2]], [[0]]), ValueError,
     "H must have shape (..., 2, P), got (1, 2)"),
    (lambda: correlation.preactivation([[1, 2]], [[1]], [[0, 1]]), ValueError,
     "Theta must have shape (D_before, 1), got (1, 2)"),
    (lambda: correlation.pull_back(V, [[1], [2], [3]], [[1, 2]]), ValueError,
     "W must have shape (2*D_before, D), got (3, 1)"),
    (lambda: correlation.pull_back_literal(V, [[1], [2], [3]], [[1, 2]]), ValueError,
     "W must have shape (2*D_before, D), got (3, 1)"),
    (lambda: correlation.pull_back(V, [[1], [2]], [[1, 2], [3, 4]]), ValueError,
     "delta must have shape (..., 1, 2), got (2, 2)"),
    (lambda: correlation.block_diagonal([1, 2]), ValueError,
     "delta must have shape (D, P), got (2,)"),
    (lambda: correlation.dW([[1, 2]], [[1, 2, 3]]), ValueError,
     "H must have shape (..., S*D_before, 3), got (1, 2)"),
    (lambda: correlation.dW_literal([[1, 2]], [[1, 2, 3]]), ValueError,
     "H must have shape (S*D_before, 3), got (1, 2)"),
    (lambda: correlation.dTheta([[1, 2]], 0), ValueError, "before must be at least 1, got 0"),
    (lambda: correlation.dTheta_literal([[1, 2]], 1.5), TypeError,
     "before must be an integer, got 1.5"),
    (lambda: feedforward.preactivation([1, 2], [[1, 2, 3]], [0]), ValueError,
     "y must have shape (..., 3), got (2,)"),
    (lambda: feedforward.preactivation([1, 2], [[1, 2]], [0, 1]), ValueError,
     "theta must have shape (1,), got (2,)"),
    (lambda: feedforward.preactivation([1, 2], [1, 2], [0]), ValueError,
     "W must have shape (n_next, n), got (2,)"),
    (lambda: feedforward.pull_back([[1, 2]], [1, 2]), ValueError,
     "delta must have shape (..., 1), got (2,)"),
    (lambda: feedforward.dW([1, NAN], [1]), ValueError, "y must be finite, got 1 entries"),
    (lambda: feedforward.dtheta("a"), TypeError, "delta must hold real numbers, got dtype <U1"),
]

NETWORKS = [
    (lambda: activation("swish"), ValueError, "activation must be one of 'identity', 'relu', "),
    (lambda: activation(None), ValueError, "got None"),
    (lambda: risk("hinge"), ValueError,
     "risk must be one of 'squared_error', 'cross_entropy', got 'hinge'"),
    (lambda: Stage([[0, 1]], 1), TypeError, "partition must be a Partition, got [[0, 1]]"),
    (lambda: Stage(V, 0), ValueError, "depth must be at least 1, got 0"),
    (lambda: Stage(V, 1, regions=[[0, 1]]), TypeError, "regions must be Regions, got [[0, 1]]"),
    (lambda: Stage(V, 1, regions=OMEGA), ValueError,
     "regions must be of the 2 entries of a map, got regions of 3"),
    (lambda: Network(0, [STAGE], [1]), ValueError, "depth must be at least 1, got 0"),
    (lambda: Network(1, [], [1]), ValueError, "stages must hold at least one Stage, got none"),
    (lambda: Network(1, STAGE, [1]), TypeError, "stages must be a list of Stage, got Stage("),
    (lambda: Network(1, [V], [1]), TypeError,
     "stages must be a list of Stage, got [Partition(P=2, S=2, M=3)]"),
    (lambda: Network(1, [STAGE, STAGE], [2]), ValueError,
     "stages[1].partition must be of the 2 entries of the maps before it, got 3"),
    (lambda: Network(1, [STAGE], []), ValueError,
     "widths must be a sequence of at least one integer, got []"),
    (lambda: Network(1, [STAGE], 5), ValueError,
     "widths must be a sequence of at least one integer, got 5"),
    (lambda: Network(1, [STAGE], [1.5]), TypeError, "widths[0] must be an integer, got 1.5"),
    (lambda: Network(1, [STAGE], [3, 0]), ValueError, "widths[1] must be at least 1, got 0"),
    (lambda: Network(1, [STAGE], [2, 1], activations=["relu"]), ValueError,
     "activations must be one, or one for each of the 2 layers, got 1"),
    (lambda: Network(1, [STAGE], [2, 1], activations=5), TypeError,
     "activations must be one activation or a list, got 5"),
    (lambda: Network(1, [STAGE], [2], rho1="a"), TypeError, "rho1 must be a number, got 'a'"),
    (lambda: Network(1, [STAGE], [2], rho2=NAN), ValueError, "rho2 must be finite, got nan"),
    (lambda: Network(2, [Stage(V, 2, connections=[[1, 1]])], [2]), ValueError,
     "connections of stage 1 must be an array of (2, 2) booleans, got shape (1, 2)"),
    (lambda: Network(2, [Stage(V, 2, connections=[[1, 2], [1, 1]])], [2]), ValueError,
     "connections of stage 1 must be an array of (2, 2) booleans"),
    (lambda: Network(2, [Stage(V, 2, connections=[[1, 1], [1]])], [2]), ValueError,
     "connections of stage 1 must be an array, got rows of unequal lengths"),
    (lambda: Network(1, [STAGE], [2], risk="cross_entropy").forward(P, H), ValueError,
     "activation of the last layer must be 'identity' with cross-entropy, which applies softmax "
     "itself, got 'tanh'"),
    (lambda: NET.initial(-1), ValueError, "seed must be at least 0, got -1"),
    (lambda: NET.initial(None), TypeError, "seed must be an integer, got None"),
    (lambda: NET.forward(None, H), TypeError, "parameters must be Parameters, got None"),
    (lambda: NET.forward(with_part(W_c={2: P.W_c[1]}), H), ValueError,
     "W_c must have the keys [1], got [2]"),
    (lambda: NET.forward(with_part(theta_l=None), H), TypeError,
     "theta_l must be a dictionary, got None"),
    (lambda: NET.forward(with_part(W_l={1: P.W_l[1].T}), H), ValueError,
     "W_l[1] must have shape (2, 4), got (4, 2)"),
    (lambda: NET.forward(with_part(Theta_c={1: P.Theta_c[1].T}), H), ValueError,
     "Theta_c[1] must have shape (1, 2), got (2, 1)"),
    (lambda: NET.forward(with_part(theta_l={1: [NAN, 0]}), H), ValueError,
     "theta_l[1] must be finite, got 1 entries that are NaN or infinite"),
    (lambda: NET.forward(P, H[:, 0]), ValueError, "h must have shape (N, 1, 3), got (2, 3)"),
    (lambda: NET.forward(P, H[:0]), ValueError, "h must not be empty, got shape (0, 1, 3)"),
    (lambda: NET.forward(P, H.astype(str)), TypeError, "h must hold real numbers, got dtype <U32"),
    (lambda: NET.risk(P, H, np.ones((2, 3))), ValueError,
     "gamma must have shape (2, 2), got (2, 3)"),
    (lambda: NET.backward(P, None, GAMMA), TypeError, "forward must be a Forward, got None"),
    (lambda: NET.backward(P, OTHER.forward(OTHER.initial(0), H), GAMMA), ValueError,
     "forward must be a pass of this network, with signals of shapes [(2, 2), (4,), (2,)], "
     "got [(1, 2), (2,), (2,)]"),
    (lambda: NET.backward(P, FORWARD, GAMMA * 1j), TypeError,
     "gamma must hold real numbers, got dtype complex128"),
    (lambda: NET.jacobians(P, FORWARD, 2), ValueError, "n must be below the 2 samples, got 2"),
    (lambda: NET.jacobians(P, FORWARD, -1), ValueError, "n must be at least 0, got -1"),
    (lambda: NET.jacobians(P, NET.forward(P.map(exact_entries), H)), TypeError,
     "forward must hold floats or integers, for sparse matrices take no exact entries, "
     "got an object array"),
    (lambda: loops.dot([1, 2], [1]), ValueError, "a and b must have one length, got 2 and 1"),
    (lambda: witness(*zero()), ValueError,
     "difference must not be zero for all values, got 0"),
]

KINDS = WINDOWS + PARTITIONS + POOLING + ARRAYS + LAYERS + NETWORKS


@pytest.mark.parametrize(("call", "error", "message"), KINDS, ids=[m for *_, m in KINDS])
def test_message(call, error, message):
    with pytest.raises(error, match=re.escape(message)) as caught:
        call()
    assert type(caught.value) is error


def test_there_are_at_least_sixty_different_messages():
    assert len({message for *_, message in KINDS}) >= 60


# --- what the caller hands in stays as it is -------------------------------------------

RANDOM = np.random.default_rng(0)
PARAMETERS = P.map(lambda a: a.copy())


def read_only(a):
    a = np.array(a)
    a.setflags(write=False)
    return a


def run_network(h, gamma, *arrays):
    rest = iter(arrays)
    parts = [{1: next(rest)} for _ in range(4)]
    p = Parameters(*parts)
    forward = NET.forward(p, h)
    NET.jacobians(p, forward)
    backwards = [NET.backward(p, forward, gamma, literal=one) for one in (False, True)]
    return (NET.risk(p, h, gamma), forward.y,
            *(a for one in backwards for a in one.gradient.arrays()))


CALLS = {
    "vec": (vec, RANDOM.normal(size=(2, 3))),
    "unvec": (lambda a: unvec(a, (2, 3)), RANDOM.normal(size=6)),
    "flip": (flip, RANDOM.normal(size=(2, 3))),
    "edge_map": (edge_map, RANDOM.normal(size=(2, 3)), RANDOM.normal(size=(2, 3))),
    "columns": (V.columns, RANDOM.normal(size=(4, 3))),
    "scatter": (V.scatter, RANDOM.normal(size=(2, 2))),
    "Partition": (lambda lists: Partition(lists, 3).matrix, np.array([[0, 1], [2, -1]])),
    "Regions": (lambda lists: Regions(lists, 4).matrix, np.array([[0, 3], [2, 1]])),
    "permute": (OMEGA.permute, RANDOM.normal(size=3)),
    "permute_sharp": (OMEGA.permute_sharp, RANDOM.normal(size=3)),
    **{f"pooling {one.name}": (
        lambda y, one=one: (one(y, OMEGA), one.gradient_vectors(y, OMEGA)), RANDOM.normal(size=3))
       for one in map(pooling, ("mean", "sum", "max", "subsample", "l2"))},
    "pooling by mask": (lambda m, y: Correlation(m)(y, OMEGA), np.arange(3.0), np.arange(3.0)),
    "up": (lambda g: up(3, g), RANDOM.normal(size=3)),
    "upv": (lambda v, g: (upv(v, g, OMEGA), upv_matrix(g, OMEGA)), np.ones(2), np.arange(3.0)),
    "weight_matrix": (lambda w: (weight_matrix(V, w), weight_matrix_short(V, w)), np.arange(2.0)),
    "correlate_image": (correlate_image, RANDOM.normal(size=(4, 5)), RANDOM.normal(size=(3, 2))),
    "correlation.preactivation": (correlation.preactivation, RANDOM.normal(size=(2, 3)),
                                  RANDOM.normal(size=(2, 4)), RANDOM.normal(size=(1, 4))),
    "correlation.pull_back": (lambda W, d: (correlation.pull_back(V, W, d),
                                            correlation.pull_back_literal(V, W, d)),
                              RANDOM.normal(size=(2, 3)), RANDOM.normal(size=(3, 2))),
    "correlation.dW": (lambda H, d: (correlation.dW(H, d), correlation.dW_literal(H, d)),
                       RANDOM.normal(size=(2, 3)), RANDOM.normal(size=(4, 3))),
    "correlation.dTheta": (lambda d: (correlation.dTheta(d, 2), correlation.dTheta_literal(d, 2)),
                           RANDOM.normal(size=(4, 3))),
    "feedforward": (lambda y, W, t, d: (feedforward.preactivation(y, W, t),
                                        feedforward.pull_back(W, d), feedforward.dW(y, d),
                                        feedforward.dtheta(d)),
                    *(RANDOM.normal(size=s) for s in (3, (2, 3), 2, 2))),
    "softmax": (softmax, RANDOM.normal(size=(2, 3))),
    "network": (run_network, H, GAMMA, *(part[1] for part in vars(PARAMETERS).values())),
    "duals.gradient": (lambda a: duals.gradient(lambda x: x[0] * x[1], a), np.arange(2.0)),
}


@pytest.mark.parametrize("name", CALLS)
def test_arrays_of_the_caller_may_be_read_only_and_stay_as_they_were(name):
    call, *arrays = CALLS[name]
    frozen = [read_only(a) for a in arrays]
    call(*frozen)
    mine = [a.copy() for a in arrays]
    call(*mine)
    assert all(np.array_equal(a, b) for a, b in zip(mine, arrays, strict=True))
    assert all(a.flags.writeable for a in mine)


@pytest.mark.parametrize("name", CALLS)
def test_memory_order_of_the_arrays_changes_nothing(name):
    """Fortran order and strides of another kind give the same results, to rounding."""
    call, *arrays = CALLS[name]
    spread = [np.repeat(a, 2, axis=-1)[..., ::2] for a in arrays]
    fortran = [np.asfortranarray(a) for a in arrays]
    want = freeze(listed(call(*arrays)))
    for other in (spread, fortran):
        have = freeze(listed(call(*other)))
        assert have.shape == want.shape
        assert have.flat == pytest.approx(want.flat, rel=1e-13, abs=1e-13)


def listed(result):
    """A result, an array or a tuple of arrays, as a list."""
    return list(result) if isinstance(result, tuple) else [result]
