"""`check_*`: a verdict on functions under test; `assert_*`: the same as an assertion."""

import numpy as np

from cnnmat import arguments
from cnnmat.testing import truth
from cnnmat.testing.correlation import CorrelationContract
from cnnmat.testing.engine import TIMEOUT, check
from cnnmat.testing.operators import (
    MOST_ENTRIES,
    AdjointContract,
    GradientContract,
    UpdateContract,
)
from cnnmat.testing.pointwise import ActivationContract, FeedforwardContract, RiskContract
from cnnmat.testing.pooling import PoolingContract

__all__ = []


def _one_of(**given):
    """Each keyword is (value, the names it may have)."""
    for name, (value, names) in given.items():
        arguments.choice(name, value, dict.fromkeys(names))


def _functions(forward, backward):
    return {"forward": forward} | ({} if backward is None else {"backward": backward})


def check_correlation(forward, backward=None, *, layout="NCHW", weights=None, convolve=False,
                      bias="add", stride="int", padding="int", dilation="none", groups=False,
                      dims=2, dtype="float64", seed=0, timeout=TIMEOUT):
    """A verdict on a correlation layer, the "convolution" of neural networks.

    Parameters
    ----------
    forward : callable
        ``forward(x, w, b, stride, padding)`` -> z, with x N x C x H x W, w D x C x kh x kw,
        b D entries.  A dilation and groups, where supported, come behind the padding.
    backward : callable, optional
        ``backward(dz, x, w, stride, padding)`` -> (dx, dw, db).
    layout : {"NCHW", "NHWC"}
    weights : {"OIHW", "HWIO", "OHWI"}, optional
        By default "OIHW" with NCHW and "HWIO" with NHWC.
    convolve : bool
        The functions turn the kernel by 180 degrees: a true convolution.
    bias : {"add", "subtract", "none"}
        With "none", b is not handed over and db not asked for.
    stride, padding, dilation : {"int", "tuple", "none"}
        How the functions take them: one int, one int an axis, or not at all.  Padding may
        be "pairs": (before, after) for each axis.
    groups : bool
        Whether a number of groups is taken, behind everything else.
    dims : {1, 2, 3}
        Axes of an image.
    dtype : {"float64", "float32"}
        What the functions compute in; sets the tolerance to 1e-9 or 1e-4.
    seed : int
    timeout : float
        Seconds that one call may take.

    Returns
    -------
    Result

    Examples
    --------
    >>> import numpy as np
    >>> def forward(x, w, b, stride, padding):
    ...     p = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    ...     v = np.lib.stride_tricks.sliding_window_view(p, w.shape[2:], (2, 3))
    ...     return np.einsum("ncijkl,dckl->ndij", v[:, :, ::stride, ::stride], w[..., ::-1])
    >>> result = check_correlation(forward)
    >>> result.passed, [d.slug for d in result.diagnosis]
    (False, ['kernel-flipped-axis-1 + bias-missing'])
    """
    weights = weights or {"NCHW": "OIHW", "NHWC": "HWIO"}.get(layout)
    ways = ("int", "tuple", "none")
    _one_of(layout=(layout, ("NCHW", "NHWC")), weights=(weights, ("OIHW", "HWIO", "OHWI")),
            bias=(bias, ("add", "subtract", "none")), stride=(stride, ways),
            padding=(padding, (*ways, "pairs")), dilation=(dilation, ways),
            dtype=(dtype, ("float64", "float32")))
    contract = CorrelationContract(
        layout=layout, weights=weights, convolve=bool(convolve), bias=bias, stride=stride,
        padding=padding, dilation=dilation, groups=bool(groups), dims=_dims(dims), dtype=dtype)
    return check(contract, _functions(forward, backward), seed=seed, timeout=timeout)


def _dims(dims):
    if arguments.integer("dims", dims, 1) > 3:
        raise ValueError(f"dims must be 1, 2 or 3, got {dims}")
    return int(dims)


def check_pooling(forward, backward=None, kind="max", *, layout="NCHW", size="int",
                  stride="none", padding="none", incomplete="drop", count_padding=True, dims=2,
                  dtype="float64", seed=0, timeout=TIMEOUT):
    """A verdict on a pooling layer.

    Parameters
    ----------
    forward : callable
        ``forward(x, size)`` -> t, with x N x C x H x W.
    backward : callable, optional
        ``backward(dt, x, size)`` -> dx.
    kind : {"max", "mean", "sum", "l2"}
    size : {"int", "tuple"}
    stride, padding : {"none", "int", "tuple"}
        How the functions take them, behind the size; without a stride it is the size.
    incomplete : {"drop", "partial", "never"}
        What becomes of a window that hangs over the end: it is dropped, it counts with what
        is left of it (PyTorch's ceil_mode), or such images are not tried.
    count_padding : bool
        Whether a mean counts the zeros of the padding.
    layout, dims, dtype, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> def forward(x, size):
    ...     n, c, h, w = x.shape
    ...     tiles = x.reshape(n, c, h // size, size, w // size, size)
    ...     return tiles.max(axis=(3, 5))
    >>> check_pooling(forward, incomplete="never").passed
    True
    >>> check_pooling(forward).known
    ['t: wrong in 13 of 42: only when the windows do not tile the image']
    """
    ways = ("int", "tuple", "none")
    _one_of(kind=(kind, ("max", "mean", "sum", "l2")), layout=(layout, ("NCHW", "NHWC")),
            size=(size, ways[:2]), stride=(stride, ways), padding=(padding, ways),
            incomplete=(incomplete, ("drop", "partial", "never")),
            dtype=(dtype, ("float64", "float32")))
    contract = PoolingContract(
        pooling=kind, layout=layout, size=size, stride=stride, padding=padding,
        incomplete=incomplete, count_padding=bool(count_padding), dims=_dims(dims), dtype=dtype)
    return check(contract, _functions(forward, backward), seed=seed, timeout=timeout)


def check_activation(forward, backward=None, name="relu", *, dtype="float64", seed=0,
                     timeout=TIMEOUT):
    """A verdict on an activation function.

    Parameters
    ----------
    forward : callable
        ``forward(x)`` -> y, on arrays of any shape.
    backward : callable, optional
        ``backward(dy, x)`` -> dx.
    name : {"identity", "relu", "leaky_relu", "abs", "tanh", "sigmoid", "softplus"}
        The leak is 0.01.
    dtype, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> result = check_activation(np.tanh, lambda dy, x: dy * (1 - x**2), "tanh")
    >>> result.diagnosis[0].slug
    'slope-formula-for-y-given-x'
    """
    _one_of(name=(name, truth.ACTIVATIONS), dtype=(dtype, ("float64", "float32")))
    return check(ActivationContract(name=name, dtype=dtype), _functions(forward, backward),
                 seed=seed, timeout=timeout)


def check_risk(forward, backward=None, kind="softmax_cross_entropy", *, average="samples",
               target="one_hot", half=False, dtype="float64", seed=0, timeout=TIMEOUT):
    """A verdict on a risk (a loss).

    Parameters
    ----------
    forward : callable
        ``forward(y, target)`` -> the risk, one number; y is N x K, logits for cross-entropy.
    backward : callable, optional
        ``backward(y, target)`` -> dy.
    kind : {"softmax_cross_entropy", "squared_error"}
    average : {"samples", "entries", "sum"}
        Divided by N, by N K, or not.
    target : {"one_hot", "labels"}
        N x K, or N integers (for cross-entropy).
    half : bool
        With a factor ½.
    dtype, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> result = check_risk(lambda y, t: ((y - t) ** 2).mean(), kind="squared_error")
    >>> result.diagnosis[0].slug
    'divided-by-entries'
    """
    _one_of(kind=(kind, ("softmax_cross_entropy", "squared_error")),
            average=(average, ("samples", "entries", "sum")),
            target=(target, ("one_hot", "labels")), dtype=(dtype, ("float64", "float32")))
    if target == "labels" and kind != "softmax_cross_entropy":
        raise ValueError("target must be 'one_hot' with kind 'squared_error', got 'labels'")
    contract = RiskContract(risk=kind, average=average, target=target, half=bool(half),
                            dtype=dtype)
    return check(contract, _functions(forward, backward), seed=seed, timeout=timeout)


def check_feedforward(forward, backward=None, *, weights="out_in", bias="add", dtype="float64",
                      seed=0, timeout=TIMEOUT):
    """A verdict on a fully connected layer.

    Parameters
    ----------
    forward : callable
        ``forward(x, w, b)`` -> z = x wᵀ + b, with x N x n_in, w n_out x n_in.
    backward : callable, optional
        ``backward(dz, x, w)`` -> (dx, dw, db).
    weights : {"out_in", "in_out"}
    bias : {"add", "subtract", "none"}
    dtype, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> result = check_feedforward(lambda x, w, b: x @ w.T)
    >>> result.diagnosis[0].slug
    'bias-missing'
    """
    _one_of(weights=(weights, ("out_in", "in_out")), bias=(bias, ("add", "subtract", "none")),
            dtype=(dtype, ("float64", "float32")))
    return check(FeedforwardContract(weights=weights, bias=bias, dtype=dtype),
                 _functions(forward, backward), seed=seed, timeout=timeout)


def check_update(step, *, decay="weights", decay_factor=1, in_place=False, dtype="float64",
                 seed=0, timeout=TIMEOUT):
    """A verdict on a step of stochastic gradient descent.

    Parameters
    ----------
    step : callable
        ``step(params, grads, lr, weight_decay, momentum, state)`` -> (params, state), with
        dictionaries of arrays, the weights "w" and the bias "b"; state is None at first.
        Right is v = momentum v + g + weight_decay p, p = p - lr v.
    decay : {"weights", "all"}
        Whether the bias decays too.
    decay_factor : float
        2 where the penalty is weight_decay ‖p‖² (derivative 2 weight_decay p).
    in_place : bool
        The step may change the arrays in `params`, and may then return None.
    dtype, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> def step(params, grads, lr, weight_decay, momentum, state):
    ...     return {k: p - lr * grads[k] for k, p in params.items()}, state
    >>> [(d.slug, d.outputs) for d in check_update(step).diagnosis]
    [('momentum-ignored', ('b_after',)), ('decay-ignored + momentum-ignored', ('w_after',))]
    """
    _one_of(decay=(decay, ("weights", "all")), dtype=(dtype, ("float64", "float32")))
    contract = UpdateContract(
        decay=decay, decay_factor=float(arguments.real("decay_factor", decay_factor)),
        in_place=bool(in_place), dtype=dtype)
    return check(contract, {"forward": step}, seed=seed, timeout=timeout)


def check_adjoint(forward, adjoint, shapes, *, dtype="float64", seed=0, timeout=TIMEOUT):
    """Whether a function is linear, and another its adjoint: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩.

    Parameters
    ----------
    forward, adjoint : callable
        x -> y and y -> x.
    shapes : (tuple of int, tuple of int)
        The shapes of x and of y.  `forward` is called once for each entry of x.
    dtype, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> result = check_adjoint(np.cumsum, np.cumsum, ((4,), (4,)))
    >>> result.diagnosis[0].slug
    'forward-again'
    """
    shapes = tuple(arguments.integers(f"shapes[{k}]", tuple(s), len(s), 1)
                   for k, s in enumerate(shapes))
    if len(shapes) != 2:
        raise ValueError(f"shapes must be two, those of x and y, got {len(shapes)}")
    if np.prod(shapes[0]) > MOST_ENTRIES:
        raise ValueError(f"shapes[0] must have at most {MOST_ENTRIES} entries, got {shapes[0]}")
    contract = AdjointContract(forward, shapes, timeout, dtype)
    return check(contract, _functions(forward, adjoint), seed=seed, timeout=timeout)


def check_gradient(f, grad, x, *, seed=0, timeout=TIMEOUT):
    """Whether `grad` is the gradient of `f` at x and near it, by extrapolated differences.

    Parameters
    ----------
    f : callable
        An array of the shape of x -> one number.
    grad : callable
        The same -> an array of that shape.
    x : array_like
        A point.  At a kink any slope between the two sides is right.
    seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> result = check_gradient(lambda x: (x**2).sum(), lambda x: x, [1.0, 2.0])
    >>> result.diagnosis[0].slug
    'factor-2-missing'
    """
    point = arguments.array("x", x).astype(float)
    contract = GradientContract(f, tuple(point.ravel().tolist()), point.shape, timeout)
    if not callable(f):
        raise TypeError(f"f must be callable, got {f!r}")
    return check(contract, {"backward": grad}, seed=seed, timeout=timeout)
